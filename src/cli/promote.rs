//! `tributary promote`: a standby begins to lead.

use clap::Args;

use super::ServerFlags;

/// Have a standby lead: from then on it takes events and commands, and reads Kafka if its settings name brokers.
///
/// Whoever led before has to have ended, or be cut off for good: it is told that it leads no more as soon as it can be reached.
/// Start it again with --follow and the address of the new leader; what it has and that one has not is laid aside. The token is
/// that of an operator.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary promote --url http://127.0.0.1:8082")]
pub(crate) struct PromoteArgs {
    #[command(flatten)]
    pub(crate) server: ServerFlags,
}
