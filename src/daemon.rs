//! The daemon's life: it listens, replays, reads its sources, and at a signal ends without losing what is in flight.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow};
use api::{App, Listener, Tls, serve, serve_probes};
use axum::Router;
use ingest::kafka::{AcceptNew, KafkaError, KafkaMode, KafkaOptions, KafkaSource};
use ingest::metrics::Metrics;
use ingest::{Clock, FrameLimits, Handle, Pipeline, PipelineOptions, SystemClock};
use pages::Guide;
use route::Topics;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::config::{self, ElectionSettings, Key, Limits, Settings};
use crate::end_signals::EndSignals;
use crate::exit::Failure;
use crate::kafka_tokens::token_source;
use crate::keyring::Keyring;
use crate::output::say;
use crate::reload::{Reached, Reload};
use crate::who::who;
use crate::{resources, service_manager, stopping};

/// How often it is looked whether the ledger still takes events.
const WATCH_EVERY: Duration = Duration::from_millis(200);
/// The client's property for how often it looks at its topics.
const REFRESH_PROPERTY: &str = "topic.metadata.refresh.interval.ms";

/// The API of a daemon, being served.
pub(crate) struct Server {
    runtime: Runtime,
    app: App,
    serving: JoinHandle<Result<(), api::ServeError>>,
    end: watch::Sender<bool>,
    address: SocketAddr,
    /// How long the end may take in all.
    stop: Arc<Mutex<Duration>>,
}

impl Server {
    /// Listens, and answers that it is starting until its ledger is given to [`Server::app`]. What can be read again is
    /// read again at SIGHUP.
    pub(crate) fn start(
        listen: SocketAddr,
        settings: &Settings,
        reload: Reload,
        metrics: Arc<Metrics>,
    ) -> Result<Server, Failure> {
        Server::start_guided(listen, settings, reload, metrics, None)
    }

    /// The same, with a guide on the pages for who comes for the first time.
    pub(crate) fn start_guided(
        listen: SocketAddr,
        settings: &Settings,
        reload: Reload,
        metrics: Arc<Metrics>,
        guide: Option<Guide>,
    ) -> Result<Server, Failure> {
        Server::start_with(listen, settings, reload, metrics, |app| pages::router_with(app, guide))
    }

    /// The same, with other routes than those of a ledger.
    pub(crate) fn start_with(
        listen: SocketAddr,
        settings: &Settings,
        reload: Reload,
        metrics: Arc<Metrics>,
        routes: impl FnOnce(&App) -> Router,
    ) -> Result<Server, Failure> {
        let http = &settings.http;
        let keyring = Keyring::open(settings)?;
        let keys = keyring.authenticator(&settings.auth).map_err(Failure::usage)?;
        let app = App::with(keys, Arc::clone(&metrics), http.options.clone());
        app.check_address(listen).map_err(|error| Failure::usage(error.into()))?;
        let tls = tls(settings)?;
        let runtime = resources::runtime()?;
        metrics.settings_taken(SystemClock::new().now());
        let stop = Arc::new(Mutex::new(settings.limits.stop));
        let reached = Reached { app: app.clone(), keyring, tls: tls.clone(), metrics, stop: Arc::clone(&stop) };
        reload.listen(&runtime, reached)?;
        let listener = runtime.block_on(TcpListener::bind(listen)).with_context(|| {
            format!("can't listen on {listen}: is another daemon there? Choose another with --listen")
        })?;
        if let Some(probes) = http.probes_listen {
            let listener = runtime.block_on(TcpListener::bind(probes)).with_context(|| {
                format!(
                    "can't listen on {probes} for probes: choose another address in {}",
                    Key::HttpProbesListen.name()
                )
            })?;
            // They are answered to the very end: it ends with the threads.
            runtime.spawn(serve_probes(listener, app.clone(), http.limits.clone(), std::future::pending()));
        }
        let address = listener.local_addr().context("no address to listen on")?;
        let (end, mut ended) = watch::channel(false);
        let router = routes(&app);
        let listener = Listener::new(listener, tls);
        let serving = runtime.spawn(serve(listener, app.clone(), router, http.limits.clone(), async move {
            // A sender that is gone means the end too.
            let _ = ended.wait_for(|ended| *ended).await;
        }));
        Ok(Server { runtime, app, serving, end, address, stop })
    }

    /// The API, to tell it of the replay and to give it the ledger.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// Waits for something on its threads.
    pub(crate) fn block_on<T>(&self, done: impl Future<Output = T>) -> T {
        self.runtime.block_on(done)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens its ledger, which may take long. A signal ends the process meanwhile, at once and with 0: nothing was taken in
    /// yet. The signals are heard from then on.
    ///
    /// # Errors
    /// Why it cannot be opened; if signals cannot be heard.
    pub(crate) fn while_opening<T>(
        &self,
        open: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<(T, EndSignals), Failure> {
        let mut signals = EndSignals::listen(&self.runtime)?;
        let (opened, is_opened) = oneshot::channel::<()>();
        let hearing = self.runtime.spawn(async move {
            tokio::select! {
                () = signals.heard() => {
                    say("tributary: ended while the ledger was being opened: what was durable is as it was");
                    std::process::exit(0)
                }
                _ = is_opened => signals,
            }
        });
        let done = open();
        drop(opened);
        let signals = self.runtime.block_on(hearing).context("what hears signals panicked")?;
        Ok((done?, signals))
    }

    /// Does what takes long and looks now and then whether a signal came to end it.
    pub(crate) fn until_ended<T>(
        &self,
        mut signals: EndSignals,
        work: impl FnOnce(&AtomicBool) -> T,
    ) -> (T, EndSignals) {
        let is_ended = Arc::new(AtomicBool::new(false));
        let (done, is_done) = oneshot::channel::<()>();
        let told = Arc::clone(&is_ended);
        let hearing = self.runtime.spawn(async move {
            tokio::select! {
                () = signals.heard() => told.store(true, Ordering::Relaxed),
                _ = is_done => {}
            }
            signals
        });
        let worked = work(&is_ended);
        drop(done);
        // What hears them does not panic; if it did, signals would end the process as they do without it.
        let signals =
            self.runtime.block_on(hearing).unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        (worked, signals)
    }

    /// Signals to end, heard from now on.
    pub(crate) fn end_signals(&self) -> Result<EndSignals, Failure> {
        EndSignals::listen(&self.runtime)
    }

    /// Waits for a signal to end, or until the ledger takes nothing more, which is the failure given.
    pub(crate) fn wait(&self, handle: &Handle, signals: EndSignals) -> Result<(), Failure> {
        self.wait_until(handle, signals, || false).map(|_| ())
    }

    /// The same, or until something is so: then the signals are given back.
    pub(crate) fn wait_until(
        &self,
        handle: &Handle,
        mut signals: EndSignals,
        is_so: impl Fn() -> bool,
    ) -> Result<Option<EndSignals>, Failure> {
        self.runtime.block_on(async {
            let mut watchdog = service_manager::Watchdog::asked_for();
            loop {
                if is_so() {
                    return Ok(Some(signals));
                }
                tokio::select! {
                    () = signals.heard() => {
                        signals.second_ends();
                        return Ok(None);
                    }
                    () = tokio::time::sleep(WATCH_EVERY) => {}
                }
                let readiness = handle.readiness();
                // Told here, and by no thread of its own: a daemon whose ledger does not say how it is does not live.
                watchdog.alive();
                if let Some(failure) = readiness.failure {
                    if handle.is_superseded() || handle.is_refused() {
                        // Who looks after the daemon must not start it again as it was.
                        return Err(Failure::usage(anyhow!("the ledger takes nothing more: {failure}")));
                    }
                    return Err(Failure::failed(anyhow!("the ledger takes nothing more: {failure}")));
                }
            }
        })
    }

    /// From now on the process ends within the time that the settings give it, which the service manager is told.
    pub(crate) fn bound_end(&self, ledger: &Handle) {
        let stop = *self.stop.lock().unwrap_or_else(PoisonError::into_inner);
        service_manager::ending(stop);
        stopping::bound(stop, Some(ledger.clone()));
    }

    /// Takes no more connections, and answers what is under way.
    pub(crate) fn stop(self) -> Result<(), Failure> {
        // A server that is gone needs not be told.
        let _ = self.end.send(true);
        let served = self.runtime.block_on(self.serving).context("the server panicked")?;
        Ok(served.map_err(anyhow::Error::from)?)
    }
}

/// The TLS that the API is served over, if the settings name a certificate, which is judged.
///
/// # Errors
/// If it cannot be used, which is bad usage.
pub(crate) fn tls(settings: &Settings) -> Result<Option<Tls>, Failure> {
    let loaded = settings.http.tls.as_ref().map(|tls| Tls::load(tls.files.clone(), tls.look_every));
    loaded.transpose().context("the certificate of the listener (http.tls)").map_err(Failure::usage)
}

/// How much is gathered for a frame, from the settings.
pub(crate) fn frame_limits(limits: &Limits) -> FrameLimits {
    FrameLimits { events: limits.batch_events, bytes: limits.batch_bytes }
}

/// What bounds the pipeline, from the settings.
pub(crate) fn pipeline_options(limits: &Limits) -> PipelineOptions {
    PipelineOptions { channel_bytes: limits.channel_bytes, frame: frame_limits(limits), decoders: limits.decoders }
}

/// How Kafka is to be read, if the settings name brokers, and which topics are accepted as new ones. Nothing is opened
/// for it, and no broker asked.
pub(crate) fn kafka_options(settings: &Settings, accept_new: Vec<String>) -> Result<Option<KafkaOptions>, Failure> {
    let Some(shard) = &settings.shard else { return options_of(settings, accept_new, None) };
    // Which partitions of them, is known once it is known how many there are.
    let topics = Topics::of(&settings.route.prefix).all().map(str::to_owned);
    let mut options = options_of(settings, accept_new, Some(topics.to_vec()))?;
    if let Some(options) = &mut options {
        options.group = options.group.as_ref().map(|group| format!("{group}-shard-{}", shard.number));
    }
    Ok(options)
}

/// The same of the topics that producers write, whether or not the settings make the ledger a shard.
pub(crate) fn source_options(settings: &Settings) -> Result<Option<KafkaOptions>, Failure> {
    options_of(settings, Vec::new(), None)
}

/// How the brokers are spoken to for an election.
pub(crate) fn election_kafka_options(
    settings: &Settings,
    election: &ElectionSettings,
) -> Result<KafkaOptions, Failure> {
    let options = options_of(settings, Vec::new(), Some(vec![election.topic.clone()]))?;
    // The settings are judged without brokers, too.
    options.ok_or_else(|| Failure::usage(anyhow!("{} needs brokers", Key::ReplicationElectTopic.name())))
}

fn options_of(
    settings: &Settings,
    accept_new: Vec<String>,
    topics: Option<Vec<String>>,
) -> Result<Option<KafkaOptions>, Failure> {
    let Some(kafka) = &settings.kafka else {
        return match accept_new.first() {
            Some(topic) => Err(failure(KafkaError::NotRead { topic: topic.clone() })),
            None => Ok(None),
        };
    };
    let mut options = KafkaOptions {
        mode: match &kafka.mode {
            config::KafkaMode::Static => KafkaMode::Static,
            config::KafkaMode::Group => KafkaMode::Group,
            config::KafkaMode::Subset(all) => {
                let by_topic = all.iter().map(|some| (some.topic.clone(), some.partitions.clone()));
                KafkaMode::Subset(by_topic.collect())
            }
        },
        group: Some(kafka.group.clone()),
        properties: kafka.properties.clone(),
        skip_lost: kafka.skip_lost,
        accept_new: AcceptNew { topics: accept_new, by: who() },
        tokens: kafka.tokens.as_ref().map(token_source).transpose()?,
        ..KafkaOptions::new(kafka.brokers.clone(), topics.unwrap_or_else(|| kafka.topics.clone()))
    };
    // Partitions added later are looked for as often as the client looks at its topics.
    let refresh = options.properties.get(REFRESH_PROPERTY).and_then(|millis| millis.parse().ok());
    if let Some(millis) = refresh.filter(|millis| *millis > 0) {
        options.refresh = Duration::from_millis(millis);
    }
    // The client tells no more of a file than that it failed.
    for (key, path) in &kafka.files {
        let file = std::fs::read(path).with_context(|| format!("{}: {}", key.name(), path.display()));
        file.map_err(Failure::usage)?;
    }
    options.check().map_err(|error| Failure::usage(error.into()))?;
    Ok(Some(options))
}

/// Begins to read Kafka.
pub(crate) fn start_kafka(pipeline: &Pipeline, options: KafkaOptions) -> Result<KafkaSource, Failure> {
    KafkaSource::start(pipeline.feed(), options).map_err(failure)
}

fn failure(error: KafkaError) -> Failure {
    match error {
        KafkaError::NotBuiltIn { .. }
        | KafkaError::Reserved { .. }
        | KafkaError::NoTopic
        | KafkaError::Pattern { .. }
        | KafkaError::NotRead { .. } => Failure::usage(error.into()),
        KafkaError::Client(_) | KafkaError::NoThread(_) => Failure::failed(error.into()),
    }
}

/// Ends everything in the order in which nothing is lost: no more requests, no more of Kafka, then what is in flight
/// becomes durable. The first failure is the one given.
pub(crate) fn stop_all(
    server: Server,
    kafka: Option<KafkaSource>,
    pipeline: Pipeline,
    ended: Result<(), Failure>,
) -> Result<(), Failure> {
    server.bound_end(&pipeline.handle());
    pipeline.handle().end_waiting_for_standbys();
    let served = server.stop();
    let read = kafka.map(KafkaSource::stop).transpose();
    let stopped = pipeline.stop();
    ended?;
    stopped.map_err(anyhow::Error::from)?;
    read.map_err(anyhow::Error::from)?;
    served
}
