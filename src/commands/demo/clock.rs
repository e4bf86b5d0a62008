//! The demo's clock: while the history is recorded it says when each part of it arrived, so that the ledger holds the
//! moments that a ledger of these days would hold.

use std::sync::atomic::{AtomicI64, Ordering};

use ingest::Clock;
use schemas::Timestamp;

/// A clock that says what it was told last.
pub(super) struct ToldClock(AtomicI64);

impl ToldClock {
    /// A clock that says this moment until it is told another.
    pub(super) fn at(moment: Timestamp) -> ToldClock {
        ToldClock(AtomicI64::new(moment.0))
    }

    /// From now on it is this moment.
    pub(super) fn tell(&self, moment: Timestamp) {
        self.0.store(moment.0, Ordering::SeqCst);
    }
}

impl Clock for ToldClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
