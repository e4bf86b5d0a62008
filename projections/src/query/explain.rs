//! One trade explained (SPEC 4.4): rates in force and who set them, why nothing, every posting.

use std::collections::BTreeMap;

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Event, StreamKey, Trade, Uid, Usd};

use super::{PostingAccount, PostingMade, QueryError, RateSet, View};
use crate::family::Posted;
use crate::views::{self, EventRef, Explained, PostingLine, ReversalLine, Side};

/// A posting before it is written down: whose account, which side, how much.
pub(super) struct Entry {
    pub(super) account: PostingAccount,
    pub(super) side: Side,
    pub(super) amount: Usd,
}

impl View<'_> {
    /// `GET /v1/trades/explain`: the trade of this account, source and id.
    ///
    /// # Errors
    /// If there is no such trade.
    pub fn explain(&self, account: Uid, source: &str, id: &str) -> Result<Explained, QueryError> {
        let not_found = || QueryError::NotFound { what: "trade", name: id.to_owned() };
        let stream = StreamKey::Account(account);
        let position = self.state.index.find(stream, source, id, self.reader)?.ok_or_else(not_found)?;
        let event = self.reader.event(position)?;
        if !matches!(event.body, Body::Trade(_)) {
            return Err(not_found());
        }
        let mut explained = self.explained(position, &event)?;
        explained.as_of = Some(self.as_of());
        Ok(explained)
    }

    /// A trade explained, without what the answer reflects.
    pub(super) fn explained(&self, position: Position, event: &Event<'_>) -> Result<Explained, QueryError> {
        let not_found = || QueryError::NotFound { what: "trade", name: event.id.to_string() };
        let Body::Trade(trade) = &event.body else { return Err(not_found()) };
        let rated = self.rated_trade(position, event).ok_or_else(not_found)?;
        let mut postings = Vec::new();
        self.each_posting_of(&rated, event, &mut |made| {
            let PostingMade { position, account, side, amount } = *made;
            postings.push(PostingLine { position, account: account.to_string(), side, amount });
        });
        Ok(Explained {
            event: event.clone().into_owned(),
            position,
            account_uid: trade.uid,
            invitee_uid: rated.invitee_uid,
            parent_uid: rated.parent_uid,
            referrer_uid: rated.referrer_uid,
            code: rated.code.map(str::to_owned),
            base_rate: rated.base_rate.map(|rate| self.rate_in_force(rate)).transpose()?,
            rebate_rate: rated.rebate_rate.map(|rate| self.rate_in_force(rate)).transpose()?,
            eligible: rated.eligible,
            reason: rated.reason,
            total: rated.total(),
            commission: rated.commission,
            rebate: rated.rebate,
            postings,
            reversal: rated.reversed_by.map(|position| self.reversal_line(position)).transpose()?,
            as_of: None,
        })
    }

    fn rate_in_force(&self, rate: RateSet) -> Result<views::RateInForce, ReadError> {
        let event = rate.set_by.map(|position| self.event_ref(position)).transpose()?;
        Ok(views::RateInForce { rate: rate.rate, event })
    }

    pub(super) fn event_ref(&self, position: Position) -> Result<EventRef, ReadError> {
        let event = self.reader.event(position)?;
        Ok(EventRef {
            source: event.source.to_string(),
            id: event.id.to_string(),
            event_type: event.event_type().name(),
            time: event.time,
            position,
        })
    }

    pub(super) fn reversal_line(&self, position: Position) -> Result<ReversalLine, ReadError> {
        let event = self.reader.event(position)?;
        // Only reversals take a trade back.
        let reason =
            if let Body::Reversal(reversal) = &event.body { reversal.reason.to_string() } else { String::new() };
        Ok(ReversalLine {
            source: event.source.to_string(),
            id: event.id.to_string(),
            time: event.time,
            reason,
            position,
        })
    }

    /// What one entry posted for one trade: what stands posted after it less what stood posted before.
    pub(super) fn posted_by(
        &self,
        entry: Position,
        position: Position,
        account: AccountId,
        event: &Event<'_>,
        trade: &Trade<'_>,
    ) -> Vec<Entry> {
        let stands = |upto: Position| -> Option<Posted> {
            if upto < position {
                return None;
            }
            let attribution = self.state.attribution(account, upto)?;
            let rated = self.state.rate(Some(&attribution), trade, event.time, upto);
            self.state.posted(position, attribution.head, &rated, upto)
        };
        self.difference(stands(entry - 1), stands(entry))
    }

    fn difference(&self, before: Option<Posted>, after: Option<Posted>) -> Vec<Entry> {
        let mut expense = 0i128;
        let mut payable: BTreeMap<Uid, i128> = BTreeMap::new();
        for (posted, sign) in [(after, 1), (before, -1)] {
            let Some(posted) = posted else { continue };
            expense += sign * (posted.commission + posted.rebate).0;
            *payable.entry(self.state.uid(posted.referrer)).or_default() += sign * posted.commission.0;
            *payable.entry(self.state.uid(posted.invitee)).or_default() += sign * posted.rebate.0;
        }
        let mut entries = Vec::new();
        let mut write = |account: PostingAccount, units: i128, positive: Side, negative: Side| {
            if units != 0 {
                let side = if units > 0 { positive } else { negative };
                entries.push(Entry { account, side, amount: Usd(units.abs()) });
            }
        };
        write(PostingAccount::CommissionExpense, expense, Side::Debit, Side::Credit);
        for (uid, units) in payable {
            write(PostingAccount::Payable(uid), units, Side::Credit, Side::Debit);
        }
        entries
    }
}
