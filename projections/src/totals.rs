//! What a family earned and traded, all time and net. Kept in 64 bits, and beside the row where that is not enough.

use ledger::AccountId;
use ledger::column::Shards;
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
        more.add_to(head, &mut self.accounts[head.index()].totals, &mut self.wide_totals);
    }
}

impl Totals {
    /// Adds other ones.
    pub(crate) fn add(&mut self, more: &Totals) {
        self.commission += more.commission;
        self.rebate += more.rebate;
        self.volume += more.volume;
    }

    /// Adds them to those of a head's row; what does not fit there goes beside the rows.
    pub(crate) fn add_to(self, head: AccountId, held: &mut [i64; 3], wide: &mut Shards<AccountId, [i128; 3]>) {
        for (at, amount) in [self.commission, self.rebate, self.volume].into_iter().enumerate() {
            let sum = i128::from(held[at]) + amount.0;
            match i64::try_from(sum) {
                Ok(sum) => held[at] = sum,
                Err(_) => {
                    held[at] = 0;
                    wide.entry(head).or_default()[at] += sum;
                }
            }
        }
    }
}
