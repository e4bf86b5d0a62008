//! How the shipping of the ledger to a backup stands, for who asks: told by who ships, shown in `GET /v1/status` and as
//! metrics.

use std::sync::{Arc, Mutex, PoisonError};

use ingest::metrics::Metrics;
use ledger::Position;
use prometheus::{Histogram, HistogramOpts, IntCounter, IntGauge, Registry};
use schemas::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// From ten milliseconds to an hour.
const SECONDS: [f64; 9] = [0.01, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0, 900.0, 3_600.0];

/// What the daemon ships, and what came of it.
pub struct ShippingBoard {
    to: String,
    state: Mutex<State>,
    last_success: IntGauge,
    position: IntGauge,
    failures: IntCounter,
    bytes: IntCounter,
    seconds: Histogram,
}

#[derive(Clone, Default)]
struct State {
    position: Position,
    last_success: Option<Timestamp>,
    failures: u64,
    failing: Option<(Timestamp, String)>,
}

/// Where the daemon ships the ledger to while it is written, and how far.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShippingStatus {
    /// A folder, or the address of an object store.
    to: String,
    /// The backup goes up to here; 0 before the first one of this process.
    position: Position,
    /// When the last one ended that was successful; null before the first one of this process.
    last_success: Option<Timestamp>,
    /// So many seconds ago; null before the first one.
    age_seconds: Option<u64>,
    /// How many failed since the daemon was started.
    failures: u64,
    /// Since when each one has failed; null if the last one was successful.
    failing_since: Option<Timestamp>,
    /// Why the last one failed; null if it was successful.
    error: Option<String>,
}

impl ShippingBoard {
    /// Of what begins to be shipped to a place, at this moment. Its metrics stand beside the process' others.
    #[must_use]
    pub fn new(to: String, metrics: &Metrics, now: Timestamp) -> Arc<ShippingBoard> {
        let seconds = HistogramOpts::new("tributary_backup_duration_seconds", "Shipping what is new to the backup.");
        let board = ShippingBoard {
            to,
            state: Mutex::default(),
            last_success: gauge(
                "tributary_backup_last_success_timestamp_seconds",
                "When the last backup ended that was successful; before the first, when the daemon began to ship.",
            ),
            position: gauge(
                "tributary_backup_position",
                "The position up to which the backup goes; 0 before the first.",
            ),
            failures: counter("tributary_backup_failures_total", "Backups that failed."),
            bytes: counter(
                "tributary_backup_shipped_bytes_total",
                "Bytes of segments that were shipped to the backup.",
            ),
            seconds: Histogram::with_opts(seconds.buckets(SECONDS.to_vec())).expect("well formed"),
        };
        board.last_success.set(now.0 / 1_000_000);
        board.register(metrics.registry());
        Arc::new(board)
    }

    fn register(&self, registry: &Registry) {
        // A second board of one process would be of the same names: the first one's stay.
        let _ = registry.register(Box::new(self.last_success.clone()));
        let _ = registry.register(Box::new(self.position.clone()));
        let _ = registry.register(Box::new(self.failures.clone()));
        let _ = registry.register(Box::new(self.bytes.clone()));
        let _ = registry.register(Box::new(self.seconds.clone()));
    }

    /// It was shipped up to a position, with so many bytes in so long. Gives since when it had failed, if it had.
    pub fn succeeded(&self, now: Timestamp, position: Position, bytes: u64, seconds: f64) -> Option<Timestamp> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.position = position;
        state.last_success = Some(now);
        self.last_success.set(now.0 / 1_000_000);
        self.position.set(position as i64);
        self.bytes.inc_by(bytes);
        self.seconds.observe(seconds);
        state.failing.take().map(|(since, _)| since)
    }

    /// It was not shipped. Tells whether that is new: the one before was successful, or is the first.
    pub fn failed(&self, now: Timestamp, why: String) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures += 1;
        self.failures.inc();
        let since = state.failing.as_ref().map(|(since, _)| *since);
        state.failing = Some((since.unwrap_or(now), why));
        since.is_none()
    }

    pub(crate) fn status(&self, now: Timestamp) -> ShippingStatus {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let age = |then: Timestamp| u64::try_from((now.0 - then.0) / 1_000_000).unwrap_or(0);
        let (failing_since, error) = state.failing.unzip();
        ShippingStatus {
            to: self.to.clone(),
            position: state.position,
            last_success: state.last_success,
            age_seconds: state.last_success.map(age),
            failures: state.failures,
            failing_since,
            error,
        }
    }
}

fn gauge(name: &str, help: &str) -> IntGauge {
    IntGauge::new(name, help).expect("well formed")
}

fn counter(name: &str, help: &str) -> IntCounter {
    IntCounter::new(name, help).expect("well formed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_that_it_fails_and_once_that_it_goes_on() {
        let at = |seconds: i64| Timestamp(seconds * 1_000_000);
        let metrics = Metrics::new();
        let board = ShippingBoard::new("s3://bucket/a".to_owned(), &metrics, at(100));
        assert!(metrics.text().contains("tributary_backup_last_success_timestamp_seconds 100"));
        assert!(board.failed(at(110), "no answer".to_owned()));
        assert!(!board.failed(at(120), "still none".to_owned()));
        let status = board.status(at(130));
        assert_eq!((status.failures, status.failing_since, status.age_seconds), (2, Some(at(110)), None));
        assert_eq!(status.error.as_deref(), Some("still none"));
        assert_eq!(board.succeeded(at(140), 812, 5_000, 0.5), Some(at(110)));
        assert_eq!(board.succeeded(at(150), 813, 10, 0.5), None);
        let status = board.status(at(170));
        assert_eq!((status.position, status.age_seconds, status.error), (813, Some(20), None));
        let text = metrics.text();
        for line in [
            "tributary_backup_last_success_timestamp_seconds 150",
            "tributary_backup_position 813",
            "tributary_backup_failures_total 2",
            "tributary_backup_shipped_bytes_total 5010",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(board.failed(at(180), "again".to_owned()), "a new one");
    }
}
