//! `tributary import --dry-run`: what would become of the events, and what they would change. The ledger is only read,
//! also beside a daemon that writes it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::anyhow;
use api::events::EventResult;
use api::views::Shown as _;
use ingest::files::{Gathered, Input, gather};
use ingest::{Clock, SystemClock, Tally};
use ledger::{DryRun, Ledger, LedgerOptions, LedgerReader, MemoryStorage, Outcome};
use projections::State;
use projections::views::Difference;
use replay::dry_run;
use schemas::Timestamp;
use serde_json::json;

use super::{bar, by_reason, reasons, show};
use crate::config::Settings;
use crate::exit::Failure;
use crate::interruption;
use crate::output::{self, Format, Style};
use crate::place::{Place, cores};

/// So many quarantined events are told of one by one.
const QUARANTINED_SHOWN: usize = 20;

/// How it is told.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) as_json: bool,
    pub(super) quiet: bool,
}

/// Says what an import would come to.
pub(super) fn execute(settings: &Settings, place: &Place, inputs: &[Input], shown: Shown) -> Result<(), Failure> {
    let ledger = AsItStands::of(settings, place)?;
    let bar = bar(shown.quiet);
    let broken_off = interruption::watch(settings.limits.stop)?;
    let gathered = gather(ledger.reader.dictionary(), ledger.arrival, inputs, &mut |progress| {
        show(&bar, progress, progress.lines);
        if broken_off.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.finish_and_clear();
    let gathered = gathered.map_err(anyhow::Error::from)?;
    if gathered.is_broken_off {
        return Err(Failure::failed(anyhow!("broken off after line {}; nothing was appended", gathered.lines)));
    }
    for name in &gathered.marked {
        output::say(&format!("{name} begins with a byte order mark, which no event does: line 1 is malformed"));
    }
    let AsItStands { state, reader, now, .. } = &ledger;
    let (run, changes) = dry_run(state, reader, &gathered.batches, *now, cores()).map_err(anyhow::Error::from)?;
    if shown.as_json { print_json(&gathered, &run, changes) } else { print_text(&gathered, &run, changes) }
}

/// The ledger as it stands.
struct AsItStands {
    state: State,
    reader: LedgerReader,
    /// The moment by which events are judged, and the one at which they would be recorded.
    arrival: Timestamp,
    now: Timestamp,
}

impl AsItStands {
    /// An import makes a ledger where there is none; so this begins with an empty one, which is not made.
    fn of(settings: &Settings, place: &Place) -> Result<AsItStands, Failure> {
        if !place.has_ledger() {
            let options = LedgerOptions { segment_bytes: 1 << 16, ..LedgerOptions::default() };
            let (empty, _) = Ledger::open(Arc::new(MemoryStorage::new()), options).map_err(anyhow::Error::from)?;
            let now = SystemClock::new().now();
            return Ok(AsItStands { state: State::new(), reader: empty.reader(), arrival: now, now });
        }
        let (ledger, _) = place.read(settings)?;
        let snapshot = ledger.snapshot().map_err(anyhow::Error::from)?;
        let (state, reader) = (snapshot.view().state.clone(), ledger.reader());
        Ok(AsItStands { state, reader, arrival: ledger.arrival(), now: ledger.now() })
    }
}

fn tally(run: &DryRun<'_>) -> Tally {
    let mut tally = Tally::default();
    tally.add(run.outcomes());
    tally
}

fn print_json(gathered: &Gathered, run: &DryRun<'_>, changes: Difference) -> Result<(), Failure> {
    let tally = tally(run);
    let results: Vec<EventResult> = run.outcomes().iter().cloned().map(EventResult::from).collect();
    let answer = json!({
        "dry_run": true,
        "lines": gathered.lines,
        "accepted": tally.accepted,
        "duplicate": tally.duplicate,
        "quarantined": by_reason(&tally),
        "position": changes.as_of.position + tally.accepted,
        "results": results,
        "changes": changes.rows.shown(),
        "sum": changes.sum.shown(),
        "as_of": changes.as_of.shown(),
    });
    Ok(output::print(answer.to_string().as_bytes(), Format::Json)?)
}

fn print_text(gathered: &Gathered, run: &DryRun<'_>, changes: Difference) -> Result<(), Failure> {
    let tally = tally(run);
    let kept: u64 = tally.quarantined.values().sum();
    let positions = run.outcomes().iter().filter_map(|outcome| match outcome {
        Outcome::Accepted { position } => Some(*position),
        Outcome::Duplicate { .. } | Outcome::Quarantined { .. } => None,
    });
    let first = positions.min();
    let at = first.map(|first| format!(" at positions {first} to {}", changes.as_of.position + tally.accepted));
    let mut text = format!(
        "a dry run: nothing was appended\n{} lines\naccepted     {}{}\nduplicate    {}\nquarantined  {kept}{}\n",
        gathered.lines,
        tally.accepted,
        at.unwrap_or_default(),
        tally.duplicate,
        reasons(&tally),
    );
    for (origin, rejection) in run.quarantined().take(QUARANTINED_SHOWN) {
        let field = rejection.field.as_ref().map(|field| format!(" ({field})")).unwrap_or_default();
        text.push_str(&format!("  {origin}: {}{field}: {}\n", rejection.reason.as_str(), rejection.detail));
    }
    let more = kept.saturating_sub(QUARANTINED_SHOWN as u64);
    if more > 0 {
        text.push_str(&format!("  and {more} more; --json tells each\n"));
    }
    text.push_str("\nwhat it would change, by referrer:\n");
    output::print_raw(text.as_bytes())?;
    super::super::what_if::print_table(changes, &Style::plain_table())
}
