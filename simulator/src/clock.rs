//! The time of day, as the run says it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use ingest::Clock;
use schemas::Timestamp;

/// 2026-06-01T12:00:00Z, when every run begins.
pub(crate) const BEGIN: Timestamp = Timestamp(1_780_315_200_000_000);

/// A clock that stands until it is moved. Clones are the same clock.
#[derive(Clone)]
pub(crate) struct SimulatedClock(Arc<AtomicI64>);

impl SimulatedClock {
    pub(crate) fn new() -> SimulatedClock {
        SimulatedClock(Arc::new(AtomicI64::new(BEGIN.0)))
    }

    /// Ahead, or back.
    pub(crate) fn move_by(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}
