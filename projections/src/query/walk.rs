//! Trades and reversals of a family read again from the ledger, each on its day with what it comes to. Answers
//! that no cell is kept for are made of these.

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Event, StreamKey, Trade};

use super::{DateRange, View};
use crate::attribution::Attribution;
use crate::history::PRESENT;
use crate::rating::Rated;

/// A trade, or the reversal that takes it back, on its own day.
pub(super) struct WalkedTrade<'e> {
    /// The trade's place in the ledger.
    pub(super) position: Position,
    pub(super) attribution: &'e Attribution,
    pub(super) day: schemas::Day,
    pub(super) trade_event: &'e Event<'e>,
    pub(super) trade: &'e Trade<'e>,
    pub(super) rated: &'e Rated,
    /// Whether this is the taking back.
    pub(super) is_reversal: bool,
}

impl View<'_> {
    /// Gives every trade of a family that is attributed, and every reversal of one, dated in the range.
    pub(super) fn walk_family(
        &self,
        head: AccountId,
        range: DateRange,
        visit: &mut dyn FnMut(&WalkedTrade<'_>),
    ) -> Result<(), ReadError> {
        self.walk_all_of_family(head, range, &mut |walked| {
            if walked.rated.referrer.is_some() {
                visit(walked);
            }
        })
    }

    /// The same of every trade of a registered family, also of those that count for nobody.
    pub(super) fn walk_all_of_family(
        &self,
        head: AccountId,
        range: DateRange,
        visit: &mut dyn FnMut(&WalkedTrade<'_>),
    ) -> Result<(), ReadError> {
        for member in self.state.descendants(head, PRESENT) {
            let row = self.state.account(member);
            if row.last_activity < range.from.start() {
                continue;
            }
            let Some(attribution) = self.state.attribution(member, PRESENT) else { continue };
            for position in self.state.index.positions(member).rev() {
                let event = self.reader.event(position)?;
                if !matches!(event.body, Body::Trade(_) | Body::Reversal(_)) {
                    continue;
                }
                if row.all_before(event.time, range.from.start()) {
                    break;
                }
                if range.contains(event.time.day()) {
                    self.visit_dated(position, &event, &attribution, visit)?;
                }
            }
        }
        Ok(())
    }

    fn visit_dated(
        &self,
        position: Position,
        event: &Event<'_>,
        attribution: &Attribution,
        visit: &mut dyn FnMut(&WalkedTrade<'_>),
    ) -> Result<(), ReadError> {
        let mut give = |position: Position, trade: &Trade<'_>, trade_event: &Event<'_>, is_reversal: bool| {
            let rated = self.state.rate(Some(attribution), trade, trade_event.time, PRESENT);
            let day = event.time.day();
            visit(&WalkedTrade { position, attribution, day, trade_event, trade, rated: &rated, is_reversal });
        };
        if let Body::Trade(trade) = &event.body {
            give(position, trade, event, false);
        }
        if let Body::Reversal(reversal) = &event.body {
            let stream = StreamKey::Account(reversal.uid);
            let found = self.state.index.find(stream, &reversal.trade_source, &reversal.trade_id, self.reader)?;
            let takes_back = |trade: &Position| {
                self.state.reversal_of(*trade, PRESENT).is_some_and(|earliest| earliest.position == position)
            };
            if let Some(found) = found.filter(takes_back) {
                let trade_event = self.reader.event(found)?;
                if let Body::Trade(trade) = &trade_event.body {
                    give(found, trade, &trade_event, true);
                }
            }
        }
        Ok(())
    }
}
