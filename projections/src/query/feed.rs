//! The feed: entries in the order of the ledger, with the postings each gave.

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Event, StreamKey, Trade};

use super::View;
use super::explain::event_json;
use crate::views::{FeedEntry, FeedPosting, TradeKey};

impl View<'_> {
    /// The entries after a position, at most `limit`. `after` at or beyond the end gives nothing.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn feed(&self, after: Position, limit: usize) -> Result<Vec<FeedEntry>, ReadError> {
        let last = self.state.position.min(after.saturating_add(limit as u64));
        (after.saturating_add(1)..=last).map(|position| self.feed_entry(position)).collect()
    }

    fn feed_entry(&self, position: Position) -> Result<FeedEntry, ReadError> {
        let event = self.reader.event(position)?;
        Ok(FeedEntry {
            position,
            recorded_at: self.reader.recorded_at(position)?,
            event: event_json(&event),
            postings: self.postings_by(position, &event)?,
        })
    }

    /// The postings that one entry gave, by the trades they belong to.
    pub(super) fn postings_by(&self, position: Position, event: &Event<'_>) -> Result<Vec<FeedPosting>, ReadError> {
        let mut postings = Vec::new();
        if let Body::Trade(trade) = &event.body {
            self.add_postings(position, position, event, trade, &mut postings);
        }
        if let Body::Reversal(reversal) = &event.body {
            let stream = StreamKey::Account(reversal.uid);
            let found = self.state.index.find(stream, &reversal.trade_source, &reversal.trade_id, self.reader)?;
            // A reversal that came before its trade posted nothing.
            if let Some(found) = found.filter(|found| *found < position) {
                let trade_event = self.reader.event(found)?;
                if let Body::Trade(trade) = &trade_event.body {
                    self.add_postings(position, found, &trade_event, trade, &mut postings);
                }
            }
        }
        for head in self.state.late.by_position.get(&position).into_iter().flatten() {
            self.add_late_postings(position, *head, &mut postings)?;
        }
        // What is posted for one trade stands together already, in the order of accounts.
        postings.sort_by(|one, other| one.trade.cmp(&other.trade));
        Ok(postings)
    }

    fn add_late_postings(
        &self,
        entry: Position,
        head: AccountId,
        postings: &mut Vec<FeedPosting>,
    ) -> Result<(), ReadError> {
        for member in self.state.descendants(head, entry) {
            for position in self.state.index.positions(member).take_while(|position| *position < entry) {
                let event = self.reader.event(position)?;
                if let Body::Trade(trade) = &event.body {
                    self.add_postings(entry, position, &event, trade, postings);
                }
            }
        }
        Ok(())
    }

    fn add_postings(
        &self,
        entry: Position,
        position: Position,
        event: &Event<'_>,
        trade: &Trade<'_>,
        postings: &mut Vec<FeedPosting>,
    ) {
        let Some(account) = self.account(trade.uid) else { return };
        let key = TradeKey { uid: trade.uid, source: event.source.to_string(), id: event.id.to_string() };
        let made = self.posted_by(entry, position, account, event, trade);
        postings.extend(made.into_iter().map(|made| FeedPosting {
            account: made.account.to_string(),
            side: made.side,
            amount: made.amount,
            trade: key.clone(),
        }));
    }
}
