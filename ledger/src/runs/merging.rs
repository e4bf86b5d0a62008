//! Adjacent runs made one: both orders are merged as they are read, so it needs little memory.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::run::Run;
use super::writing::{Plan, Writing};
use crate::position::Position;
use crate::storage::{Storage, StorageError};

/// So many runs of about one size become one. With four, a thousand million events lie in a dozen runs at most, and an
/// event is written once for each fourfold of the ledger.
const FAN: usize = 4;

/// How often a size holds four times the smallest.
fn tier(run: &Run, smallest: u64) -> u32 {
    (run.header.events / smallest.max(1)).max(1).ilog(FAN as u64)
}

/// Which of the runs, which follow one another, are to become one: the first and how many.
pub(super) fn due(runs: &[Arc<Run>], smallest: u64) -> Option<(usize, usize)> {
    let four = runs.windows(FAN).rposition(|four| {
        let fits = four[FAN - 1].last() - four[0].header.origin <= Position::from(u32::MAX);
        fits && four.iter().all(|run| tier(run, smallest) == tier(&four[0], smallest))
    });
    four.map(|at| (at, FAN))
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
    let mut next = vec![0; runs.len()];
    loop {
        let heads = runs.iter().zip(&next).enumerate().filter(|(_, (run, at))| **at < run.events());
        let Some((hash, from)) = heads.map(|(from, (run, at))| (run.hash(*at), from)).min() else { break };
        writing.identity(hash, place(runs[from].position(next[from])))?;
        next[from] += 1;
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
