//! `tributary query`: every query of the API from the shell.

use anyhow::anyhow;
use clap::Args;

use super::ServerFlags;
use crate::exit::Failure;
use crate::output::{Columns, Format, Style};

/// Ask what the API answers.
///
/// PATH is the API's, without /v1/; what follows are its parameters. On a terminal the answer is a table, in a pipe or a file
/// it is JSON.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary query overview uid=7 --data ledger
  tributary query overview uid=7 --url http://127.0.0.1:8080
  tributary query referrers sort=total_volume limit=20 \\
      --url http://127.0.0.1:8080
  tributary query cohorts uid=7 from=2026-01-01 --json \\
      --url http://127.0.0.1:8080
  tributary query referrals uid=7 traded=true sort=commission limit=20 \\
      --url http://127.0.0.1:8080
  tributary query referrals/70012 uid=7 --json --url http://127.0.0.1:8080
  tributary query feed after=812 --columns position,event_type,event_id
  tributary query status --url https://ledger.lan:8443 --ca ca.pem
  tributary query overview/series uid=7 interval=week from=2026-01-01 \\
      --format csv --url http://127.0.0.1:8080 > weeks.csv")]
pub(crate) struct QueryArgs {
    /// What is asked, such as overview, cohorts, countries, referrers, codes/TRIBUTARY, rewards, trades/explain, account, status.
    #[arg(value_name = "PATH")]
    pub(crate) path: String,

    /// Its parameters.
    #[arg(value_name = "NAME=VALUE", value_parser = read_parameter)]
    pub(crate) parameters: Vec<(String, String)>,

    /// Read the ledger in this directory, beside a daemon or without one [default: the one in the settings].
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    pub(crate) data: Option<String>,

    #[command(flatten)]
    pub(crate) server: ServerFlags,

    #[command(flatten)]
    pub(crate) format: FormatFlags,
}

/// In which form an answer is printed.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FormatFlags {
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,

    /// The columns of a table or of CSV, with commas between them, named as CSV names them; `all` for all of them [default: of
    /// CSV all, of a table on a terminal those that matter most and fit].
    #[arg(long, value_name = "NAMES", conflicts_with = "json")]
    columns: Option<Columns>,

    /// Begin CSV with a byte order mark, by which spreadsheets know UTF-8; programs may stumble over it.
    #[arg(long, conflicts_with = "json")]
    csv_bom: bool,
}

impl FormatFlags {
    /// The form that is wanted.
    ///
    /// # Errors
    /// A mark in front of what is no CSV, and columns of what has none.
    pub(crate) fn wanted(self) -> Result<Style, Failure> {
        let FormatFlags { format, json, columns, csv_bom } = self;
        if csv_bom && format != Format::Csv {
            return Err(Failure::usage(anyhow!("--csv-bom is for --format csv")));
        }
        if columns.is_some() && format == Format::Json {
            return Err(Failure::usage(anyhow!("--columns is for tables and CSV: JSON is the answer as it is")));
        }
        let format = match format {
            _ if json => Format::Json,
            Format::Csv if csv_bom => Format::CsvForSheets,
            format @ (Format::Auto | Format::Table | Format::Json | Format::Csv | Format::CsvForSheets) => format,
        };
        Ok(Style::of(format, columns.unwrap_or_default()))
    }
}

fn read_parameter(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected name=value"),
    }
}
