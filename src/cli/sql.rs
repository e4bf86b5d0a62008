//! `tributary sql`: SQL over the entries and the projections.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Ask SQL of the ledger's entries, their postings and the projections.
///
/// It takes a build with `--features sql`; one without it says how to have it. STATEMENT is one statement that reads: select,
/// with, values, explain, describe, show. The tables are what `tributary export` writes, with the same columns and types:
/// events, entries, postings, trades, referrals, codes, rewards, daily, withheld, clawbacks, audit. Amounts are decimals, and a
/// sum of them is exact.
#[derive(Debug, Args)]
#[cfg_attr(
    not(feature = "sql"),
    allow(dead_code, reason = "a build without SQL takes them, and says that it has none")
)]
#[command(after_help = "\
Examples:
  tributary sql \"select code, sum(commission) from daily group by code\" \\
      --data ledger
  tributary sql \"select * from trades where position > 812\" --data ledger \\
      --out trades.parquet
  tributary sql \"show columns from trades\" --data ledger
  cat question.sql | tributary sql - --data ledger --format csv")]
pub(crate) struct SqlArgs {
    /// The statement; - reads it from standard input.
    #[arg(value_name = "STATEMENT")]
    pub(crate) statement: String,

    /// The directory of the ledger; a daemon may be writing it.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// Everything as it stood at a position, at an RFC 3339 time, or at the end of a UTC day.
    #[arg(long, value_name = "POSITION|DATE|TIME")]
    pub(crate) as_of: Option<String>,

    /// A file to write the answer to, whole or not at all; its ending says the format: .parquet, .csv or .ndjson, the latter
    /// two also with .gz or .zst behind.
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,

    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: SqlFormat,

    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,

    /// Begin CSV with a byte order mark, by which spreadsheets know UTF-8; programs may stumble over it.
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv_bom: bool,

    /// How many MiB sorting, grouping and joining may hold in memory. What sorting and grouping need beyond is laid aside in the
    /// system's folder for temporary files.
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(16..))]
    pub(crate) memory: u32,

    /// How many MiB may be laid aside.
    #[arg(long, value_name = "MIB", default_value_t = 16384)]
    pub(crate) spill: u32,

    /// Break off after so many seconds [default: as long as it takes].
    #[arg(long, value_name = "SECONDS")]
    pub(crate) time_limit: Option<u32>,
}

/// In which form an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SqlFormat {
    /// A table on a terminal, what the ending of --out says, else JSON.
    #[default]
    Auto,
    /// Aligned columns, for people: the first 1,000 rows.
    Table,
    /// A JSON object a line.
    #[value(alias = "ndjson")]
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// Apache Parquet, to a file.
    Parquet,
}
