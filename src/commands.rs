//! What each command does: thin wiring between the command line, the settings and the rooms.

mod completions;
mod config;
mod query;
mod token;

use crate::cli::{Cli, Command};
use crate::exit::Failure;

/// Does what the command line says.
///
/// # Errors
/// Says what failed, and with which exit code.
pub(crate) fn execute(cli: Cli) -> Result<(), Failure> {
    let Cli { common, command } = cli;
    match command {
        Command::Query(args) => query::execute(args),
        Command::Token(args) => token::execute(&common, args),
        Command::Config(args) => config::execute(&common, args),
        Command::Completions(args) => completions::execute(&args),
    }
}
