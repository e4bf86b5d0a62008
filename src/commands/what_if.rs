//! Replays the ledger under other rules, and prints the difference that they make.

use std::path::Path;

use anyhow::{Context, anyhow};
use api::views::{AmountChanges, Shown, WhatIfJob, WhatIfRow};
use checkpoints::{Checkpoint, KeptCheckpoints};
use ingest::{Clock, SystemClock};
use ledger::{Access, EventReader, FrameCursor, LedgerReader, Position};
use projections::State;
use projections::query::{AmountsAsked, RangeRequest};
use projections::views::Difference;
use replay::what_if::{Rules, WhatIf, WhatIfError, what_if};
use replay::{AsOf, Until, replay};
use serde::Serialize;

use crate::cli::WhatIfFlags;
use crate::config::Settings;
use crate::exit::Failure;
use crate::output::{self, Format, Style};
use crate::place::{Place, position_of, replay_bar};

/// What was typed.
pub(super) struct Typed<'a> {
    pub(super) file: &'a Path,
    pub(super) flags: &'a WhatIfFlags,
    pub(super) until: Option<AsOf>,
    pub(super) threads: usize,
    pub(super) as_json: bool,
}

/// Prints the difference. The ledger is only read, also beside a daemon that writes it.
///
/// # Errors
/// Rules that cannot be read, a range that ends before it begins, and a moment that the ledger does not have are bad
/// usage; an added event that does not fit in is a failure.
pub(super) fn run(settings: &Settings, place: &Place, typed: &Typed<'_>) -> Result<(), Failure> {
    let Typed { flags, until, threads, .. } = *typed;
    let asked = asked(typed)?;
    let reader = place.reader()?;
    let (position, arrived) = match until {
        Some(moment) => {
            let position = position_of(moment, &reader)?;
            (position, reader.recorded_at(position).map_err(anyhow::Error::from)?)
        }
        None => (reader.durable_position(), SystemClock::new().now()),
    };
    let before = state_at(settings, place, &reader, position, threads)?;
    let bar = replay_bar();
    let lend = |ask: &mut dyn FnMut(&State)| ask(&before);
    let worked = what_if(&asked, &reader, &lend, arrived, threads, &mut |progress| {
        bar.set_length(progress.until);
        bar.set_position(progress.position);
        true
    });
    bar.finish_and_clear();
    let (difference, _) = worked.map_err(failure)?;
    if typed.as_json {
        return print_json(flags, difference);
    }
    print_table(difference, &Style::of(Format::Table, flags.columns.clone().unwrap_or_default()))
}

fn asked(typed: &Typed<'_>) -> Result<WhatIf, Failure> {
    let WhatIfFlags { by, from, to, all, .. } = *typed.flags;
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Failure::usage(anyhow!("--from ({from}) lies after --to ({to})")));
    }
    let name = typed.file.display();
    let text = std::fs::read_to_string(typed.file)
        .with_context(|| format!("the rules cannot be read: {name}"))
        .map_err(Failure::usage)?;
    let rules =
        Rules::of_toml(&text).map_err(|error| Failure::usage(anyhow::Error::from(error).context(name.to_string())))?;
    let amounts = AmountsAsked { by: by.unwrap_or_default(), days: RangeRequest { from, to } };
    Ok(WhatIf { rules, amounts, all })
}

fn failure(error: WhatIfError) -> Failure {
    match error {
        WhatIfError::Misfit(misfit) => {
            let field = misfit.field.as_ref().map(|field| format!(" ({field})")).unwrap_or_default();
            Failure::failed(anyhow!("{misfit}{field}"))
        }
        WhatIfError::Ledger(_) | WhatIfError::Read(_) | WhatIfError::TooMany { .. } | WhatIfError::Stopped => {
            Failure::failed(error.into())
        }
    }
}

/// The state as the ledger is, from the last checkpoint before it: from the one that the daemon starts from, if that
/// can be had, or one kept along the way.
fn state_at(
    settings: &Settings,
    place: &Place,
    reader: &LedgerReader,
    position: Position,
    threads: usize,
) -> Result<State, Failure> {
    let latest = place.checkpoints_if_there().and_then(|mut store| store.load().ok().flatten());
    let (mut state, cursor) = place
        .kept_checkpoints(settings, Access::Read)
        .map(|kept| {
            let latest = latest.and_then(|checkpoint| restored(&kept, &checkpoint, reader, position));
            latest.unwrap_or_else(|| kept.restore(position, reader))
        })
        .unwrap_or_else(|| (State::new(), FrameCursor::START));
    if position == 0 {
        return Ok(state);
    }
    let bar = replay_bar();
    bar.set_length(position);
    let replayed = replay(reader, &mut state, cursor, Until::Position(position), threads, &mut |step| {
        bar.set_position(step.state.position());
    });
    bar.finish_and_clear();
    replayed.map_err(anyhow::Error::from)?;
    Ok(state)
}

/// The state of a checkpoint, if it is one of this ledger and lies no later than a position.
fn restored(
    kept: &KeptCheckpoints,
    checkpoint: &Checkpoint,
    reader: &LedgerReader,
    upto: Position,
) -> Option<(State, FrameCursor)> {
    let place = checkpoint.cursor().ok()?;
    let is_usable = place.position() <= upto && reader.holds(&place).unwrap_or(false);
    if is_usable { kept.restore_from(checkpoint, reader).ok() } else { None }
}

fn print_json(flags: &WhatIfFlags, difference: Difference) -> Result<(), Failure> {
    let done = WhatIfJob::Done {
        id: None,
        progress: 1.0,
        by: flags.by.unwrap_or_default().as_str(),
        from: flags.from,
        to: flags.to,
        all: flags.all,
        rows: difference.rows.shown(),
        sum: difference.sum.shown(),
        as_of: difference.as_of.shown(),
    };
    let text = serde_json::to_vec(&done).map_err(anyhow::Error::from)?;
    Ok(output::print(&text, Format::Json)?)
}

/// A line of the table.
#[derive(Serialize)]
#[serde(untagged)]
enum Line {
    Row(WhatIfRow),
    Sum {
        key: &'static str,
        #[serde(flatten)]
        changes: AmountChanges,
    },
}

#[derive(Serialize)]
struct Lines {
    rows: Vec<Line>,
}

/// Prints the rows, and the sum of all keys.
pub(super) fn print_table(difference: Difference, style: &Style) -> Result<(), Failure> {
    let rows = difference.rows.into_iter().map(|row| Line::Row(row.shown()));
    let lines = Lines { rows: rows.chain([Line::Sum { key: "sum", changes: difference.sum.shown() }]).collect() };
    let text = serde_json::to_vec(&lines).map_err(anyhow::Error::from)?;
    Ok(output::print_as(&text, style, "what-if")?)
}
