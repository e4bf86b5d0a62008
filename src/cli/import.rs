//! `tributary import`: events from files.

use std::path::PathBuf;

use clap::Args;

/// Bring events from NDJSON files into the ledger.
///
/// Events that are there already are counted and have no other effect, so an import may be repeated. Lines that
/// are no valid events go to quarantine; how many and why is said at the end.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary import --data ledger events.ndjson
  tributary import --data ledger 2026-*.ndjson.zst
  zcat old.gz | tributary import --data ledger - --json")]
pub(crate) struct ImportArgs {
    /// The files, in the order in which they are read; .gz and .zst are decompressed, - is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// The directory of the ledger.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// Say what became of the events as JSON.
    #[arg(long)]
    pub(crate) json: bool,

    /// Show no progress.
    #[arg(long)]
    pub(crate) quiet: bool,
}
