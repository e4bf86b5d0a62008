//! How commands are given to a ledger to which events come from its sources alone.

use ledger::Actor;
use projections::commands::Command;
use schemas::Uid;

use crate::work::{CommandError, Done};

/// A command on its way.
#[derive(Clone, Debug)]
pub struct GivenCommand {
    /// The referrer that acts or is acted for.
    pub uid: Uid,
    /// What is asked for.
    pub command: Command,
    /// Its idempotency key.
    pub key: Option<String>,
    /// Who gives it, to be kept with its event.
    pub actor: Option<Actor>,
}

/// Brings the event of a command to a source of the ledger, and waits until the ledger has read it.
pub trait CommandWay: Send + Sync {
    /// Gives a command, and waits until it is durable and applied, or refused.
    ///
    /// # Errors
    /// The refusal; that another ledger has to decide; or that nothing is known of it.
    fn command(&self, given: GivenCommand) -> Result<Done, CommandError>;
}
