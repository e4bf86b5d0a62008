//! From a ledger on disk to an engine that runs: open it, take the last checkpoint if it can be trusted, replay
//! what came after, and only then let anybody ask.

mod forward;
mod prepare;

use std::sync::Arc;

use checkpoints::{CheckpointStore, KeptCheckpoints};
use ledger::{
    EventReader, FrameCursor, Ledger, LedgerError, LedgerOptions, LedgerReader, Position, Recovery, Storage, WriteLock,
};
use parking_lot::Mutex;
use projections::query::Links;
use projections::{State, Workers};
use replay::{CoreWorkers, ExcerptLimits, Excerpts, PastStates, ReplayError};
use schemas::Timestamp;

pub use self::forward::{CheckpointUse, ReplayProgress, Replayed};
use self::forward::{FoundCheckpoint, bring_forward, find, restore};
pub use self::prepare::{PrepareOptions, Prepared, prepare};
use crate::checkpoint_policy::CheckpointPolicy;
use crate::clock::{Clock, Moments};
use crate::engine::{Checkpoints, Engine};
use crate::follow::Follower;
use crate::handle::Handle;
use crate::inbox::{Inbox, inbox};
use crate::keeper::{Keeper, Keeping, Stores};
use crate::metrics::{MeasuredStorage, Metrics};
use crate::published::Published;
use crate::run_keeper::{RunKeeper, RunWriting, tell_trouble};

/// Why a ledger could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The ledger cannot be opened or read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A frame of the ledger cannot be applied.
    #[error("the ledger cannot be replayed: {0}")]
    Replay(ReplayError),
}

impl From<ReplayError> for StartError {
    fn from(error: ReplayError) -> StartError {
        match error {
            ReplayError::Ledger(error) => StartError::Ledger(error),
            ReplayError::Read(_) | ReplayError::BeyondEnd { .. } => StartError::Replay(error),
        }
    }
}

/// How the past is asked about.
#[derive(Clone)]
pub struct PastOptions {
    /// The parts of all checkpoints, and those kept along the way, from which past states are made. Without it every start
    /// replays all.
    pub kept: Option<Arc<KeptCheckpoints>>,
    /// How many past states are in memory at most.
    pub states: usize,
    /// How many threads replay.
    pub threads: usize,
    /// What is made and held of excerpts about one referrer, in place of past states.
    pub excerpts: ExcerptLimits,
}

impl Default for PastOptions {
    fn default() -> Self {
        PastOptions { kept: None, states: 2, threads: 1, excerpts: ExcerptLimits::default() }
    }
}

/// Opens the store of checkpoints. It is called by who has the right to write the ledger and nobody else, so it may
/// also lay aside a store that is in doubt. `None` if there is none to be had, which it has said.
pub type CheckpointOpener = Box<dyn FnOnce() -> Option<Box<dyn CheckpointStore>> + Send>;

/// What a ledger is started with.
pub struct StartOptions {
    /// Where the ledger lies.
    pub storage: Arc<dyn Storage>,
    /// How it is opened; from where on it is checked is decided here.
    pub ledger: LedgerOptions,
    /// Where the list of the last checkpoint is kept; its parts are with those kept along the way.
    pub checkpoints: Option<CheckpointOpener>,
    /// When they are kept.
    pub checkpoint_policy: CheckpointPolicy,
    /// Where they are.
    pub keeping: Keeping,
    /// Where runs of the index are written.
    pub runs: RunWriting,
    /// How the past is asked about.
    pub past: PastOptions,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// How links to share are written.
    pub links: Links,
    /// Where it is measured.
    pub metrics: Arc<Metrics>,
    /// Who shares what one late entry reaches.
    pub workers: Arc<dyn Workers + Send>,
    /// Bytes of events sent in that may wait for the engine.
    pub inbox_bytes: usize,
}

/// A ledger that is started.
pub struct Started {
    /// What appends to it.
    pub engine: Engine,
    /// What waits to be appended by commands and requests; a pipeline takes it, or a simulator.
    pub inbox: Inbox,
    /// Its face.
    pub handle: Handle,
    /// What opening it found.
    pub recovery: Recovery,
    /// What replaying it took.
    pub replayed: Replayed,
}

/// Opens the ledger for writing, and brings the state to its end.
///
/// # Errors
/// If another process has it, if it is damaged or of a newer format, or the storage fails.
pub fn start(options: StartOptions, progress: &mut dyn FnMut(ReplayProgress)) -> Result<Started, StartError> {
    let StartOptions {
        storage,
        ledger,
        checkpoints,
        checkpoint_policy,
        keeping,
        runs,
        past,
        clock,
        links,
        metrics,
        workers,
        inbox_bytes,
    } = options;
    // NOTE: the lock comes first. Who does not have it must not touch the checkpoints of who does.
    let lock = WriteLock::take(Arc::new(MeasuredStorage::new(storage, Arc::clone(&metrics))), &ledger.holder)?;
    let mut checkpoints = checkpoints.and_then(|open| open());
    let (mut ledger, recovery, found) = open(&lock, ledger, find(checkpoints.as_deref_mut(), past.kept.as_deref()))?;
    let (reader, moments) = (ledger.reader(), Moments::new(Arc::clone(&clock)));
    let restored = restore(found, past.kept.as_deref(), &reader);
    let (kept, kept_at) = (restored.cursor, restored.recorded_at());
    let stores = Stores {
        last: checkpoints,
        checkpoints: past.kept.clone(),
        metrics: Arc::clone(&metrics),
        clock: Arc::clone(&clock),
        kept: Arc::new(Mutex::new(restored.cursor)),
    };
    let mut keeper = Keeper::start(stores, keeping);
    let (state, cursor, replayed) =
        bring_forward(&reader, restored, past.threads, Some(&mut keeper), &moments, progress)?;
    metrics.checkpoint_found(kept.position(), kept_at);
    tell_trouble(&reader);
    let runs = RunKeeper::new(reader.clone(), runs);
    let published = publish(state, reader, past, links, moments, metrics, workers);
    published.set_checkpoint_policy(checkpoint_policy);
    let replication = Arc::clone(&published.replication);
    ledger.set_gate(Box::new(move |end| replication.pass(end)));
    let checkpoints = Checkpoints::new(keeper, published.moments.now());
    let (sender, inbox) = inbox(inbox_bytes);
    let engine = Engine::new(ledger, Arc::clone(&published), checkpoints, runs, cursor);
    Ok(Started { engine, inbox, handle: Handle::writing(published, sender), recovery, replayed })
}

/// What a ledger is opened with to be read only.
pub struct ReadOnlyOptions {
    /// Where the ledger lies.
    pub storage: Arc<dyn Storage>,
    /// From how many events on that its index holds in memory it looks for runs that the daemon beside made.
    pub run_events: u64,
    /// Where a checkpoint may be; a daemon beside keeps its own to itself.
    pub checkpoints: Option<Box<dyn CheckpointStore>>,
    /// How the past is asked about.
    pub past: PastOptions,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// How links to share are written.
    pub links: Links,
    /// Where it is measured.
    pub metrics: Arc<Metrics>,
    /// Microseconds that an answer may lie behind what the daemon beside has made durable.
    pub refresh_micros: i64,
}

/// Opens the ledger to read it only, beside a daemon or not, and brings the state to its durable end. From then on
/// every question looks how far the ledger is, if nobody looked shortly before.
///
/// # Errors
/// If there is no ledger, or it is damaged or of a newer format.
pub fn start_read_only(
    options: ReadOnlyOptions,
    progress: &mut dyn FnMut(ReplayProgress),
) -> Result<(Handle, Replayed), StartError> {
    let ReadOnlyOptions { storage, run_events, mut checkpoints, past, clock, links, metrics, refresh_micros } = options;
    let (reader, found) = open_to_read(&storage, find(checkpoints.as_deref_mut(), past.kept.as_deref()))?;
    let reader = reader.with_run_events(run_events);
    let moments = Moments::new(clock);
    let restored = restore(found, past.kept.as_deref(), &reader);
    let (state, cursor, replayed) = bring_forward(&reader, restored, past.threads, None, &moments, progress)?;
    let workers = Arc::new(CoreWorkers::all());
    let published = publish(state, reader, past, links, moments, metrics, workers);
    let follower = Follower::new(cursor, published.moments.now(), refresh_micros);
    Ok((Handle::following(published, Arc::new(follower)), replayed))
}

/// Opens the ledger to read it, checking what came after the checkpoint. A checkpoint of a place that the ledger does not
/// have is discarded.
fn open_to_read(
    storage: &Arc<dyn Storage>,
    found: FoundCheckpoint,
) -> Result<(LedgerReader, FoundCheckpoint), LedgerError> {
    match LedgerReader::open_read_only_from(Arc::clone(storage), &found.cursor) {
        Err(error @ LedgerError::CursorMismatch { .. }) => {
            Ok((LedgerReader::open_read_only(Arc::clone(storage))?, FoundCheckpoint::discard(error.to_string())))
        }
        reader => Ok((reader?, found)),
    }
}

/// Opens the ledger, checking what came after the checkpoint. A checkpoint of a place that the ledger does not
/// have is discarded.
fn open(
    lock: &WriteLock,
    options: LedgerOptions,
    found: FoundCheckpoint,
) -> Result<(Ledger, Recovery, FoundCheckpoint), LedgerError> {
    let from = |cursor: FrameCursor| LedgerOptions { from: cursor, ..options.clone() };
    match Ledger::open_locked(lock, from(found.cursor)) {
        Err(error @ LedgerError::CursorMismatch { .. }) => {
            let (ledger, recovery) = Ledger::open_locked(lock, from(FrameCursor::START))?;
            Ok((ledger, recovery, FoundCheckpoint::discard(error.to_string())))
        }
        opened => opened.map(|(ledger, recovery)| (ledger, recovery, found)),
    }
}

fn publish(
    state: State,
    reader: LedgerReader,
    past: PastOptions,
    links: Links,
    moments: Moments,
    metrics: Arc<Metrics>,
    workers: Arc<dyn Workers + Send>,
) -> Arc<Published> {
    if let Some(recorded_at) = state.recorded_at() {
        // Another clock may have been ahead of this one.
        moments.raise(recorded_at);
        take_last(&reader, state.position(), recorded_at, &metrics);
    }
    let excerpts = Excerpts::new(reader.clone(), past.excerpts, past.threads);
    let past = PastStates::new(reader.clone(), past.kept, past.states, past.threads);
    Arc::new(Published::new(state, reader, (past, excerpts), links, moments, metrics, workers))
}

/// So many of the last events are looked at for the latest.
const LATEST_AMONG: u64 = 1_000;

/// Measures how new the ledger's last events are, as it was found.
fn take_last(reader: &LedgerReader, position: Position, recorded_at: Timestamp, metrics: &Metrics) {
    let last = (position.saturating_sub(LATEST_AMONG)..position).map(|before| reader.event(before + 1));
    // One that cannot be read is told by who needs it.
    if let Some(latest) = last.filter_map(|event| Some(event.ok()?.time)).max() {
        metrics.took(latest, recorded_at);
    }
}
