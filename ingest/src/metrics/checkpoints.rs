//! What Prometheus is told of checkpoints.

use checkpoints::DiskUse;
use ledger::Position;
use prometheus::{GaugeVec, Histogram, IntCounter, IntGauge};
use schemas::Timestamp;

use super::{Make, SECONDS, seconds, set_moment};

pub(super) struct CheckpointMetrics {
    position: IntGauge,
    at: GaugeVec,
    is_last_kept: IntGauge,
    bytes: IntGauge,
    written_bytes: IntGauge,
    duration_seconds: Histogram,
    failures: IntCounter,
}

impl CheckpointMetrics {
    pub(super) fn new(make: &Make<'_>) -> CheckpointMetrics {
        let is_last_kept = make.gauge(
            "tributary_checkpoint_last_successful",
            "1 if the last checkpoint that was to be kept was, or none was to be yet; 0 if it failed.",
        );
        is_last_kept.set(1);
        CheckpointMetrics {
            position: make.gauge("tributary_checkpoint_position", "The position of the last checkpoint."),
            at: make.moment(
                "tributary_checkpoint_timestamp_seconds",
                "When the last checkpoint was kept; of one that was there at the start, when its last entry was recorded; \
                 absent without one. None is kept as long as nothing comes.",
            ),
            is_last_kept,
            bytes: make.gauge(
                "tributary_checkpoint_bytes",
                "Bytes on disk of all checkpoints: their parts, each once, and their lists.",
            ),
            written_bytes: make.gauge(
                "tributary_checkpoint_written_bytes",
                "Bytes that this process wrote for checkpoints: of each what was not kept yet.",
            ),
            duration_seconds: make.histogram(
                "tributary_checkpoint_duration_seconds",
                "Keeping a checkpoint.",
                &SECONDS,
            ),
            failures: make.counter("tributary_checkpoint_failures_total", "Checkpoints not kept."),
        }
    }

    pub(super) fn on_disk(&self, bytes: DiskUse) {
        self.bytes.set(bytes.kept as i64);
        self.written_bytes.set(bytes.written as i64);
    }

    /// The last one, as it was found at the start.
    pub(super) fn found(&self, position: Position, recorded_at: Option<Timestamp>) {
        self.position.set(position as i64);
        if let Some(recorded_at) = recorded_at {
            set_moment(&self.at, recorded_at);
        }
    }

    /// One was kept, in so many microseconds.
    pub(super) fn kept(&self, position: Position, at: Timestamp, micros: i64) {
        self.position.set(position as i64);
        set_moment(&self.at, at);
        self.is_last_kept.set(1);
        self.duration_seconds.observe(seconds(micros));
    }

    /// One could not be kept.
    pub(super) fn failed(&self) {
        self.is_last_kept.set(0);
        self.failures.inc();
    }
}
