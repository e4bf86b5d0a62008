//! `tributary backup`: a copy of the ledger that is a ledger itself.

use std::path::PathBuf;

use clap::Args;

/// Back up the ledger into a folder, also while a daemon writes it.
///
/// The folder is a ledger itself: `verify`, `query` and `replay` take it as --data. The same folder again takes what is
/// new since: full segments never change and are copied once. Of a ledger that is being written, everything that is
/// durable is copied. Only the ledger is backed up, which is all there is: the rest is made from it again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary backup --data ledger --to /mnt/backup/tributary
  tributary restore --from /mnt/backup/tributary --data ledger-again")]
pub(crate) struct BackupArgs {
    /// The folder of the backup: one that is not there, an empty one, or an earlier backup of this ledger.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,

    /// The directory of the ledger [default: the one in the settings].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// Not there yet: it is refused with what to do instead.
    #[arg(long, value_name = "URL", hide = true)]
    pub(crate) url: Option<String>,

    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
