//! Runs the daemon until a signal ends it.

use std::sync::Arc;

use api::App;
use ingest::kafka::KafkaOptions;
use ingest::metrics::Metrics;
use ingest::{Handle, Pipeline, ReplayProgress, Started};

use crate::cli::{CommonFlags, RunArgs};
use crate::config::{Settings, check, load, surroundings};
use crate::daemon::{Server, kafka_options, pipeline_options, start_kafka, stop_all};
use crate::end_signals::EndSignals;
use crate::exit::Failure;
use crate::place::Place;
use crate::reload::Reload;
use crate::replay_log::ReplayLog;
use crate::service_manager::{self, Starting};
use crate::shipping::Shipping;
use crate::standby::{self, Following, Leader};
use crate::traces::Tracing;

/// Listens at once, answers once the ledger is replayed, reads Kafka if there are brokers.
pub(super) fn execute(common: &CommonFlags, args: RunArgs) -> Result<(), Failure> {
    let (file, flags) = (common.config.clone(), args.settings.given(common));
    let (settings, layers) = load(file.as_deref(), surroundings(), flags.clone())?;
    let read_again = move || check(file.as_deref(), surroundings(), flags.clone());
    let metrics = Arc::new(Metrics::new());
    let traces = Tracing::start(settings.traces.as_ref(), &metrics)?;
    let level = crate::logging::start_with(&settings.log, traces.as_ref().map(Tracing::layer));
    let reload = Reload::new(Box::new(read_again), level, layers);
    let done = run(&settings, reload, args.accept_new_topics, metrics);
    if let Some(traces) = traces {
        traces.finish();
    }
    done
}

fn run(
    settings: &Settings,
    reload: Reload,
    accept_new_topics: Vec<String>,
    metrics: Arc<Metrics>,
) -> Result<(), Failure> {
    let place = Place::of(settings)?;
    let kafka = kafka_options(settings, accept_new_topics)?;
    let server = Server::start(settings.listen, settings, reload, Arc::clone(&metrics))?;
    if settings.read_only {
        read(&server, &place, settings, metrics)?;
        server.stop()
    } else {
        write(server, &place, settings, kafka, metrics)
    }
}

fn read(server: &Server, place: &Place, settings: &Settings, metrics: Arc<Metrics>) -> Result<(), Failure> {
    let ((handle, _), signals) =
        server.while_opening(|| place.read_with(settings, metrics, &mut telling(server.app())))?;
    server.app().open(handle.clone());
    tracing::info!(address = %server.address(), position = handle.position(), "reading the ledger only");
    service_manager::ready();
    let ended = server.wait(&handle, signals);
    server.bound_end(&handle);
    ended
}

fn write(
    server: Server,
    place: &Place,
    settings: &Settings,
    kafka: Option<KafkaOptions>,
    metrics: Arc<Metrics>,
) -> Result<(), Failure> {
    let leader = settings.replication.leader.clone().map(Leader::new).transpose()?;
    let (started, signals) = server.while_opening(|| open(place, settings, &metrics, server.app(), leader.as_ref()))?;
    started.handle.set_replication(settings.replication.options);
    let pipeline = Pipeline::start(started, pipeline_options(&settings.limits)).map_err(anyhow::Error::from)?;
    let handle = pipeline.handle();
    let led = match leader {
        Some(leader) => follow(&server, leader, &handle, signals),
        None => wait_for_standby(&server, &handle, signals),
    };
    let (following, signals) = match led {
        Ok((following, Some(signals))) => (following, signals),
        Ok((_, None)) => return stop_all(server, None, pipeline, Ok(())),
        Err(failure) => return stop_all(server, None, pipeline, Err(failure)),
    };
    let kafka = match kafka.map(|options| start_kafka(&pipeline, options)).transpose() {
        Ok(kafka) => kafka,
        Err(failure) => return stop_all(server, None, pipeline, Err(failure)),
    };
    let shipping = match Shipping::start(&settings.backup, place, &handle, server.app(), &metrics) {
        Ok(shipping) => shipping,
        Err(failure) => return stop_all(server, kafka, pipeline, Err(failure)),
    };
    if following.is_none() {
        server.app().open(handle.clone());
    }
    tracing::info!(address = %server.address(), position = handle.position(), "ready");
    service_manager::ready();
    let ended = server.wait(&handle, signals);
    drop((shipping, following));
    stop_all(server, kafka, pipeline, ended)
}

/// Opens the ledger. That of a standby begins as its leader's did, and has nothing that that one has not.
fn open(
    place: &Place,
    settings: &Settings,
    metrics: &Arc<Metrics>,
    app: &App,
    leader: Option<&Leader>,
) -> Result<Started, Failure> {
    if let Some(leader) = leader {
        standby::begin(place, leader)?;
    }
    loop {
        let started = place.start_with(settings, Arc::clone(metrics), &mut telling(app))?;
        let Some(leader) = leader else { return Ok(started) };
        if let Some(started) = standby::ready(place, leader, started)? {
            return Ok(started);
        }
    }
}

/// Follows, and answers questions, until the standby is promoted: then the signals are given back, and the former leader goes
/// on being told of it.
fn follow(
    server: &Server,
    leader: Leader,
    handle: &Handle,
    signals: EndSignals,
) -> Result<(Option<Following>, Option<EndSignals>), Failure> {
    let url = leader.url().to_owned();
    let mut following = Following::start(leader, handle.clone())?;
    server.app().open(handle.clone());
    tracing::info!(address = %server.address(), position = handle.position(), leader = url, "following");
    service_manager::ready();
    let leads = handle.watch_lead();
    let signals = server.wait_until(handle, signals, || *leads.borrow())?;
    if signals.is_some() {
        following.tell_former()?;
    }
    Ok((Some(following), signals))
}

/// Waits, where a standby has to hold what is told, until one holds the ledger as it stands.
fn wait_for_standby(
    server: &Server,
    handle: &Handle,
    signals: EndSignals,
) -> Result<(Option<Following>, Option<EndSignals>), Failure> {
    if handle.is_held() {
        return Ok((None, Some(signals)));
    }
    server.app().ship_before_open(handle.clone());
    tracing::warn!(
        address = %server.address(),
        "nothing is told before a standby holds it (replication.acks = 1): a standby is waited for"
    );
    service_manager::ready();
    Ok((None, server.wait_until(handle, signals, || handle.is_held())?))
}

/// Tells how far a replay is: who asks the API, the service manager, and now and then the log.
fn telling(app: &App) -> impl FnMut(ReplayProgress) {
    let (app, mut log, mut starting) = (app.clone(), ReplayLog::new(), Starting::new());
    move |progress| {
        app.replaying(progress);
        starting.progress(progress);
        log.progress(progress);
    }
}
