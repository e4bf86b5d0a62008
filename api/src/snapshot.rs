//! How far a standby that is new is with its snapshot, for who asks: told by who takes it, shown by `GET /readyz` and as metrics.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ingest::metrics::Metrics;
use prometheus::IntGauge;

use crate::app::App;

/// A snapshot that a standby takes of its leader before it follows.
pub struct SnapshotBoard {
    state: Mutex<State>,
    under_way: IntGauge,
    taken: IntGauge,
    total: IntGauge,
}

#[derive(Default)]
struct State {
    /// What is done just now; none where no snapshot is taken.
    now: Option<String>,
    taken: u64,
    total: u64,
}

impl SnapshotBoard {
    /// Of a standby that has none yet. Its metrics stand beside the process' others.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Arc<SnapshotBoard> {
        let board = SnapshotBoard {
            state: Mutex::default(),
            under_way: gauge(
                "tributary_replication_snapshot_under_way",
                "1 while a standby that is new takes its leader's files; 0 once it has them.",
            ),
            taken: gauge(
                "tributary_replication_snapshot_taken_bytes",
                "Bytes of segments, then of a checkpoint, that this process took.",
            ),
            total: gauge(
                "tributary_replication_snapshot_bytes",
                "Bytes of them that this process takes, as far as it knows yet.",
            ),
        };
        for gauge in [&board.under_way, &board.taken, &board.total] {
            // A second board of one process would be of the same names: the first one's stay.
            let _ = metrics.registry().register(Box::new(gauge.clone()));
        }
        Arc::new(board)
    }

    /// So much of something is taken, in words of what and from whom.
    pub fn takes(&self, what: String, taken: u64, total: u64) {
        self.under_way.set(1);
        self.taken.set(i64::try_from(taken).unwrap_or(i64::MAX));
        self.total.set(i64::try_from(total).unwrap_or(i64::MAX));
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State { now: Some(what), taken, total };
    }

    /// It is taken, or there is none to take.
    pub fn is_over(&self) {
        self.under_way.set(0);
        self.state.lock().unwrap_or_else(PoisonError::into_inner).now = None;
    }

    /// What is done just now, in words; none where no snapshot is taken.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { now, taken, total } = &*state;
        now.as_ref().map(|what| format!("a snapshot is taken: {what}, {taken} of {total} bytes"))
    }
}

impl App {
    /// Shows how far a snapshot is while there is no ledger yet. The first board given stays.
    pub fn takes_snapshot(&self, board: Arc<SnapshotBoard>) {
        // Another one of the same process is none.
        let _ = self.kept(Arc::<OnceLock<Arc<SnapshotBoard>>>::default).set(board);
    }

    /// How far it is, in words; none where none is taken.
    pub(crate) fn snapshot(&self) -> Option<String> {
        self.kept(Arc::<OnceLock<Arc<SnapshotBoard>>>::default).get().and_then(|board| board.told())
    }
}

fn gauge(name: &str, help: &str) -> IntGauge {
    IntGauge::new(name, help).expect("well formed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Authenticator;

    #[test]
    fn a_snapshot_is_told_of_as_long_as_it_is_under_way() {
        let metrics = Arc::new(Metrics::new());
        let app = App::new(Authenticator::open(), Arc::clone(&metrics));
        assert_eq!(app.opening().detail, "it is being opened");
        let board = SnapshotBoard::new(&metrics);
        app.takes_snapshot(Arc::clone(&board));
        assert_eq!(app.opening().detail, "it is being opened");
        board.takes("segments from http://a".to_owned(), 5, 12);
        let told = "a snapshot is taken: segments from http://a, 5 of 12 bytes";
        assert_eq!(app.opening().detail, told);
        let refused = app.ledger().map(|_| ()).expect_err("there is none");
        assert!(refused.to_string().contains(told), "{refused}");
        let text = metrics.text();
        for line in [
            "tributary_replication_snapshot_under_way 1",
            "tributary_replication_snapshot_taken_bytes 5",
            "tributary_replication_snapshot_bytes 12",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        board.is_over();
        assert_eq!(app.opening().detail, "it is being opened");
        assert!(metrics.text().contains("tributary_replication_snapshot_under_way 0"));
    }
}
