//! The flags of `tributary replay` that ask what would have been.

use std::path::PathBuf;

use clap::Args;
use projections::query::By;
use schemas::Day;

use crate::output::Columns;

/// A replay under other rules.
#[derive(Debug, Args)]
#[command(next_help_heading = "What if")]
pub(crate) struct WhatIfFlags {
    /// Replay under other rules, and print the difference that they make. FILE is TOML: a list of events to leave out
    /// (`[[drop]]`) and one of events to put in (`[[add]]`).
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub(crate) what_if: Option<PathBuf>,

    /// What the rows are by: total, referrer, code, day, month, country or product [default: total].
    #[arg(long, value_name = "KEY", requires = "what_if", value_parser = read_by)]
    pub(crate) by: Option<By>,

    /// The first UTC day whose trades and reversals count [default: the very first].
    #[arg(long, value_name = "DATE", requires = "what_if", value_parser = read_day)]
    pub(crate) from: Option<Day>,

    /// The last UTC day whose trades and reversals count [default: the very last].
    #[arg(long, value_name = "DATE", requires = "what_if", value_parser = read_day)]
    pub(crate) to: Option<Day>,

    /// The columns of the table, with commas between them; `all` for all of them [default: on a terminal those that matter
    /// most and fit].
    #[arg(long, value_name = "NAMES", requires = "what_if", conflicts_with = "json")]
    pub(crate) columns: Option<Columns>,

    /// Show rows without a difference, too.
    #[arg(long, requires = "what_if")]
    pub(crate) all: bool,
}

fn read_by(text: &str) -> Result<By, String> {
    By::parse(text).ok_or_else(|| format!("expected {}", By::NAMES.join(", ")))
}

fn read_day(text: &str) -> Result<Day, &'static str> {
    Day::parse(text).ok_or("expected a date such as 2026-03-01")
}
