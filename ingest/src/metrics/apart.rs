//! What Prometheus is told of entries that are applied apart, and of snapshots.

use ledger::Position;
use prometheus::{Histogram, IntGauge};

use super::{Make, SECONDS, seconds};

pub(super) struct ApartMetrics {
    position: IntGauge,
    families_done: IntGauge,
    families: IntGauge,
    duration_seconds: Histogram,
    snapshots: IntGauge,
}

impl ApartMetrics {
    pub(super) fn new(make: &Make<'_>) -> ApartMetrics {
        ApartMetrics {
            position: make.gauge(
                "tributary_apart_position",
                "The entry that reaches far and is being applied apart; 0 if there is none.",
            ),
            families_done: make.gauge("tributary_apart_families_done", "Families that are done of that entry."),
            families: make.gauge("tributary_apart_families", "Families that the entry reaches, as far as is known."),
            duration_seconds: make.histogram(
                "tributary_apart_duration_seconds",
                "Applying an entry that reaches far, apart.",
                &SECONDS,
            ),
            snapshots: make
                .gauge("tributary_snapshots", "States that differ and are held for questions that take long."),
        }
    }

    pub(super) fn set_apart(&self, position: Position, families_done: u64, families: u64) {
        self.position.set(position as i64);
        self.families_done.set(families_done as i64);
        self.families.set(families as i64);
    }

    pub(super) fn applied_apart(&self, micros: i64) {
        self.duration_seconds.observe(seconds(micros));
    }

    pub(super) fn set_snapshots(&self, held: usize) {
        self.snapshots.set(held as i64);
    }
}
