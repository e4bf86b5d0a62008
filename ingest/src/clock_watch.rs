//! A clock that is behind the ledger: said when it begins, now and then while it holds, and when it ends.

use std::time::Instant;

use crate::published::Published;
use crate::trouble::{Course, Troubles};

/// Clocks that are kept by the network differ by less.
const BEHIND_MIN_MICROS: i64 = 1_000_000;

/// Looks at the clock beside what the ledger holds.
#[derive(Default)]
pub(crate) struct ClockWatch {
    troubles: Troubles<()>,
}

impl ClockWatch {
    /// Measures how far the clock is behind, and tells of it.
    pub(crate) fn look(&self, published: &Published) {
        let recorded = published.state.read().recorded_at();
        let now = published.moments.arrival();
        let behind = recorded.map_or(0, |recorded| recorded.0.saturating_sub(now.0)).max(0);
        published.metrics.set_clock_behind(behind);
        if behind < BEHIND_MIN_MICROS {
            for ((), Course { lasted, .. }) in self.troubles.over(Instant::now(), |()| true) {
                tracing::info!(lasted_seconds = lasted.as_secs(), "the clock is no longer behind the ledger");
            }
        } else if self.troubles.met((), Instant::now()).is_some() {
            let recorded = recorded.unwrap_or_default();
            tracing::warn!(
                behind_seconds = behind / 1_000_000,
                %now,
                %recorded,
                "the clock is behind the last entry of the ledger: it was ahead then or is wrong now; what arrives is \
                 judged by it as it is"
            );
        }
    }
}
