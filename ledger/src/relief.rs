//! Who reads a ledger has its index stand on runs: those that are there, and where it may write, new ones.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::cursor::FrameCursor;
use crate::index::{Index, RunDraft};
use crate::position::Position;
use crate::reader::LedgerReader;
use crate::runs::{RunError, Runs};

impl LedgerReader {
    /// From how many events on in memory an index is to stand on runs instead. It is said before the reader is shared.
    #[must_use]
    pub fn with_run_events(mut self, run_events: u64) -> LedgerReader {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.run_events = run_events;
        }
        self
    }

    /// Has an index that stands at the end of a frame, the place given, keep fewer events in memory, where it is due: it
    /// stands on the runs that are there, or on a new one where this process may write. What goes wrong is told by
    /// [`LedgerReader::take_run_trouble`]; the index then keeps its events in memory, and nothing is lost.
    pub fn relieve(&self, index: &mut Index, end: impl FnOnce() -> FrameCursor) {
        if !self.is_relief_due(index) {
            return;
        }
        if let Some(runs) = self.find_runs(index.runs_upto(), index.position()) {
            drop(index.adopt(runs));
            if !self.is_relief_due(index) {
                return;
            }
        }
        if self.beside {
            return index.keep_in_memory();
        }
        if let Some(draft) = index.begin_run(&end()) {
            self.write_run(&draft);
            self.merge_runs();
            if let Some(runs) = self.find_runs(index.runs_upto(), index.position()) {
                drop(index.adopt(runs));
            }
        }
    }

    /// Whether an index holds so much in memory that some of it should go.
    #[must_use]
    pub fn is_relief_due(&self, index: &Index) -> bool {
        index.is_relief_due(self.shared().run_events)
    }

    /// The runs that are there, if they tell of more than up to a position, cut at another: to be adopted by an index that
    /// stands there. Files that are new are checked whole, which takes a while.
    #[must_use]
    pub fn find_runs(&self, beyond: Position, upto: Position) -> Option<Runs> {
        let shared = self.shared();
        let found = shared.shelf.farthest(upto, &*shared.storage, &|place| self.has_place(place));
        let gains = found.and_then(|runs| {
            let gains = runs.upto() > beyond;
            if gains && !self.beside {
                // NOTE: a name that is there may not be durable yet. Checkpoints will stand on it.
                shared.storage.sync_names()?;
            }
            Ok(Some(runs).filter(|_| gains))
        });
        gains.unwrap_or_else(|error| {
            shared.shelf.note_trouble(error);
            None
        })
    }

    /// Writes a run. Takes a while; nobody need wait for it.
    pub fn write_run(&self, draft: &RunDraft) {
        let shared = self.shared();
        let holds = |place: &FrameCursor| self.has_place(place);
        let write = |stopping: &AtomicBool| draft.write(&*shared.storage, stopping);
        if let Err(error) = shared.shelf.write(draft.last(), &write, &*shared.storage, &holds) {
            shared.shelf.note_trouble(error);
        }
    }

    /// Merges runs where it is time to. Of many events it takes minutes; nobody need wait for it, and new runs may be written
    /// beside. Whether some were merged.
    pub fn merge_runs(&self) -> bool {
        let shared = self.shared();
        let holds = |place: &FrameCursor| self.has_place(place);
        let merged = shared.shelf.merge(shared.run_events, &*shared.storage, &holds);
        merged.unwrap_or_else(|error| {
            shared.shelf.note_trouble(error);
            false
        })
    }

    /// The runs that are there by now and tell of all up to a position: the fewest, cut there. To be adopted by an index that
    /// stands on others up to there.
    #[must_use]
    pub fn merged_runs(&self, upto: Position) -> Option<Runs> {
        self.runs_covering(upto).ok()
    }

    /// Leaves a run that is being written, and writes none any more: for an end that comes soon.
    pub fn stop_runs(&self) {
        self.shared().shelf.stop();
    }

    /// What last went wrong with runs, told once.
    #[must_use]
    pub fn take_run_trouble(&self) -> Option<RunError> {
        self.shared().shelf.take_trouble()
    }

    pub(crate) fn runs_covering(&self, upto: Position) -> Result<Runs, RunError> {
        let shared = self.shared();
        shared.shelf.upto(upto, &*shared.storage, &|place| self.has_place(place))
    }

    /// Whether a run that ends at a place is of this ledger. What cannot be read is not believed.
    fn has_place(&self, place: &FrameCursor) -> bool {
        self.holds(place).unwrap_or(false)
    }
}
