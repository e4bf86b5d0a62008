//! How the publishing of the projections to Cassandra stands, for who asks: told by who publishes, shown in
//! `GET /v1/status` and as metrics.

use std::sync::{Arc, Mutex, PoisonError};

use ingest::metrics::Metrics;
use ledger::Position;
use prometheus::{Histogram, HistogramOpts, IntCounter, IntGauge};
use schemas::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// From five milliseconds to an hour.
const SECONDS: [f64; 10] = [0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0, 900.0, 3_600.0];

/// What the daemon publishes, and what came of it.
pub struct PublishingBoard {
    keyspace: String,
    state: Mutex<State>,
    last_success: IntGauge,
    position: IntGauge,
    failures: IntCounter,
    rows: IntCounter,
    seconds: Histogram,
}

#[derive(Clone, Default)]
struct State {
    position: Position,
    last_success: Option<Timestamp>,
    failures: u64,
    failing: Option<(Timestamp, String)>,
}

/// To which keyspace the daemon publishes its projections, and how far.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublishingStatus {
    /// The keyspace.
    keyspace: String,
    /// Everything is published up to here; 0 before the first step of this process.
    position: Position,
    /// When the last step ended that was successful; null before the first one of this process.
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

impl PublishingBoard {
    /// Of what begins to be published to a keyspace, at this moment. Its metrics stand beside the process' others.
    #[must_use]
    pub fn new(keyspace: String, metrics: &Metrics, now: Timestamp) -> Arc<PublishingBoard> {
        let seconds = HistogramOpts::new(
            "tributary_publish_duration_seconds",
            "Publishing what changed to Cassandra, from one position to the next.",
        );
        let gauge = |name: &str, help: &str| IntGauge::new(name, help).expect("well formed");
        let counter = |name: &str, help: &str| IntCounter::new(name, help).expect("well formed");
        let board = PublishingBoard {
            keyspace,
            state: Mutex::default(),
            last_success: gauge(
                "tributary_publish_last_success_timestamp_seconds",
                "When everything was last published to Cassandra; before that, when the daemon began to publish.",
            ),
            position: gauge(
                "tributary_publish_position",
                "The position up to which everything is published to Cassandra; 0 before the first step.",
            ),
            failures: counter("tributary_publish_failures_total", "Steps of publishing to Cassandra that failed."),
            rows: counter("tributary_publish_rows_total", "Rows that were written to Cassandra."),
            seconds: Histogram::with_opts(seconds.buckets(SECONDS.to_vec())).expect("well formed"),
        };
        board.last_success.set(now.0 / 1_000_000);
        let registry = metrics.registry();
        // A second board of one process would be of the same names: the first one's stay.
        let _ = registry.register(Box::new(board.last_success.clone()));
        let _ = registry.register(Box::new(board.position.clone()));
        let _ = registry.register(Box::new(board.failures.clone()));
        let _ = registry.register(Box::new(board.rows.clone()));
        let _ = registry.register(Box::new(board.seconds.clone()));
        Arc::new(board)
    }

    /// Everything is published up to a position; what it took is told where there was anything to write. Gives since when
    /// it had failed, if it had.
    pub fn succeeded(&self, now: Timestamp, position: Position, written: Option<(u64, f64)>) -> Option<Timestamp> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.position = position;
        state.last_success = Some(now);
        self.last_success.set(now.0 / 1_000_000);
        self.position.set(position as i64);
        if let Some((rows, seconds)) = written {
            self.rows.inc_by(rows);
            self.seconds.observe(seconds);
        }
        state.failing.take().map(|(since, _)| since)
    }

    /// It could not go on. Tells whether that is new, or for another reason than before.
    pub fn failed(&self, now: Timestamp, why: String) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures += 1;
        self.failures.inc();
        let before = state.failing.take();
        let is_new = before.as_ref().is_none_or(|(_, before)| *before != why);
        state.failing = Some((before.map_or(now, |(since, _)| since), why));
        is_new
    }

    pub(crate) fn status(&self, now: Timestamp) -> PublishingStatus {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let age = |then: Timestamp| u64::try_from((now.0 - then.0) / 1_000_000).unwrap_or(0);
        let (failing_since, error) = state.failing.unzip();
        PublishingStatus {
            keyspace: self.keyspace.clone(),
            position: state.position,
            last_success: state.last_success,
            age_seconds: state.last_success.map(age),
            failures: state.failures,
            failing_since,
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_new_once_for_each_reason_and_it_is_told_since_when_there_was_one() {
        let at = |seconds: i64| Timestamp(seconds * 1_000_000);
        let metrics = Metrics::new();
        let board = PublishingBoard::new("tributary".to_owned(), &metrics, at(100));
        assert!(board.failed(at(110), "no answer".to_owned()));
        assert!(!board.failed(at(120), "no answer".to_owned()));
        assert!(board.failed(at(130), "another keyspace".to_owned()));
        let status = board.status(at(140));
        assert_eq!((status.failures, status.failing_since, status.age_seconds), (3, Some(at(110)), None));
        assert_eq!(board.succeeded(at(150), 812, Some((5_000, 0.5))), Some(at(110)));
        assert_eq!(board.succeeded(at(160), 812, None), None);
        let status = board.status(at(170));
        assert_eq!((status.position, status.age_seconds, status.error), (812, Some(10), None));
        let text = metrics.text();
        for line in [
            "tributary_publish_last_success_timestamp_seconds 160",
            "tributary_publish_position 812",
            "tributary_publish_failures_total 3",
            "tributary_publish_rows_total 5000",
            "tributary_publish_duration_seconds_count 1",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }
}
