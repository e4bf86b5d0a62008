//! Runs the daemon until a signal ends it.

use std::sync::Arc;

use anyhow::anyhow;
use api::App;
use ingest::kafka::KafkaOptions;
use ingest::metrics::Metrics;
use ingest::{Handle, Pipeline, ReplayProgress, Started};
use route::SendingOn;

use crate::cli::{CommonFlags, RunArgs};
use crate::config::{Settings, check, load, surroundings};
use crate::daemon::{Server, kafka_options, pipeline_options, start_kafka, stop_all};
use crate::end_signals::EndSignals;
use crate::exit::Failure;
use crate::place::Place;
use crate::reload::Reload;
use crate::replay_log::ReplayLog;
use crate::service_manager::{self, Starting};
use crate::shard::Shard;
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
    let mut kafka = kafka_options(settings, accept_new_topics)?;
    // Who only reads puts nothing in and sends nothing on, whatever it is.
    let shard = if settings.read_only { None } else { Shard::of(settings, &place, kafka.as_ref())? };
    if let (Some(shard), Some(kafka)) = (&shard, &mut kafka) {
        shard.reads(kafka);
    }
    let server = Server::start(settings.listen, settings, reload, Arc::clone(&metrics))?;
    if settings.read_only {
        read(&server, &place, settings, metrics)?;
        server.stop()
    } else {
        write(server, &place, settings, (kafka, shard), metrics)
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
    (kafka, shard): (Option<KafkaOptions>, Option<Shard>),
    metrics: Arc<Metrics>,
) -> Result<(), Failure> {
    let leader = settings.replication.leader.clone().map(Leader::new).transpose()?;
    let (started, signals) = server.while_opening(|| open(place, settings, &metrics, server.app(), leader.as_ref()))?;
    started.handle.set_replication(settings.replication.options);
    let pipeline = Pipeline::start(started, pipeline_options(&settings.limits)).map_err(anyhow::Error::from)?;
    let handle = pipeline.handle();
    if let (Some(_), Some(shard)) = (&leader, &shard) {
        shard.forget_sent_on();
    }
    let asked = shard.as_ref().map_or_else(|| handle.clone(), |shard| shard.closed(&handle));
    let led = match leader {
        Some(leader) => follow(&server, leader, (&handle, &asked), signals),
        None => wait_for_standby(&server, &handle, signals),
    };
    let (following, signals) = match led {
        Ok((following, Some(signals))) => (following, signals),
        Ok((_, None)) => return stop_all(server, None, pipeline, Ok(())),
        Err(failure) => return stop_all(server, None, pipeline, Err(failure)),
    };
    let sending = match sending_on(shard.as_ref(), &pipeline, kafka.as_ref()) {
        Ok(sending) => sending,
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
        server.app().open(asked);
    }
    tracing::info!(address = %server.address(), position = handle.position(), "ready");
    service_manager::ready();
    let failure = || sending.as_ref().and_then(SendingOn::failure);
    let ended = server.wait_until(&handle, signals, || failure().is_some());
    let ended = ended.and_then(|_| failure().map_or(Ok(()), |failure| Err(Failure::failed(anyhow!(failure)))));
    drop((shipping, following, sending));
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
    (handle, asked): (&Handle, &Handle),
    signals: EndSignals,
) -> Result<(Option<Following>, Option<EndSignals>), Failure> {
    let url = leader.url().to_owned();
    let mut following = Following::start(leader, handle.clone())?;
    server.app().open(asked.clone());
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

/// Sends on what is of other shards, where the ledger is one.
fn sending_on(
    shard: Option<&Shard>,
    pipeline: &Pipeline,
    kafka: Option<&KafkaOptions>,
) -> Result<Option<SendingOn>, Failure> {
    let (Some(shard), Some(kafka)) = (shard, kafka) else { return Ok(None) };
    shard.settle(pipeline)?;
    Ok(Some(shard.send_on(&pipeline.handle(), kafka.clone())?))
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
