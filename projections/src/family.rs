//! All that a family (a major account with its sub-accounts) contributes to the projections, by the facts up to a
//! position, computed from its events alone.
//!
//! This is the definition that everything incremental must agree with: when something late changes what earlier
//! events come to, a family's contribution as of the entry before is taken out and the one as of the entry put in.

use std::collections::BTreeMap;

use ledger::{AccountId, EventReader, Position, ReadError};
use schemas::{AccountType, Body, Country, Day, Event, ProductGroup, Timestamp, Trade, Usd};

use crate::accounts::{EntryRef, NEVER, VipMark};
use crate::attribution::Attribution;
use crate::codes::CodeId;
use crate::firsts::First;
use crate::history::Fact;
use crate::parents::Follower;
use crate::rating::{Rated, WhyNothing};
use crate::slices::{SUMS, Sum, Sums};
use crate::state::State;
use crate::totals::Totals;

/// What one day of a family adds to its slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DayContribution {
    pub(crate) sums: Sums,
    pub(crate) traded: bool,
}

/// What stands posted for a trade: nothing while it is reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Posted {
    pub(crate) trade: Position,
    pub(crate) referrer: AccountId,
    pub(crate) invitee: AccountId,
    pub(crate) commission: Usd,
    pub(crate) rebate: Usd,
}

/// What a family contributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contribution {
    /// The slice, where the family is attributed.
    pub(crate) slice: Option<(CodeId, Option<Country>)>,
    pub(crate) registered: Timestamp,
    pub(crate) verified: Timestamp,
    pub(crate) deposited: Timestamp,
    pub(crate) first_trade: Timestamp,
    pub(crate) days: BTreeMap<Day, DayContribution>,
    /// What stands at its end.
    pub(crate) totals: Totals,
    pub(crate) trades_before_registration: u64,
    /// Of each account with an event that carries one.
    pub(crate) vip: Vec<(AccountId, VipMark)>,
}

/// A family, or part of one, by the facts up to a position: who belongs to it, and what its events are rated by.
pub(crate) struct Family {
    upto: Position,
    attribution: Attribution,
    pub(crate) members: Vec<Follower>,
    /// What it contributes without any event of its members.
    pub(crate) contribution: Contribution,
}

impl Contribution {
    /// Nothing, of a family that is nobody's.
    pub(crate) fn nothing() -> Contribution {
        Contribution {
            slice: None,
            registered: NEVER,
            verified: NEVER,
            deposited: NEVER,
            first_trade: NEVER,
            days: BTreeMap::new(),
            totals: Totals::default(),
            trades_before_registration: 0,
            vip: Vec::new(),
        }
    }

    fn of(attribution: &Attribution) -> Contribution {
        let slice = attribution.referrer().map(|(_, code)| (code, attribution.country));
        Contribution { slice, ..Contribution::nothing() }
    }

    fn day(&mut self, day: Day) -> &mut DayContribution {
        self.days.entry(day).or_insert(DayContribution { sums: [Usd::ZERO; SUMS], traded: false })
    }

    /// Marks of one account come one after the other.
    fn mark_vip(&mut self, member: AccountId, mark: VipMark, reader: &dyn EventReader) -> Result<(), ReadError> {
        match self.vip.last_mut().filter(|(last, _)| *last == member) {
            Some((_, held)) => *held = later_mark(Some(*held), mark, reader)?,
            None => self.vip.push((member, mark)),
        }
        Ok(())
    }

    fn add_trade(&mut self, trade: &Trade<'_>, time: Timestamp, rated: &Rated, taken_back: Option<Day>) {
        let sums = sums_of(trade, rated);
        let day = self.day(time.day());
        day.traded = true;
        add(&mut day.sums, &sums);
        self.first_trade = self.first_trade.min(time);
        match taken_back {
            Some(day) => add(&mut self.day(day).sums, &negated(&sums)),
            None => {
                self.totals.commission += rated.commission;
                self.totals.rebate += rated.rebate;
                self.totals.volume += trade.volume_usd;
            }
        }
    }

    /// Adds what further events of the same family come to.
    pub(crate) fn add_more(&mut self, more: Contribution, reader: &dyn EventReader) -> Result<(), ReadError> {
        for (day, of_day) in more.days {
            let held = self.day(day);
            held.traded |= of_day.traded;
            add(&mut held.sums, &of_day.sums);
        }
        self.first_trade = self.first_trade.min(more.first_trade);
        self.totals.commission += more.totals.commission;
        self.totals.rebate += more.totals.rebate;
        self.totals.volume += more.totals.volume;
        self.trades_before_registration += more.trades_before_registration;
        more.vip.into_iter().try_for_each(|(member, mark)| self.mark_vip(member, mark, reader))
    }
}

/// What a rated trade adds to its day; a reversal takes the same from its own day.
pub(crate) fn sums_of(trade: &Trade<'_>, rated: &Rated) -> Sums {
    sums_of_amounts(trade.product.group(), trade.vip_level, trade.volume_usd, rated.commission, rated.rebate)
}

/// The same of a trade of which just the amounts are at hand.
pub(crate) fn sums_of_amounts(group: ProductGroup, vip_level: u8, volume: Usd, commission: Usd, rebate: Usd) -> Sums {
    let mut sums = [Usd::ZERO; SUMS];
    match group {
        ProductGroup::Spot => {
            sums[Sum::SpotCommission as usize] = commission;
            sums[Sum::SpotVolume as usize] = volume;
        }
        ProductGroup::Futures => {
            sums[Sum::FuturesCommission as usize] = commission;
            // Volume of futures trades counts at VIP level 0 or 1 only (SPEC 3).
            if vip_level <= 1 {
                sums[Sum::FuturesVolume as usize] = volume;
            }
        }
    }
    sums[Sum::SharedCommission as usize] = rebate;
    sums[Sum::TotalVolume as usize] = volume;
    sums
}

/// The same amounts, taken back.
pub(crate) fn negated(sums: &Sums) -> Sums {
    sums.map(|amount| -amount)
}

impl State {
    /// The earliest reversal of a trade, among those up to a position.
    pub(crate) fn reversal_of(&self, trade: Position, upto: Position) -> Option<&Fact<()>> {
        self.reversals.get(&trade).and_then(|history| history.first(upto))
    }

    /// The latest trade or reversal of a family, whether or not it counts; no trade of it lies after.
    pub(crate) fn family_last_activity(&self, head: AccountId) -> Timestamp {
        if !self.account(head).has_children {
            return self.account(head).last_activity;
        }
        let members = self.descendants(head, crate::history::PRESENT);
        members.into_iter().map(|member| self.account(member).last_activity).max().unwrap_or(Timestamp(i64::MIN))
    }

    /// What stands posted for a trade by the facts up to a position.
    pub(crate) fn posted(&self, trade: Position, invitee: AccountId, rated: &Rated, upto: Position) -> Option<Posted> {
        let (referrer, _) = rated.referrer?;
        if rated.total().is_zero() || self.reversal_of(trade, upto).is_some() {
            return None;
        }
        Some(Posted { trade, referrer, invitee, commission: rated.commission, rebate: rated.rebate })
    }

    /// The family of a major account by the facts up to a position; none where it is not registered as one.
    pub(crate) fn family(&self, head: AccountId, upto: Position) -> Option<Family> {
        let registered = self.account(head).registered.filter(|registered| registered.is_by(upto))?;
        if registered.account_type != AccountType::Major {
            return None;
        }
        let attribution = self.attribution(head, upto)?;
        let members = self.followers(head, upto);
        let contribution = Contribution {
            registered: registered.time,
            verified: self.family_first_upto(head, First::Verified, upto),
            deposited: self.family_first_upto(head, First::Deposited, upto),
            ..Contribution::of(&attribution)
        };
        Some(Family { upto, attribution, members, contribution })
    }

    /// An account that follows others up to a major account, with those that follow it: what the family gains where
    /// nothing of them counted before. No firsts but that of trades are looked at.
    pub(crate) fn joined(&self, account: AccountId, upto: Position) -> Option<Family> {
        let attribution = self.attribution(account, upto)?;
        let mut members = self.followers(account, upto);
        for member in &mut members {
            member.since = member.since.max(attribution.since);
        }
        Some(Family { upto, attribution, members, contribution: Contribution::of(&attribution) })
    }

    /// Adds an event of an account that counts from a moment on, unless it comes after the facts that the family is
    /// taken by. Gives what stands posted for it.
    pub(crate) fn add_event(
        &self,
        family: &Family,
        member: Follower,
        position: Position,
        event: &Event<'_>,
        reader: &dyn EventReader,
        contribution: &mut Contribution,
    ) -> Result<Option<Posted>, ReadError> {
        if position > family.upto {
            return Ok(None);
        }
        let mark = |level| VipMark { time: event.time, position: EntryRef::of(position), level };
        let trade = match &event.body {
            Body::Vip(data) => {
                contribution.mark_vip(member.account, mark(data.vip_level), reader)?;
                return Ok(None);
            }
            Body::Trade(trade) => trade,
            Body::Registration(_)
            | Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Reversal(_)
            | Body::Affiliate(_)
            | Body::Code(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => return Ok(None),
        };
        let attribution = Attribution { since: member.since, ..family.attribution };
        let rated = self.rate(Some(&attribution), trade, event.time, family.upto);
        if rated.reason == Some(WhyNothing::BeforeRegistration) {
            contribution.trades_before_registration += 1;
            return Ok(None);
        }
        contribution.mark_vip(member.account, mark(trade.vip_level), reader)?;
        if rated.referrer.is_none() {
            return Ok(None);
        }
        let taken_back = self.reversal_of(position, family.upto).map(|reversal| reversal.time.day());
        contribution.add_trade(trade, event.time, &rated, taken_back);
        Ok(self.posted(position, attribution.head, &rated, family.upto))
    }
}

/// Adds amounts.
pub(crate) fn add(sums: &mut Sums, more: &Sums) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += *more;
    }
}

/// The later of two marks in the order of equals; the events are read only where their times are equal.
pub(crate) fn later_mark(held: Option<VipMark>, new: VipMark, reader: &dyn EventReader) -> Result<VipMark, ReadError> {
    match held {
        Some(held) if held.time == new.time => {
            later_mark_of(Some(held), new, &reader.event(new.position.get())?, reader)
        }
        Some(held) if held.time > new.time => Ok(held),
        Some(_) | None => Ok(new),
    }
}

/// The same, where the event of the new mark is at hand.
pub(crate) fn later_mark_of(
    held: Option<VipMark>,
    new: VipMark,
    new_event: &Event<'_>,
    reader: &dyn EventReader,
) -> Result<VipMark, ReadError> {
    match held {
        Some(held) if held.time == new.time => {
            let held_event = reader.event(held.position.get())?;
            Ok(if held_event.order_key() < new_event.order_key() { new } else { held })
        }
        Some(held) if held.time > new.time => Ok(held),
        Some(_) | None => Ok(new),
    }
}
