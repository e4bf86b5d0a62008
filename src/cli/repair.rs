//! `tributary repair`: a damaged ledger made whole from a backup or a copy.

use clap::Args;

/// Repair damaged or missing segments of the ledger from a backup, or from any other copy of it.
///
/// Each frame is taken from the ledger itself where it is what was written, else from the copy, and is held against the
/// hash chain: an older copy helps as far as it goes, and nothing that is newer is lost. A damaged file is laid aside
/// under its name and .damaged-1, never deleted. Nobody may write the ledger meanwhile. What cannot be had again is told
/// by positions; then the exit code is 3.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary repair --data ledger --from /mnt/backup/tributary
  tributary verify --data ledger")]
pub(crate) struct RepairArgs {
    /// The directory of the ledger [default: the one in the settings].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// The folder of a backup or s3://BUCKET/PREFIX, or the directory of another copy of this ledger.
    #[arg(long, value_name = "DIR|URL")]
    pub(crate) from: String,

    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
