//! `tributary verify`: is the ledger whole, and do the numbers follow from it.

use clap::Args;

/// Verify the whole ledger.
///
/// Checks checksums, the hash chain, the sequence of positions, that postings balance, and that the projections
/// equal a fresh replay. Exit code 3 means damage.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary verify --data ledger
  tributary verify --data ledger --json")]
pub(crate) struct VerifyArgs {
    /// The directory of the ledger.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// Say what was checked and found as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
