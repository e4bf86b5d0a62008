//! What each command does: thin wiring between the command line, the settings and the rooms.

mod completions;
mod config;
mod demo;
mod export;
mod import;
mod quarantine;
mod query;
mod replay;
mod run;
mod token;
mod verify;
mod what_if;

use crate::cli::{Cli, Command};
use crate::exit::Failure;

/// Does what the command line says.
///
/// # Errors
/// Says what failed, and with which exit code.
pub(crate) fn execute(cli: Cli) -> Result<(), Failure> {
    let Cli { common, command } = cli;
    match command {
        Command::Demo(args) => demo::execute(&common, &args),
        Command::Run(args) => run::execute(&common, *args),
        Command::Import(args) => import::execute(&common, args),
        Command::Query(args) => query::execute(&common, args),
        Command::Replay(args) => replay::execute(&common, args),
        Command::Export(args) => export::execute(&common, args),
        Command::Verify(args) => verify::execute(&common, args),
        Command::Quarantine(args) => quarantine::execute(&common, args),
        Command::Token(args) => token::execute(&common, args),
        Command::Config(args) => config::execute(&common, args),
        Command::Completions(args) => completions::execute(&args),
    }
}
