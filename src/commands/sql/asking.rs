//! Opens the ledger, asks it, and prints or writes what it answers.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, anyhow};
use exports::{Compression, Format, WholeFile};
use replay::AsOf;
use sql::{Answered, Form, Limits, Question, STATEMENT_BYTES_MAX, SqlError, ask};

use super::subject::Stood;
use super::wanted::Wanted;
use crate::cli::{CommonFlags, SqlArgs};
use crate::commands::quiet_settings;
use crate::exit::Failure;
use crate::interruption;
use crate::output::{self, Style};
use crate::place::Place;

/// So many rows a table has at most: it is laid out as a whole.
const TABLE_ROWS: u64 = 1_000;
const MIB: u64 = 1 << 20;

/// Prints the answer, or writes it to a file and says what was written.
pub(in crate::commands) fn execute(common: &CommonFlags, args: SqlArgs) -> Result<(), Failure> {
    let wanted = Wanted::of(&args)?;
    let statement = statement(&args.statement)?;
    let moment = args.as_of.as_deref().map(AsOf::parse).transpose();
    let moment = moment.map_err(|error| Failure::usage(anyhow::Error::from(error).context("--as-of")))?;
    let settings = quiet_settings(common, args.data.clone())?;
    let place = Place::of(&settings)?;
    if let Wanted::File(path, ..) = &wanted {
        // Where no file can be made is said before the ledger is replayed.
        drop(begin(path)?);
    }
    let stood = match moment {
        Some(moment) => Stood::Then(place.as_of(&settings, moment)?),
        None => {
            let (handle, _) = place.read(&settings)?;
            Stood::Now(handle.snapshot().map_err(anyhow::Error::from)?, handle.reader())
        }
    };
    let asking =
        Asking { position: stood.position(), stood: Arc::new(stood), statement, args, end: settings.limits.stop };
    match wanted {
        Wanted::Table => asking.print_table(),
        Wanted::Rows(format) => asking.ask(format, None, &mut io::stdout()).map(drop),
        Wanted::File(path, format, compression) => asking.write(&path, format, compression),
    }
}

/// The statement, from standard input where that is said; no more of it than is taken.
fn statement(said: &str) -> Result<String, Failure> {
    if said != "-" {
        return Ok(said.to_owned());
    }
    let mut text = Vec::new();
    let taken = io::stdin().take(STATEMENT_BYTES_MAX as u64 + 1).read_to_end(&mut text);
    taken.context("can't read the statement from standard input")?;
    String::from_utf8(text).map_err(|_| Failure::usage(anyhow!("the statement is no UTF-8")))
}

/// A question, and what it is asked of.
struct Asking {
    stood: Arc<Stood>,
    position: u64,
    statement: String,
    args: SqlArgs,
    /// How long it may take to end once it is broken off.
    end: Duration,
}

impl Asking {
    fn ask(&self, format: Format, rows_max: Option<u64>, out: &mut (dyn Write + Send)) -> Result<Answered, Failure> {
        // What is laid aside is taken away at the end, also of a question that is broken off.
        let broken_off = interruption::watch(self.end)?;
        let form = match format {
            Format::Csv => Form::Csv { bom: self.args.csv_bom },
            Format::Ndjson => Form::Json,
            Format::Parquet => Form::Parquet { position: self.position },
        };
        let limits = Limits {
            memory_bytes: usize::try_from(u64::from(self.args.memory) * MIB).unwrap_or(usize::MAX),
            spill_bytes: u64::from(self.args.spill) * MIB,
            time: self.args.time_limit.map(|seconds| Duration::from_secs(seconds.into())),
        };
        let question = Question { statement: &self.statement, form, rows_max, limits };
        ask(self.stood.clone(), &question, out, &|| broken_off.load(Ordering::Relaxed)).map_err(failure)
    }

    /// Prints the first rows as a table, and says where there are more.
    fn print_table(&self) -> Result<(), Failure> {
        let mut lines = Vec::new();
        let Answered { has_more, .. } = self.ask(Format::Ndjson, Some(TABLE_ROWS), &mut lines)?;
        let lines = String::from_utf8_lossy(&lines);
        let rows = format!("{{\"rows\":[{}]}}", lines.lines().collect::<Vec<_>>().join(","));
        output::print_as(rows.as_bytes(), &Style::plain_table(), "sql")?;
        if has_more {
            output::say(&format!(
                "the first {TABLE_ROWS} rows: --format json or csv has all, order by and limit choose"
            ));
        }
        Ok(())
    }

    /// Writes a file, which is whole or not there, and says what was written.
    fn write(&self, path: &Path, format: Format, compression: Compression) -> Result<(), Failure> {
        let mut file = begin(path)?;
        let answered =
            compression.pack(&mut file, |out| self.ask(format, None, out), |error| Failure::failed(error.into()))?;
        file.keep().with_context(|| format!("can't write {}", path.display()))?;
        let said = format!("rows      {}\nposition  {}\n", answered.rows, self.position);
        Ok(output::print_raw(said.as_bytes())?)
    }
}

fn begin(path: &Path) -> Result<WholeFile, Failure> {
    WholeFile::create(path).with_context(|| format!("can't write {}", path.display())).map_err(Failure::from)
}

fn failure(error: SqlError) -> Failure {
    if error.is_broken_pipe() {
        return Failure::ReaderGone;
    }
    match error {
        error @ SqlError::Refused(_) => Failure::usage(error.into()),
        error @ (SqlError::Failed(_)
        | SqlError::TooLarge(_)
        | SqlError::Write { .. }
        | SqlError::TimeIsUp { .. }
        | SqlError::Interrupted) => Failure::failed(error.into()),
    }
}
