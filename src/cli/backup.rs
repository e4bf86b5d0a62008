//! `tributary backup`: a copy of the ledger that is a ledger itself.

use clap::Args;

use super::ServerFlags;

/// Back up the ledger into a folder or an object store, also while a daemon writes it.
///
/// The folder is a ledger itself: `verify`, `query` and `replay` take it as --data. The same place again takes what is
/// new since: full segments never change and are copied once. Of a ledger that is being written, everything that is
/// durable is copied. Only the ledger is backed up, which is all there is: the rest is made from it again.
///
/// With --url the ledger is a daemon's elsewhere: it is copied over HTTP, byte for byte, into a folder here, for operators and auditors.
/// An object store is reached as the settings `[backup]` and the variables AWS_… say.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary backup --data ledger --to /mnt/backup/tributary
  tributary backup --data ledger --to s3://backups/tributary
  tributary backup --url https://tributary.example --to /mnt/backup/tributary
  tributary restore --from /mnt/backup/tributary --data ledger-again")]
pub(crate) struct BackupArgs {
    /// Where the backup lies: a folder that is not there, an empty one or an earlier backup of this ledger; or
    /// s3://BUCKET/PREFIX.
    #[arg(long, value_name = "DIR|URL")]
    pub(crate) to: String,

    /// The directory of the ledger [default: the one in the settings].
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    pub(crate) data: Option<String>,

    #[command(flatten)]
    pub(crate) server: ServerFlags,

    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
