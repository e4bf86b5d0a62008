//! `tributary prepare`: checkpoints of this version, beside a daemon of another one.

use clap::Args;

/// Make this version's checkpoints beside the daemon of another one, so that its start is short.
///
/// A version that discards checkpoints of the one before replays the ledger at its first start. This replays it beforehand,
/// while the daemon of before takes in and answers, and keeps the checkpoints in the folder next beside its own. Again, it goes
/// on where it ended. The next start of `run` that has none of its own of that position takes them, and replays what came since.
/// It needs the memory of a second state, and the right to write the directory.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary prepare --data /var/lib/tributary
  runuser -u tributary -- /usr/local/bin/tributary.new prepare \\
      --config /etc/tributary/tributary.toml")]
pub(crate) struct PrepareArgs {
    /// The directory of the ledger [default: the one in the settings].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
