//! Runs the daemon until a signal ends it.

use std::sync::Arc;

use anyhow::anyhow;
use api::{App, PublishingBoard, SnapshotBoard};
use elections::Electing;
use ingest::kafka::{KafkaOptions, KafkaSource};
use ingest::metrics::Metrics;
use ingest::{Handle, Pipeline, ReplayProgress, Started};
use ledger::Access;
use route::SendingOn;
use serving::{Identity, Publishing, PublishingOptions};

use crate::cli::{CommonFlags, RunArgs};
use crate::config::{Settings, check, load, surroundings};
use crate::daemon::{Server, election_kafka_options, kafka_options, pipeline_options, start_kafka, stop_all};
use crate::end_signals::EndSignals;
use crate::exit::Failure;
use crate::place::Place;
use crate::reload::Reload;
use crate::replay_log::ReplayLog;
use crate::service_manager::{self, Starting};
use crate::shard::Shard;
use crate::shipping::Shipping;
use crate::standby::{self, Elected, Following, Leader, Snapshot, WAIT_SECONDS};
use crate::traces::Tracing;

/// What a daemon goes on with that did not lead from the start.
#[expect(dead_code, reason = "they work as long as they are held")]
enum Standing {
    /// It was promoted, and tells the former leader.
    Follows(Following),
    /// It takes part in the election.
    Elects(Electing),
}

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
    let election = settings.replication.election.as_ref();
    let opening = || open(place, settings, &metrics, server.app(), leader.as_ref());
    let begin = || begin_snapshot(place, server.app(), &metrics);
    let ((started, elected), signals) = server.while_opening(|| match election {
        Some(election) => {
            let own = election.url.clone().unwrap_or_else(|| own_address(&server, settings));
            let kafka = election_kafka_options(settings, election)?;
            let mut elected = Elected::read(place, election, settings.replication.options, (kafka, own))?;
            Ok((elected.open(&mut begin(), opening)?, Some(elected)))
        }
        None => {
            if let Some(leader) = &leader {
                standby::begin(&mut begin(), leader)?;
            }
            Ok((opening()?, None))
        }
    })?;
    if let Some(kept) = place.kept_checkpoints(settings, Access::Read) {
        server.app().gives_checkpoints(kept, Arc::new(place.existing_storage()?));
    }
    started.handle.set_replication(settings.replication.options);
    if elected.is_some() {
        started.handle.elect();
    }
    let pipeline = Pipeline::start(started, pipeline_options(&settings.limits)).map_err(anyhow::Error::from)?;
    let handle = pipeline.handle();
    let is_standby = leader.is_some() || elected.is_some();
    if let (true, Some(shard)) = (is_standby, &shard) {
        shard.forget_sent_on();
    }
    let asked = match (&shard, &kafka) {
        (Some(shard), Some(kafka)) => match shard.closed(&handle, kafka) {
            Ok(closed) => closed,
            Err(failure) => return stop_all(server, None, pipeline, Err(failure)),
        },
        (Some(_), None) | (None, _) => handle.clone(),
    };
    let led = match (leader, elected) {
        (Some(leader), _) => follow(&server, leader, (&handle, &asked), signals),
        (None, Some(elected)) => take_part(&server, elected, (&handle, &asked), signals),
        (None, None) => wait_for_standby(&server, &handle, signals),
    };
    let (following, signals) = match led {
        Ok((following, Some(signals))) => (following, signals),
        Ok((following, None)) => return stop_all_then(server, (None, pipeline), Ok(()), following),
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
    let publishing = match publish(settings, &handle, server.app(), &metrics) {
        Ok(publishing) => publishing,
        Err(failure) => return stop_all(server, kafka, pipeline, Err(failure)),
    };
    if !is_standby {
        server.app().open(asked);
    }
    tracing::info!(address = %server.address(), position = handle.position(), "ready");
    service_manager::ready();
    let failure = || sending.as_ref().and_then(SendingOn::failure);
    let ended = server.wait_until(&handle, signals, || failure().is_some());
    let ended = ended.and_then(|_| failure().map_or(Ok(()), |failure| Err(Failure::failed(anyhow!(failure)))));
    drop((publishing, shipping, sending));
    stop_all_then(server, (kafka, pipeline), ended, following)
}

/// Ends everything; who leads by an election gives that up last, when nothing is appended any more.
fn stop_all_then(
    server: Server,
    (kafka, pipeline): (Option<KafkaSource>, Pipeline),
    ended: Result<(), Failure>,
    following: Option<Standing>,
) -> Result<(), Failure> {
    let stopped = stop_all(server, kafka, pipeline, ended);
    drop(following);
    stopped
}

/// The snapshot with which a standby begins that has no ledger.
fn begin_snapshot<'a>(place: &'a Place, app: &App, metrics: &Metrics) -> Snapshot<'a> {
    let board = SnapshotBoard::new(metrics);
    app.takes_snapshot(Arc::clone(&board));
    Snapshot::new(place, board)
}

/// Opens the ledger. That of a standby has nothing that its leader's has not.
fn open(
    place: &Place,
    settings: &Settings,
    metrics: &Arc<Metrics>,
    app: &App,
    leader: Option<&Leader>,
) -> Result<Started, Failure> {
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
) -> Result<(Option<Standing>, Option<EndSignals>), Failure> {
    let url = leader.url().to_owned();
    let mut following = Following::start(leader, handle.clone(), 0, WAIT_SECONDS)?;
    server.app().open(asked.clone());
    tracing::info!(address = %server.address(), position = handle.position(), leader = url, "following");
    service_manager::ready();
    let leads = handle.watch_lead();
    let signals = server.wait_until(handle, signals, || *leads.borrow())?;
    if signals.is_some() {
        following.tell_former()?;
    }
    Ok((Some(Standing::Follows(following)), signals))
}

/// Takes part in the election, and answers questions once it is known what may be told, until it leads: then the signals are given
/// back.
fn take_part(
    server: &Server,
    elected: Elected,
    (handle, asked): (&Handle, &Handle),
    signals: EndSignals,
) -> Result<(Option<Standing>, Option<EndSignals>), Failure> {
    server.app().ship_before_open(handle.clone());
    let standing = Standing::Elects(elected.take_part(handle)?);
    tracing::info!(address = %server.address(), position = handle.position(), "taking part in the election of a leader");
    service_manager::ready();
    let leads = handle.watch_lead();
    let is_known = || {
        let leader = handle.replication_status().leader;
        *leads.borrow() || leader.is_some_and(|leader| leader.position.is_some())
    };
    let Some(signals) = server.wait_until(handle, signals, is_known)? else { return Ok((Some(standing), None)) };
    server.app().open(asked.clone());
    let signals = server.wait_until(handle, signals, || *leads.borrow())?;
    Ok((Some(standing), signals))
}

/// Where the others reach this daemon if its settings do not say it: where it listens.
fn own_address(server: &Server, settings: &Settings) -> String {
    let scheme = if settings.http.tls.is_some() { "https" } else { "http" };
    format!("{scheme}://{}", server.address())
}

/// Waits, where a standby has to hold what is told, until one holds the ledger as it stands.
fn wait_for_standby(
    server: &Server,
    handle: &Handle,
    signals: EndSignals,
) -> Result<(Option<Standing>, Option<EndSignals>), Failure> {
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

/// Publishes what the ledger comes to, if the settings name a cluster. One that does not answer is no error.
fn publish(settings: &Settings, handle: &Handle, app: &App, metrics: &Metrics) -> Result<Option<Publishing>, Failure> {
    let Some(cluster) = settings.cassandra.clone() else { return Ok(None) };
    let board = PublishingBoard::new(cluster.keyspace.clone(), metrics, handle.now());
    app.publishes(Arc::clone(&board));
    let (shard, shards) = settings.shard.map_or((0, 1), |shard| (shard.number, shard.of));
    let identity = Identity { shard, shards, address: settings.publish.address.clone() };
    let options = PublishingOptions { cluster, identity, interval: settings.publish.interval };
    let started = Publishing::start(handle.clone(), options, board);
    started.map(Some).map_err(super::publish::failure)
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
