//! When the state is kept for a quick start.

/// When the state is kept for a quick start: after so many events or so long, whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointPolicy {
    /// Events read since the last time.
    pub events: u64,
    /// Microseconds since the last time.
    pub interval_micros: i64,
}

impl Default for CheckpointPolicy {
    fn default() -> Self {
        CheckpointPolicy { events: 5_000_000, interval_micros: 60_000_000 }
    }
}
