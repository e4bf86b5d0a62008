//! What a what-if came to (SPEC 6).

use schemas::Usd;

use super::{AsOf, Earned};
use crate::query::AmountKey;

/// Amounts in the ledger, in the edited set, and the second less the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountChanges {
    /// What referrers earned, as the ledger is.
    pub commission_before: Usd,
    /// What they would have earned.
    pub commission_after: Usd,
    /// `commission_after` less `commission_before`.
    pub commission_difference: Usd,
    /// What invitees earned, as the ledger is.
    pub rebate_before: Usd,
    /// What they would have earned.
    pub rebate_after: Usd,
    /// `rebate_after` less `rebate_before`.
    pub rebate_difference: Usd,
    /// `commission_before + rebate_before`.
    pub total_before: Usd,
    /// `commission_after + rebate_after`.
    pub total_after: Usd,
    /// `total_after` less `total_before`.
    pub total_difference: Usd,
}

impl AmountChanges {
    /// From what was earned and what would have been.
    #[must_use]
    pub fn between(before: Earned, after: Earned) -> AmountChanges {
        let (total_before, total_after) = (before.commission + before.rebate, after.commission + after.rebate);
        AmountChanges {
            commission_before: before.commission,
            commission_after: after.commission,
            commission_difference: after.commission - before.commission,
            rebate_before: before.rebate,
            rebate_after: after.rebate,
            rebate_difference: after.rebate - before.rebate,
            total_before,
            total_after,
            total_difference: total_after - total_before,
        }
    }

    /// Whether both sets come to the same.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.commission_difference.is_zero() && self.rebate_difference.is_zero()
    }
}

/// The amounts under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatIfRow {
    /// Whatever `by` says.
    pub key: AmountKey,
    /// The amounts of both.
    pub changes: AmountChanges,
}

/// The difference that the edits make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Ascending by key.
    pub rows: Vec<WhatIfRow>,
    /// Of all keys, shown or not.
    pub sum: AmountChanges,
    /// The ledger position that was edited, and its latest event time.
    pub as_of: AsOf,
}
