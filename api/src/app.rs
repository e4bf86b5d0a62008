//! What all handlers share: the ledger's face, once it is there, who may ask, and what bounds the work. What only one
//! part of the API needs stands with that part ([`App::kept`]).

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use axum::http::{Extensions, HeaderMap};
use ingest::metrics::Metrics;
use ingest::traces::{WAY, step};
use ingest::{Clock, Handle, ReplayProgress, SystemClock};
use ledger::LedgerReader;
use projections::View;
use schemas::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tracing::Instrument;

use crate::auth::{Authenticator, OpenId, RevokedTokens, Unknown};
use crate::caller::Caller;
use crate::carried::Carried;
use crate::giving_way::giving_way;
use crate::live_places::LivePlaces;
use crate::metrics::HttpMetrics;
use crate::past_places::{PastLimits, PastPlaces};
use crate::problem::{Problem, ProblemKind};
use crate::publishing::PublishingBoard;
use crate::rate::{RateLimiter, RateLimits};
use crate::reach::Reach;
use crate::scope::Scope;
use crate::shipping::ShippingBoard;

/// So many short questions are answered at a time; more wait.
const QUESTIONS_AT_ONCE: usize = 64;
/// So many commands and bodies of events wait for the ledger at a time; more wait before it.
const WRITES_AT_ONCE: usize = 128;

/// How the API is reached and bounded (`[http]` in the settings), beside its connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// Through which proxies, under which address, from pages of which origins.
    pub reach: Reach,
    /// Whether the ledger keeps from which addresses commands and events came.
    pub keeps_addresses: bool,
    /// So many open pages are told at a time when the ledger grows.
    pub live_pages_max: usize,
    /// So many live feeds are open at a time.
    pub live_feeds_max: usize,
    /// How often one caller, and one address, may ask.
    pub rates: RateLimits,
}

impl Default for HttpOptions {
    fn default() -> Self {
        HttpOptions {
            reach: Reach::default(),
            keeps_addresses: true,
            live_pages_max: 512,
            live_feeds_max: 64,
            rates: RateLimits::default(),
        }
    }
}

/// The API of one ledger. Clones are the same. It can be served before the ledger is replayed: until
/// [`App::open`] it answers that it is starting.
#[derive(Clone)]
pub struct App {
    shared: Arc<Shared>,
}

/// Whether keys are needed cannot change while a server listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("whether a token is needed is settled when the server begins to listen: start it again")]
pub struct KeysChanged;

struct Shared {
    ledger: OnceLock<Handle>,
    replay: Mutex<Option<ReplayProgress>>,
    /// Exchanged when keys are read again.
    authenticator: RwLock<Arc<Authenticator>>,
    rates: RateLimiter,
    process_metrics: Arc<Metrics>,
    metrics: HttpMetrics,
    http: HttpOptions,
    live_feeds: LivePlaces,
    live_pages: LivePlaces,
    questions: Arc<Semaphore>,
    long_questions: Arc<Semaphore>,
    /// Of one referrer each, of whom there is much.
    large_questions: Arc<Semaphore>,
    past_places: PastPlaces,
    writes: Arc<Semaphore>,
    kept: Mutex<Extensions>,
    stopping: watch::Sender<bool>,
}

impl App {
    /// The API before its ledger is there. The metrics are those that the ledger will be started with.
    #[must_use]
    pub fn new(authenticator: Authenticator, metrics: Arc<Metrics>) -> App {
        App::with(authenticator, metrics, HttpOptions::default())
    }

    /// The same, reached and bounded otherwise than by default.
    #[must_use]
    pub fn with(authenticator: Authenticator, process_metrics: Arc<Metrics>, http: HttpOptions) -> App {
        let metrics = HttpMetrics::new(&process_metrics);
        let shared = Shared {
            ledger: OnceLock::new(),
            replay: Mutex::new(None),
            authenticator: RwLock::new(Arc::new(authenticator)),
            rates: RateLimiter::new(http.rates),
            live_feeds: metrics.live_feeds(http.live_feeds_max),
            live_pages: metrics.live_pages(http.live_pages_max),
            metrics,
            http,
            process_metrics,
            questions: Arc::new(Semaphore::new(QUESTIONS_AT_ONCE)),
            long_questions: Arc::new(Semaphore::new(long_questions_at_once())),
            large_questions: Arc::new(Semaphore::new(long_questions_at_once())),
            past_places: PastPlaces::new(PastLimits::default()),
            writes: Arc::new(Semaphore::new(WRITES_AT_ONCE)),
            kept: Mutex::new(Extensions::new()),
            stopping: watch::Sender::new(false),
        };
        App { shared: Arc::new(shared) }
    }

    /// The ledger is replayed: from now on it is asked. The first one given stays.
    pub fn open(&self, ledger: Handle) {
        if self.shared.ledger.set(ledger).is_err() {
            tracing::error!("the API was given a second ledger, which it does not ask");
        }
    }

    /// How far the replay is, for who asks whether it is ready.
    pub fn replaying(&self, progress: ReplayProgress) {
        *self.shared.replay.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }

    /// Whether anyone is taken for an operator, so that it is served on loopback only.
    #[must_use]
    pub fn is_open_to_anyone(&self) -> bool {
        self.authenticator().is_open()
    }

    /// Takes the tokens of these keys from now on, and of those before no more.
    ///
    /// # Errors
    /// If keys would be asked for from now on, or no more: that is settled when a server begins to listen. Then the keys
    /// before stay.
    pub fn exchange_keys(&self, keys: Authenticator) -> Result<(), KeysChanged> {
        let mut authenticator = self.shared.authenticator.write().unwrap_or_else(PoisonError::into_inner);
        if keys.is_open() != authenticator.is_open() {
            return Err(KeysChanged);
        }
        *authenticator = Arc::new(keys);
        Ok(())
    }

    pub(crate) fn authenticator(&self) -> Arc<Authenticator> {
        Arc::clone(&self.shared.authenticator.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The moment by which a token is judged: the clock's, also while there is no ledger.
    pub(crate) fn moment(&self) -> Timestamp {
        self.ledger_if_open().map_or_else(|| SystemClock::new().now(), Handle::arrival)
    }

    /// Tells what goes on by itself, such as live feeds, to end.
    pub(crate) fn stop(&self) {
        self.shared.stopping.send_replace(true);
    }

    /// Turns true when what goes on by itself, such as live feeds, is to end.
    #[must_use]
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.shared.stopping.subscribe()
    }

    /// Shows how the shipping of the ledger stands. The first one given stays.
    pub fn ships(&self, board: Arc<ShippingBoard>) {
        // Another one of the same process is none.
        let _ = self.kept(Arc::<OnceLock<Arc<ShippingBoard>>>::default).set(board);
    }

    /// How the shipping of the ledger stands; none where it is not shipped.
    pub(crate) fn shipping(&self) -> Option<Arc<ShippingBoard>> {
        self.kept(Arc::<OnceLock<Arc<ShippingBoard>>>::default).get().cloned()
    }

    /// Shows how the publishing of the projections stands. The first one given stays.
    pub fn publishes(&self, board: Arc<PublishingBoard>) {
        // Another one of the same process is none.
        let _ = self.kept(Arc::<OnceLock<Arc<PublishingBoard>>>::default).set(board);
    }

    /// How the publishing of the projections stands; none where they are not published.
    pub(crate) fn publishing(&self) -> Option<Arc<PublishingBoard>> {
        self.kept(Arc::<OnceLock<Arc<PublishingBoard>>>::default).get().cloned()
    }

    /// How it is reached and bounded.
    #[must_use]
    pub fn http(&self) -> &HttpOptions {
        &self.shared.http
    }

    /// The places for live feeds.
    pub(crate) fn live_feeds(&self) -> &LivePlaces {
        &self.shared.live_feeds
    }

    /// The places for pages that are told when the ledger grows.
    #[must_use]
    pub fn live_pages(&self) -> &LivePlaces {
        &self.shared.live_pages
    }

    /// The places for questions about the past.
    pub(crate) fn past_places(&self) -> &PastPlaces {
        &self.shared.past_places
    }

    pub(crate) fn metrics(&self) -> &HttpMetrics {
        &self.shared.metrics
    }

    pub(crate) fn process_metrics(&self) -> &Metrics {
        &self.shared.process_metrics
    }

    /// What a part of the API keeps for all requests, such as its jobs: made when that part first asks for it. `make`
    /// may not ask for another.
    pub(crate) fn kept<T: Clone + Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> T {
        let mut kept = self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert_with(make).clone()
    }

    /// The ledger, if it is replayed.
    pub fn ledger_if_open(&self) -> Option<&Handle> {
        self.shared.ledger.get()
    }

    /// How far the replay is, as long as there is no ledger.
    pub(crate) fn replay(&self) -> Option<ReplayProgress> {
        *self.shared.replay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ledger.
    ///
    /// # Errors
    /// As long as it is being replayed.
    pub fn ledger(&self) -> Result<&Handle, Problem> {
        let starting = || {
            let replayed = "the ledger is being replayed: GET /readyz tells how far";
            Problem::new(
                ProblemKind::Unavailable,
                self.waits()
                    .map(|waits| waits.detail)
                    .or_else(|| self.snapshot())
                    .unwrap_or_else(|| replayed.to_owned()),
            )
        };
        self.ledger_if_open().ok_or_else(starting)
    }

    /// Who sends these headers.
    pub(crate) async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let caller = self.known(|keys, now| keys.caller(headers, now)).await?;
        self.count_caller(&caller)?;
        Ok(caller)
    }

    /// Who bears a token, as the pages keep it in a cookie.
    ///
    /// # Errors
    /// The refusal that the API gives.
    pub async fn bearer_of(&self, token: &str) -> Result<Caller, Problem> {
        self.known(|keys, now| keys.bearer_of(token, now)).await
    }

    /// Whether a token is taken that was taken before: it may have expired or been revoked since, or its key be gone.
    pub(crate) fn still_takes(&self, token: &str) -> bool {
        let keys = self.authenticator();
        keys.is_open() || keys.bearer_of(token, self.moment()).is_ok()
    }

    /// Asks who it is; and once more where a key is not known that the provider may have by now.
    async fn known(
        &self,
        ask: impl Fn(&Authenticator, Timestamp) -> Result<Caller, Unknown>,
    ) -> Result<Caller, Problem> {
        let keys = self.authenticator();
        match (ask(&keys, self.moment()), keys.provider()) {
            (Err(Unknown::NoSuchKey(_)), Some(provider)) => {
                self.metrics().count_keys_asked(provider.refresh_for_unknown().await);
                Ok(ask(&keys, self.moment())?)
            }
            (asked, _) => Ok(asked?),
        }
    }

    /// Counts a request of a caller.
    ///
    /// # Errors
    /// 429 if it asks more often than it may.
    pub fn count_caller(&self, caller: &Caller) -> Result<(), Problem> {
        let counted = self.shared.rates.count_caller(caller);
        self.metrics().count_rated("caller", counted.is_err());
        counted
    }

    /// Counts a request from an address.
    pub(crate) fn count_address(&self, address: std::net::IpAddr) -> Result<(), Problem> {
        let counted = self.shared.rates.count_address(address);
        self.metrics().count_rated("address", counted.is_err());
        counted
    }

    /// How often callers and addresses may ask from now on.
    pub(crate) fn exchange_rates(&self, limits: RateLimits) {
        self.shared.rates.exchange(limits);
    }

    /// A key that pages can seal their forms with: the same in every process of one secret; without a secret the process's own.
    #[must_use]
    pub fn key_of_forms(&self) -> [u8; 32] {
        self.authenticator().key_of_forms()
    }

    /// The provider that users of the pages sign in with, if there is one.
    #[must_use]
    pub fn sign_in_provider(&self) -> Option<Arc<OpenId>> {
        self.authenticator().sign_in().cloned()
    }

    /// The tokens that were revoked.
    pub(crate) fn revoked(&self) -> Arc<RevokedTokens> {
        Arc::clone(self.authenticator().revoked())
    }

    /// Asks the ledger what takes few steps, on a thread that may block: the state stands still for it.
    ///
    /// # Errors
    /// As long as the ledger is being replayed; and what the question was refused with.
    pub async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&View<'_>, &LedgerReader) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.ask_of(Scope::Few, ask).await
    }

    /// Asks the ledger, on a thread that may block: in place what is short, and of a snapshot what is long. What is asked of
    /// one referrer has places of its own, also where that one is large, and gives way to nothing: somebody looks at a page.
    ///
    /// # Errors
    /// As long as the ledger is being replayed; if too many long questions are being answered; and what the question was
    /// refused with.
    pub async fn ask_of<T: Send + 'static>(
        &self,
        scope: Scope,
        ask: impl FnOnce(&View<'_>, &LedgerReader) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let ledger = self.ledger()?.clone();
        let long = if scope == Scope::Ledger {
            ask
        } else {
            let ledger = ledger.clone();
            // Weighed under the lock under which it is asked.
            let asked = self.question(move || {
                ledger.read(|view| if scope.is_short(view.state) { Ok(ask(view, &ledger.reader())) } else { Err(ask) })
            });
            match asked.await? {
                Ok(answer) => return answer,
                Err(ask) => ask,
            }
        };
        let of_a_snapshot = move || {
            let snapshot = ledger.snapshot()?;
            long(&snapshot.view(), &ledger.reader())
        };
        match scope {
            Scope::Few | Scope::Referrer(..) => {
                let answering = bounded(&self.shared.large_questions, of_a_snapshot);
                answering.instrument(step(|| tracing::info_span!(target: WAY, "large question"))).await?
            }
            Scope::Ledger => self.long_question(of_a_snapshot).await?,
        }
    }

    /// Does what a long question needs on a thread that may block and gives way. Few are answered at a time, so that they
    /// leave the cores to the short ones; more wait.
    ///
    /// # Errors
    /// If the work panicked, or the system gives no thread.
    pub async fn long_question<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let answering = async {
            let permit = place(&self.shared.long_questions).await?;
            giving_way(move || holding(permit, question)).await
        };
        answering.instrument(step(|| tracing::info_span!(target: WAY, "long question"))).await
    }

    /// Does what a question needs on a thread that may block, in pieces for which the state stands still.
    ///
    /// # Errors
    /// If the work panicked.
    pub async fn question<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        bounded(&self.shared.questions, question)
            .instrument(step(|| tracing::info_span!(target: WAY, "question")))
            .await
    }

    /// Gives the ledger something to append, on a thread that may block.
    ///
    /// # Errors
    /// If the work panicked.
    pub async fn write<T: Send + 'static>(&self, write: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        bounded(&self.shared.writes, write).instrument(step(|| tracing::info_span!(target: WAY, "write"))).await
    }
}

/// So many long questions are answered at a time: as many as there are cores, and at least two, so that one that takes very
/// long does not keep out all others.
fn long_questions_at_once() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2))
}

/// Does work that may block, once there is room for it. It keeps its place until it is done, also when who asked has
/// gone.
async fn bounded<T: Send + 'static>(
    room: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let permit = place(room).await?;
    blocking(move || holding(permit, work)).await
}

/// Waits for a place.
async fn place(room: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
    let waiting = step(|| tracing::info_span!(target: WAY, "wait"));
    Arc::clone(room).acquire_owned().instrument(waiting).await.map_err(|error| Problem::internal(&error))
}

/// Does work in a place, which is free again once the work is done.
fn holding<T>(permit: OwnedSemaphorePermit, work: impl FnOnce() -> T) -> T {
    let done = work();
    drop(permit);
    done
}

/// Does work that may block, or takes long, on a thread of its own. A panic is a problem of ours, and told as one.
///
/// # Errors
/// If the work panicked.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let here = Carried::here();
    tokio::task::spawn_blocking(move || here.around(work)).await.map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_on_a_thread_of_its_own_is_a_problem_of_ours() {
        let room = Arc::new(Semaphore::new(1));
        let panicked = bounded(&room, || -> u8 { panic!("on purpose") }).await;
        assert_eq!(panicked.map_err(|problem| problem.status()), Err(500));
        assert_eq!(bounded(&room, || 1).await, Ok(1), "its place is free again");
    }
    #[tokio::test]
    async fn given_all_long_questions_are_under_way_when_a_short_one_is_asked_then_it_waits_for_none_of_them() {
        let app = App::new(Authenticator::open(), Arc::new(Metrics::new()));
        let (go, waiting) = std::sync::mpsc::channel::<()>();
        let waiting = Arc::new(Mutex::new(waiting));
        let long = |number: usize| {
            let (app, waiting) = (app.clone(), Arc::clone(&waiting));
            let held = move || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().map_or((), |()| ());
            tokio::spawn(async move { app.long_question(held).await.map(|()| number) })
        };
        let under_way: Vec<_> = (0..long_questions_at_once()).map(long).collect();
        while app.shared.long_questions.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(app.question(|| 1).await, Ok(1));
        let one_more = long(100);
        assert_eq!(app.question(|| 2).await, Ok(2));
        assert!(!one_more.is_finished(), "it waits for one of those under way");
        assert_eq!(
            bounded(&app.shared.large_questions, || 3).await,
            Ok(3),
            "one of a large referrer waits for none either"
        );
        drop(go);
        for (number, done) in under_way.into_iter().enumerate() {
            assert_eq!(done.await.ok(), Some(Ok(number)));
        }
        assert_eq!(one_more.await.ok(), Some(Ok(100)));
    }
}
