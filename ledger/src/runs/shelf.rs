//! The runs of one ledger that are open in this process, and the making of new ones.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::chain::Runs;
use super::error::RunError;
use super::form::parse_run_name;
use super::merging::{due, merge};
use super::run::Run;
use crate::cursor::FrameCursor;
use crate::position::Position;
use crate::storage::{Storage, StorageError};

/// Whether a place is one of the ledger's.
pub(crate) type Holds<'a> = dyn Fn(&FrameCursor) -> bool + 'a;

/// Writes a run, unless it is told to stop.
pub(crate) type Write<'a> = dyn Fn(&AtomicBool) -> Result<(), StorageError> + 'a;

/// The runs that are open.
#[derive(Default)]
pub(crate) struct Shelf {
    open: Mutex<Vec<Arc<Run>>>,
    /// Held by who writes a run of new events, or removes files: one at a time.
    writing: Mutex<()>,
    /// Held by who merges: one at a time, while new runs are written beside.
    merging: Mutex<()>,
    /// Whether what is being written is to be left.
    stopping: AtomicBool,
    /// What went wrong and was not told yet.
    trouble: Mutex<Option<RunError>>,
}

impl Shelf {
    /// Runs that tell of everything up to a position. Looks for files if those that are open do not.
    pub(crate) fn upto(&self, upto: Position, storage: &dyn Storage, holds: &Holds<'_>) -> Result<Runs, RunError> {
        if upto == 0 {
            return Ok(Runs::default());
        }
        if let Some(runs) = cover(&self.open.lock(), upto) {
            return Ok(Runs::of(runs, upto));
        }
        let unfit = self.look(storage, holds)?;
        let open = self.open.lock();
        match (cover(&open, upto), unfit) {
            (Some(runs), _) => Ok(Runs::of(runs, upto)),
            (None, Some(unfit)) => Err(unfit),
            (None, None) => Err(RunError::Missing { after: farthest(&open).0, upto }),
        }
    }

    /// The runs that reach farthest, cut at a position. Looks for files.
    pub(crate) fn farthest(&self, upto: Position, storage: &dyn Storage, holds: &Holds<'_>) -> Result<Runs, RunError> {
        let (last, _) = farthest(&self.open.lock());
        if last < upto
            && let Some(unfit) = self.look(storage, holds)?
        {
            *self.trouble.lock() = Some(unfit);
        }
        let (last, runs) = farthest(&self.open.lock());
        Ok(Runs::of(runs, last.min(upto)))
    }

    /// Writes a run that reaches to a position, if none does. To be called by who has the right to write the ledger.
    pub(crate) fn write(
        &self,
        last: Position,
        write: &Write<'_>,
        storage: &dyn Storage,
        holds: &Holds<'_>,
    ) -> Result<(), RunError> {
        let _writing = self.writing.lock();
        if farthest(&self.open.lock()).0 < last {
            write(&self.stopping)?;
        }
        self.look(storage, holds)?;
        Ok(())
    }

    /// Merges what is due, and removes what no state will stand on any more. Whether some were merged. To be called by who has
    /// the right to write the ledger. Who reads a removed file keeps it; who wants to open one finds those that are there.
    pub(crate) fn merge(&self, smallest: u64, storage: &dyn Storage, holds: &Holds<'_>) -> Result<bool, RunError> {
        let _merging = self.merging.lock();
        let mut merged = false;
        loop {
            let (_, runs) = farthest(&self.open.lock());
            let Some(range) = due(&runs, smallest) else { break };
            merge(storage, &runs[range], &self.stopping)?;
            merged = true;
            self.look(storage, holds)?;
        }
        // NOTE: no run of new events gets its name meanwhile: it would be none of those that are kept.
        let _writing = self.writing.lock();
        self.look(storage, holds)?;
        let (_, runs) = farthest(&self.open.lock());
        let mut removed = false;
        for name in storage.list()? {
            if parse_run_name(&name).is_some() && runs.iter().all(|run| run.name != name) {
                storage.remove(&name)?;
                removed = true;
            }
        }
        if removed {
            storage.sync_names()?;
        }
        *self.open.lock() = runs;
        Ok(merged)
    }

    /// Leaves what is being written unfinished, now and from now on.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Notes what went wrong. That it was told to stop is nothing wrong.
    pub(crate) fn note_trouble(&self, error: RunError) {
        if !self.stopping.load(Ordering::Relaxed) {
            *self.trouble.lock() = Some(error);
        }
    }

    pub(crate) fn take_trouble(&self) -> Option<RunError> {
        self.trouble.lock().take()
    }

    /// Opens the files that are not open yet. Gives the first one that is no run of this ledger, if there is one.
    fn look(&self, storage: &dyn Storage, holds: &Holds<'_>) -> Result<Option<RunError>, RunError> {
        let open_before: Vec<String> = self.open.lock().iter().map(|run| run.name.clone()).collect();
        let names = storage.list()?;
        let mut unfit = None;
        for name in &names {
            let Some(range) = parse_run_name(name) else { continue };
            if self.open.lock().iter().any(|run| run.name == *name) {
                continue;
            }
            match Run::open(storage, name) {
                Ok(Some(run)) if (run.after(), run.last()) == range && holds(run.end()) => {
                    self.open.lock().push(Arc::new(run));
                }
                Ok(Some(_)) => {
                    let detail = "it is of another ledger, or of a place that this one does not have yet";
                    unfit.get_or_insert(RunError::Unfit { name: name.clone(), detail });
                }
                // It was merged into another since its name was read.
                Ok(None) => {}
                Err(error @ RunError::Storage(_)) => return Err(error),
                Err(error) => {
                    unfit.get_or_insert(error);
                }
            }
        }
        // What another thread has opened meanwhile may not be among these names.
        self.open.lock().retain(|run| names.contains(&run.name) || !open_before.contains(&run.name));
        Ok(unfit)
    }
}

/// The fewest runs that follow one another from the beginning to each place where some of them end.
fn chains(open: &[Arc<Run>]) -> BTreeMap<Position, Vec<Arc<Run>>> {
    let mut chains = BTreeMap::from([(0, Vec::new())]);
    let mut runs: Vec<&Arc<Run>> = open.iter().collect();
    // A run ends behind where it begins: what leads to its beginning is known when it is looked at.
    runs.sort_by_key(|run| run.after());
    for run in runs {
        let Some(before) = chains.get(&run.after()) else { continue };
        let through: Vec<_> = before.iter().chain([run]).cloned().collect();
        if chains.get(&run.last()).is_none_or(|known| known.len() > through.len()) {
            chains.insert(run.last(), through);
        }
    }
    chains
}

fn cover(open: &[Arc<Run>], upto: Position) -> Option<Vec<Arc<Run>>> {
    chains(open).into_values().filter(|runs| runs.last().is_some_and(|run| run.last() >= upto)).min_by_key(Vec::len)
}

fn farthest(open: &[Arc<Run>]) -> (Position, Vec<Arc<Run>>) {
    chains(open).pop_last().unwrap_or_default()
}
