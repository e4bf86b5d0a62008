//! The binary: the command line, the settings, and the wiring of the rooms. It holds no rule.

mod cli;
mod commands;
mod config;
mod daemon;
mod exit;
mod interruption;
mod logging;
mod output;
mod place;

use std::process::ExitCode;

use clap::Parser;

use crate::exit::Failure;
use crate::output::OutputError;

fn main() -> ExitCode {
    let done = match cli::Cli::try_parse() {
        Ok(cli) => commands::execute(cli),
        Err(error) if error.use_stderr() => error.exit(),
        // Help and version are output as any other.
        Err(help) => help.print().map_err(|source| Failure::from(OutputError::Unwritable { source })),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}
