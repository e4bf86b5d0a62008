//! Which quarantined events are meant.

use schemas::{Reason, Timestamp};

use super::{QuarantineRow, QuarantineState};

/// A choice among quarantined events: everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuarantineFilter {
    /// What has become of it.
    pub state: Option<QuarantineState>,
    /// Why it was quarantined.
    pub reason: Option<Reason>,
    /// How its origin begins.
    pub origin: Option<String>,
    /// Arrived at this moment or later.
    pub from: Option<Timestamp>,
    /// Arrived before this moment.
    pub before: Option<Timestamp>,
}

impl QuarantineFilter {
    /// Whether all but the origin holds, which only the ledger knows
    /// ([`LedgerReader::is_chosen`](crate::LedgerReader::is_chosen)).
    #[must_use]
    pub fn may_hold(&self, row: &QuarantineRow) -> bool {
        self.state.is_none_or(|state| state == row.state)
            && self.reason.is_none_or(|reason| reason == row.reason)
            && self.from.is_none_or(|from| from <= row.received_at)
            && self.before.is_none_or(|before| row.received_at < before)
    }
}
