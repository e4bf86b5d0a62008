//! What a family earned and traded, all time and net. Kept in 64 bits, and beside the row where that is not enough.

use ledger::AccountId;
use schemas::Usd;

use crate::state::State;

/// Sums of a family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) commission: Usd,
    pub(crate) rebate: Usd,
    pub(crate) volume: Usd,
}

impl State {
    /// The totals of a major account's family.
    pub(crate) fn totals(&self, head: AccountId) -> Totals {
        let [commission, rebate, volume] = self.account(head).totals.map(i128::from);
        let wide = self.wide_totals.get(&head).copied().unwrap_or_default();
        Totals { commission: Usd(commission + wide[0]), rebate: Usd(rebate + wide[1]), volume: Usd(volume + wide[2]) }
    }

    /// Adds to the totals of a family, or takes back, where amounts are negative.
    pub(crate) fn add_totals(&mut self, head: AccountId, more: Totals) {
        let totals = &mut self.accounts[head.index()].totals;
        for (at, amount) in [more.commission, more.rebate, more.volume].into_iter().enumerate() {
            let sum = i128::from(totals[at]) + amount.0;
            match i64::try_from(sum) {
                Ok(sum) => totals[at] = sum,
                Err(_) => {
                    totals[at] = 0;
                    self.wide_totals.entry(head).or_default()[at] += sum;
                }
            }
        }
    }
}
