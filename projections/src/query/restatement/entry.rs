//! The trades that one entry of a restatement changed.

use ledger::Position;
use schemas::{Body, Product, Timestamp, Uid, Usd};

use super::super::metrics::RANGE_DAYS;
use super::super::{QueryError, RangeRequest, View};
use super::changes::Changes;
use crate::views::TradeKey;

/// A trade of which an entry changed an amount dated in the range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestatedTrade {
    /// The trade, whose explanation tells what it comes to now.
    pub trade: TradeKey,
    /// When it was made.
    pub time: Timestamp,
    /// What was traded.
    pub product: Product,
    /// By how much the entry changed the commission dated in the range; 0 where it only moved a day.
    pub commission: Usd,
    /// By how much it changed the rebate.
    pub rebate: Usd,
}

impl View<'_> {
    /// The trades behind an entry's row in the restatement of a range of a referrer, or of one of its codes, by their
    /// time; none where the entry has no row there. They add up to the row.
    ///
    /// # Errors
    /// As [`View::restatement`]; and if the entry is not there.
    pub fn restated_trades(
        &self,
        uid: Uid,
        range: RangeRequest,
        code: Option<&str>,
        entry: Position,
        present: Timestamp,
    ) -> Result<Vec<RestatedTrade>, QueryError> {
        let range = range.resolve(present, RANGE_DAYS)?;
        if entry == 0 || entry > self.state.position {
            return Err(QueryError::NotFound { what: "entry", name: entry.to_string() });
        }
        let (_, codes_ever) = self.codes_restated(uid, code)?;
        let Some(referrer) = self.account(uid) else { return Ok(Vec::new()) };
        let mut changes = Changes::by_entry(self, referrer, range, entry);
        for code in codes_ever {
            changes.add_code(code)?;
        }
        let mut trades = Vec::new();
        for change in changes.into_trades() {
            let event = self.reader.event(change.trade)?;
            if let Body::Trade(trade) = &event.body {
                trades.push(RestatedTrade {
                    trade: TradeKey { uid: trade.uid, source: event.source.to_string(), id: event.id.to_string() },
                    time: event.time,
                    product: trade.product,
                    commission: change.commission,
                    rebate: change.rebate,
                });
            }
        }
        trades.sort_by(|one, other| (one.time, &one.trade).cmp(&(other.time, &other.trade)));
        Ok(trades)
    }
}
