//! What a workload gives: its history as events or as lines, and what goes on after it.

use schemas::Event;

use crate::dice::Dice;
use crate::disorder::Disorder;
use crate::history::InOrder;
use crate::lines::Lines;
use crate::live::Live;
use crate::workload::Workload;

impl Workload {
    /// The history, in order of arrival.
    #[must_use]
    pub fn events(&self) -> History {
        let shares = &self.shares;
        let disorder = Disorder::new(shares.displaced, shares.displaced_by, Dice::new(self.seed, 6));
        History { in_order: InOrder::new(self), disorder }
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

/// The events of a workload up to its end, in order of arrival.
pub struct History {
    in_order: InOrder,
    disorder: Disorder,
}

impl Iterator for History {
    type Item = Event<'static>;

    fn next(&mut self) -> Option<Event<'static>> {
        self.disorder.next(|| self.in_order.next())
    }
}
