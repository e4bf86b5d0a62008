//! What one late entry reaches, prepared by all workers. *Preparing* reads the state and the ledger and changes nothing;
//! what it gives is *committed* by the thread that applies, in the order of the families. So the workers decide on nothing,
//! and the state is the same whatever their number.

use std::ops::Range;
use std::sync::OnceLock;

use ledger::{AccountId, Position, ReadError};

use crate::context::Context;
use crate::state::State;

/// So many families are prepared before any is committed: what is prepared takes memory.
const FAMILIES_AT_ONCE: usize = 16_384;
/// Looking for what of a family is reached costs about as much as so many events.
const FAMILY_WEIGHT: usize = 4;
/// An account's events are shared in at most so many stretches.
const STRETCHES_MAX: usize = 64;

/// A stretch of the events of one account of a family: one market maker may have millions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch<M> {
    /// Which of the families prepared together.
    pub(super) family: usize,
    pub(super) member: M,
    /// Which of its events, in the order of their arrival.
    pub(super) events: Range<usize>,
}

impl State {
    /// Gives groups of families to `prepare`, which commits what it prepared, until all were, and tells how far it is.
    pub(super) fn in_groups(
        &mut self,
        heads: &[AccountId],
        context: Context<'_>,
        mut correct: impl FnMut(&mut State, &[AccountId]) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut done = 0;
        for group in heads.chunks(FAMILIES_AT_ONCE) {
            correct(self, group)?;
            done += group.len() as u64;
            context.workers.progress(done, heads.len() as u64);
        }
        Ok(())
    }

    /// The events of an account behind a position, up to the entry, in stretches.
    pub(super) fn stretches<M: Copy>(
        &self,
        family: usize,
        account: AccountId,
        member: M,
        behind: Position,
        context: Context<'_>,
    ) -> impl Iterator<Item = Stretch<M>> {
        let count = self.index.positions(account).len();
        let first = if behind == 0 { 0 } else { count - self.positions_behind(account, behind).count() };
        // To come to a stretch is a step an event before it: so there are not too many.
        let length = context.workers.events_a_part().max((count - first).div_ceil(STRETCHES_MAX));
        (first..count).step_by(length).map(move |from| Stretch {
            family,
            member,
            events: from..count.min(from + length),
        })
    }

    /// The positions of an account's events behind one, the last first.
    pub(crate) fn positions_behind(&self, account: AccountId, behind: Position) -> impl Iterator<Item = Position> + '_ {
        self.index.positions(account).rev().take_while(move |position| *position > behind)
    }

    /// The positions of a stretch of an account's events.
    pub(super) fn positions_of(
        &self,
        account: AccountId,
        events: &Range<usize>,
    ) -> impl DoubleEndedIterator<Item = Position> + '_ {
        self.index.positions(account).skip(events.start).take(events.len())
    }
}

/// Looks at each family, on all workers.
pub(super) fn of_families<R: Send + Sync>(
    context: Context<'_>,
    heads: &[AccountId],
    look: impl Fn(AccountId) -> R + Sync,
) -> Result<Vec<R>, ReadError> {
    shared(context, heads, |_| FAMILY_WEIGHT, |head| Ok(look(*head)))
}

/// Prepares each stretch, on all workers.
pub(super) fn of_stretches<M: Sync, R: Send + Sync>(
    context: Context<'_>,
    stretches: &[Stretch<M>],
    prepare: impl Fn(&Stretch<M>) -> Result<R, ReadError> + Sync,
) -> Result<Vec<R>, ReadError> {
    shared(context, stretches, |stretch| stretch.events.len(), prepare)
}

/// What comes of each item, in their order; of errors the first.
fn shared<T: Sync, R: Send + Sync>(
    context: Context<'_>,
    items: &[T],
    weight: impl Fn(&T) -> usize,
    work: impl Fn(&T) -> Result<R, ReadError> + Sync,
) -> Result<Vec<R>, ReadError> {
    let parts = parts_of(items, weight, context.workers.events_a_part());
    if parts.len() <= 1 || context.workers.count() == 1 {
        return items.iter().map(work).collect();
    }
    let done: Vec<OnceLock<Result<Vec<R>, ReadError>>> = parts.iter().map(|_| OnceLock::new()).collect();
    context.workers.each(parts.len(), &|part| {
        // A part is done by one worker alone, and so put down once.
        done[part].get_or_init(|| items[parts[part].clone()].iter().map(&work).collect());
    });
    let mut results = Vec::with_capacity(items.len());
    for part in done {
        results.extend(part.into_inner().expect("the workers do each part")?);
    }
    Ok(results)
}

/// Neighbours together, so many that each part has about as many events.
fn parts_of<T>(items: &[T], weight: impl Fn(&T) -> usize, events_a_part: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut from, mut events) = (0, 0);
    for (at, item) in items.iter().enumerate() {
        events += weight(item);
        if events >= events_a_part {
            parts.push(from..at + 1);
            (from, events) = (at + 1, 0);
        }
    }
    if from < items.len() {
        parts.push(from..items.len());
    }
    parts
}
