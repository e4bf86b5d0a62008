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

fn main() -> ExitCode {
    match commands::execute(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}
