//! `tributary verify`: is the ledger whole, and do the numbers follow from it.

use clap::Args;

/// Verify the whole ledger.
///
/// Checks checksums, the hash chain, the sequence of positions, that postings balance, and that the projections
/// equal a fresh replay; a ledger that a daemon writes, up to what is durable. Says which files are damaged, at which
/// byte, up to which position everything is good, and what to do. Exit code 3 means damage, or another head.
///
/// A head is a position and the hash of the frame that ends there. It stands for all that lies before it: an auditor
/// keeps it, and --against says later whether everything up to there is what it was. With --head or --against only
/// the ledger itself is checked, not the projections.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary verify --data ledger
  tributary verify --data ledger --json
  tributary verify --data ledger --head
  tributary verify --data ledger --against \"$(cat audited)\"")]
pub(crate) struct VerifyArgs {
    /// The directory of the ledger, or the folder of a backup.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// Check the ledger alone, and print its head: a line `head` with the last position and 64 hexadecimal digits.
    #[arg(long)]
    pub(crate) head: bool,

    /// Check the ledger alone, and that it goes on from this head: a position at which a frame ends, and its digits.
    #[arg(long, value_name = "POSITION:HEX")]
    pub(crate) against: Option<ledger::Head>,

    /// Say what was checked and found as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
