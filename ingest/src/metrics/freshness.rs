//! What Prometheus is told of how new the ledger's entries are, as moments: their age is the present less them, which
//! Prometheus works out when it is asked and not when it looks.

use std::sync::atomic::{AtomicI64, Ordering};

use prometheus::GaugeVec;
use schemas::Timestamp;

use super::{Make, set_moment};

/// Before anything is known.
const NONE: i64 = i64::MIN;

pub(super) struct FreshnessMetrics {
    event: GaugeVec,
    entry: GaugeVec,
    latest_event: AtomicI64,
    latest_entry: AtomicI64,
}

impl FreshnessMetrics {
    pub(super) fn new(make: &Make<'_>) -> FreshnessMetrics {
        FreshnessMetrics {
            event: make.moment(
                "tributary_latest_event_timestamp_seconds",
                "The latest time of an event that the ledger holds, of those taken in since the start and the last \
                 thousand before; of one that lies in the future, when it was recorded; absent as long as there is none.",
            ),
            entry: make.moment(
                "tributary_latest_entry_timestamp_seconds",
                "When the last entry of the ledger was recorded; absent as long as there is none.",
            ),
            latest_event: AtomicI64::new(NONE),
            latest_entry: AtomicI64::new(NONE),
        }
    }

    /// Events are in the ledger, the latest of which is of this time, and were recorded then.
    pub(super) fn took(&self, latest: Timestamp, recorded_at: Timestamp) {
        // What is dated ahead would hide for as long that nothing comes any more.
        self.latest_event.fetch_max(latest.0.min(recorded_at.0), Ordering::Relaxed);
        self.latest_entry.store(recorded_at.0, Ordering::Relaxed);
    }

    /// Shows what is known.
    pub(super) fn show(&self) {
        for (gauge, latest) in [(&self.event, &self.latest_event), (&self.entry, &self.latest_entry)] {
            match latest.load(Ordering::Relaxed) {
                NONE => {}
                micros => set_moment(gauge, Timestamp(micros)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Metrics;
    use super::*;

    #[test]
    fn nothing_is_told_before_there_is_an_event_and_what_is_dated_ahead_counts_as_of_its_arrival() {
        let metrics = Metrics::new();
        let shown = |name: &str| {
            let text = metrics.text();
            text.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()))
        };
        let (event, entry) = ("tributary_latest_event_timestamp_seconds", "tributary_latest_entry_timestamp_seconds");
        assert_eq!((shown(event), shown(entry)), (None, None));
        metrics.took(Timestamp(1_500_000), Timestamp(9_000_000));
        metrics.took(Timestamp(1_000_000), Timestamp(10_000_000));
        assert_eq!((shown(event), shown(entry)), (Some("1.5".into()), Some("10".into())));
        metrics.took(Timestamp(99_000_000), Timestamp(11_000_000));
        assert_eq!((shown(event), shown(entry)), (Some("11".into()), Some("11".into())));
    }
}
