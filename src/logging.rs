//! What is told while running: lines on standard error, so that standard output holds answers alone.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts telling. Called once, before anything is told.
pub(crate) fn start(log: &Log) {
    // NOTE: the level was checked when the settings were read.
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // NOTE: it would say on standard error that standard error cannot be written, and panic over that: in the writer's
    // thread, which ends the ledger.
    let lines = lines.log_internal_errors(false);
    match log.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
