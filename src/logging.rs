//! What is told while running: lines on standard error, so that standard output holds answers alone.

mod json;

use std::io::{self, IsTerminal};

use ingest::traces::{REQUEST, WAY};
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

use self::json::WithIds;
use crate::config::{Log, LogFormat};

/// How much is told, which can be changed while running.
pub(crate) struct LogLevel {
    filter: reload::Handle<EnvFilter, Registry>,
}

impl LogLevel {
    /// Makes ready to tell so much.
    ///
    /// # Errors
    /// If it is no level.
    pub(crate) fn prepare(&self, level: &str) -> Result<NewLevel<'_>, anyhow::Error> {
        Ok(NewLevel { of: self, filter: filter(level)? })
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
        Ok(self.of.filter.reload(self.filter)?)
    }
}

/// Starts telling. Called once, before anything is told.
pub(crate) fn start(log: &Log) -> LogLevel {
    start_with(log, None)
}

/// The same, with what takes spans, if anything does.
pub(crate) fn start_with(log: &Log, traces: Option<Box<dyn Layer<Registry> + Send + Sync>>) -> LogLevel {
    // NOTE: the level was checked when the settings were read.
    let (filter, handle) = reload::Layer::new(filter(&log.level).unwrap_or_else(|_| EnvFilter::new("info")));
    // NOTE: what cannot be told is dropped. To tell of that the library would write to standard error in the way that
    // panics where it is full or closed.
    let lines = fmt::layer().log_internal_errors(false).with_writer(io::stderr as fn() -> io::Stderr);
    let lines = match log.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).with_filter(filter).boxed(),
        LogFormat::Json => lines.json().map_event_format(WithIds::of).with_filter(filter).boxed(),
    };
    let layers: Vec<_> = [Some(lines), traces].into_iter().flatten().collect();
    tracing_subscriber::registry().with(layers).init();
    LogLevel { filter: handle }
}

/// What is told at a level. Spans that are collected as traces are no lines; the ids of a request are there at every level.
fn filter(level: &str) -> Result<EnvFilter, ParseError> {
    let mut filter = EnvFilter::try_new(level)?;
    if !level.contains("scylla") {
        // The driver tells of every connection.
        filter = filter.add_directive("scylla=warn".parse()?);
    }
    Ok(filter.add_directive(format!("{WAY}=off").parse()?).add_directive(format!("{REQUEST}=error").parse()?))
}
