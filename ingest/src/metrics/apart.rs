//! What Prometheus is told of states beside the present one: of entries that are applied apart, snapshots, and the past.

use ledger::Position;
use prometheus::{Histogram, IntGauge};

use super::{Make, SECONDS, seconds};

pub(super) struct ApartMetrics {
    position: IntGauge,
    families_done: IntGauge,
    families: IntGauge,
    duration_seconds: Histogram,
    snapshots: IntGauge,
    past_states_bytes: IntGauge,
    excerpts_bytes: IntGauge,
}

impl ApartMetrics {
    pub(super) fn new(make: &Make<'_>) -> ApartMetrics {
        let past_bytes = make.gauges(
            "tributary_past_bytes",
            "Memory of what is held to look back, as far as it can be told: states of the past, excerpts about one referrer.",
            &["held"],
        );
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
            past_states_bytes: past_bytes.with_label_values(&["states"]),
            excerpts_bytes: past_bytes.with_label_values(&["excerpts"]),
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

    pub(super) fn set_past_bytes(&self, states: usize, excerpts: usize) {
        self.past_states_bytes.set(states as i64);
        self.excerpts_bytes.set(excerpts as i64);
    }

    pub(super) fn set_snapshots(&self, held: usize) {
        self.snapshots.set(held as i64);
    }
}
