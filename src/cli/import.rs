//! `tributary import`: events from files.

use std::path::PathBuf;

use clap::Args;

/// Bring events from NDJSON files into the ledger.
///
/// Events that are there already are counted and have no other effect, so an import may be repeated. Lines that
/// are no valid events go to quarantine; how many and why is said at the end.
///
/// With --dry-run nothing is appended, counted or kept, also beside a daemon: it is told what would become of the
/// events, and what they would change of what each referrer has earned. The events are held in memory, 512 MiB at the most.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary import --data ledger events.ndjson
  tributary import --data ledger 2026-*.ndjson.zst
  tributary import --data ledger --dry-run late.ndjson
  zcat old.gz | tributary import --data ledger - --json")]
pub(crate) struct ImportArgs {
    /// The files, in the order in which they are read; .gz and .zst are decompressed, - is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// The directory of the ledger.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// Append nothing: say what would become of the events, and what they would change.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Say what became of the events as JSON.
    #[arg(long)]
    pub(crate) json: bool,

    /// Show no progress.
    #[arg(long)]
    pub(crate) quiet: bool,
}
