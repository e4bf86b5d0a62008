//! `tributary man`: manual pages.

use std::path::PathBuf;

use clap::Args;

/// Write the manual pages into a folder: one of tributary, one of each command.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary man --out /usr/local/share/man/man1
  tributary man --out pages && man pages/tributary-run.1")]
pub(crate) struct ManArgs {
    /// The folder; made if it is not there. Pages of these names that are there are written anew.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}
