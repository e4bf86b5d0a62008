//! A trade is taken back, whichever of trade and reversal arrives first.

use ledger::{AccountId, IdentityMark, Position, ReadError};
use schemas::{Body, Event, Reversal, StreamKey};

use crate::context::Context;
use crate::family::{negated, sums_of};
use crate::history::PRESENT;
use crate::state::{PendingReversal, State};
use crate::totals::Totals;

impl State {
    pub(super) fn apply_reversal(
        &mut self,
        position: Position,
        account: AccountId,
        event: &Event<'_>,
        reversal: &Reversal<'_>,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        self.account_mut(account).note_activity(event.time);
        self.take_back(position, account, event, reversal, context)
    }

    /// Takes back the trade that a reversal names, which its account's row already tells of. Behind a batch there may be
    /// trades that came later than the reversal: it comes to what it does where it waits for them.
    pub(super) fn take_back(
        &mut self,
        position: Position,
        account: AccountId,
        event: &Event<'_>,
        reversal: &Reversal<'_>,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        let stream = StreamKey::Account(reversal.uid);
        let Some(found) = self.index.find(stream, &reversal.trade_source, &reversal.trade_id, context.reader)? else {
            self.wait_for_trade(position, account, reversal);
            return Ok(());
        };
        let trade_event = context.reader.event(found)?;
        let Body::Trade(trade) = &trade_event.body else {
            // Identities are shared by all types of an account: what bears this one may be no trade, and none can come.
            if found > position {
                self.wait_for_trade(position, account, reversal);
            }
            return Ok(());
        };
        let before = self.reversal_of(found, PRESENT).map(|earliest| earliest.time.day());
        self.reversals.entry(found).or_default().insert(event, position, ());
        let after = self.reversal_of(found, PRESENT).map(|earliest| earliest.time.day());
        if before == after {
            return Ok(());
        }
        let Some(attribution) = self.attribution(account, PRESENT) else { return Ok(()) };
        let rated = self.rate(Some(&attribution), trade, trade_event.time, PRESENT);
        let Some((_, code)) = rated.referrer else { return Ok(()) };
        let sums = sums_of(trade, &rated);
        match before {
            // An earlier reversal arrived: what was taken back on a later day is taken back on its day instead.
            Some(day) => self.slice_mut(&attribution, code).add_sums(day, &sums),
            None => {
                let taken_back =
                    Totals { commission: -rated.commission, rebate: -rated.rebate, volume: -trade.volume_usd };
                self.add_totals(attribution.head, taken_back);
            }
        }
        if let Some(day) = after {
            let day = if mutants::mutant!("reversal-on-the-day-of-its-trade") { trade_event.time.day() } else { day };
            self.slice_mut(&attribution, code).add_sums(day, &negated(&sums));
        }
        Ok(())
    }

    fn wait_for_trade(&mut self, position: Position, account: AccountId, reversal: &Reversal<'_>) {
        if mutants::mutant!("reversal-before-its-trade-forgotten") {
            return;
        }
        let names = IdentityMark::naming(&reversal.trade_source, &reversal.trade_id);
        self.pending_reversals.entry(account).or_default().push(PendingReversal { position, names });
        self.account_mut(account).has_pending_reversals = true;
    }

    /// Gives a trade that just arrived the reversals that waited for it.
    pub(super) fn claim_pending_reversals(
        &mut self,
        trade: Position,
        account: AccountId,
        event: &Event<'_>,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        let mark = IdentityMark::of(event);
        let may_claim = |waiting: &Vec<PendingReversal>| waiting.iter().any(|reversal| reversal.names == mark);
        if !self.pending_reversals.get(&account).is_some_and(may_claim) {
            return Ok(());
        }
        let Some(waiting) = self.pending_reversals.remove(&account) else { return Ok(()) };
        let mut still_waiting = Vec::new();
        for reversal in waiting {
            if reversal.names != mark {
                still_waiting.push(reversal);
                continue;
            }
            let position = reversal.position;
            let reversal_event = context.reader.event(position)?;
            // Only reversals wait.
            let Body::Reversal(named) = &reversal_event.body else { continue };
            if named.trade_source == event.source && named.trade_id == event.id {
                self.reversals.entry(trade).or_default().insert(&reversal_event, position, ());
            } else {
                still_waiting.push(reversal);
            }
        }
        self.account_mut(account).has_pending_reversals = !still_waiting.is_empty();
        if !still_waiting.is_empty() {
            self.pending_reversals.insert(account, still_waiting);
        }
        Ok(())
    }
}
