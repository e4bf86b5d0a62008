//! What the index holds in memory goes over to runs.

use super::Index;
use super::draft::RunDraft;
use super::layer::{REACH_MAX, Relieved};
use crate::cursor::FrameCursor;
use crate::position::Position;
use crate::runs::Runs;

impl Index {
    /// The position up to which it stands on runs.
    #[must_use]
    pub fn runs_upto(&self) -> Position {
        self.runs.upto()
    }

    /// How many runs it stands on.
    #[must_use]
    pub fn run_count(&self) -> usize {
        self.runs.count()
    }

    /// How many events of accounts are in memory.
    #[must_use]
    pub fn events_in_memory(&self) -> u64 {
        self.layers().map(|layer| layer.events).sum()
    }

    /// Whether so many events are in memory that some should go, and it was not just tried in vain.
    #[must_use]
    pub fn is_relief_due(&self, events_max: u64) -> bool {
        let events = self.events_in_memory();
        events >= events_max.max(1) && (self.tried_at == 0 || events > self.tried_at + events_max / 4)
    }

    /// What is to be written as a run: all that is in memory, at the end of a frame. None where the index stands elsewhere,
    /// or holds what no run can: places of a run have 32 bits.
    pub fn begin_run(&mut self, end: &FrameCursor) -> Option<RunDraft> {
        self.keep_in_memory();
        let draft = RunDraft {
            after: self.runs.upto(),
            end: *end,
            layers: self.older.clone(),
            accounts: self.accounts.clone(),
        };
        let fits = end.position() == self.position && self.position - draft.origin() <= REACH_MAX;
        (fits && self.position > draft.after && !draft.layers.is_empty()).then_some(draft)
    }

    /// No runs are to be had: it is due again when there are more events in memory. Those to come are kept apart, so that
    /// runs may tell of all that came before.
    pub fn keep_in_memory(&mut self) {
        self.tried_at = self.events_in_memory();
        self.begin_layer(self.position);
    }

    /// Stands on these runs from now on, which tell of no less than those that it stood on. Gives back what they tell of.
    pub fn adopt(&mut self, runs: Runs) -> Relieved {
        let upto = runs.upto();
        if upto > self.runs.upto() {
            self.tried_at = 0;
        }
        // NOTE: a layer that the runs do not tell of whole stays; what is in both is passed over in it.
        if self.recent.base < upto {
            self.begin_layer(self.position);
        }
        self.runs = runs;
        let (told, kept) = std::mem::take(&mut self.older).into_iter().partition(|layer| layer.last <= upto);
        self.older = kept;
        Relieved::of(told)
    }
}
