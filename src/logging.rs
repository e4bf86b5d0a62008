//! What is told while running: lines on standard error, so that standard output holds answers alone.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// How much is told, which can be changed while running.
pub(crate) struct LogLevel {
    change: Box<dyn Fn(EnvFilter) -> Result<(), tracing_subscriber::reload::Error> + Send + Sync>,
}

impl LogLevel {
    /// Makes ready to tell so much.
    ///
    /// # Errors
    /// If it is no level.
    pub(crate) fn prepare(&self, level: &str) -> Result<NewLevel<'_>, anyhow::Error> {
        Ok(NewLevel { of: self, filter: EnvFilter::try_new(level)? })
    }
}

/// A level that can be taken.
pub(crate) struct NewLevel<'a> {
    of: &'a LogLevel,
    filter: EnvFilter,
}

impl NewLevel<'_> {
    /// Tells so much from now on.
    pub(crate) fn take(self) -> Result<(), anyhow::Error> {
        Ok((self.of.change)(self.filter)?)
    }
}

/// Starts telling. Called once, before anything is told.
pub(crate) fn start(log: &Log) -> LogLevel {
    // NOTE: the level was checked when the settings were read.
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    // NOTE: what cannot be told is dropped. To tell of that the library would write to standard error in the way that
    // panics where it is full or closed.
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .log_internal_errors(false)
        .with_writer(io::stderr as fn() -> io::Stderr);
    match log.format {
        LogFormat::Text => {
            let lines = lines.with_ansi(io::stderr().is_terminal()).with_filter_reloading();
            let handle = lines.reload_handle();
            lines.init();
            LogLevel { change: Box::new(move |filter| handle.reload(filter)) }
        }
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_filter_reloading();
            let handle = lines.reload_handle();
            lines.init();
            LogLevel { change: Box::new(move |filter| handle.reload(filter)) }
        }
    }
}
