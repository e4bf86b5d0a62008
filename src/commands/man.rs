//! Writes the manual pages.

use anyhow::Context;
use clap::CommandFactory;

use crate::cli::{Cli, ManArgs};
use crate::exit::Failure;

/// Writes a page of the program and one of each command, from what `--help` says.
pub(super) fn execute(args: &ManArgs) -> Result<(), Failure> {
    let folder = &args.out;
    std::fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    clap_mangen::generate_to(Cli::command(), folder)
        .with_context(|| format!("can't write into {}", folder.display()))?;
    Ok(())
}
