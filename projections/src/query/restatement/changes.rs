//! What each entry after a position changed of a referrer's amounts dated in a range: its trades and reversals are
//! read again, and rated at every entry that may have changed what they come to.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Day, Event, StreamKey, Timestamp, Trade, Usd};

use super::super::{DateRange, View};
use super::turns::Turn;
use crate::accounts::NEVER;
use crate::codes::CodeId;
use crate::history::PRESENT;

/// What one entry changed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EntryChange {
    /// How many trades have a changed amount dated in the range.
    pub(super) trades: u64,
    pub(super) commission: Usd,
    pub(super) rebate: Usd,
}

/// What one entry changed of one trade.
#[derive(Clone, Copy, Debug)]
pub(super) struct TradeChange {
    /// The trade.
    pub(super) trade: Position,
    pub(super) commission: Usd,
    pub(super) rebate: Usd,
}

/// Amounts that are not both 0.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Amounts {
    commission: Usd,
    rebate: Usd,
}

/// A trade's amounts dated in the range by the facts up to a position, and those taken back on a day in the range.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct AmountsInRange {
    trade: Option<Amounts>,
    taken_back: Option<(Day, Amounts)>,
}

impl AmountsInRange {
    /// The sum of an amount.
    fn sum(&self, amount: fn(&Amounts) -> Usd) -> Usd {
        let of_trade = self.trade.as_ref().map(amount).unwrap_or_default();
        of_trade - self.taken_back.as_ref().map(|(_, amounts)| amount(amounts)).unwrap_or_default()
    }
}

/// The changes of a referrer's amounts dated in a range, by entry.
pub(super) struct Changes<'v> {
    view: &'v View<'v>,
    referrer: AccountId,
    range: DateRange,
    since: Position,
    turns: Vec<Turn>,
    entries: BTreeMap<Position, EntryChange>,
    /// The entry whose trades are kept one by one.
    watched: Option<Position>,
    of_watched: Vec<TradeChange>,
}

impl<'v> Changes<'v> {
    pub(super) fn new(view: &'v View<'v>, referrer: AccountId, range: DateRange, since: Position) -> Changes<'v> {
        let turns = view.turns_of_referrer(referrer, since);
        Changes { view, referrer, range, since, turns, entries: BTreeMap::new(), watched: None, of_watched: Vec::new() }
    }

    /// The changes of one entry, whose trades are kept one by one.
    pub(super) fn by_entry(view: &'v View<'v>, referrer: AccountId, range: DateRange, entry: Position) -> Changes<'v> {
        Changes { watched: Some(entry), ..Changes::new(view, referrer, range, entry - 1) }
    }

    pub(super) fn into_trades(self) -> Vec<TradeChange> {
        self.of_watched
    }

    pub(super) fn into_entries(self) -> BTreeMap<Position, EntryChange> {
        self.entries
    }

    /// Adds the changes of all who registered with a code.
    pub(super) fn add_code(&mut self, code: CodeId) -> Result<(), ReadError> {
        let of_owner = self.view.turns_of_owner(code, self.since);
        let state = self.view.state;
        for head in state.codes.get(code).invitees.iter().copied() {
            // Whoever follows an invitee at the end does so at every position at which it counts at all.
            let members = state.descendants(head, PRESENT).into_iter();
            let active: Vec<AccountId> =
                members.filter(|member| state.account(*member).last_activity >= self.range.from.start()).collect();
            if active.is_empty() {
                continue;
            }
            let of_family = self.view.turns_of_family(head, code, self.since);
            for member in active {
                let mut turns = self.view.turns_of_registrations(member, self.since);
                turns.extend([&self.turns, &of_owner, &of_family].into_iter().flatten());
                self.add_member(member, &turns)?;
            }
        }
        Ok(())
    }

    fn add_member(&mut self, member: AccountId, turns: &[Turn]) -> Result<(), ReadError> {
        let reached_from = turns.iter().map(|turn| turn.reaches).min().unwrap_or(NEVER);
        for position in self.trades_concerned(member, reached_from)? {
            let event = self.view.reader.event(position)?;
            if let Body::Trade(trade) = &event.body {
                self.add_trade(member, position, trade, event.time, turns);
            }
        }
        Ok(())
    }

    /// The trades of an account of which an amount dated in the range may have changed; late facts reach those from a
    /// moment on.
    fn trades_concerned(&self, member: AccountId, reached_from: Timestamp) -> Result<BTreeSet<Position>, ReadError> {
        let row = self.view.state.account(member);
        let range_start = self.range.from.start();
        let mut concerned = BTreeSet::new();
        for position in self.view.state.index.positions(member).rev() {
            let event = self.view.reader.event(position)?;
            match &event.body {
                Body::Trade(_) if self.is_in_range(position, event.time) => {
                    concerned.insert(position);
                }
                Body::Trade(_) => {}
                // One that lies outside the range may take the place of one within.
                Body::Reversal(_) => {
                    if position > self.since || self.range.contains(event.time.day()) {
                        concerned.extend(self.trade_of_reversal(&event)?);
                    }
                }
                Body::Registration(_)
                | Body::Kyc(_)
                | Body::Deposit(_)
                | Body::Vip(_)
                | Body::Affiliate(_)
                | Body::Code(_)
                | Body::Rebate(_)
                | Body::Note(_)
                | Body::Program(_)
                | Body::Offer(_)
                | Body::Campaign(_)
                | Body::Join(_)
                | Body::Application(_) => continue,
            }
            // Of what was known already only that is concerned which a late fact reaches.
            let from = if position <= self.since { range_start.max(reached_from) } else { range_start };
            if row.all_before(event.time, from) {
                break;
            }
        }
        Ok(concerned)
    }

    /// Whether a trade, or what takes it back at any position, is dated in the range.
    fn is_in_range(&self, trade: Position, time: Timestamp) -> bool {
        let reversals = self.view.state.reversals.get(&trade);
        let mut taken_back = reversals.into_iter().flat_map(|history| history.iter(PRESENT));
        self.range.contains(time.day()) || taken_back.any(|reversal| self.range.contains(reversal.time.day()))
    }

    fn trade_of_reversal(&self, event: &Event<'_>) -> Result<Option<Position>, ReadError> {
        let Body::Reversal(reversal) = &event.body else { return Ok(None) };
        let stream = StreamKey::Account(reversal.uid);
        self.view.state.index.find(stream, &reversal.trade_source, &reversal.trade_id, self.view.reader)
    }

    fn add_trade(&mut self, member: AccountId, position: Position, trade: &Trade<'_>, time: Timestamp, turns: &[Turn]) {
        let mut entries: Vec<Position> =
            turns.iter().filter(|turn| turn.reaches <= time).map(|turn| turn.position).collect();
        entries.extend(self.view.state.reversals.get(&position).into_iter().flat_map(|history| history.positions()));
        entries.push(position);
        // Before the trade is there, nothing changes of it.
        entries.retain(|entry| *entry > self.since && *entry >= position);
        entries.sort_unstable();
        entries.dedup();
        let mut before = self.amounts_in_range(member, position, trade, time, self.since);
        for entry in entries {
            let after = self.amounts_in_range(member, position, trade, time, entry);
            if before != after {
                let commission = after.sum(|amounts| amounts.commission) - before.sum(|amounts| amounts.commission);
                let rebate = after.sum(|amounts| amounts.rebate) - before.sum(|amounts| amounts.rebate);
                let change = self.entries.entry(entry).or_default();
                change.trades += 1;
                change.commission += commission;
                change.rebate += rebate;
                if self.watched == Some(entry) {
                    self.of_watched.push(TradeChange { trade: position, commission, rebate });
                }
                before = after;
            }
        }
    }

    /// What is dated in the range of a trade for this referrer, by the facts up to a position.
    fn amounts_in_range(
        &self,
        member: AccountId,
        position: Position,
        trade: &Trade<'_>,
        time: Timestamp,
        upto: Position,
    ) -> AmountsInRange {
        let state = self.view.state;
        if position > upto {
            return AmountsInRange::default();
        }
        let attribution = state.attribution(member, upto);
        let rated = state.rate(attribution.as_ref(), trade, time, upto);
        let is_of_referrer = rated.referrer.is_some_and(|(referrer, _)| referrer == self.referrer);
        if !is_of_referrer || rated.total().is_zero() {
            return AmountsInRange::default();
        }
        let amounts = Amounts { commission: rated.commission, rebate: rated.rebate };
        let reversed_on = state.reversal_of(position, upto).map(|reversal| reversal.time.day());
        AmountsInRange {
            trade: self.range.contains(time.day()).then_some(amounts),
            taken_back: reversed_on.filter(|day| self.range.contains(*day)).map(|day| (day, amounts)),
        }
    }
}
