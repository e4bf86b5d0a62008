//! `tributary export`: the ledger's entries, their postings and the projections as files.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use exports::{Format, Kind};
use schemas::{Day, Uid};

/// Write entries, postings or a projection as Parquet, CSV or NDJSON.
///
/// A file is complete or absent: it is written beside and renamed at the end. What was written, and the position to
/// give as --after next time, is said at the end.
///
/// KIND is one of
///   events     every event as a CloudEvent, as `tributary import` takes it from NDJSON
///   entries    every event with its position, when it was recorded, and a column a field
///   postings   every posting of every entry
///   trades     every trade, explained
///   referrals  every invitee, as the referral list shows it
///   codes      every code
///   rewards    every record of rewards, of both kinds
///   daily      by referrer, code, country, day and product
///   withheld   every trade that something was withheld of, with the reason
///   clawbacks  every trade that a reversal took something back of
///   audit      everything done by somebody who is known
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  tributary export trades --data ledger --out trades.parquet
  tributary export daily --data ledger --out daily.csv --from 2026-03-01 \\
      --to 2026-03-31
  tributary export entries --data ledger --out entries-2.parquet --after 812
  tributary export referrals --data ledger --uid 7 --out - --format csv | head
  tributary export events --data ledger --out events.ndjson.zst"
)]
pub(crate) struct ExportArgs {
    /// What is exported.
    #[arg(value_name = "KIND", value_parser = kinds())]
    pub(crate) kind: Kind,

    /// The directory of the ledger; a daemon may be writing it.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// The file to write; - is standard output, for csv and ndjson.
    #[arg(long, value_name = "PATH")]
    pub(crate) out: PathBuf,

    /// The format [default: what the ending of PATH says, parquet where it has none; ndjson on standard output].
    ///
    /// The endings are .parquet, .csv and .ndjson, the latter two also with .gz or .zst behind, which is packed then.
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub(crate) format: Option<Format>,

    /// Begin CSV with a byte order mark, by which spreadsheets know UTF-8; programs may stumble over it.
    #[arg(long)]
    pub(crate) csv_bom: bool,

    /// The first UTC day: of the event's time, the trade's, the registration's, the creation's, what was done's, or the
    /// date [default: the first there is].
    #[arg(long, value_name = "DATE", value_parser = read_day)]
    pub(crate) from: Option<Day>,

    /// The last UTC day, included [default: the last there is].
    #[arg(long, value_name = "DATE", value_parser = read_day)]
    pub(crate) to: Option<Day>,

    /// What is this referrer's only; of a posting, the one that its trade has now.
    #[arg(long, value_name = "UID", value_parser = read_uid)]
    pub(crate) uid: Option<Uid>,

    /// What comes after this position only, for entries, postings and trades: the one that the last export printed.
    #[arg(long, value_name = "POSITION")]
    pub(crate) after: Option<u64>,

    /// Everything as it stood at a position, at an RFC 3339 time, or at the end of a UTC day.
    #[arg(long, value_name = "POSITION|DATE|TIME")]
    pub(crate) as_of: Option<String>,

    /// Say what was written as JSON.
    #[arg(long)]
    pub(crate) json: bool,

    /// Show no progress.
    #[arg(long)]
    pub(crate) quiet: bool,
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::NAMES).try_map(|name| Kind::parse(&name).ok_or("no such kind"))
}

fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::NAMES).try_map(|name| Format::parse(&name).ok_or("no such format"))
}

fn read_day(text: &str) -> Result<Day, &'static str> {
    Day::parse(text).ok_or("expected a date, YYYY-MM-DD")
}

fn read_uid(text: &str) -> Result<Uid, &'static str> {
    Uid::parse(text).ok_or("expected a uid, 1 to 9007199254740991")
}
