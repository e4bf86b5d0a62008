//! What sending events would come to, for each of them and for every referrer: a what-if that adds them, made without
//! a replay.
//!
//! A number is a function of the set of accepted events, and a state goes on from where it stands. So the events that
//! would be accepted are applied to a copy of the state, which costs what they cost when they are sent, and what both
//! have earned is compared as a what-if by referrer compares it: the same digits. Nothing is written, and the state that
//! is copied stays as it is.

use ledger::{Batch, DryRun, LedgerError, LedgerReader, ReadError};
use projections::query::{AmountsAsked, By};
use projections::views::Difference;
use projections::{Context, FrameEvents, State};
use schemas::Timestamp;

use crate::what_if::difference;
use crate::workers::CoreWorkers;

/// So many events are applied together.
const EVENTS_TOGETHER: usize = 100_000;

/// Why it is not known what sending would come to.
#[derive(Debug, thiserror::Error)]
pub enum DryRunError {
    /// What an event may repeat cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// An entry that an event refers to cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Says what would become of the events of these batches behind a state of this ledger, at a moment; and what they would
/// change, by referrer and of all time, where referrers without a difference are left out.
///
/// # Errors
/// If the ledger cannot be read.
pub fn dry_run<'b>(
    state: &State,
    reader: &LedgerReader,
    batches: &'b [Batch],
    now: Timestamp,
    threads: usize,
) -> Result<(DryRun<'b>, Difference), DryRunError> {
    let run = DryRun::decide(state.index(), reader, state.position(), batches)?;
    let asked = AmountsAsked { by: By::Referrer, ..AmountsAsked::default() };
    let before = state.amounts(asked);
    let recorded_at = state.recorded_at().map_or(now, |recorded_at| recorded_at.max(now));
    let workers = CoreWorkers::new(threads);
    let mut after = state.clone();
    let mut accepted = run.accepted().map(Ok::<_, ReadError>).peekable();
    let about = batches.iter().map(Batch::len).sum::<usize>().min(EVENTS_TOGETHER);
    while accepted.peek().is_some() {
        let events = FrameEvents::of(recorded_at, about, accepted.by_ref().take(EVENTS_TOGETHER))?;
        after.apply_batch(&[&events], Context::new(&run, &workers))?;
    }
    drop(accepted);
    let changes = difference(&before, &after.amounts(asked), false, state.as_of());
    Ok((run, changes))
}
