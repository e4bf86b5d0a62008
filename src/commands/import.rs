//! Brings events from files into the ledger, with progress, and says what became of them.

mod dry_run;

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::Ordering;

use anyhow::anyhow;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use ingest::files::{ImportProgress, Imported, Input, check, import};
use ingest::{Pipeline, Tally, WHOLE_FRAME_EVENTS};
use serde_json::json;

use crate::cli::{CommonFlags, ImportArgs};
use crate::config::{Key, Value, load, surroundings};
use crate::daemon::pipeline_options;
use crate::exit::{Failure, after_report};
use crate::interruption;
use crate::output::{self, OutputError};
use crate::place::Place;
use crate::shard::refuse_to_write;

/// Reads all files into the ledger. A signal breaks it off, with what was read until then in the ledger.
pub(super) fn execute(common: &CommonFlags, args: ImportArgs) -> Result<(), Failure> {
    let mut flags = common.given();
    flags.extend(args.data.map(|data| (Key::Data, "data", Value::Text(data))));
    let (settings, _) = load(common.config.as_deref(), surroundings(), flags)?;
    crate::logging::start(&settings.log);
    let place = Place::of(&settings)?;
    let inputs: Vec<Input> = args.files.iter().map(|path| input(path)).collect();
    // A mistake in the third file is told before the first is read.
    check(&inputs).map_err(anyhow::Error::from)?;
    if args.dry_run {
        return dry_run::execute(&settings, &place, &inputs, dry_run::Shown { as_json: args.json, quiet: args.quiet });
    }
    refuse_to_write(&place)?;
    let broken_off = interruption::watch(settings.limits.stop)?;
    let mut started = interruption::while_opening(|| place.start(&settings))?;
    started.engine.apply_whole_frames(WHOLE_FRAME_EVENTS);
    let pipeline = Pipeline::start(started, pipeline_options(&settings.limits)).map_err(anyhow::Error::from)?;
    let bar = bar(args.quiet);
    let began = std::time::Instant::now();
    let imported = import(pipeline.feed(), &inputs, &mut |progress| {
        show(&bar, progress, progress.tally.events());
        if broken_off.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.finish_and_clear();
    let position = pipeline.handle().position();
    // Why the ledger stopped says more than that it did.
    pipeline.stop().map_err(anyhow::Error::from)?;
    let imported = imported.map_err(anyhow::Error::from)?;
    for name in &imported.marked {
        output::say(&format!(
            "{name} begins with a byte order mark, which no event does: line 1 is in quarantine as malformed; write the \
             file without the mark, and import it again"
        ));
    }
    let settled = if imported.is_broken_off {
        Err(Failure::failed(anyhow!("broken off after line {}; import again to go on", imported.lines)))
    } else {
        Ok(())
    };
    after_report(settled, print(&report(&imported, position, began.elapsed().as_micros(), args.json), args.json))
}

fn input(path: &Path) -> Input {
    if path == Path::new("-") { Input::Stdin } else { Input::File(path.to_owned()) }
}

fn bar(quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes}, {eta} left, {msg}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show(bar: &ProgressBar, progress: &ImportProgress<'_>, events: u64) {
    if bar.is_hidden() {
        return;
    }
    match progress.bytes_total {
        Some(total) => bar.set_length(total),
        None => bar.unset_length(),
    }
    bar.set_position(progress.bytes);
    let rate = u128::from(events) * 1_000 / bar.elapsed().as_millis().max(1);
    bar.set_message(format!(
        "{} events, {}/s",
        HumanCount(events),
        HumanCount(u64::try_from(rate).unwrap_or(u64::MAX))
    ));
}

fn print(report: &str, as_json: bool) -> Result<(), OutputError> {
    if as_json { output::print(report.as_bytes(), output::Format::Json) } else { output::print_raw(report.as_bytes()) }
}

/// What became of the events.
fn report(imported: &Imported, position: u64, micros: u128, as_json: bool) -> String {
    let tally = &imported.tally;
    let rate = u128::from(tally.events()) * 1_000_000 / micros.max(1);
    if as_json {
        let quarantined = by_reason(tally);
        let answer = json!({
            "lines": imported.lines,
            "accepted": tally.accepted,
            "duplicate": tally.duplicate,
            "quarantined": quarantined,
            "position": position,
            "micros": u64::try_from(micros).unwrap_or(u64::MAX),
            "events_per_second": u64::try_from(rate).unwrap_or(u64::MAX),
        });
        return answer.to_string();
    }
    let kept: u64 = tally.quarantined.values().sum();
    let why = if kept == 0 { String::new() } else { format!("{}: see `tributary quarantine list`", reasons(tally)) };
    format!(
        "{} lines in {}.{:03} s, {rate} events a second\naccepted     {}\nduplicate    {}\nquarantined  {kept}{why}\nposition     {position}\n",
        imported.lines,
        micros / 1_000_000,
        micros / 1_000 % 1_000,
        tally.accepted,
        tally.duplicate,
    )
}

fn by_reason(tally: &Tally) -> serde_json::Map<String, serde_json::Value> {
    tally.quarantined.iter().map(|(reason, count)| (reason.as_str().to_owned(), json!(count))).collect()
}

/// How many for each reason, behind their sum; nothing where there are none.
fn reasons(tally: &Tally) -> String {
    let reasons: Vec<String> =
        tally.quarantined.iter().map(|(reason, count)| format!("{count} {}", reason.as_str())).collect();
    if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) }
}
