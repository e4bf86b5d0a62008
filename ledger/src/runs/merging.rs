//! Adjacent runs made one: both orders are merged as they are read, so it needs little memory.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::run::{Hashes, Run};
use super::writing::{Plan, Writing};
use crate::position::Position;
use crate::storage::{Storage, StorageError};

/// So many runs of about one size become one. With four, a thousand million events lie in a dozen runs at most, and an
/// event is written once for each fourfold of the ledger.
const FAN: usize = 4;

/// How large a run is, and of what range.
#[derive(Clone, Copy)]
struct Extent {
    events: u64,
    origin: Position,
    last: Position,
}

/// Which of the runs, which follow one another, are to become one.
pub(super) fn due(runs: &[Arc<Run>], smallest: u64) -> Option<Range<usize>> {
    let extents: Vec<Extent> = runs.iter().map(|run| run.extent()).collect();
    due_among(&extents, smallest)
}

/// Where none are due any more, sizes fall from the oldest run to the newest, and fewer than four are of about one size: so
/// there are about as many as the logarithm of the number of events, whatever sizes they were written in. One that would
/// reach too far for its places to have 32 bits is never due.
fn due_among(runs: &[Extent], smallest: u64) -> Option<Range<usize>> {
    // How often a size holds four times the smallest.
    let tiers: Vec<u32> = runs.iter().map(|run| (run.events / smallest.max(1)).max(1).ilog(FAN as u64)).collect();
    let fits = |range: &Range<usize>| runs[range.end - 1].last - runs[range.start].origin <= Position::from(u32::MAX);
    // A run goes into a larger one behind it, with all that are smaller and stand between.
    let swallowed = (1..runs.len()).rev().filter(|at| tiers[at - 1] < tiers[*at]).find_map(|at| {
        let smaller = tiers[..at].iter().rev().take_while(|tier| **tier < tiers[at]).count();
        (at - smaller..at).map(|from| from..at + 1).find(&fits)
    });
    let alike = || {
        let fours = (FAN..=runs.len()).rev().map(|end| end - FAN..end);
        fours.filter(&fits).find(|four| tiers[four.clone()].iter().all(|tier| *tier == tiers[four.start]))
    };
    swallowed.or_else(alike)
}

/// Writes the run that tells what these tell, which follow one another.
pub(super) fn merge(storage: &dyn Storage, runs: &[Arc<Run>], stopping: &AtomicBool) -> Result<(), StorageError> {
    let (first, last) = (&runs[0].header, &runs[runs.len() - 1].header);
    let mut accounts = 0;
    for_each_account(runs, |_, _| {
        accounts += 1;
        Ok(())
    })?;
    let plan = Plan {
        after: first.after,
        end: last.end,
        origin: first.origin,
        events: runs.iter().map(|run| run.header.events).sum(),
        accounts,
    };
    let place = |position: Position| (position - plan.origin) as u32;
    let mut writing = Writing::begin(storage, stopping, &plan)?;
    for_each_account(runs, |uid, parts| {
        let places = parts.iter().flat_map(|(run, account)| {
            let moved = place(run.header.origin);
            run.walk(*account).iter().map(move |at| moved + u32::from_le_bytes(*at))
        });
        writing.account(uid, places)
    })?;
    let hashes: Vec<Hashes<'_>> = runs.iter().map(|run| run.hashes()).collect();
    let mut next = vec![0; runs.len()];
    let mut heads: Vec<Option<u64>> = hashes.iter().map(|hashes| hashes.get(0)).collect();
    let least = |heads: &[Option<u64>]| heads.iter().zip(0..).filter_map(|(hash, from)| Some(((*hash)?, from))).min();
    while let Some((hash, from)) = least(&heads) {
        let (hashes, at): (_, &mut usize) = (&hashes[from], &mut next[from]);
        let origin =
            if mutants::mutant!("merged-run-counts-from-elsewhere") { plan.origin } else { runs[from].header.origin };
        writing.identity(hash, place(origin + hashes.place(*at)))?;
        *at += 1;
        heads[from] = hashes.get(*at);
    }
    writing.finish()
}

/// Each account of these runs, by uid, with the runs that it has events in and its number there.
fn for_each_account<'r>(
    runs: &'r [Arc<Run>],
    mut each: impl FnMut(u64, &[(&'r Run, usize)]) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let mut next = vec![0; runs.len()];
    let mut parts = Vec::with_capacity(runs.len());
    while let Some(uid) = runs.iter().zip(&next).filter_map(|(run, account)| run.uid(*account)).min() {
        parts.clear();
        for (run, account) in runs.iter().zip(&mut next) {
            if run.uid(*account) == Some(uid) {
                parts.push((&**run, *account));
                *account += 1;
            }
        }
        each(uid, &parts)?;
    }
    Ok(())
}

impl Run {
    fn extent(&self) -> Extent {
        Extent { events: self.header.events, origin: self.header.origin, last: self.last() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// One run behind another of so many events each, merged as it comes. Gives how many there are at the end, and how
    /// many events were written in all.
    fn after(sizes: &[u64], smallest: u64, spread: u64) -> (usize, u64) {
        let (mut runs, mut last, mut written) = (Vec::<Extent>::new(), 0, 0);
        for events in sizes {
            runs.push(Extent { events: *events, origin: last, last: last + events * spread });
            (last, written) = (last + events * spread, written + events);
            while let Some(range) = due_among(&runs, smallest) {
                assert!(range.len() > 1, "{range:?}");
                let (first, end) = (runs[range.start], runs[range.end - 1]);
                assert!(end.last - first.origin <= Position::from(u32::MAX));
                let events = runs[range.clone()].iter().map(|run| run.events).sum();
                written += events;
                runs.splice(range, [Extent { events, origin: first.origin, last: end.last }]);
            }
        }
        (runs.len(), written)
    }

    proptest! {
        #[test]
        fn runs_of_any_sizes_become_as_many_as_the_logarithm_and_each_event_is_written_about_as_often(
            sizes in vec(prop_oneof![4 => 100..110u64, 1 => 100..10_000u64, 1 => 1..100u64], 1..400),
        ) {
            let total: u64 = sizes.iter().sum();
            let (count, written) = after(&sizes, 100, 1);
            let tiers = u64::from((total / 100).max(1).ilog(4)) + 1;
            prop_assert!(count as u64 <= 3 * tiers, "{} runs of {} events", count, total);
            prop_assert!(written <= total * (2 * tiers + 1), "{} written of {}", written, total);
        }
    }

    #[test]
    fn runs_that_alternate_between_two_sizes_do_not_pile_up() {
        let sizes: Vec<u64> = (0..2_000).map(|at| if at % 2 == 0 { 100 } else { 500 }).collect();
        let (count, _) = after(&sizes, 100, 1);
        assert!(count <= 3 * 7, "{count} runs");
    }

    #[test]
    fn runs_that_reach_too_far_together_stay_apart() {
        // Four of them reach farther than places of 32 bits.
        let (count, _) = after(&[100; 12], 100, (1 << 32) / 300);
        assert!((4..=12).contains(&count), "{count} runs");
    }
}
