//! The one loop of the ledger as a plain state machine: work goes in, a frame is committed, applied and published,
//! answers come out.
//!
//! Nothing here starts a thread, opens a file or reads the system's clock: storage, checkpoints and time are ports,
//! and whoever drives the engine decides when a step is made. Readers see a frame only when it is durable.

mod checkpoints;
mod group;
mod replicating;

use std::fmt;
use std::sync::Arc;

use ledger::{Actor, Batch, CommitError, CommitRefusal, FrameCursor, Ledger, LedgerError, Position, ReadError};
use projections::ApplyError;
use projections::commands::{Command, Decision, Refusal};
use schemas::json::write_event;
use schemas::{Event, Timestamp, Uid};
use tracing::Span;

pub(crate) use self::checkpoints::Checkpoints;
use self::group::Group;
use crate::clock_watch::ClockWatch;
use crate::metrics::Failed;
use crate::published::Published;
use crate::run_keeper::RunKeeper;
use crate::traces::{self, FrameWay, WAY, Way};
use crate::work::{CommandError, Done, DoneDecision, Reply, Submitted, Work};

/// How often it is looked whether the ledger's files are still there.
const CHECK_EVERY_MICROS: u64 = 1_000_000;

/// Why the engine stopped. What is durable is known only after a new start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The ledger failed.
    #[error("{cause}; {before}")]
    Ledger {
        /// What failed.
        cause: LedgerError,
        /// What it had taken.
        before: AcceptedBefore,
    },
    /// The ledger refused events of a source, which has gone on behind them: they would be lost.
    #[error("{refusal}; {before}")]
    Refused {
        /// Why.
        refusal: CommitRefusal,
        /// What it had taken.
        before: AcceptedBefore,
    },
    /// It may append nothing more: another process is to lead.
    #[error("{cause}; {before}")]
    LeadsNoMore {
        /// Why.
        cause: String,
        /// What it had taken.
        before: AcceptedBefore,
    },
    /// A durable frame could not be applied to the state.
    #[error("a durable frame cannot be applied: {0}")]
    Apply(ApplyError),
    /// An entry that a command depends on cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It failed before.
    #[error("the engine stopped after a failure: {cause}")]
    Failed {
        /// What failed then.
        cause: String,
    },
}

/// What the ledger had taken since it was started, when it took no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptedBefore {
    /// So many events were accepted.
    pub events: u64,
    /// Up to here everything is durable.
    pub position: Position,
}

impl fmt::Display for AcceptedBefore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AcceptedBefore { events, position } = self;
        write!(out, "{events} events were accepted before and made durable, up to position {position}; ")?;
        out.write_str("what came last was not accepted")
    }
}

impl EngineError {
    fn kind(&self) -> Failed {
        match self {
            EngineError::Ledger { cause: LedgerError::DiskFull(_), .. } => Failed::DiskFull,
            EngineError::Ledger { .. }
            | EngineError::Refused { .. }
            | EngineError::LeadsNoMore { .. }
            | EngineError::Apply(_)
            | EngineError::Read(_)
            | EngineError::Failed { .. } => Failed::Otherwise,
        }
    }
}

impl From<ApplyError> for EngineError {
    fn from(error: ApplyError) -> EngineError {
        EngineError::Apply(error)
    }
}

/// The engine of one ledger: the only one that appends to it, and the only one that changes its state.
pub struct Engine {
    ledger: Ledger,
    published: Arc<Published>,
    checkpoints: Checkpoints,
    runs: RunKeeper,
    /// The place after the last frame applied.
    cursor: FrameCursor,
    started_at: Position,
    /// When it was last looked whether the ledger's files are there.
    checked: Timestamp,
    clock: ClockWatch,
    failure: Option<String>,
    /// From how many events on a frame is applied at once; none where somebody may read meanwhile.
    whole_from: Option<u32>,
}

/// A command, for whom, what makes it safe to repeat, and by whom.
struct Given {
    uid: Uid,
    command: Command,
    key: Option<String>,
    actor: Option<Actor>,
    way: Way,
}

impl Engine {
    pub(crate) fn new(
        ledger: Ledger,
        published: Arc<Published>,
        checkpoints: Checkpoints,
        runs: RunKeeper,
        cursor: FrameCursor,
    ) -> Engine {
        let (started_at, checked) = (cursor.position(), published.moments.now());
        Engine {
            ledger,
            published,
            checkpoints,
            runs,
            cursor,
            started_at,
            checked,
            clock: ClockWatch::default(),
            failure: None,
            whole_from: None,
        }
    }

    /// Has frames of so many events and more applied at once from now on, all cores sharing each, and not in pieces between
    /// which readers are let in. For who has no readers, as an import: one that asks waits for a frame. The state is the same;
    /// [`WHOLE_FRAME_EVENTS`](crate::WHOLE_FRAME_EVENTS) is a good number.
    pub fn apply_whole_frames(&mut self, from_events: u32) {
        self.whole_from = Some(from_events);
    }

    /// Does this work, in order: when it returns, all of it is durable, applied, published and answered. Works that
    /// stand beside each other share a frame, and so its sync, as far as their rules allow.
    ///
    /// # Errors
    /// If the ledger or the reading of it fails. Nothing is answered then that is not durable; the engine takes
    /// nothing more, and has to be started again.
    pub fn step(&mut self, works: Vec<Work>) -> Result<(), EngineError> {
        if let Some(cause) = &self.failure {
            return Err(EngineError::Failed { cause: cause.clone() });
        }
        let done = self.do_all(works);
        if let Err(error) = &done {
            if !mutants::mutant!("engine-goes-on-after-a-failure") {
                self.failure = Some(error.to_string());
            }
            self.published.fail(error.to_string(), error.kind());
        }
        done
    }

    /// Keeps the state for a quick start, if anything came since it was last kept. To be called before the end.
    pub fn finish(&mut self) {
        if self.failure.is_none() {
            self.checkpoints.finish(&self.published, &self.cursor);
        }
    }

    /// The last position that is durable and applied.
    #[must_use]
    pub fn position(&self) -> Position {
        self.cursor.position()
    }

    /// Says that nothing more will be taken.
    pub(crate) fn settle(&self) {
        self.published.settle();
    }

    /// Tells if the clock is behind the ledger.
    pub(crate) fn look_at_clock(&self) {
        self.clock.look(&self.published);
    }

    pub(crate) fn measure_channel(&self, channel: &str, held: usize, limit: usize) {
        self.published.metrics.set_channel(channel, held, limit);
    }

    fn do_all(&mut self, works: Vec<Work>) -> Result<(), EngineError> {
        let mut group = Group::default();
        for work in works {
            match work {
                Work::Batch { batch, way, reply } => group.add_batch(batch, way, reply),
                Work::Posted { batch, way, reply } => group.add_posted(batch, way, reply),
                Work::Command { uid, command, key, actor, way, reply } => {
                    self.decide(&mut group, Given { uid, command, key, actor, way }, reply)?;
                }
                Work::Shipped { piece, term, reply } => {
                    self.commit(&mut group)?;
                    reply(self.take_shipped(&piece, term)?);
                }
                Work::Turn { term, reply } => {
                    self.commit(&mut group)?;
                    self.published.replication.turn(term);
                    reply(self.cursor);
                }
                Work::Lead { epoch, reply } => {
                    self.commit(&mut group)?;
                    reply(self.lead(epoch)?);
                }
                Work::Checkpoint => {
                    self.commit(&mut group)?;
                    self.checkpoints.keep_if_changed(&self.published, &self.cursor);
                }
            }
        }
        self.commit(&mut group)?;
        self.check_ledger_if_due()?;
        self.checkpoints.keep_if_due(&self.published, &self.cursor);
        Ok(())
    }

    /// Decides on a command. It sees all that was given before it, except for commands that it has nothing to do
    /// with: those share its frame.
    fn decide(
        &mut self,
        group: &mut Group,
        given: Given,
        reply: Reply<Result<Done, CommandError>>,
    ) -> Result<(), EngineError> {
        let Given { uid, command, key, actor, way } = given;
        if (group.has_batches() || group.concerns_account(uid))
            && !mutants::mutant!("commands-decided-without-those-before")
        {
            self.commit(group)?;
        }
        loop {
            let begin = |span: &Span| tracing::info_span!(target: WAY, parent: span, "decide");
            match way.step(begin, || self.published.decide(uid, &command, key.as_deref())) {
                Ok(Decision::Append(event)) if group.concerns_stream(&event.stream()) => self.commit(group)?,
                Ok(Decision::Append(event)) => {
                    let mut batch = self.batch_of(&event);
                    batch.set_actor(actor);
                    group.add_command(uid, *event, batch, way, reply);
                    return Ok(());
                }
                Ok(Decision::DoneBefore { position }) => {
                    reply(Ok(Done { decision: DoneDecision::DoneBefore { position }, event: None }));
                    return Ok(());
                }
                Err(Refusal::Read(error)) => return Err(error.into()),
                Err(refusal) => {
                    reply(Err(refusal.into()));
                    return Ok(());
                }
            }
        }
    }

    fn batch_of(&self, event: &Event<'_>) -> Batch {
        let mut batch = Batch::new(self.ledger.dictionary(), event.time);
        let mut raw = Vec::new();
        write_event(event, &mut raw);
        batch.push_event(event, &raw, || "a command".to_owned());
        batch
    }

    /// Commits what is gathered, as one frame if the ledger takes it so, applies and publishes it, and answers.
    fn commit(&mut self, group: &mut Group) -> Result<(), EngineError> {
        let Group { batches, ways, addressees, .. } = std::mem::take(group);
        if batches.is_empty() {
            return Ok(());
        }
        match self.try_commit(&batches, &ways)? {
            Ok(outcomes) => {
                let mut outcomes = outcomes.into_iter();
                for (batch, addressee) in batches.iter().zip(addressees) {
                    addressee.give(outcomes.by_ref().take(batch.len()).collect());
                }
            }
            // One of them is refused, or all of them together: each is tried for itself.
            Err(_) => {
                for ((batch, way), addressee) in batches.into_iter().zip(&ways).zip(addressees) {
                    match self.commit_in_pieces(batch, way)? {
                        Ok(outcomes) => addressee.give(outcomes),
                        Err(refusal) => addressee.refuse(refusal).map_err(|refusal| self.refused(refusal))?,
                    }
                }
            }
        }
        Ok(())
    }

    /// Commits a batch by itself, in pieces where a frame does not hold it.
    fn commit_in_pieces(&mut self, batch: Batch, way: &Way) -> Result<Submitted, EngineError> {
        let (mut pieces, mut outcomes) = (vec![batch], Vec::new());
        while let Some(piece) = pieces.pop() {
            match self.try_commit(std::slice::from_ref(&piece), std::slice::from_ref(way))? {
                Ok(of_piece) => outcomes.extend(of_piece),
                Err(refusal @ CommitRefusal::TooLarge { .. }) => match piece.halves() {
                    Ok((first, _)) if mutants::mutant!("half-of-a-large-batch-dropped") => pieces.push(first),
                    Ok((first, second)) => pieces.extend([second, first]),
                    Err(_) => return Ok(Err(refusal)),
                },
                Err(
                    refusal @ (CommitRefusal::PositionsExhausted
                    | CommitRefusal::NotInQuarantine { .. }
                    | CommitRefusal::EpochsExhausted
                    | CommitRefusal::IndexElsewhere { .. }),
                ) => return Ok(Err(refusal)),
            }
        }
        Ok(Ok(outcomes))
    }

    /// Commits batches as one frame, applies and publishes it. Refused, nothing has happened.
    fn try_commit(&mut self, batches: &[Batch], ways: &[Way]) -> Result<Submitted, EngineError> {
        let way = FrameWay::begin(ways.iter());
        let _within = way.enter();
        let published = Arc::clone(&self.published);
        if let Err(cause) = published.replication.check_lease() {
            return Err(EngineError::LeadsNoMore { cause, before: self.before() });
        }
        let now = published.moments.now();
        let committed = self.ledger.commit(published.state.read().index(), batches, now);
        let commit = match committed {
            Ok(commit) => commit,
            // The state is not the ledger's: every later commit would be refused too.
            Err(CommitError::Refused(refusal @ CommitRefusal::IndexElsewhere { .. })) => {
                return Err(self.refused(refusal));
            }
            Err(CommitError::Refused(refusal)) => return Ok(Err(refusal)),
            Err(CommitError::Failed(error)) => return Err(self.failed(error)),
        };
        if let Some(frame) = &commit.frame {
            if mutants::mutant!("checkpoint-ahead-of-its-state") {
                self.checkpoints.keep_if_changed(&published, &frame.cursor_after());
            }
            let begun = published.moments.now();
            let _step = traces::step(|| tracing::info_span!(target: WAY, "apply")).entered();
            // An engine that cannot apply a frame stops.
            let dictionary = self.ledger.dictionary();
            if self.whole_from.is_some_and(|from| frame.event_count() >= from) {
                published.apply_whole_frame(frame, &dictionary)?;
            } else {
                published.apply_frame(frame, &dictionary, &mut |_| {})?;
            }
            published.metrics.applied(frame, published.moments.now().0 - begun.0);
            self.cursor = frame.cursor_after();
            published.moments.raise(frame.recorded_at());
        }
        published.metrics.committed(batches, &commit.outcomes);
        self.checkpoints.count(commit.outcomes.len() as u64);
        self.runs.keep_if_due(&published, &self.cursor);
        way.became(commit.outcomes.len(), self.cursor.position());
        published.publish(self.cursor.position());
        Ok(Ok(commit.outcomes))
    }

    /// Looks now and then whether the ledger's files are still there.
    fn check_ledger_if_due(&mut self) -> Result<(), EngineError> {
        let now = self.published.moments.now();
        // The clock may have been set back.
        if now.0.abs_diff(self.checked.0) < CHECK_EVERY_MICROS {
            return Ok(());
        }
        self.checked = now;
        self.ledger.check_in_place().map_err(|error| self.failed(error))
    }

    fn failed(&self, cause: LedgerError) -> EngineError {
        EngineError::Ledger { cause, before: self.before() }
    }

    fn refused(&self, refusal: CommitRefusal) -> EngineError {
        EngineError::Refused { refusal, before: self.before() }
    }

    fn before(&self) -> AcceptedBefore {
        let position = self.position();
        AcceptedBefore { events: position - self.started_at, position }
    }
}
