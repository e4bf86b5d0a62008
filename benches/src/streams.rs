//! What a workload gives: its history as events or as lines, and what goes on after it.

use crate::history::History;
use crate::lines::Lines;
use crate::live::Live;
use crate::workload::Workload;

impl Workload {
    /// The history, in order of arrival.
    #[must_use]
    pub fn events(&self) -> History {
        History::new(self)
    }

    /// The history as NDJSON, with broken, blank and respelled lines in between.
    #[must_use]
    pub fn lines(&self) -> Lines {
        Lines::new(self)
    }

    /// What happens after `end`: an endless stream of so many events a second.
    #[must_use]
    pub fn live(&self, per_second: u32) -> Live {
        Live::new(self, per_second)
    }
}
