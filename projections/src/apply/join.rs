//! A sub-account joins a family: what it did before, and what those that follow it did, is added to what the family has.
//! Nothing of them counted while one of their chain was not registered: so nothing has to be taken out, and the rest of
//! the family need not be looked at.

use ledger::{AccountId, Position, ReadError};

use crate::context::Context;
use crate::firsts::First;
use crate::slices::Count;
use crate::state::State;

impl State {
    /// Adds an account and its followers to the family of `head`, for the registration at `position`, which is already
    /// among the facts.
    pub(super) fn join(
        &mut self,
        head: AccountId,
        account: AccountId,
        position: Position,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        if mutants::mutant!("sub-account-that-joins-adds-nothing") {
            return Ok(());
        }
        let Some(joined) = self.contribution_of_joined(account, position, context)? else { return Ok(()) };
        let (joined, posted) = (joined.after, joined.posted);
        let firsts_before = First::ALL.map(|first| self.family_first(head, first));
        self.keep_firsts_of(account);
        self.counters.trades_before_registration += joined.trades_before_registration;
        for (member, vip) in &joined.vip {
            self.account_mut(*member).vip = Some(*vip);
        }
        let Some((code, country)) = joined.slice else { return Ok(()) };
        let ordinal = self.ordinal(head, code);
        let firsts = First::ALL.map(|first| self.family_first(head, first));
        let row = self.account_mut(head);
        let first_trade_before = row.first_trade;
        row.first_trade = row.first_trade.min(joined.first_trade);
        let first_trade = row.first_trade;
        let mut slice = self.codes.slice_mut(code, country);
        slice.add_days(&joined.days, ordinal, true);
        slice.move_first(Count::FirstTrade, first_trade_before, first_trade);
        for (first, (before, after)) in First::ALL.into_iter().zip(firsts_before.into_iter().zip(firsts)) {
            slice.move_first(first.count(), before, after);
        }
        drop(slice);
        self.add_totals(head, joined.totals);
        if posted {
            self.late.insert(position, head);
        }
        Ok(())
    }
}
