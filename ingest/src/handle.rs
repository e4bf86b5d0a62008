//! The face of a ledger to the API and the command line: questions, commands, events sent in, and how it is.

mod as_of;
mod elected;
mod replicating;

use std::sync::Arc;

use ledger::{Actor, Batch, CommitRefusal, LedgerReader, Outcome, Position};
use projections::View;
use projections::commands::{Command, Decision};
use replay::{AsOf, MomentError};
use schemas::{Dictionary, Timestamp, Uid};

pub use self::as_of::AsOfError;
use crate::apart::AppliedApart;
use crate::checkpoint_policy::CheckpointPolicy;
use crate::command_way::{CommandWay, GivenCommand};
use crate::follow::Follower;
use crate::frame_limits::FrameLimits;
use crate::inbox::InboxSender;
use crate::metrics::{Metrics, MetricsFormat};
use crate::pipeline::chunk::EVENT_BYTES;
use crate::published::{PositionWatch, Published};
use crate::quarantine::QuarantineError;
use crate::readiness::Readiness;
use crate::snapshots::{Snapshot, SnapshotError};
use crate::sources::SourceStatus;
use crate::traces::Way;
use crate::work::{CommandError, Done, Stopped, SubmitError, Work};

/// A shared face of a ledger that runs or is only read. Clones are the same ledger.
#[derive(Clone)]
pub struct Handle {
    published: Arc<Published>,
    side: Side,
    /// That nothing is taken but from sources, where it is so.
    closed: Option<Closed>,
}

/// That nothing is taken but from sources.
#[derive(Clone)]
struct Closed {
    why: Arc<str>,
    /// How commands come to the sources, where there is a way.
    commands: Option<Arc<dyn CommandWay>>,
}

/// How the state comes forward.
#[derive(Clone)]
enum Side {
    /// By the engine of this process.
    Writing(InboxSender),
    /// By reading what another process writes.
    Following(Arc<Follower>),
}

impl Handle {
    pub(crate) fn writing(published: Arc<Published>, inbox: InboxSender) -> Handle {
        Handle { published, side: Side::Writing(inbox), closed: None }
    }

    pub(crate) fn following(published: Arc<Published>, follower: Arc<Follower>) -> Handle {
        Handle { published, side: Side::Following(follower), closed: None }
    }

    /// The same ledger, for those who may not put anything into it: what its sources bring is all that it takes, for this
    /// reason. Who discards what is in quarantine puts nothing in.
    #[must_use]
    pub fn closed(mut self, why: &str) -> Handle {
        self.closed = Some(Closed { why: why.into(), commands: None });
        self
    }

    /// The same, whose commands are given this way: they come back from the sources.
    #[must_use]
    pub fn with_commands(mut self, way: Arc<dyn CommandWay>) -> Handle {
        if let Some(closed) = &mut self.closed {
            closed.commands = Some(way);
        }
        self
    }

    /// Why no events can be put in here, if so: the ledger is only read, or closed.
    #[must_use]
    pub fn closed_because(&self) -> Option<String> {
        match (&self.closed, self.is_read_only()) {
            (_, true) => {
                Some("the ledger is only read here: the daemon that writes it takes events and commands".to_owned())
            }
            (Some(Closed { why, .. }), false) => Some((**why).to_owned()),
            (None, false) => None,
        }
    }

    /// Why no commands can be given here, if so. A ledger that takes no events may have a way for commands.
    #[must_use]
    pub fn no_commands_because(&self) -> Option<String> {
        let has_way = self.closed.as_ref().is_some_and(|closed| closed.commands.is_some());
        self.closed_because().filter(|_| !has_way || self.is_read_only())
    }

    pub(crate) fn published(&self) -> Arc<Published> {
        Arc::clone(&self.published)
    }

    /// Asks a question now. The state stands still while it is answered: what takes long is asked of a
    /// [`Handle::snapshot`]. A
    /// question must not be asked within another: the two would wait for each other as soon as the state is to
    /// change between them.
    pub fn read<T>(&self, ask: impl FnOnce(&View<'_>) -> T) -> T {
        if let Side::Following(follower) = &self.side {
            follower.refresh_if_due(&self.published);
        }
        let published = &*self.published;
        let state = published.state.read();
        // Taken under the lock: what a command stamped is in the state only if it is not after "now".
        let now = published.moments.now();
        ask(&View { state: &state, reader: &published.reader, now, links: &published.links, is_past: false })
    }

    /// The state as it stands, to be asked for as long as it takes: nobody waits for that, whatever the questions are,
    /// and all of them see this one position.
    ///
    /// # Errors
    /// If as many that differ are held as may be.
    pub fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
        if let Side::Following(follower) = &self.side {
            follower.refresh_if_due(&self.published);
        }
        Snapshot::take(Arc::clone(&self.published))
    }

    /// The entry that reaches far and is being applied apart, if one is: the answers are of the position before it.
    #[must_use]
    pub fn applied_apart(&self) -> Option<AppliedApart> {
        self.published.apart.now()
    }

    /// The position that a moment means.
    ///
    /// # Errors
    /// If the ledger has no such moment, or cannot be read.
    pub fn position_as_of(&self, moment: AsOf) -> Result<Position, MomentError> {
        if let Side::Following(follower) = &self.side {
            follower.refresh_if_due(&self.published);
        }
        moment.position(&self.published.reader)
    }

    /// Gives a command, and waits until it is durable and applied, or refused. It is decided after everything
    /// given before it. Who gives it is kept with its event.
    ///
    /// # Errors
    /// The refusal; or that the ledger is only read here, or takes nothing more.
    pub fn command(
        &self,
        uid: Uid,
        command: Command,
        key: Option<String>,
        actor: Option<Actor>,
    ) -> Result<Done, CommandError> {
        let Some(inbox) = self.leading_inbox() else { return Err(CommandError::ReadOnly) };
        match &self.closed {
            None => {
                inbox.ask(EVENT_BYTES, |reply| Work::Command { uid, command, key, actor, way: Way::here(), reply })?
            }
            Some(Closed { commands: Some(way), .. }) => way.command(GivenCommand { uid, command, key, actor }),
            Some(Closed { why, commands: None }) => Err(CommandError::Closed((**why).to_owned())),
        }
    }

    /// Decides on a command as the writer would now, and appends nothing. For who brings its event to a source of this ledger.
    ///
    /// # Errors
    /// The refusal; or that the ledger is only read here, or this process no longer knows whether it leads.
    pub fn decide(&self, uid: Uid, command: &Command, key: Option<&str>) -> Result<Decision, CommandError> {
        if self.is_read_only() {
            return Err(CommandError::ReadOnly);
        }
        if self.published.replication.check_lease().is_err() {
            return Err(CommandError::Stopped);
        }
        Ok(self.published.decide(uid, command, key)?)
    }

    /// Sends events in, and waits until what became of each is durable and applied; in the order pushed.
    ///
    /// # Errors
    /// If the ledger refuses them, is only read here, or takes nothing more.
    pub fn submit(&self, batch: Batch) -> Result<Vec<Outcome>, SubmitError> {
        let Some(inbox) = self.leading_inbox() else { return Err(Stopped.into()) };
        let bytes = batch.bytes() + batch.len() * EVENT_BYTES;
        Ok(inbox.ask(bytes, |reply| Work::Posted { batch, way: Way::here(), reply })??)
    }

    /// An empty batch of what arrives now, to send in.
    #[must_use]
    pub fn batch(&self) -> Batch {
        Batch::new(self.dictionary(), self.arrival())
    }

    /// Keeps the state for a quick start, at the end of what waits.
    ///
    /// # Errors
    /// If the ledger is only read here, or takes nothing more.
    pub fn checkpoint(&self) -> Result<(), Stopped> {
        let Side::Writing(inbox) = &self.side else { return Err(Stopped) };
        inbox.give(Work::Checkpoint)
    }

    /// Says when the state is kept for a quick start, from now on.
    pub fn set_checkpoint_policy(&self, policy: CheckpointPolicy) {
        self.published.set_checkpoint_policy(policy);
    }

    /// Says how much is gathered for a frame, from now on.
    pub fn set_frame_limits(&self, limits: FrameLimits) {
        self.published.set_frame_limits(limits);
    }

    /// Gives what an operator does to quarantined events, and waits until it is durable and applied, or refused.
    pub(crate) fn do_acts(&self, batch: Batch) -> Result<Vec<Outcome>, QuarantineError> {
        if self.is_read_only() {
            return Err(QuarantineError::ReadOnly);
        }
        self.submit(batch).map_err(|error| match error {
            SubmitError::Refused(CommitRefusal::NotInQuarantine { id }) => QuarantineError::NotThere { id },
            SubmitError::Refused(refusal) => QuarantineError::Refused(refusal),
            SubmitError::Stopped(stopped) => QuarantineError::Stopped(stopped),
        })
    }

    /// The dictionary that batches encode with.
    #[must_use]
    pub fn dictionary(&self) -> Arc<Dictionary> {
        self.published.reader.dictionary()
    }

    /// Reads the ledger's entries.
    #[must_use]
    pub fn reader(&self) -> LedgerReader {
        self.published.reader.clone()
    }

    /// The moment it is for questions and commands: the clock's, but not before one that the ledger holds of a command,
    /// unless the clock is a day behind that.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.published.moments.now()
    }

    /// Whatever is stamped from now on is later than this; but where no right clock can have given it.
    pub fn raise_moment(&self, to: Timestamp) {
        self.published.moments.raise(to);
    }

    /// The moment by which what arrives now is judged: the clock's, whatever the ledger holds.
    #[must_use]
    pub fn arrival(&self) -> Timestamp {
        self.published.moments.arrival()
    }

    /// The last position that is durable and applied.
    #[must_use]
    pub fn position(&self) -> Position {
        self.published.position()
    }

    /// Tells when the ledger grows.
    #[must_use]
    pub fn subscribe(&self) -> PositionWatch {
        PositionWatch::new(Arc::clone(&self.published))
    }

    /// The partitions of Kafka that are known, with how far the ledger is in each.
    #[must_use]
    pub fn sources(&self) -> Vec<SourceStatus> {
        let now = self.arrival();
        self.published.sources.status(&self.published.state.read(), now)
    }

    /// How the ledger is, and what is not read.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        Readiness {
            failure: self.published.failure(),
            hindrance: self.published.hindrance(),
            unread: self.published.sources.all_unread(),
            is_read_only: self.is_read_only(),
            lacks_standby: self.published.replication.lacks_standby(),
            no_leader: self.published.replication.waits_for(),
        }
    }

    /// Whether all that was taken in is durable, and nothing more will be taken: what is left of the end is the state,
    /// which is kept for a quick start. Of a ledger that is only read, always.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self.side, Side::Following(_)) || self.published.is_settled()
    }

    /// The metrics of the process.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.published.metrics)
    }

    /// The metrics in Prometheus' text format, as they are now.
    #[must_use]
    pub fn metrics_text(&self) -> String {
        self.metrics_text_in(MetricsFormat::Prometheus)
    }

    /// The same in a format.
    #[must_use]
    pub fn metrics_text_in(&self, format: MetricsFormat) -> String {
        let metrics = &self.published.metrics;
        metrics.set_sources(&self.sources());
        let readiness = self.readiness();
        metrics.set_readiness(&readiness.missing_to_answer(), &readiness.missing_to_ingest());
        metrics.look_at_disk(|| self.published.reader.space());
        {
            let state = self.published.state.read();
            metrics.set_state_bytes(state.memory_bytes());
            metrics.set_quarantine(state.quarantine());
        }
        metrics.set_snapshots(self.published.snapshots.held());
        metrics.set_past_bytes(self.published.past.memory_bytes(), self.published.excerpts.memory_bytes());
        if let Side::Writing(inbox) = &self.side {
            inbox.measure(metrics);
            self.measure_replication();
        }
        metrics.text_in(format)
    }

    /// Whether the ledger is only read here: another process writes it, or leads it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.leading_inbox().is_none()
    }

    /// Looks how far another process has written the ledger; [`Handle::read`] does so by itself where it is time.
    /// For a feed that goes on live. Gives the position reached.
    pub fn refresh(&self) -> Position {
        if let Side::Following(follower) = &self.side {
            follower.refresh(&self.published);
        }
        self.position()
    }
}
