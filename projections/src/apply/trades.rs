//! A trade arrives. Its amounts hang on facts, not on other trades, so its order among them does not matter.

use ledger::{AccountId, Position, ReadError};
use schemas::{Event, Timestamp, Trade};

use crate::accounts::{EntryRef, Maybe, VipMark};
use crate::attribution::Attribution;
use crate::codes::{CodeId, SliceMut};
use crate::context::Context;
use crate::family::{later_mark_of, negated, sums_of};
use crate::history::PRESENT;
use crate::rating::WhyNothing;
use crate::slices::{Count, Sums};
use crate::state::State;
use crate::totals::Totals;

impl State {
    pub(super) fn apply_trade(
        &mut self,
        position: Position,
        account: AccountId,
        event: &Event<'_>,
        trade: &Trade<'_>,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        let row = self.account_mut(account);
        row.note_activity(event.time);
        if row.has_pending_reversals {
            self.claim_pending_reversals(position, account, event, context)?;
        }
        let attribution = self.attribution(account, PRESENT);
        let rated = self.rate(attribution.as_ref(), trade, event.time, PRESENT);
        let Some(attribution) = attribution else { return Ok(()) };
        if rated.reason == Some(WhyNothing::BeforeRegistration) {
            self.counters.trades_before_registration += 1;
            return Ok(());
        }
        self.mark_vip(account, event, position, trade.vip_level, context)?;
        let Some((_, code)) = rated.referrer else { return Ok(()) };
        let sums = sums_of(trade, &rated);
        self.note_traded(&attribution, code, event.time, &sums);
        match self.reversal_of(position, PRESENT).map(|reversal| reversal.time.day()) {
            Some(day) => self.slice_mut(&attribution, code).add_sums(day, &negated(&sums)),
            None => {
                let earned = Totals { commission: rated.commission, rebate: rated.rebate, volume: trade.volume_usd };
                self.add_totals(attribution.head, earned);
            }
        }
        Ok(())
    }

    fn note_traded(&mut self, attribution: &Attribution, code: CodeId, time: Timestamp, sums: &Sums) {
        let ordinal = self.ordinal(attribution.head, code);
        let head = self.account_mut(attribution.head);
        let earlier_first = head.first_trade;
        head.first_trade = head.first_trade.min(time);
        let mut slice = self.slice_mut(attribution, code);
        slice.add_trade(time.day(), ordinal, sums);
        if time < earlier_first && !mutants::mutant!("first-trade-not-moved") {
            slice.move_first(Count::FirstTrade, earlier_first, time);
        }
    }

    pub(super) fn slice_mut(&mut self, attribution: &Attribution, code: CodeId) -> SliceMut<'_> {
        self.codes.slice_mut(code, attribution.country)
    }

    /// The place of a family in its slice, given now if it has none.
    pub(super) fn ordinal(&mut self, head: AccountId, code: CodeId) -> u32 {
        if let Some(ordinal) = self.account(head).ordinal.get() {
            return ordinal;
        }
        let country = self.account(head).registered.and_then(|registered| registered.country);
        let ordinal = self.codes.slice_mut(code, country).next_ordinal();
        self.account_mut(head).ordinal = Maybe::some(ordinal);
        ordinal
    }

    pub(super) fn mark_vip(
        &mut self,
        account: AccountId,
        event: &Event<'_>,
        position: Position,
        level: u8,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        let mark = VipMark { time: event.time, position: EntryRef::of(position), level };
        let held = self.account(account).vip;
        self.account_mut(account).vip = Some(later_mark_of(held, mark, event, context.reader)?);
        Ok(())
    }
}
