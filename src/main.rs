//! The binary: the command line, the settings, and the wiring of the rooms. It holds no rule.

mod agent;
mod backup_place;
mod cli;
mod commands;
mod config;
mod daemon;
mod doctor;
mod elsewhere;
mod end_signals;
mod exit;
mod fetching;
mod fresh_folder;
mod interruption;
mod kafka_tokens;
mod keyring;
mod logging;
mod output;
mod place;
mod proxy;
mod reload;
mod replay_log;
mod resources;
mod service_manager;
mod shard;
mod shipping;
mod standby;
mod stopping;
mod survey;
mod traces;
mod trust;
mod who;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Parser;
use tikv_jemallocator::Jemalloc;

use crate::exit::Failure;
use crate::output::OutputError;

/// What threads that come and go have freed goes back to the system (`docs/decisions/0028-allocator.md`).
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let done = match cli::Cli::try_parse() {
        // NOTE: a panic has told where it was. What it left of the command is let go of, and the process ends.
        Ok(cli) => catch_unwind(AssertUnwindSafe(|| commands::execute(cli))).unwrap_or_else(|_| {
            Err(Failure::failed(anyhow!("broken off by a fault of the program, or of what the system gave it")))
        }),
        Err(error) if error.use_stderr() => error.exit(),
        // Help and version are output as any other.
        Err(help) => help.print().map_err(|source| Failure::from(OutputError::Unwritable { source })),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}
