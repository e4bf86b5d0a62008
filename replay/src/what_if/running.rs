//! A what-if from its rules to the difference that they make.

use std::collections::BTreeSet;

use ledger::{EventReader, FrameCursor, LedgerError, LedgerReader, POSITION_MAX, Position, ReadError};
use projections::query::{AmountKey, Amounts, AmountsAsked, By};
use projections::views::{AmountChanges, AsOf, Difference, WhatIfRow};
use projections::{Context, State};
use schemas::{Event, Timestamp};

use super::added::{AddedError, Misfit, added};
use super::edits::{EditedReader, Edits};
use super::rules::Rules;
use crate::decoding::{DecodedFrame, decoded_together};
use crate::workers::CoreWorkers;

/// So many reversals, or entries, are looked at while a state is lent.
const REVERSALS_AT_ONCE: usize = 1_000;
const ENTRIES_AT_ONCE: usize = 1_000;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WhatIf {
    /// The edits.
    pub rules: Rules,
    /// What is added up.
    pub amounts: AmountsAsked,
    /// Whether rows without a difference are shown, too.
    pub all: bool,
}

/// Why a what-if has no difference to show.
#[derive(Debug, thiserror::Error)]
pub enum WhatIfError {
    /// An added event does not fit in.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// A frame cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// An entry that another refers to cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No ledger could hold the edited set.
    #[error("with {adds} events added there would be more than {POSITION_MAX}")]
    TooMany {
        /// How many are added.
        adds: u64,
    },
    /// It was told to stop.
    #[error("it was told to stop")]
    Stopped,
}

impl From<AddedError> for WhatIfError {
    fn from(error: AddedError) -> WhatIfError {
        match error {
            AddedError::Misfit(misfit) => misfit.into(),
            AddedError::Read(error) => error.into(),
        }
    }
}

/// How far a what-if is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhatIfProgress {
    /// The ledger's position up to which the edited set is replayed.
    pub position: Position,
    /// The last one.
    pub until: Position,
}

/// Lends a state of the ledger as it is, for as long as the question takes; all of them reach at least as far as the
/// first one lent.
pub type LentState<'a> = dyn Fn(&mut dyn FnMut(&State)) + 'a;

/// What is known of the ledger as it is.
struct Before {
    adds: Vec<Event<'static>>,
    amounts: Amounts,
    as_of: AsOf,
    reversed: Vec<Position>,
}

impl Before {
    fn take(asked: &WhatIf, arrived: Timestamp, state: &State, reader: &LedgerReader) -> Result<Before, WhatIfError> {
        let adds = added(&asked.rules, arrived, state, reader)?;
        let reversed = if asked.all { state.reversed_trades() } else { Vec::new() };
        Ok(Before { adds, amounts: state.amounts(asked.amounts), as_of: state.as_of(), reversed })
    }
}

/// The state of an edited set, and what it is read through.
pub struct Edited {
    /// All projections of the edited set.
    pub state: State,
    /// The edited set.
    pub reader: EditedReader,
}

/// Replays the ledger with the edits, up to the position of the first state lent, and says what they change. `arrived`
/// is the moment at which the added events arrive. `go_on` is told how far it is after some frames, and says whether
/// to go on.
///
/// # Errors
/// If an added event does not fit in, the ledger cannot be read, or it is told to stop.
pub fn what_if(
    asked: &WhatIf,
    reader: &LedgerReader,
    lent: &LentState<'_>,
    arrived: Timestamp,
    threads: usize,
    go_on: &mut dyn FnMut(WhatIfProgress) -> bool,
) -> Result<(Difference, Edited), WhatIfError> {
    let mut before = None;
    lent(&mut |state| before = Some(Before::take(asked, arrived, state, reader)));
    let Some(before) = before else { return Err(WhatIfError::Stopped) };
    let Before { adds, mut amounts, as_of, reversed } = before?;
    for trades in reversed.chunks(REVERSALS_AT_ONCE) {
        let mut added = Ok(());
        lent(&mut |state| {
            added = state.add_reversed_keys(asked.amounts, trades, as_of.position, reader, &mut amounts);
        });
        added?;
    }
    let is_by_trade = asked.amounts.by == By::Product;
    if is_by_trade {
        let mut at = 0;
        while at < as_of.position {
            let last = (at + ENTRIES_AT_ONCE as Position).min(as_of.position);
            let entries = (at + 1..=last).map(|position| Ok((position, reader.event(position)?)));
            let entries = entries.collect::<Result<Vec<_>, ReadError>>()?;
            lent(&mut |state| {
                for (position, event) in &entries {
                    state.add_trade(asked.amounts, *position, event, as_of.position, &mut amounts);
                }
            });
            at = last;
            if !go_on(WhatIfProgress { position: 0, until: as_of.position }) {
                return Err(WhatIfError::Stopped);
            }
        }
    }
    let edited_reader = EditedReader::new(adds, arrived, reader.clone());
    let state = replay_edited(&asked.rules, reader, &edited_reader, as_of.position, threads, go_on)?;
    let mut after = state.amounts(asked.amounts);
    if is_by_trade {
        add_trades(asked, &state, &edited_reader, as_of.position, go_on, &mut after)?;
    }
    if asked.all {
        let reversed = state.reversed_trades();
        state.add_reversed_keys(asked.amounts, &reversed, Position::MAX, &edited_reader, &mut after)?;
    }
    let difference = difference(&amounts, &after, asked.all, as_of);
    Ok((difference, Edited { state, reader: edited_reader }))
}

/// The state of the edited set: the adds first, then the entries that are kept.
fn replay_edited(
    rules: &Rules,
    reader: &LedgerReader,
    edited: &EditedReader,
    until: Position,
    threads: usize,
    go_on: &mut dyn FnMut(WhatIfProgress) -> bool,
) -> Result<State, WhatIfError> {
    let adds = edited.adds().len() as u64;
    if until + adds > POSITION_MAX {
        return Err(WhatIfError::TooMany { adds });
    }
    let workers = CoreWorkers::new(threads);
    let context = Context::new(edited, &workers);
    let mut state = State::new();
    for (event, position) in edited.adds().iter().zip(1..) {
        state.apply_event(position, edited.recorded_at(position)?, event, context)?;
    }
    if until == 0 {
        return Ok(state);
    }
    decoded_together(reader, &FrameCursor::START, threads, Edits::of(rules, adds, until), |frames| {
        let Some(last) = frames.last() else { return Ok(true) };
        let events: Vec<_> = frames.iter().map(DecodedFrame::events).collect();
        state.apply_batch(&events, context)?;
        let position = last.last_position().min(until);
        if !go_on(WhatIfProgress { position, until }) {
            return Err(WhatIfError::Stopped);
        }
        Ok(position < until)
    })?;
    Ok(state)
}

/// Adds the trades of the edited set one by one: the adds, and the entries up to a position that are kept.
fn add_trades(
    asked: &WhatIf,
    state: &State,
    edited: &EditedReader,
    until: Position,
    go_on: &mut dyn FnMut(WhatIfProgress) -> bool,
    amounts: &mut Amounts,
) -> Result<(), WhatIfError> {
    let adds = edited.adds().len() as Position;
    for position in 1..=adds + until {
        let event = edited.event(position)?;
        if position <= adds || !asked.rules.drops(&event) {
            state.add_trade(asked.amounts, position, &event, Position::MAX, amounts);
        }
        if position.is_multiple_of(ENTRIES_AT_ONCE as Position) && !go_on(WhatIfProgress { position: until, until }) {
            return Err(WhatIfError::Stopped);
        }
    }
    Ok(())
}

/// The keys of both sets, and what each has in one and in the other.
pub(crate) fn difference(before: &Amounts, after: &Amounts, all: bool, as_of: AsOf) -> Difference {
    let keys: BTreeSet<&AmountKey> = before.by_key.keys().chain(after.by_key.keys()).collect();
    let of = |amounts: &Amounts, key: &AmountKey| amounts.by_key.get(key).copied().unwrap_or_default();
    let rows = keys
        .into_iter()
        .map(|key| WhatIfRow { key: key.clone(), changes: AmountChanges::between(of(before, key), of(after, key)) });
    let rows = rows.filter(|row| all || !row.changes.is_none()).collect();
    Difference { rows, sum: AmountChanges::between(before.sum(), after.sum()), as_of }
}
