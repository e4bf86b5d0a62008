//! How many events of a source came to what.

use std::collections::BTreeMap;

use ledger::Outcome;
use parking_lot::Mutex;
use schemas::Reason;

/// What became of a source's events, as far as they are durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Appended to the ledger.
    pub accepted: u64,
    /// Of an identity that was accepted before.
    pub duplicate: u64,
    /// Kept aside, by reason.
    pub quarantined: BTreeMap<Reason, u64>,
}

impl Tally {
    /// Counts what became of more events.
    pub fn add(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            match outcome {
                Outcome::Accepted { .. } => self.accepted += 1,
                Outcome::Duplicate { .. } => self.duplicate += 1,
                Outcome::Quarantined { rejection, .. } => {
                    *self.quarantined.entry(rejection.reason).or_default() += 1;
                }
            }
        }
    }

    /// All events.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.accepted + self.duplicate + self.quarantined.values().sum::<u64>()
    }
}

/// A tally that is being made.
#[derive(Default)]
pub(super) struct Counts {
    tally: Mutex<Tally>,
}

impl Counts {
    pub(super) fn add(&self, outcomes: &[Outcome]) {
        self.tally.lock().add(outcomes);
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally.lock().clone()
    }
}
