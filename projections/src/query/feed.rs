//! The feed: entries in the order of the ledger, with the postings each gave.

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Event, EventType, StreamKey, Trade, Uid};

use super::View;
use crate::views::{FeedEntry, FeedPosting, TradeKey};

/// Which entries a feed has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedFilter {
    /// Only events of these types; none: of all.
    pub types: Option<Vec<EventType>>,
    /// Only events of this account: their `uid`, of a code its `owner_uid`; none: of all.
    pub uid: Option<Uid>,
}

impl FeedFilter {
    fn takes(&self, event: &Event<'_>) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&event.event_type()))
            && self.uid.is_none_or(|uid| account_of(event) == Some(uid))
    }
}

/// Some entries of a feed, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedPart {
    /// The entries.
    pub entries: Vec<FeedEntry>,
    /// All entries up to this position were looked at; the next part begins after it.
    pub reached: Position,
}

/// So many entries are looked at for one part, so that a filter which takes few of them holds nobody up.
const LOOKED_AT_MAX: usize = 20_000;

impl View<'_> {
    /// The entries after a position, at most `limit`. `after` at or beyond the end gives nothing.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn feed(&self, after: Position, limit: usize) -> Result<Vec<FeedEntry>, ReadError> {
        let last = self.state.position.min(after.saturating_add(limit as u64));
        (after.saturating_add(1)..=last).map(|position| self.feed_entry(position)).collect()
    }

    /// The next of the entries after a position and up to another that a filter takes, at most `limit`; fewer, and maybe
    /// none, where a great many have to be looked at. Of one account only its own entries are looked at.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn feed_part(
        &self,
        after: Position,
        upto: Position,
        limit: usize,
        filter: &FeedFilter,
    ) -> Result<FeedPart, ReadError> {
        let last = self.state.position.min(upto);
        let candidates: Box<dyn Iterator<Item = Position>> = match filter.uid {
            Some(uid) => Box::new(self.entries_of(uid, after).take_while(move |position| *position <= last)),
            None => Box::new(after.saturating_add(1)..=last),
        };
        let mut part = FeedPart { entries: Vec::new(), reached: last.max(after) };
        for (looked_at, position) in (1..).zip(candidates) {
            let event = self.reader.event(position)?;
            if filter.takes(&event) {
                part.entries.push(self.entry(position, &event)?);
            }
            if part.entries.len() >= limit || looked_at == LOOKED_AT_MAX {
                part.reached = position;
                break;
            }
        }
        Ok(part)
    }

    /// The positions after one that may hold events of an account, ascending: its own stream, and its codes'.
    fn entries_of(&self, uid: Uid, after: Position) -> impl Iterator<Item = Position> + '_ {
        let account = self.account(uid);
        let own = account.into_iter().flat_map(|account| self.state.index.positions(account));
        let codes = account.into_iter().flat_map(|account| self.state.codes.named_owner(account));
        let of_codes = codes.flat_map(|code| {
            let text = &*self.state.codes.get(*code).text;
            self.state.index.stream_positions(StreamKey::Name(text))
        });
        let mut of_codes: Vec<Position> = of_codes.filter(|position| *position > after).collect();
        of_codes.sort_unstable();
        let mut of_codes = of_codes.into_iter().peekable();
        let mut own = own.filter(move |position| *position > after).peekable();
        std::iter::from_fn(move || match (own.peek(), of_codes.peek()) {
            (Some(one), Some(other)) if other < one => of_codes.next(),
            (None, _) => of_codes.next(),
            (Some(_), _) => own.next(),
        })
    }

    fn feed_entry(&self, position: Position) -> Result<FeedEntry, ReadError> {
        self.entry(position, &self.reader.event(position)?)
    }

    fn entry(&self, position: Position, event: &Event<'_>) -> Result<FeedEntry, ReadError> {
        Ok(FeedEntry {
            position,
            recorded_at: self.reader.recorded_at(position)?,
            postings: self.postings_by(position, event)?,
            event: event.clone().into_owned(),
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

/// The account that an event is of.
fn account_of(event: &Event<'_>) -> Option<Uid> {
    match (event.stream(), &event.body) {
        (StreamKey::Account(uid), _) => Some(uid),
        (StreamKey::Name(_), Body::Code(code)) => Some(code.owner_uid),
        (StreamKey::Name(_) | StreamKey::Platform, _) => None,
    }
}
