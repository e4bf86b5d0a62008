//! What a workload gives: its history as events or as lines, and what goes on after it.

use schemas::{Event, Timestamp};

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
        Live::new(self, (per_second > 0).then(|| i64::from(1_000_000 / per_second.min(1_000_000))))
    }

    /// The same at the pace of the history.
    #[must_use]
    pub fn live_on(&self) -> Live {
        Live::new(self, Some(self.pause_micros()))
    }
}

/// The events of a workload up to its end, in order of arrival.
pub struct History {
    in_order: InOrder,
    disorder: Disorder,
}

impl History {
    /// When the event given last arrived, or where some are displaced, when the latest one drawn did. It never goes
    /// back.
    #[must_use]
    pub fn arrival(&self) -> Timestamp {
        self.in_order.arrival()
    }
}

impl Iterator for History {
    type Item = Event<'static>;

    fn next(&mut self) -> Option<Event<'static>> {
        self.disorder.next(|| self.in_order.next())
    }
}
