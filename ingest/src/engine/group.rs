//! Works that will share a frame: batches in the order given, and who is to be answered for each, with what.

use std::collections::BTreeSet;

use ledger::{Batch, CommitRefusal, Outcome};
use projections::commands::Refusal;
use schemas::{Body, Event, StreamKey, Uid};

use crate::traces::Way;
use crate::work::{CommandError, Done, DoneDecision, Reply, Submitted};

/// What is gathered for the next frame.
#[derive(Default)]
pub(super) struct Group {
    pub(super) batches: Vec<Batch>,
    /// The trace of each.
    pub(super) ways: Vec<Way>,
    /// One for each batch.
    pub(super) addressees: Vec<Addressee>,
    has_batches: bool,
    /// The accounts that commands in the group act for or append to.
    accounts: BTreeSet<Uid>,
    /// The names that commands in the group append to.
    names: BTreeSet<String>,
}

/// Who is to be answered, with what.
pub(super) enum Addressee {
    /// What became of each event that a source read.
    Batch(Option<Reply<Vec<Outcome>>>),
    /// What became of each event sent in, or that they were refused.
    Posted(Reply<Submitted>),
    /// What the command came to.
    Command { event: Box<Event<'static>>, reply: Reply<Result<Done, CommandError>> },
}

impl Group {
    pub(super) fn add_batch(&mut self, batch: Batch, way: Way, reply: Option<Reply<Vec<Outcome>>>) {
        self.batches.push(batch);
        self.ways.push(way);
        self.addressees.push(Addressee::Batch(reply));
        self.has_batches = true;
    }

    pub(super) fn add_posted(&mut self, batch: Batch, way: Way, reply: Reply<Submitted>) {
        self.batches.push(batch);
        self.ways.push(way);
        self.addressees.push(Addressee::Posted(reply));
        self.has_batches = true;
    }

    pub(super) fn add_command(
        &mut self,
        uid: Uid,
        event: Event<'static>,
        batch: Batch,
        way: Way,
        reply: Reply<Result<Done, CommandError>>,
    ) {
        self.accounts.insert(uid);
        match event.stream() {
            StreamKey::Account(account) => drop(self.accounts.insert(account)),
            StreamKey::Name(name) => drop(self.names.insert(name.to_owned())),
            StreamKey::Platform => {}
        }
        self.batches.push(batch);
        self.ways.push(way);
        self.addressees.push(Addressee::Command { event: Box::new(event), reply });
    }

    /// Whether there is something in it that was not decided by a command: that may concern anybody.
    pub(super) fn has_batches(&self) -> bool {
        self.has_batches
    }

    /// Whether a command in it acts for this account, or appends to it.
    pub(super) fn concerns_account(&self, uid: Uid) -> bool {
        self.accounts.contains(&uid)
    }

    /// Whether a command in it appends where this one would.
    pub(super) fn concerns_stream(&self, stream: &StreamKey<'_>) -> bool {
        match stream {
            StreamKey::Account(account) => self.accounts.contains(account),
            StreamKey::Name(name) => self.names.contains(*name),
            StreamKey::Platform => false,
        }
    }
}

impl Addressee {
    /// Tells what became of each event of its batch.
    pub(super) fn give(self, outcomes: Vec<Outcome>) {
        match self {
            Addressee::Batch(Some(reply)) => reply(outcomes),
            Addressee::Batch(None) => {}
            Addressee::Posted(reply) => reply(Ok(outcomes)),
            Addressee::Command { event, reply } => {
                // The batch of a command holds one event.
                let outcome = outcomes.into_iter().next();
                reply(outcome.map_or(Err(CommandError::Stopped), |outcome| done(*event, outcome)));
            }
        }
    }

    /// Tells that its batch was refused.
    ///
    /// # Errors
    /// Where nobody can be told who still has the events: a source goes on behind them, so the engine has to stop.
    pub(super) fn refuse(self, refusal: CommitRefusal) -> Result<(), CommitRefusal> {
        match self {
            Addressee::Batch(_) if mutants::mutant!("refused-batch-of-a-source-dropped") => {}
            Addressee::Batch(_) => return Err(refusal),
            Addressee::Posted(reply) => reply(Err(refusal)),
            Addressee::Command { reply, .. } => reply(Err(refusal.into())),
        }
        Ok(())
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
