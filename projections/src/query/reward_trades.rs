//! The trades that a record of rewards is made of (SPEC 4.3): from the record to each trade's explanation.

use schemas::{Day, Product, Timestamp, Uid, Usd};

use super::{DateRange, QueryError, View};
use crate::history::PRESENT;
use crate::views::{RewardKind, TradeKey};

/// A trade that a record counts, or the taking back of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewardTrade {
    /// The trade, whose explanation tells the amount.
    pub trade: TradeKey,
    /// When the trade was made.
    pub time: Timestamp,
    /// Whether it stands here because it was taken back on this day.
    pub is_reversal: bool,
    /// Its fee, negative where it was taken back.
    pub fee_usd: Usd,
    /// What it gave, negative where it was taken back.
    pub amount: Usd,
}

impl View<'_> {
    /// The days within which all that is shared with an invitee lies: from its registration to its latest activity;
    /// none if it is not registered.
    #[must_use]
    pub fn shared_days_held(&self, uid: Uid) -> Option<DateRange> {
        let row = self.state.account(self.account(uid)?);
        let from = row.registered?.time.day();
        let members = self.account(uid).map(|head| self.state.descendants(head, PRESENT)).unwrap_or_default();
        let latest = members.into_iter().map(|member| self.state.account(member).last_activity).max();
        Some(DateRange { from, to: latest.map_or(from, |time| from.max(time.day())) })
    }

    /// The trades and reversals that the record of a day, counterparty and product is made of, by the time of the
    /// trade; none where there is no such record. They add up to the record's fee and amount.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn reward_trades(
        &self,
        uid: Uid,
        kind: RewardKind,
        date: Day,
        counterparty: Uid,
        product: Product,
    ) -> Result<Vec<RewardTrade>, QueryError> {
        let (referrer, invitee) = match kind {
            RewardKind::Commission => (uid, counterparty),
            RewardKind::Shared => (counterparty, uid),
        };
        let mut trades = Vec::new();
        let (Some(referrer), Some(head)) = (self.account(referrer), self.account(invitee)) else { return Ok(trades) };
        self.walk_family(head, DateRange { from: date, to: date }, &mut |walked| {
            let is_its = walked.attribution.head == head
                && walked.rated.referrer.is_some_and(|(earns, _)| earns == referrer)
                && walked.trade.product == product;
            let amount = match kind {
                RewardKind::Commission => walked.rated.commission,
                RewardKind::Shared => walked.rated.rebate,
            };
            if !is_its || amount.is_zero() {
                return;
            }
            let signed = |amount: Usd| if walked.is_reversal { -amount } else { amount };
            let event = walked.trade_event;
            trades.push(RewardTrade {
                trade: TradeKey { uid: walked.trade.uid, source: event.source.to_string(), id: event.id.to_string() },
                time: event.time,
                is_reversal: walked.is_reversal,
                fee_usd: signed(walked.trade.fee_usd),
                amount: signed(amount),
            });
        })?;
        trades.sort_by(|one, other| {
            (one.time, &one.trade, one.is_reversal).cmp(&(other.time, &other.trade, other.is_reversal))
        });
        Ok(trades)
    }
}
