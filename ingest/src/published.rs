//! What the engine publishes and everybody reads: the state, how far it is, and what is wrong if something is.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ledger::sync::{AtomicBool, Mutex, RwLock, RwLockWriteGuard};
use ledger::{LedgerReader, Position};
use projections::commands::{Command, Decision, Refusal, decide};
use projections::query::Links;
use projections::{Context, State, View, Workers};
use replay::{Excerpts, PastStates};
use schemas::Uid;
use tokio::sync::watch;

use crate::apart::Apart;
use crate::checkpoint_policy::CheckpointPolicy;
use crate::clock::Moments;
use crate::frame_limits::FrameLimits;
use crate::metrics::{Failed, Metrics};
use crate::replication::Replication;
use crate::snapshots::{SnapshotError, Snapshots};
use crate::sources::SourceBoard;

/// What the engine and all handles share.
pub(crate) struct Published {
    pub(crate) state: RwLock<State>,
    pub(crate) reader: LedgerReader,
    pub(crate) workers: Arc<dyn Workers + Send>,
    pub(crate) snapshots: Snapshots,
    pub(crate) apart: Apart,
    pub(crate) past: PastStates,
    pub(crate) excerpts: Excerpts<SnapshotError>,
    pub(crate) links: Links,
    pub(crate) moments: Moments,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) sources: SourceBoard,
    pub(crate) replication: Arc<Replication>,
    progress: watch::Sender<Progress>,
    failure: Mutex<Option<String>>,
    /// Whether all that was taken in is durable, and nothing more will be taken.
    is_settled: AtomicBool,
    /// Why the state stays behind the ledger just now.
    hindrance: Mutex<Option<String>>,
    /// When the state is kept for a quick start, as it was said last.
    checkpoint_policy: Mutex<CheckpointPolicy>,
    /// How much is gathered for a frame, likewise.
    frame_limits: Mutex<FrameLimits>,
}

/// How far the state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Progress {
    position: Position,
    is_over: bool,
}

impl Published {
    pub(crate) fn new(
        state: State,
        reader: LedgerReader,
        (past, excerpts): (PastStates, Excerpts<SnapshotError>),
        links: Links,
        moments: Moments,
        metrics: Arc<Metrics>,
        workers: Arc<dyn Workers + Send>,
    ) -> Published {
        let position = state.position();
        let (progress, _) = watch::channel(Progress { position, is_over: false });
        metrics.set_position(position);
        let replication = Arc::new(Replication::new(reader.end()));
        Published {
            state: RwLock::new(state),
            reader,
            workers,
            snapshots: Snapshots::default(),
            apart: Apart::default(),
            past,
            excerpts,
            links,
            moments,
            metrics,
            sources: SourceBoard::default(),
            replication,
            progress,
            failure: Mutex::new(None),
            is_settled: AtomicBool::new(false),
            hindrance: Mutex::new(None),
            checkpoint_policy: Mutex::default(),
            frame_limits: Mutex::default(),
        }
    }

    /// The state, to be changed: what was copied of it is what it was before.
    pub(crate) fn state_to_change(&self) -> RwLockWriteGuard<'_, State> {
        let state = self.state.write();
        if !mutants::mutant!("snapshot-of-an-earlier-position-given") {
            self.snapshots.outdate();
        }
        state
    }

    /// What entries are applied with: this ledger, and all cores.
    pub(crate) fn context(&self) -> Context<'_> {
        Context::new(&self.reader, &*self.workers)
    }

    /// Decides on a command from the state as it stands, at a moment after all that were given.
    pub(crate) fn decide(&self, uid: Uid, command: &Command, key: Option<&str>) -> Result<Decision, Refusal> {
        let state = self.state.read();
        let now = self.moments.next();
        decide(
            &View { state: &state, reader: &self.reader, now, links: &self.links, is_past: false },
            uid,
            command,
            key,
        )
    }

    /// Tells everybody how far the state is.
    pub(crate) fn publish(&self, position: Position) {
        self.metrics.set_position(position);
        self.change(|progress| progress.position = position);
    }

    /// Tells everybody that nothing will come any more.
    pub(crate) fn end(&self) {
        self.change(|progress| progress.is_over = true);
    }

    /// Remembers why nothing will come any more, and tells it. The first word holds.
    pub(crate) fn fail(&self, cause: String, kind: Failed) {
        let mut failure = self.failure.lock();
        if failure.is_none() {
            *failure = Some(cause);
            self.metrics.set_failed(kind);
        }
        drop(failure);
        self.end();
    }

    pub(crate) fn failure(&self) -> Option<String> {
        self.failure.lock().clone()
    }

    /// All that was taken in is durable, and nothing more will be taken.
    pub(crate) fn settle(&self) {
        self.is_settled.store(true, Ordering::Release);
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.is_settled.load(Ordering::Acquire)
    }

    pub(crate) fn checkpoint_policy(&self) -> CheckpointPolicy {
        *self.checkpoint_policy.lock()
    }

    /// Says when the state is kept for a quick start, from now on.
    pub(crate) fn set_checkpoint_policy(&self, policy: CheckpointPolicy) {
        *self.checkpoint_policy.lock() = policy;
    }

    pub(crate) fn frame_limits(&self) -> FrameLimits {
        *self.frame_limits.lock()
    }

    /// Says how much is gathered for a frame, from now on.
    pub(crate) fn set_frame_limits(&self, limits: FrameLimits) {
        *self.frame_limits.lock() = limits;
    }

    /// Says why the state stays behind the ledger, or that it does not.
    pub(crate) fn set_hindrance(&self, hindrance: Option<String>) {
        *self.hindrance.lock() = hindrance;
    }

    pub(crate) fn hindrance(&self) -> Option<String> {
        self.hindrance.lock().clone()
    }

    pub(crate) fn position(&self) -> Position {
        self.progress.borrow().position
    }

    fn change(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_if_modified(|progress| {
            let before = *progress;
            change(progress);
            *progress != before
        });
    }
}

/// Waits for the ledger to grow.
#[derive(Clone)]
pub struct PositionWatch {
    published: Arc<Published>,
    progress: watch::Receiver<Progress>,
}

impl PositionWatch {
    pub(crate) fn new(published: Arc<Published>) -> PositionWatch {
        let progress = published.progress.subscribe();
        PositionWatch { published, progress }
    }

    /// The last position that is durable and applied.
    #[must_use]
    pub fn position(&self) -> Position {
        self.published.position()
    }

    /// Waits until the ledger is beyond a position, and gives the one it is at; `None` if nothing more will come.
    pub async fn beyond(&mut self, position: Position) -> Option<Position> {
        let reached = self.progress.wait_for(|progress| progress.position > position || progress.is_over).await;
        // The sender lives as long as what this watch shares with it.
        let progress = *reached.ok()?;
        (progress.position > position).then_some(progress.position)
    }
}
