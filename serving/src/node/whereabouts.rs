//! Where the shards are, as the table of shards says: it is not read anew for each question, but kept for a moment, and let go as
//! soon as one of them gives no answer, since it may have gone elsewhere.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::ServingError;
use crate::progress::ShardRow;

/// For so long what was read is taken for what is.
const KEEP: Duration = Duration::from_secs(1);

/// What was read last.
pub(super) struct Whereabouts {
    keep: Duration,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    rows: Option<(Instant, Arc<[ShardRow]>)>,
    /// How often it was let go: what was being read meanwhile is not kept.
    let_go: u64,
}

impl Default for Whereabouts {
    fn default() -> Whereabouts {
        Whereabouts { keep: KEEP, held: Mutex::default() }
    }
}

impl Whereabouts {
    /// What is held, or else what is read now. A reading that comes to nothing is not held.
    ///
    /// # Errors
    /// If it has to be read and cannot be.
    pub(super) async fn rows(
        &self,
        read: impl Future<Output = Result<Vec<ShardRow>, ServingError>>,
    ) -> Result<Arc<[ShardRow]>, ServingError> {
        let let_go = {
            let held = self.held();
            if let Some((_, rows)) = held.rows.as_ref().filter(|(at, _)| at.elapsed() < self.keep) {
                return Ok(Arc::clone(rows));
            }
            held.let_go
        };
        // As of when it was asked for: the answer says no later.
        let at = Instant::now();
        let rows: Arc<[ShardRow]> = read.await?.into();
        let mut held = self.held();
        if held.let_go == let_go {
            held.rows = Some((at, Arc::clone(&rows)));
        }
        Ok(rows)
    }

    /// A shard gave no answer where it was asked: the next question reads anew.
    pub(super) fn let_go(&self) {
        let mut held = self.held();
        held.rows = None;
        held.let_go += 1;
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(address: &str) -> Vec<ShardRow> {
        vec![ShardRow {
            shard: 0,
            shards: 1,
            ledger: String::new(),
            publisher: String::new(),
            address: address.to_owned(),
            writing_from: 0,
            writing_to: 0,
        }]
    }

    async fn address(whereabouts: &Whereabouts, read: Result<Vec<ShardRow>, ServingError>) -> Option<String> {
        let rows = whereabouts.rows(async { read }).await;
        rows.ok().map(|rows| rows[0].address.clone())
    }

    #[tokio::test]
    async fn what_was_read_is_kept_for_a_moment_and_let_go_where_a_shard_gives_no_answer() {
        let whereabouts = Whereabouts::default();
        assert_eq!(address(&whereabouts, Err(ServingError::Overtaken)).await, None);
        assert_eq!(address(&whereabouts, Ok(row("a"))).await.as_deref(), Some("a"), "no failure is kept");
        assert_eq!(address(&whereabouts, Ok(row("b"))).await.as_deref(), Some("a"));
        whereabouts.let_go();
        assert_eq!(address(&whereabouts, Ok(row("b"))).await.as_deref(), Some("b"));
        let brief = Whereabouts { keep: Duration::ZERO, ..Whereabouts::default() };
        assert_eq!(address(&brief, Ok(row("a"))).await.as_deref(), Some("a"));
        assert_eq!(address(&brief, Ok(row("b"))).await.as_deref(), Some("b"));
    }

    #[tokio::test]
    async fn what_was_being_read_while_a_shard_gave_no_answer_is_not_kept() {
        let whereabouts = Whereabouts::default();
        let reading = async {
            whereabouts.let_go();
            Ok(row("a"))
        };
        assert_eq!(whereabouts.rows(reading).await.expect("rows")[0].address, "a");
        assert_eq!(address(&whereabouts, Ok(row("b"))).await.as_deref(), Some("b"));
    }
}
