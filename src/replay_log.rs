//! How far a replay is, in the log: now and then, so that a start that takes long is seen to go on.

use std::time::{Duration, Instant};

use ingest::ReplayProgress;

/// How often it is told.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Tells it where it is time.
pub(crate) struct ReplayLog {
    told: Instant,
}

impl ReplayLog {
    /// Of a replay that begins now.
    pub(crate) fn new() -> ReplayLog {
        ReplayLog { told: Instant::now() }
    }

    /// It is so far.
    pub(crate) fn progress(&mut self, ReplayProgress { position, to, .. }: ReplayProgress) {
        if self.is_due(Instant::now()) {
            tracing::info!(position, to, "the ledger is being replayed");
        }
    }

    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now.saturating_duration_since(self.told) >= TELL_EVERY;
        if is_due {
            self.told = now;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_replay_is_told_of_every_ten_seconds_and_a_short_one_is_not() {
        let mut log = ReplayLog::new();
        let begun = log.told;
        let due: Vec<u64> = (0..35).filter(|second| log.is_due(begun + Duration::from_secs(*second))).collect();
        assert_eq!(due, [10, 20, 30]);
    }
}
