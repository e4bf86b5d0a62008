//! `tributary quarantine`: what did not get in.

use clap::{Args, Subcommand};

use super::FormatFlags;

/// See what did not get into the ledger, and try it again.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  tributary quarantine list --data ledger
  tributary quarantine list --data ledger --reason invalid_field --format csv
  tributary quarantine show 12 --data ledger
  tributary quarantine redrive 12 13 --data ledger
  tributary quarantine redrive --all --reason conflict --data ledger"
)]
pub(crate) struct QuarantineArgs {
    /// The directory of the ledger.
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data: Option<String>,

    #[command(subcommand)]
    pub(crate) action: QuarantineAction,
}

/// What is done with the quarantine.
#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineAction {
    /// List what is there, and why.
    List {
        /// Only what is there for this reason: too_large, malformed, unknown_type, invalid_field, conflict.
        #[arg(long, value_name = "REASON", value_parser = read_reason)]
        reason: Option<schemas::Reason>,

        #[command(flatten)]
        format: FormatFlags,
    },
    /// Show one whole, as it was received.
    Show {
        /// Its id.
        #[arg(value_name = "ID")]
        id: u64,

        #[command(flatten)]
        format: FormatFlags,
    },
    /// Read some again, as if they arrived now; what is accepted leaves the quarantine.
    Redrive {
        /// Their ids.
        #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
        ids: Vec<u64>,

        /// All that are there.
        #[arg(long)]
        all: bool,

        /// Of all, only what is there for this reason.
        #[arg(long, value_name = "REASON", requires = "all", value_parser = read_reason)]
        reason: Option<schemas::Reason>,
    },
}

fn read_reason(text: &str) -> Result<schemas::Reason, String> {
    schemas::Reason::parse(text).ok_or_else(|| {
        let known: Vec<&str> = schemas::Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })
}
