//! Everything the engine reacts to, as one closed list, and the answers that go back.

use ledger::{Actor, Batch, CommitRefusal, Epoch, FrameCursor, Outcome, Position, ShippedPiece};
use projections::commands::{Command, Refusal};
use schemas::{Event, Uid};

use crate::traces::Way;

/// Where an answer goes. It is called at most once, in the thread that drives the engine; dropped without a call
/// it means that the engine stopped and nothing is known of the work.
pub type Reply<T> = Box<dyn FnOnce(T) + Send>;

/// What became of each of the events sent in; or why the ledger refused them. Of a refused batch that no frame holds,
/// some may have been accepted: sent again, they are duplicates.
pub type Submitted = Result<Vec<Outcome>, CommitRefusal>;

/// What the engine is given to do.
pub enum Work {
    /// Events that a source read, in order, with the source positions that reading them led to. They must not be
    /// lost: if the ledger refuses them, the engine stops.
    Batch {
        /// The events.
        batch: Batch,
        /// The trace that they belong to.
        way: Way,
        /// Who wants to know what became of each; called once all is durable and applied.
        reply: Option<Reply<Vec<Outcome>>>,
    },
    /// Events that somebody sent in, who is told if the ledger refuses them.
    Posted {
        /// The events.
        batch: Batch,
        /// The trace that they belong to.
        way: Way,
        /// Called once all is durable and applied, or it was refused.
        reply: Reply<Submitted>,
    },
    /// A command of the API, decided after everything given before it.
    Command {
        /// The referrer that acts or is acted for.
        uid: Uid,
        /// What is asked for.
        command: Command,
        /// Its idempotency key.
        key: Option<String>,
        /// Who gives it, to be kept with its event.
        actor: Option<Actor>,
        /// The trace that it belongs to.
        way: Way,
        /// Called once the command's event is durable and applied, or it was refused.
        reply: Reply<Result<Done, CommandError>>,
    },
    /// Frames that the leader of this ledger wrote.
    Shipped {
        /// The frames.
        piece: ShippedPiece,
        /// Of which term it leads, where leaders are elected; else 0.
        term: u64,
        /// Called once all are durable and applied, with the place after them; or they were refused.
        reply: Reply<Result<FrameCursor, ShippedError>>,
    },
    /// Take frames of one term alone from now on.
    Turn {
        /// Which.
        term: u64,
        /// Called with the durable end.
        reply: Reply<FrameCursor>,
    },
    /// Begin to lead.
    Lead {
        /// In this epoch or a later one, by an election; none: in the next one, by hand.
        epoch: Option<Epoch>,
        /// Called once the next epoch has begun, with the place after the frame that says so.
        reply: Reply<Result<FrameCursor, LeadError>>,
    },
    /// Keep the state now.
    Checkpoint,
}

/// Why frames of a leader are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShippedError {
    /// This process leads.
    #[error("this process leads the ledger")]
    Leads,
    /// They are of a term that is over.
    #[error("who was followed leads no more")]
    Turned,
    /// They do not go on from here, or are not whole.
    #[error("{0}")]
    Refused(String),
    /// The engine takes nothing more, or the ledger is only read here.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Why a process does not begin to lead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeadError {
    /// It does already.
    #[error("it leads the ledger already")]
    Leads,
    /// The ledger is only read here.
    #[error("the ledger is only read here: it is no standby")]
    ReadOnly,
    /// The ledger refuses it.
    #[error(transparent)]
    Refused(#[from] CommitRefusal),
    /// Who leads is elected, and it was not this process within a minute.
    #[error("it does not lead yet, which is not tried any longer: {why}")]
    NotElected {
        /// What it waits for.
        why: String,
    },
    /// The engine takes nothing more.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// What a command came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Whether it appended something.
    pub decision: DoneDecision,
    /// What it appended.
    pub event: Option<Event<'static>>,
}

/// Whether a command appended something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoneDecision {
    /// Its event stands at this position.
    Appended {
        /// The position.
        position: Position,
    },
    /// The same was done before.
    DoneBefore {
        /// By the entry at this position; none where a join of the platform's did.
        position: Option<Position>,
    },
}

/// Why a command was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// It breaks a rule; nothing was appended.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It was decided, and the ledger refused its event; nothing was appended.
    #[error(transparent)]
    NotTaken(#[from] CommitRefusal),
    /// The engine stopped. Whether the command was done is known only after the next start.
    #[error("{Stopped}")]
    Stopped,
    /// The ledger is only read here, or follows another one.
    #[error("the ledger is only read here: give commands to the daemon that writes it")]
    ReadOnly,
    /// Nothing is taken but from sources, for this reason.
    #[error("{0}")]
    Closed(String),
    /// Another ledger of those that divide the families among them has the one that it is about.
    #[error("shard {shard} of {of} has the family of {about}: give the command there, or to a serving node")]
    Elsewhere {
        /// The account that the command is about.
        about: Uid,
        /// The number of the shard that has it.
        shard: u32,
        /// How many shards there are.
        of: u32,
    },
    /// Its event was brought on its way, and was not seen to arrive: it may have, or may yet.
    #[error("whether the command was done is not known yet: {0}. Give it again with the same Idempotency-Key")]
    Unsure(String),
    /// The way to the sources does not stand; nothing was appended.
    #[error("the command was not done: {0}")]
    NoWay(String),
}

impl From<Stopped> for CommandError {
    fn from(Stopped: Stopped) -> Self {
        CommandError::Stopped
    }
}

/// The engine takes nothing any more: it is stopping, or failed, as the readiness says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger takes nothing more: the daemon is stopping, or has failed")]
pub struct Stopped;

/// Why events sent in were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The ledger refused them.
    #[error(transparent)]
    Refused(#[from] CommitRefusal),
    /// The ledger takes nothing more, or is only read here.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}
