//! Families whose earlier events come to something else now: the contribution as of the entry before goes out,
//! the one as of the entry comes in, and if what stands posted differs, that is remembered for the feed.

use std::collections::BTreeMap;

use ledger::{AccountId, Position, ReadError};
use schemas::Day;

use crate::accounts::NEVER;
use crate::context::Context;
use crate::family::{Contribution, DayContribution, negated};
use crate::slices::{Count, Slice};
use crate::state::State;
use crate::totals::Totals;

impl State {
    /// Recomputes families for the entry at `position`, which is already among the facts.
    pub(super) fn recompute(
        &mut self,
        mut heads: Vec<AccountId>,
        position: Position,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        heads.sort_unstable();
        heads.dedup();
        for head in heads {
            let before = self.contribution(head, position - 1, context.reader)?;
            let after = self.contribution(head, position, context.reader)?;
            self.replace(head, &before, &after);
            if before.posted != after.posted {
                self.late.insert(position, head);
            }
        }
        Ok(())
    }

    fn replace(&mut self, head: AccountId, before: &Contribution, after: &Contribution) {
        self.add_to_slice(head, before, false);
        self.add_to_slice(head, after, true);
        let counter = &mut self.counters.trades_before_registration;
        *counter = *counter + after.trades_before_registration - before.trades_before_registration;
        for (member, vip) in &after.vip {
            self.account_mut(*member).vip = *vip;
        }
        let row = self.account_mut(head);
        row.first_trade = after.first_trade;
        let difference = Totals {
            commission: after.commission - before.commission,
            rebate: after.rebate - before.rebate,
            volume: after.volume - before.volume,
        };
        self.add_totals(head, difference);
    }

    fn add_to_slice(&mut self, head: AccountId, contribution: &Contribution, up: bool) {
        let Some((code, country)) = contribution.slice else { return };
        let ordinal = self.ordinal(head, code);
        let mut slice = self.codes.slice_mut(code, country);
        slice.add_days(&contribution.days, ordinal, up);
        let firsts = [
            (Count::Registered, contribution.registered),
            (Count::Verified, contribution.verified),
            (Count::Deposited, contribution.deposited),
            (Count::FirstTrade, contribution.first_trade),
        ];
        for (what, moment) in firsts {
            if moment != NEVER {
                slice.count(moment.day(), what, up);
            }
        }
    }
}

impl Slice {
    /// Adds what an invitee's family did, day by day, or takes it out again.
    pub(super) fn add_days(&mut self, days: &BTreeMap<Day, DayContribution>, ordinal: u32, up: bool) {
        for (day, of_day) in days {
            let sums = if up { of_day.sums } else { negated(&of_day.sums) };
            self.add_sums(*day, &sums);
            if of_day.traded {
                self.set_traded(*day, ordinal, up);
            }
        }
    }

    /// A first moved to an earlier moment, or came to be: its count moves with it.
    pub(super) fn move_first(&mut self, what: Count, before: schemas::Timestamp, after: schemas::Timestamp) {
        if before == after {
            return;
        }
        if before != NEVER {
            self.count(before.day(), what, false);
        }
        if after != NEVER {
            self.count(after.day(), what, true);
        }
    }
}
