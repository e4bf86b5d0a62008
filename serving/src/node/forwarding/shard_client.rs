//! Asking shards over HTTP: at the addresses that they published and nowhere else, so many at a time, for so long, and so
//! much. An answer is handed on as it comes; nothing of it is kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api::commands::SHARD_HEADER;
use api::{Problem, ProblemKind};
use axum::body::Body;
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::passed::Passed;
use crate::error::ServingError;
use crate::node::measured::Measured;
use crate::node::whereabouts::Whereabouts;

/// How long, how much and how many at a time.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// For a connection.
    connect: Duration,
    /// Until an answer begins.
    begin: Duration,
    /// Until its next part comes.
    next_part: Duration,
    /// For the whole of it.
    whole: Duration,
    /// An answer has at most so many bytes.
    bytes: u64,
    /// So many requests each shard is asked at a time.
    at_once: usize,
    /// Who comes then waits for so long.
    place: Duration,
}

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    begin: Duration::from_secs(30),
    next_part: Duration::from_secs(30),
    whole: Duration::from_secs(600),
    bytes: 4 << 30,
    at_once: 32,
    place: Duration::from_secs(5),
};

/// So many idle connections to a shard are kept, for so long.
const IDLE: usize = 8;
const IDLE_FOR: Duration = Duration::from_secs(30);
/// So much of an answer is read to tell how much is known of a trade. A longer one has postings, which are made by who knows.
const LOOKED_AT_BYTES: usize = 1 << 20;

/// Of a shard's headers, these are handed on.
const HEADERS: [HeaderName; 10] = [
    CONTENT_TYPE,
    CONTENT_DISPOSITION,
    CACHE_CONTROL,
    ETAG,
    LOCATION,
    ALLOW,
    RETRY_AFTER,
    WWW_AUTHENTICATE,
    HeaderName::from_static("tributary-position"),
    HeaderName::from_static("x-accel-buffering"),
];

/// A shard, and where it has published that it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShardAt<'s> {
    pub(super) number: usize,
    pub(super) address: &'s str,
}

impl ShardAt<'_> {
    /// That it gives no answer, and why.
    pub(super) fn away(&self, why: &str) -> Problem {
        let ShardAt { number, address } = self;
        Problem::new(ProblemKind::Unavailable, format!("shard {number} at {address} gives no answer: {why}"))
    }
}

/// Asks shards.
pub(in crate::node) struct ShardClient {
    client: Client,
    measured: Arc<Measured>,
    whereabouts: Whereabouts,
    limits: Limits,
    /// By shard, and whether for questions: what commands wait for holds up no question.
    places: Mutex<BTreeMap<(usize, bool), Arc<Semaphore>>>,
    /// The shard that is asked first whose a command is.
    first: AtomicUsize,
}

impl ShardClient {
    /// Trusts the authorities that this machine trusts. No redirect is followed, and no proxy asked, so that a token goes to
    /// the shard alone; nothing is sent twice.
    ///
    /// # Errors
    /// If TLS cannot be had.
    pub(in crate::node) fn new(measured: Arc<Measured>) -> Result<ShardClient, ServingError> {
        ShardClient::within(LIMITS, measured)
    }

    /// Where the shards are, as far as none was missed there.
    pub(in crate::node) fn whereabouts(&self) -> &Whereabouts {
        &self.whereabouts
    }

    fn within(limits: Limits, measured: Arc<Measured>) -> Result<ShardClient, ServingError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let cannot = |error: &dyn std::fmt::Display| ServingError::Process(format!("no client for shards: {error}"));
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| cannot(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(limits.connect)
            .pool_max_idle_per_host(IDLE)
            .pool_idle_timeout(IDLE_FOR)
            .build()
            .map_err(|error| cannot(&error))?;
        let whereabouts = Whereabouts::default();
        let (places, first) = (Mutex::default(), AtomicUsize::new(0));
        Ok(ShardClient { client, measured, whereabouts, limits, places, first })
    }

    /// Asks a shard.
    ///
    /// # Errors
    /// If it gives no answer: it is away, too slow, has too much to do, or says to ask elsewhere.
    pub(super) async fn ask(&self, shard: ShardAt<'_>, passed: &Passed) -> Result<Answered, Problem> {
        self.ask_within(self.limits.begin, shard, passed).await
    }

    /// Asks a shard for what it makes whole before its answer begins, which may take as long as any answer.
    ///
    /// # Errors
    /// As [`ShardClient::ask`].
    pub(super) async fn ask_for_file(&self, shard: ShardAt<'_>, passed: &Passed) -> Result<Answered, Problem> {
        self.ask_within(self.limits.whole, shard, passed).await
    }

    async fn ask_within(&self, begin: Duration, shard: ShardAt<'_>, passed: &Passed) -> Result<Answered, Problem> {
        let begun = std::time::Instant::now();
        let answer = self.ask_unmeasured(begin, shard, passed).await;
        self.measured.asked(shard.number, begun, &answer);
        answer
    }

    async fn ask_unmeasured(&self, begin: Duration, shard: ShardAt<'_>, passed: &Passed) -> Result<Answered, Problem> {
        let url = url_of(shard, passed)?;
        let place = self.place(shard, passed.method == Method::GET).await?;
        let request = self.client.request(passed.method.clone(), url).headers(passed.headers.clone());
        let asked = tokio::time::timeout(begin, request.body(passed.body.clone()).send()).await;
        let answer = match asked {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(self.gone(shard, &innermost(&error.without_url()))),
            Err(_) => return Err(self.gone(shard, &format!("none within {begin:?}"))),
        };
        let status = answer.status();
        if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
            return Err(self.gone(
                shard,
                "it says to ask elsewhere, which is not done: publish.address has to be where its API is",
            ));
        }
        let elsewhere = of_another(&answer).filter(|number| *number != shard.number);
        if status.is_informational() || status == StatusCode::MISDIRECTED_REQUEST && elsewhere.is_none() {
            return Err(
                self.gone(shard, &format!("it answers with {status}: publish.address has to be where its API is"))
            );
        }
        let mut headers = HeaderMap::new();
        for name in HEADERS {
            for value in answer.headers().get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        headers.insert(SHARD_HEADER, HeaderValue::from(elsewhere.unwrap_or(shard.number)));
        let rest = Rest {
            answer,
            left: self.limits.bytes,
            until: Instant::now() + self.limits.whole,
            limits: self.limits,
            _place: place,
        };
        Ok(Answered { status, headers, elsewhere, begun: Bytes::new(), rest: Some(rest) })
    }

    /// The shard, of so many, that is asked first whose a command is.
    pub(super) fn first_for_commands(&self, of: usize) -> usize {
        self.first.load(Ordering::Relaxed) % of.max(1)
    }

    /// Another one than this is asked first from now on: it gave no answer.
    pub(super) fn begin_commands_behind(&self, number: usize) {
        self.first.store(number + 1, Ordering::Relaxed);
    }

    /// That a shard gives no answer where it was asked, and why: it may have gone elsewhere.
    fn gone(&self, shard: ShardAt<'_>, why: &str) -> Problem {
        self.whereabouts.let_go();
        shard.away(why)
    }

    /// A place among those who ask a shard: one that answers nothing holds up its own questions alone.
    async fn place(&self, shard: ShardAt<'_>, is_question: bool) -> Result<OwnedSemaphorePermit, Problem> {
        let places = {
            let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(
                places
                    .entry((shard.number, is_question))
                    .or_insert_with(|| Arc::new(Semaphore::new(self.limits.at_once))),
            )
        };
        match tokio::time::timeout(self.limits.place, places.acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(shard.away(&format!("{} requests wait for it here", self.limits.at_once))),
        }
    }
}

/// Where a request goes: the path as it was given, below the shard's own address.
fn url_of(shard: ShardAt<'_>, passed: &Passed) -> Result<Url, Problem> {
    let base = Url::parse(shard.address).map_err(|_| shard.away("its address is none"))?;
    let mut url = base.clone();
    let path = format!("{}{}", base.path().trim_end_matches('/'), passed.path);
    url.set_path(&path);
    url.set_query(passed.query.as_deref());
    // Dots and backslashes lead elsewhere in an address.
    if url.path() != path || url.origin() != base.origin() {
        return Err(Problem::new(ProblemKind::InvalidPath, "the path cannot be passed on to a shard"));
    }
    Ok(url)
}

/// The last cause of an error: what happened.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// A shard's answer, of which the body comes bit by bit.
pub(super) struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    /// The shard that a command is for, where this one is not it.
    elsewhere: Option<usize>,
    /// What was read of the body.
    begun: Bytes,
    rest: Option<Rest>,
}

struct Rest {
    answer: reqwest::Response,
    left: u64,
    until: Instant,
    limits: Limits,
    _place: OwnedSemaphorePermit,
}

impl Rest {
    /// The next part; none at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, String> {
        let until = self.until.min(Instant::now() + self.limits.next_part);
        let part = match tokio::time::timeout_at(until, self.answer.chunk()).await {
            Ok(Ok(part)) => part,
            Ok(Err(error)) => return Err(innermost(&error.without_url())),
            Err(_) => return Err("it takes too long".to_owned()),
        };
        let Some(part) = part else { return Ok(None) };
        self.left = self.left.checked_sub(part.len() as u64).ok_or("it is too long")?;
        Ok(Some(part))
    }
}

/// The shard that a command is for, of an answer that says another one is.
fn of_another(answer: &reqwest::Response) -> Option<usize> {
    let is_refusal = answer.status() == StatusCode::MISDIRECTED_REQUEST;
    answer.headers().get(SHARD_HEADER).filter(|_| is_refusal)?.to_str().ok()?.parse().ok()
}

impl Answered {
    /// The shard that a command is for, where this one is not it and has done nothing.
    pub(super) fn elsewhere(&self) -> Option<usize> {
        self.elsewhere
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// Where the shard stood, as its answer's header says.
    pub(super) fn position(&self) -> Option<u64> {
        self.headers.get("tributary-position")?.to_str().ok()?.parse().ok()
    }

    /// The shard that answered.
    pub(super) fn shard(&self) -> Option<usize> {
        self.headers.get(SHARD_HEADER)?.to_str().ok()?.parse().ok()
    }

    /// Whether it refuses because it only reads what another process writes.
    pub(super) async fn says_that_it_only_reads(mut self) -> (bool, Answered) {
        let is_whole = self.read_up_to(LOOKED_AT_BYTES).await.is_ok();
        let problem = is_whole.then(|| Problem::read(&self.begun)).flatten();
        (problem.is_some_and(|problem| problem.kind == ProblemKind::ReadOnly), self)
    }

    /// The position that its body reflects, of so many bytes at most, where it tells one.
    pub(super) async fn position_told(mut self, bytes_max: usize) -> (Option<u64>, Answered) {
        let is_whole = self.read_up_to(bytes_max).await.is_ok();
        let read =
            || serde_json::from_slice::<serde_json::Value>(&self.begun).ok()?.get("as_of")?.get("position")?.as_u64();
        (is_whole.then(read).flatten(), self)
    }

    /// The next part of the body; none at its end.
    ///
    /// # Errors
    /// If it breaks off.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, String> {
        if !self.begun.is_empty() {
            return Ok(Some(std::mem::take(&mut self.begun)));
        }
        match &mut self.rest {
            Some(rest) => rest.next().await,
            None => Ok(None),
        }
    }

    /// How much is known of who made a trade that this explains: none where this is its family's shard for certain, else
    /// 1 where its major account is known to exist, and 0 where it is not.
    pub(super) async fn how_much_is_known(mut self) -> (Option<u8>, Answered) {
        let is_whole = self.read_up_to(LOOKED_AT_BYTES).await.is_ok();
        let known = is_whole.then(|| known_of(&self.begun)).flatten();
        (known, self)
    }

    /// The whole body, of so many bytes at most.
    ///
    /// # Errors
    /// If it is longer, or breaks off.
    pub(super) async fn whole(mut self, bytes_max: usize) -> Result<Bytes, String> {
        self.read_up_to(bytes_max).await?;
        Ok(self.begun)
    }

    /// Reads the body to its end, if it has no more than so many bytes; what was read is kept either way.
    async fn read_up_to(&mut self, bytes_max: usize) -> Result<(), String> {
        let mut read = BytesMut::from(&self.begun[..]);
        let ended = loop {
            let Some(rest) = &mut self.rest else { break Ok(()) };
            match rest.next().await {
                Ok(Some(part)) => read.extend_from_slice(&part),
                Ok(None) => self.rest = None,
                Err(why) => break Err(why),
            }
            if read.len() > bytes_max {
                break Err(format!("it is longer than {bytes_max} bytes"));
            }
        };
        self.begun = read.freeze();
        ended
    }
}

/// The same of the body.
fn known_of(body: &[u8]) -> Option<u8> {
    let explained: serde_json::Value = serde_json::from_slice(body).ok()?;
    let is_there = |name: &str| explained.get(name).is_some_and(|value| !value.is_null());
    match (is_there("code") || is_there("referrer_uid"), is_there("invitee_uid")) {
        (true, _) => None,
        (false, is_known) => Some(u8::from(is_known)),
    }
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        let Answered { status, headers, begun, rest, .. } = self;
        let body = match rest {
            None => Body::from(begun),
            Some(rest) => {
                let parts = stream::unfold(Some(rest), |rest| async {
                    let mut rest = rest?;
                    match rest.next().await {
                        Ok(part) => part.map(|part| (Ok(part), Some(rest))),
                        // It ends as one that was cut off: nobody takes it for whole.
                        Err(why) => Some((Err(std::io::Error::other(why)), None)),
                    }
                });
                Body::from_stream(stream::iter((!begun.is_empty()).then_some(Ok(begun))).chain(parts))
            }
        };
        (status, headers, body).into_response()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use api::Came;
    use axum::body::to_bytes;
    use axum::http::Request;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const SMALL: Limits = Limits {
        begin: Duration::from_secs(1),
        next_part: Duration::from_secs(1),
        bytes: 1_000,
        at_once: 2,
        place: Duration::from_millis(200),
        ..LIMITS
    };

    pub(in crate::node::forwarding) fn measured() -> Arc<Measured> {
        Arc::new(Measured::new(&ingest::metrics::Metrics::new()))
    }

    fn passed(target: &str) -> Passed {
        let (parts, ()) = Request::get(target).body(()).expect("a request").into_parts();
        Passed::of(&parts, &Came::default(), Vec::new())
    }

    fn url(address: &str, target: &str) -> Result<String, u16> {
        let asked = url_of(ShardAt { number: 1, address }, &passed(target));
        asked.map(|url| url.to_string()).map_err(|problem| problem.status())
    }

    /// Something that takes connections and answers each request with these bytes, again and again if so told, and keeps the
    /// connection. Its address, and how many connections it took.
    pub(in crate::node::forwarding) async fn server(answer: String, is_endless: bool) -> (String, Arc<Mutex<usize>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (taken, answer) = (Arc::new(Mutex::new(0)), Arc::new(answer));
        let count = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                *count.lock().expect("a count") += 1;
                let answer = Arc::clone(&answer);
                tokio::spawn(async move {
                    let mut head = [0; 4_096];
                    let _ = stream.read(&mut head).await;
                    while stream.write_all(answer.as_bytes()).await.is_ok() && is_endless {}
                    // Until the other side hangs up.
                    let _ = stream.read(&mut head).await;
                });
            }
        });
        (address, taken)
    }

    /// The status, and the body or why it is cut off.
    async fn asked(client: &ShardClient, address: &str) -> Result<(u16, Result<Bytes, String>), Problem> {
        let answered = client.ask(ShardAt { number: 1, address }, &passed("/v1/feed")).await?.into_response();
        let status = answered.status().as_u16();
        Ok((status, to_bytes(answered.into_body(), usize::MAX).await.map_err(|error| innermost(&error))))
    }

    async fn refusal(client: &ShardClient, address: &str) -> String {
        let problem = asked(client, address).await.expect_err("a refusal");
        assert_eq!(problem.status(), 503);
        assert!(problem.detail.starts_with(&format!("shard 1 at {address} gives no answer: ")), "{}", problem.detail);
        problem.detail
    }

    #[tokio::test]
    async fn an_answer_is_handed_on_as_it_is() {
        let client = ShardClient::within(SMALL, measured()).expect("a client");
        let answer = "HTTP/1.1 409 Conflict\r\ncontent-type: application/problem+json\r\nset-cookie: a=b\r\n\
                      content-length: 2\r\n\r\n{}";
        let (address, _) = server(answer.to_owned(), false).await;
        let answered =
            client.ask(ShardAt { number: 1, address: &address }, &passed("/v1/feed")).await.expect("an answer");
        let response = answered.into_response();
        assert_eq!(response.status(), 409);
        let told = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("a text"));
        assert_eq!(
            (told("content-type"), told("tributary-shard"), told("set-cookie")),
            (Some("application/problem+json"), Some("1"), None)
        );
        assert_eq!(to_bytes(response.into_body(), 10).await.expect("a body"), "{}");
    }

    #[tokio::test]
    async fn a_shard_that_says_to_ask_elsewhere_is_not_followed() {
        let client = ShardClient::within(SMALL, measured()).expect("a client");
        let (elsewhere, taken) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned(), false).await;
        for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
            let redirect = format!("HTTP/1.1 {status}\r\nlocation: {elsewhere}/v1/feed\r\ncontent-length: 0\r\n\r\n");
            let (address, _) = server(redirect, false).await;
            assert!(refusal(&client, &address).await.contains("says to ask elsewhere"));
        }
        assert_eq!(*taken.lock().expect("a count"), 0);
    }

    #[tokio::test]
    async fn a_shard_that_does_not_answer_is_not_waited_for_for_ever_and_only_so_many_wait() {
        let client = Arc::new(ShardClient::within(SMALL, measured()).expect("a client"));
        let (address, taken) = server(String::new(), false).await;
        let asking = |_| {
            let (client, address) = (Arc::clone(&client), address.clone());
            tokio::spawn(async move { refusal(&client, &address).await })
        };
        let all: Vec<_> = (0..10).map(asking).collect();
        let mut told = Vec::new();
        for one in all {
            told.push(one.await.expect("a refusal"));
        }
        assert_eq!(told.iter().filter(|told| told.contains("none within 1s")).count(), 2, "{told:?}");
        assert_eq!(told.iter().filter(|told| told.contains("2 requests wait for it here")).count(), 8, "{told:?}");
        assert_eq!(*taken.lock().expect("a count"), 2);
        // Their places are free again; nobody listens there.
        let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", nobody.local_addr().expect("an address"));
        drop(nobody);
        for _ in 0..5 {
            refusal(&client, &address).await;
        }
    }

    #[tokio::test]
    async fn an_answer_that_does_not_end_or_stops_is_cut_off_and_taken_for_no_whole_one() {
        let client = ShardClient::within(SMALL, measured()).expect("a client");
        let endless = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n".to_owned();
        let (address, _) = server(endless.clone(), true).await;
        let (status, body) = asked(&client, &address).await.expect("an answer");
        assert_eq!((status, body), (200, Err("it is too long".to_owned())));
        let (address, _) = server(endless + "{", false).await;
        let (status, body) = asked(&client, &address).await.expect("an answer");
        assert_eq!((status, body), (200, Err("it takes too long".to_owned())));
    }

    #[test]
    fn a_request_goes_below_the_address_that_is_published_and_nowhere_else() {
        let at = "https://shard.example:8443/ledger";
        assert_eq!(url(at, "/v1/account?uid=7&q=a%26b"), Ok(format!("{at}/v1/account?uid=7&q=a%26b")));
        assert_eq!(
            url("http://shard.example", "/v1/referrals/7"),
            Ok("http://shard.example/v1/referrals/7".to_owned())
        );
        assert_eq!(url(at, "/v1/codes/A%2FB%C3%A9"), Ok(format!("{at}/v1/codes/A%2FB%C3%A9")));
        assert_eq!(
            url(at, "/v1/account?next=https://other.example"),
            Ok(format!("{at}/v1/account?next=https://other.example"))
        );
        for target in ["/v1/referrals/../../metrics", "/v1/referrals/%2e%2e", "/v1/referrals/.%2E", "/v1/codes/."] {
            assert_eq!(url(at, target), Err(400), "{target}");
        }
        assert_eq!(url("nowhere", "/v1/account"), Err(503));
    }

    #[test]
    fn the_shard_of_a_family_is_told_by_what_it_knows_of_it() {
        for (body, known) in [
            (r#"{"invitee_uid":7,"code":"A","referrer_uid":9}"#, None),
            (r#"{"invitee_uid":7,"code":"A","referrer_uid":null}"#, None),
            (r#"{"invitee_uid":7,"code":null,"referrer_uid":null}"#, Some(1)),
            (r#"{"invitee_uid":null,"code":null,"referrer_uid":null}"#, Some(0)),
            ("no JSON", None),
        ] {
            assert_eq!(known_of(body.as_bytes()), known, "{body}");
        }
    }
}
