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

/// The system's clock. It may be set back at any time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The clock.
    #[must_use]
    pub fn new() -> SystemClock {
        SystemClock
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // Not `Utc::now`, which panics where the system's clock stands before 1970.
        Timestamp(DateTime::<Utc>::from(SystemTime::now()).timestamp_micros())
    }
}

/// By so much two clocks may differ that are taken for right, as the contract allows an event's time to lie after its
/// arrival: 24 hours.
const CLOCKS_DIFFER_MICROS: i64 = 24 * 3_600 * 1_000_000;

/// The moments of one ledger: those of a clock, but never before a moment that the ledger already holds, as long as
/// the clock may be right.
///
/// A ledger keeps what another clock said before a restart, and the latest of two commands has to be the later
/// one. So questions, commands and commits ask here, and what a command stamped is never after a question's "now". But
/// a clock that was once far ahead must not rule for good: if the clock is more than a day behind the ledger, its word
/// holds. What arrives is always judged by the clock alone.
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
        let (now, floor) = (self.clock.now().0, self.floor.load(Ordering::Acquire));
        Timestamp(if may_be_right(now, floor) { now.max(floor) } else { now })
    }

    /// A moment after every moment given so far by this method.
    pub(crate) fn next(&self) -> Timestamp {
        let now = self.clock.now().0;
        let after = |floor: i64| if may_be_right(now, floor) { now.max(floor.saturating_add(1)) } else { now };
        // The closure never declines, so the update is always made.
        let before = self.floor.fetch_update(Ordering::AcqRel, Ordering::Acquire, |floor| Some(after(floor)));
        Timestamp(before.map_or(now, after))
    }

    /// The moment by which something that arrives is judged.
    pub(crate) fn arrival(&self) -> Timestamp {
        self.clock.now()
    }

    /// The ledger holds this moment. One that no right clock gave is passed over.
    pub(crate) fn raise(&self, to: Timestamp) {
        if may_be_right(self.clock.now().0, to.0) {
            self.floor.fetch_max(to.0, Ordering::AcqRel);
        }
    }
}

/// Whether a clock may be right that says `now`, where the ledger holds `floor`.
fn may_be_right(now: i64, floor: i64) -> bool {
    floor.saturating_sub(now) <= CLOCKS_DIFFER_MICROS
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
    fn a_clock_that_was_once_a_year_ahead_does_not_rule_for_good() {
        const DAY: i64 = CLOCKS_DIFFER_MICROS;
        let clock = Arc::new(Told(AtomicI64::new(1_000)));
        let moments = Moments::new(Arc::clone(&clock) as Arc<dyn Clock>);
        moments.raise(Timestamp(1_000 + 365 * DAY));
        assert_eq!((moments.now().0, moments.arrival().0), (1_000, 1_000));
        assert_eq!([moments.next(), moments.next()].map(|at| at.0), [1_000, 1_001], "by the clock, each its own");
        moments.raise(Timestamp(1_000 + DAY));
        assert_eq!((moments.now().0, moments.arrival().0), (1_000 + DAY, 1_000), "they may differ by a day");
        clock.0.store(500, Ordering::SeqCst);
        assert_eq!((moments.now().0, moments.next().0, moments.now().0), (500, 500, 500), "and not by more");
    }
}
