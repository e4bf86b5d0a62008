//! What is asked of the generator: how many accounts and events, over which days, from which seed.

use schemas::Timestamp;

use crate::shares::Shares;

/// A workload. Every field may be set; the same values give the same events, on every machine.
///
/// ```
/// use schemas::Timestamp;
/// use workload::Workload;
///
/// let end = Timestamp::parse("2026-03-31T00:00:00Z").unwrap();
/// let workload = Workload { invitees: 500, events: 10_000, ..Workload::demo(1, end) };
/// assert!(workload.events().all(|event| event.time <= end.plus_days(1)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// What all chance is drawn from.
    pub seed: u64,
    /// How many referrers; at least one, the demo referrer (uid 7).
    pub referrers: u32,
    /// How many accounts besides the referrers, sub-accounts included.
    pub invitees: u32,
    /// Over how many days before `end` the trading goes; at least one.
    pub days: u32,
    /// About how many events, duplicates and all (within a few per cent). It is more where the accounts'
    /// own registrations, checks and deposits alone are more.
    pub events: u64,
    /// The moment that the history leads up to: nothing but a change announced ahead lies after it.
    pub end: Timestamp,
    /// How much of each awkward thing.
    pub shares: Shares,
}

impl Workload {
    /// What `tributary demo` shows: 200 referrers, 20,000 invitees, 90 days, about 2.5 million events.
    #[must_use]
    pub fn demo(seed: u64, end: Timestamp) -> Workload {
        Workload { seed, referrers: 200, invitees: 20_000, days: 90, events: 2_500_000, end, shares: Shares::REALISTIC }
    }

    /// A million invitees, 10,000 referrers, about 20 million events over a year.
    #[must_use]
    pub fn large(seed: u64, end: Timestamp) -> Workload {
        Workload { referrers: 10_000, invitees: 1_000_000, days: 365, events: 20_000_000, ..Workload::demo(seed, end) }
    }

    /// About so many events, with accounts in the proportion of the demo.
    #[must_use]
    pub fn sized(seed: u64, events: u64, end: Timestamp) -> Workload {
        let invitees = (events / 125).clamp(1, 10_000_000) as u32;
        let days = (events / 25_000).clamp(10, 90) as u32;
        Workload { referrers: (invitees / 100).max(1), invitees, days, events, ..Workload::demo(seed, end) }
    }

    /// Some thousand events in which awkward things are common, for tests.
    #[must_use]
    pub fn hostile(seed: u64, events: u64, end: Timestamp) -> Workload {
        let invitees = (events / 25).clamp(1, 10_000_000) as u32;
        Workload {
            referrers: (invitees / 10).max(1),
            invitees,
            days: 40,
            events,
            shares: Shares::HOSTILE,
            ..Workload::demo(seed, end)
        }
    }

    /// Between one event of the history and the next, at the mean.
    #[must_use]
    pub fn pause_micros(&self) -> i64 {
        let micros = i64::from(self.days.max(1)) * schemas::time::DAY_MICROS;
        micros / i64::try_from(self.events).unwrap_or(i64::MAX).max(1)
    }

    /// The moment the trading begins.
    pub(crate) fn start(&self) -> Timestamp {
        self.end.plus_days(-i64::from(self.days.max(1)))
    }
}
