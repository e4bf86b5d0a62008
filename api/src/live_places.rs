//! How many streams that go on live are open at a time. Each holds a connection for as long as its client likes, so
//! there are only so many of a kind, and one more is refused with a word.

use std::sync::Arc;

use prometheus::{IntCounter, IntGauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::{Problem, ProblemKind};

/// The places for live streams of one kind. Clones are the same.
#[derive(Clone)]
pub struct LivePlaces {
    places: Arc<Semaphore>,
    what: &'static str,
    open: IntGauge,
    refused: IntCounter,
}

/// A place that a live stream holds as long as it is open.
pub struct LivePlace {
    _permit: OwnedSemaphorePermit,
    open: IntGauge,
}

impl LivePlaces {
    /// So many places, for what goes on after "so many" and before "are open already".
    pub(crate) fn new(max: usize, what: &'static str, open: IntGauge, refused: IntCounter) -> LivePlaces {
        LivePlaces { places: Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS))), what, open, refused }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// 503 if all are taken.
    pub fn take(&self) -> Result<LivePlace, Problem> {
        let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else {
            self.refused.inc();
            let detail = format!("as many {} are open as may be: end one, or try again later", self.what);
            return Err(Problem::new(ProblemKind::Unavailable, detail));
        };
        self.open.inc();
        Ok(LivePlace { _permit: permit, open: self.open.clone() })
    }
}

impl Drop for LivePlace {
    fn drop(&mut self) {
        self.open.dec();
    }
}
