//! How many streams that go on live are open at a time. Each holds a connection for as long as its client likes, so
//! there are only so many of a kind, and one more is refused with a word.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prometheus::{IntCounter, IntGauge};

use crate::problem::{Problem, ProblemKind};

/// The places for live streams of one kind. Clones are the same.
#[derive(Clone)]
pub struct LivePlaces {
    places: Arc<Places>,
    what: &'static str,
    open: IntGauge,
    refused: IntCounter,
}

struct Places {
    max: AtomicUsize,
    taken: AtomicUsize,
}

/// A place that a live stream holds as long as it is open.
pub struct LivePlace {
    places: Arc<Places>,
    open: IntGauge,
}

impl LivePlaces {
    /// So many places, for what goes on after "so many" and before "are open already".
    pub(crate) fn new(max: usize, what: &'static str, open: IntGauge, refused: IntCounter) -> LivePlaces {
        let places = Places { max: AtomicUsize::new(max), taken: AtomicUsize::new(0) };
        LivePlaces { places: Arc::new(places), what, open, refused }
    }

    /// So many places from now on. Who has one keeps it.
    pub(crate) fn exchange(&self, max: usize) {
        self.places.max.store(max, Ordering::Relaxed);
    }

    /// Takes a place.
    ///
    /// # Errors
    /// 503 if all are taken.
    pub fn take(&self) -> Result<LivePlace, Problem> {
        let max = self.places.max.load(Ordering::Relaxed);
        let one_more = |taken: usize| (taken < max).then_some(taken + 1);
        if self.places.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_err() {
            self.refused.inc();
            let detail = format!("as many {} are open as may be: end one, or try again later", self.what);
            return Err(Problem::new(ProblemKind::Unavailable, detail));
        }
        self.open.inc();
        Ok(LivePlace { places: Arc::clone(&self.places), open: self.open.clone() })
    }
}

impl Drop for LivePlace {
    fn drop(&mut self) {
        self.places.taken.fetch_sub(1, Ordering::Relaxed);
        self.open.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_places_as_were_said_last_and_who_has_one_keeps_it() {
        let open = IntGauge::new("open", "Open.").expect("well formed");
        let refused = IntCounter::new("refused", "Refused.").expect("well formed");
        let places = LivePlaces::new(1, "feeds", open.clone(), refused.clone());
        let first = places.take().expect("a place");
        assert!(places.take().is_err());
        places.exchange(2);
        let second = places.take().expect("another place");
        places.exchange(1);
        assert!(places.take().is_err());
        drop(first);
        assert!(places.take().is_err(), "one is taken, and there is one");
        drop(second);
        assert!(places.take().is_ok());
        assert_eq!((open.get(), refused.get()), (0, 3));
    }
}
