//! Troubles that go on: told when they begin, now and then while they last, and when they end, not each time that
//! they are met. A broker that is gone is met by its client many times a second.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// So long after its beginning a trouble is told again; from then on after twice as long each time.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// The longest between two tellings of a trouble that is met again and again.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// The troubles that go on, each under what it is about.
pub(crate) struct Troubles<What> {
    known: Mutex<BTreeMap<What, Trouble>>,
}

struct Trouble {
    began: Instant,
    last: Instant,
    times: u64,
    /// Not before then it is told again, and then not before so long.
    tell_at: Instant,
    pause: Duration,
}

/// How long a trouble has lasted, and how often it was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Course {
    /// How often, from 1.
    pub(crate) times: u64,
    /// From its beginning to now; of one that is over, to when it was last met.
    pub(crate) lasted: Duration,
}

impl<What> Default for Troubles<What> {
    fn default() -> Self {
        Troubles { known: Mutex::default() }
    }
}

impl<What: Ord> Troubles<What> {
    /// A trouble is met. Its course, if it is time to tell of it.
    pub(crate) fn met(&self, what: What, now: Instant) -> Option<Course> {
        let mut known = self.known.lock();
        let fresh = Trouble { began: now, last: now, times: 0, tell_at: now, pause: PAUSE_MIN };
        let trouble = known.entry(what).or_insert(fresh);
        (trouble.last, trouble.times) = (now, trouble.times + 1);
        if now < trouble.tell_at {
            return None;
        }
        trouble.tell_at = now + trouble.pause;
        trouble.pause = PAUSE_MAX.min(trouble.pause * 2);
        Some(trouble.course(now))
    }

    /// The troubles that are over, of those that were last met before a moment: each is given once, to be told.
    pub(crate) fn over(&self, before: Instant, is_over: impl Fn(&What) -> bool) -> Vec<(What, Course)> {
        let mut known = self.known.lock();
        let over = known.extract_if(.., |what, trouble| trouble.last < before && is_over(what));
        over.map(|(what, trouble)| (what, trouble.course(trouble.last))).collect()
    }
}

impl Trouble {
    fn course(&self, until: Instant) -> Course {
        Course { times: self.times, lasted: until.duration_since(self.began) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_told_when_it_begins_then_after_twice_as_long_each_time_up_to_a_minute() {
        let (troubles, begun) = (Troubles::default(), Instant::now());
        let told: Vec<(u64, u64)> = (0..2_000)
            .filter_map(|tenth| troubles.met("gone", begun + Duration::from_millis(100 * tenth)))
            .map(|course| (course.lasted.as_secs(), course.times))
            .collect();
        let seconds = [0, 1, 3, 7, 15, 31, 63, 123, 183];
        assert_eq!(told, seconds.map(|seconds| (seconds, seconds * 10 + 1)));
    }

    #[test]
    fn its_end_is_told_once_and_then_it_may_begin_again() {
        let (troubles, begun) = (Troubles::default(), Instant::now());
        let at = |seconds| begun + Duration::from_secs(seconds);
        assert!(troubles.met("gone", at(0)).is_some() && troubles.met("gone", at(0)).is_none());
        assert!(troubles.met("other", at(5)).is_some());
        assert_eq!(troubles.over(at(0), |_| true), [], "it was met since");
        let course = Course { times: 2, lasted: Duration::ZERO };
        assert_eq!(troubles.over(at(9), |what| *what == "gone"), [("gone", course)]);
        assert_eq!(troubles.over(at(9), |what| *what == "gone"), []);
        assert_eq!(troubles.met("gone", at(9)), Some(Course { times: 1, lasted: Duration::ZERO }));
    }
}
