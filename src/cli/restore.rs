//! `tributary restore`: a ledger from a backup.

use clap::Args;

/// Make a ledger from a backup, or from what is good of another ledger.
///
/// Everything is verified first: checksums, hash chain, and that it goes as far as the backup says. The result is a
/// directory that `run` opens: the first start replays the ledger, and goes on from Kafka at the offsets that it holds.
///
/// With --until it ends at that position exactly, or at the last one recorded at or before that time. Where the position
/// lies within a frame, what of that frame comes before is a frame of its own, so the head is another one than there.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary restore --from /mnt/backup/tributary --data ledger
  tributary restore --from /mnt/backup/tributary --data ledger \\
      --until 2026-03-03T00:00:00Z
  tributary restore --from damaged-ledger --data ledger --until 812")]
pub(crate) struct RestoreArgs {
    /// The folder of the backup or s3://BUCKET/PREFIX, or the directory of a ledger.
    #[arg(long, value_name = "DIR|URL")]
    pub(crate) from: String,

    /// The directory to make: there must be nothing there yet [default: the one in the settings].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// Up to this position, or to the last one recorded at or before this RFC 3339 time, or by the end of this UTC day
    /// [default: all of it].
    #[arg(long, value_name = "POSITION|DATE|TIME")]
    pub(crate) until: Option<String>,

    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
