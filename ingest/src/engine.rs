//! The one loop of the ledger as a plain state machine: work goes in, a frame is committed, applied and published,
//! answers come out.
//!
//! Nothing here starts a thread, opens a file or reads the system's clock: storage, checkpoints and time are ports,
//! and whoever drives the engine decides when a step is made. Readers see a frame only when it is durable.

mod checkpoints;
mod group;
mod keeper;

use std::sync::Arc;

use ledger::{Batch, FrameCursor, Ledger, LedgerError, Outcome, Position, ReadError};
use projections::commands::{Command, Decision, Refusal, decide};
use projections::{ApplyError, View};
use schemas::json::write_event;
use schemas::{Body, Event, Uid};

pub use self::checkpoints::CheckpointPolicy;
pub(crate) use self::checkpoints::Checkpoints;
use self::group::{Answer, Group};
pub(crate) use self::keeper::Keeper;
use crate::published::Published;
use crate::work::{CommandError, Done, DoneDecision, Reply, Work};

/// Why the engine stopped. What is durable is known only after a new start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The ledger did not take a commit.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A durable frame could not be applied to the state.
    #[error("a durable frame cannot be applied: {0}")]
    Apply(#[from] ApplyError),
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

/// The engine of one ledger: the only one that appends to it, and the only one that changes its state.
pub struct Engine {
    ledger: Ledger,
    published: Arc<Published>,
    checkpoints: Checkpoints,
    /// The place after the last frame applied.
    cursor: FrameCursor,
    failure: Option<String>,
}

impl Engine {
    pub(crate) fn new(
        ledger: Ledger,
        published: Arc<Published>,
        checkpoints: Checkpoints,
        cursor: FrameCursor,
    ) -> Engine {
        Engine { ledger, published, checkpoints, cursor, failure: None }
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
            self.failure = Some(error.to_string());
            self.published.fail(error.to_string());
        }
        done
    }

    /// Keeps the state for a quick start, if anything came since it was last kept. To be called before the end.
    pub fn finish(&mut self) {
        if self.failure.is_none() {
            self.checkpoints.keep_if_changed(&self.published, &self.cursor);
        }
    }

    /// The last position that is durable and applied.
    #[must_use]
    pub fn position(&self) -> Position {
        self.cursor.position()
    }

    pub(crate) fn measure_channel(&self, channel: &str, held: usize, limit: usize) {
        self.published.metrics.set_channel(channel, held, limit);
    }

    fn do_all(&mut self, works: Vec<Work>) -> Result<(), EngineError> {
        let mut group = Group::default();
        for work in works {
            match work {
                Work::Batch { batch, reply } => group.add_batch(batch, reply),
                Work::Command { uid, command, key, reply } => {
                    self.decide(&mut group, uid, &command, key.as_deref(), reply)?;
                }
                Work::Checkpoint => {
                    self.commit(&mut group)?;
                    self.checkpoints.keep_if_changed(&self.published, &self.cursor);
                }
            }
        }
        self.commit(&mut group)?;
        self.checkpoints.keep_if_due(&self.published, &self.cursor);
        Ok(())
    }

    /// Decides on a command. It sees all that was given before it, except for commands that it has nothing to do
    /// with: those share its frame.
    fn decide(
        &mut self,
        group: &mut Group,
        uid: Uid,
        command: &Command,
        key: Option<&str>,
        reply: Reply<Result<Done, CommandError>>,
    ) -> Result<(), EngineError> {
        if group.has_batches() || group.concerns_account(uid) {
            self.commit(group)?;
        }
        loop {
            match self.decision(uid, command, key) {
                Ok(Decision::Append(event)) if group.concerns_stream(&event.stream()) => self.commit(group)?,
                Ok(Decision::Append(event)) => {
                    let batch = self.batch_of(&event);
                    group.add_command(uid, *event, batch, reply);
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

    fn decision(&self, uid: Uid, command: &Command, key: Option<&str>) -> Result<Decision, Refusal> {
        let published = &*self.published;
        let state = published.state.read();
        let now = published.moments.next();
        let (reader, links) = (&published.reader, &published.links);
        decide(&View { state: &state, reader, now, links, is_past: false }, uid, command, key)
    }

    fn batch_of(&self, event: &Event<'_>) -> Batch {
        let mut batch = Batch::new(self.ledger.dictionary(), event.time);
        let mut raw = Vec::new();
        write_event(event, &mut raw);
        batch.push_event(event, &raw, || "a command".to_owned());
        batch
    }

    /// Commits what is gathered as one frame, applies and publishes it, and answers.
    fn commit(&mut self, group: &mut Group) -> Result<(), EngineError> {
        let Group { batches, answers, .. } = std::mem::take(group);
        if batches.is_empty() {
            return Ok(());
        }
        let published = &*self.published;
        let now = published.moments.now();
        let commit = self.ledger.commit(published.state.read().index(), &batches, now)?;
        if let Some(frame) = &commit.frame {
            let begun = published.moments.now();
            let mut state = published.state.write();
            state.apply_frame(frame, &self.ledger.dictionary(), &published.reader)?;
            drop(state);
            published.metrics.applied(frame, published.moments.now().0 - begun.0);
            self.cursor = frame.cursor_after();
            published.moments.raise(frame.recorded_at());
        }
        published.metrics.committed(&batches, &commit.outcomes);
        self.checkpoints.count(commit.outcomes.len() as u64);
        published.publish(self.cursor.position());
        answer(&batches, answers, commit.outcomes);
        Ok(())
    }
}

/// Tells each its part of the outcomes, which stand in the order of the batches.
fn answer(batches: &[Batch], answers: Vec<Answer>, outcomes: Vec<Outcome>) {
    let mut outcomes = outcomes.into_iter();
    for (batch, answer) in batches.iter().zip(answers) {
        let mut of_batch = outcomes.by_ref().take(batch.len());
        match answer {
            Answer::Batch(Some(reply)) => reply(of_batch.collect()),
            Answer::Batch(None) => of_batch.for_each(drop),
            Answer::Command { event, reply } => {
                // The batch of a command holds one event.
                let outcome = of_batch.next();
                reply(outcome.map_or(Err(CommandError::Stopped), |outcome| done(*event, outcome)));
            }
        }
    }
}

/// What a command's event came to. It was decided on all that it has to do with, so it is accepted; should the
/// ledger see it otherwise all the same, the answer says what the ledger holds.
fn done(event: Event<'static>, outcome: Outcome) -> Result<Done, CommandError> {
    match outcome {
        Outcome::Accepted { position } => {
            Ok(Done { decision: DoneDecision::Appended { position }, event: Some(event) })
        }
        Outcome::Duplicate { of } => {
            Ok(Done { decision: DoneDecision::DoneBefore { position: Some(of) }, event: None })
        }
        Outcome::Quarantined { .. } => Err(match event.body {
            Body::Code(code) => CommandError::Refused(Refusal::CodeTaken { code: code.code.into_owned() }),
            // Nothing else that a command appends can contradict an accepted fact.
            Body::Registration(_)
            | Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Trade(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Affiliate(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => CommandError::Stopped,
        }),
    }
}
