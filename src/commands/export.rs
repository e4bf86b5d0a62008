//! Exports the ledger and its projections to a file or standard output, with progress.

mod telling;

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, anyhow};
use exports::{Compression, Export, ExportError, Filter, Format, WholeFile};
use ledger::LedgerReader;
use projections::View;
use projections::query::RangeRequest;
use replay::AsOf;

use self::telling::{bar, show, tell};
use crate::cli::{CommonFlags, ExportArgs};
use crate::config::{Key, Value, load, surroundings};
use crate::exit::Failure;
use crate::interruption;
use crate::place::Place;

/// The path that is standard output.
const STDOUT: &str = "-";

/// Writes the export, and says what was written: on standard output, or on standard error where that is the export.
pub(super) fn execute(common: &CommonFlags, args: ExportArgs) -> Result<(), Failure> {
    let export = wanted(&args)?;
    let moment = args.as_of.as_deref().map(moment).transpose()?;
    let mut flags = common.given();
    if common.log_level.is_none() {
        flags.push((Key::LogLevel, "log-level", Value::Text("warn".to_owned())));
    }
    flags.extend(args.data.clone().map(|data| (Key::Data, "data", Value::Text(data))));
    let (settings, _) = load(common.config.as_deref(), surroundings(), flags)?;
    crate::logging::start(&settings.log);
    let place = Place::of(&settings)?;
    if !is_stdout(&args) {
        // Where no file can be made is said before the ledger is replayed.
        drop(begin(&args.out)?);
    }
    match moment {
        Some(moment) => {
            let past = place.as_of(&settings, moment)?;
            export_view(&export, &args, &past.view(), past.reader(), settings.limits.stop)
        }
        None => {
            let (handle, _) = place.read(&settings)?;
            let ledger = handle.reader();
            handle.read(|view| export_view(&export, &args, view, &ledger, settings.limits.stop))
        }
    }
}

/// Writes the export of what a view shows. Broken off, it may take so long to end.
fn export_view(
    export: &Export,
    args: &ExportArgs,
    view: &View<'_>,
    ledger: &LedgerReader,
    end: Duration,
) -> Result<(), Failure> {
    let last = view.state.position();
    export.filter.check(export.kind, Some(last)).map_err(|error| Failure::usage(error.into()))?;
    // Nothing half-written is left of what goes to standard output: a signal ends that at once, though the reader
    // takes nothing.
    let broken_off = if is_stdout(args) { None } else { Some(interruption::watch(end)?) };
    let is_broken_off = || broken_off.is_some_and(|broken_off| broken_off.load(Ordering::Relaxed));
    let bar = bar(args.quiet);
    let write = |out: &mut (dyn Write + Send)| {
        let written = export.write(view, ledger, out, &mut |progress| {
            show(&bar, progress);
            if is_broken_off() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        bar.finish_and_clear();
        written.map_err(failure)
    };
    if is_stdout(args) {
        let written = write(&mut io::stdout())?;
        return tell(export, &written, true, args.json);
    }
    let mut file = begin(&args.out)?;
    let written = compression_of(args).pack(&mut file, write, |error| Failure::failed(error.into()))?;
    file.keep().with_context(|| format!("can't write {}", args.out.display()))?;
    tell(export, &written, false, args.json)
}

fn is_stdout(args: &ExportArgs) -> bool {
    args.out == Path::new(STDOUT)
}

/// What is asked for, checked as far as it can be without the ledger.
fn wanted(args: &ExportArgs) -> Result<Export, Failure> {
    let format = match (args.format, is_stdout(args)) {
        (None, true) => Format::Ndjson,
        (None, false) => format_of(&args.out)?,
        (Some(format), true) if !format.is_stream() => {
            return Err(Failure::usage(anyhow!("parquet needs a file: give --out a path, or --format csv or ndjson")));
        }
        (Some(format), _) => format,
    };
    if format == Format::Parquet && compression_of(args) != Compression::None {
        return Err(Failure::usage(anyhow!("parquet is packed inside: let the path end in .parquet")));
    }
    if args.csv_bom && format != Format::Csv {
        return Err(Failure::usage(anyhow!("--csv-bom is for --format csv, not for {}", format.as_str())));
    }
    let filter = Filter { range: RangeRequest { from: args.from, to: args.to }, uid: args.uid, after: args.after };
    filter.check(args.kind, None).map_err(|error| Failure::usage(error.into()))?;
    Ok(Export { kind: args.kind, format, filter, csv_bom: args.csv_bom })
}

/// The format that the path's ending says; Parquet where it has none.
pub(super) fn format_of(path: &Path) -> Result<Format, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (_, name) = Compression::of_file_name(&name);
    if !name.contains('.') {
        return Ok(Format::Parquet);
    }
    Format::of_file_name(name).ok_or_else(|| {
        let told = path.display();
        Failure::usage(anyhow!(
            "{told} does not say its format: let it end in .parquet, .csv or .ndjson (the latter two also with .gz or .zst \
             behind), or give --format"
        ))
    })
}

/// How the file is packed, by its path.
fn compression_of(args: &ExportArgs) -> Compression {
    Compression::of_file_name(&args.out.to_string_lossy()).0
}

/// A moment as it is typed; whether the ledger has it is seen when it is opened.
fn moment(text: &str) -> Result<AsOf, Failure> {
    AsOf::parse(text).map_err(|error| Failure::usage(anyhow::Error::from(error).context("--as-of")))
}

fn begin(path: &Path) -> Result<WholeFile, Failure> {
    WholeFile::create(path).with_context(|| format!("can't write {}", path.display())).map_err(Failure::from)
}

fn failure(error: ExportError) -> Failure {
    if error.is_broken_pipe() {
        return Failure::ReaderGone;
    }
    Failure::failed(error.into())
}
