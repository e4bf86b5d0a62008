//! The port to the time of day, and the moments that the engine takes from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use schemas::Timestamp;

/// Tells the time. A simulator gives another one than the system's.
pub trait Clock: Send + Sync {
    /// The moment it is.
    fn now(&self) -> Timestamp;
}

/// The system's clock, which never goes back within a process: while the system's time is set back, it stands.
#[derive(Debug)]
pub struct SystemClock {
    latest: AtomicI64,
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock { latest: AtomicI64::new(i64::MIN) }
    }
}

impl SystemClock {
    /// The clock.
    #[must_use]
    pub fn new() -> SystemClock {
        SystemClock::default()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // Not `Utc::now`, which panics where the system's clock stands before 1970.
        let micros = DateTime::<Utc>::from(SystemTime::now()).timestamp_micros();
        Timestamp(self.latest.fetch_max(micros, Ordering::Relaxed).max(micros))
    }
}

/// The moments of one ledger: those of a clock, but never before a moment that the ledger already holds.
///
/// A ledger keeps what another clock said before a restart, and the latest of two commands has to be the later
/// one. So queries, commands and commits ask here, and what a command stamped is never after a query's "now".
pub(crate) struct Moments {
    clock: Arc<dyn Clock>,
    floor: AtomicI64,
}

impl Moments {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Moments {
        Moments { clock, floor: AtomicI64::new(i64::MIN) }
    }

    /// The moment it is, at or after every moment given by [`Moments::next`] or to [`Moments::raise`].
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.clock.now().0.max(self.floor.load(Ordering::Acquire)))
    }

    /// A moment after every moment given so far by this method.
    pub(crate) fn next(&self) -> Timestamp {
        let now = self.clock.now().0;
        let after = |floor: i64| now.max(floor.saturating_add(1));
        // The closure never declines, so the update is always made.
        let before = self.floor.fetch_update(Ordering::AcqRel, Ordering::Acquire, |floor| Some(after(floor)));
        Timestamp(before.map_or(now, after))
    }

    /// No moment before this one from now on.
    pub(crate) fn raise(&self, to: Timestamp) {
        self.floor.fetch_max(to.0, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that says what it is told.
    struct Told(AtomicI64);

    impl Clock for Told {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::SeqCst))
        }
    }

    #[test]
    fn commands_have_moments_of_their_own_and_queries_are_never_before_them() {
        let clock = Arc::new(Told(AtomicI64::new(100)));
        let moments = Moments::new(Arc::clone(&clock) as Arc<dyn Clock>);
        assert_eq!(moments.now(), Timestamp(100));
        assert_eq!([moments.next(), moments.next(), moments.next()].map(|at| at.0), [100, 101, 102]);
        assert_eq!(moments.now(), Timestamp(102));
        clock.0.store(50, Ordering::SeqCst);
        assert_eq!((moments.next(), moments.now()), (Timestamp(103), Timestamp(103)));
        moments.raise(Timestamp(1_000));
        assert_eq!((moments.now(), moments.next()), (Timestamp(1_000), Timestamp(1_001)));
        moments.raise(Timestamp(5));
        clock.0.store(2_000, Ordering::SeqCst);
        assert_eq!((moments.now(), moments.next()), (Timestamp(2_000), Timestamp(2_000)));
    }

    #[test]
    fn the_systems_clock_never_goes_back() {
        let clock = SystemClock::new();
        clock.latest.store(i64::MAX, Ordering::Relaxed);
        assert_eq!(clock.now(), Timestamp(i64::MAX));
    }
}
