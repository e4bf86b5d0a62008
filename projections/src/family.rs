//! All that a family (a major account with its sub-accounts) contributes to the projections, by the facts up to a
//! position, computed from its events alone.
//!
//! This is the definition that everything incremental must agree with: when something late changes what earlier
//! events come to, a family's contribution as of the entry before is taken out and the one as of the entry put in.

use std::collections::BTreeMap;

use ledger::{AccountId, EventReader, Position, ReadError};
use schemas::{AccountType, Body, Country, Day, ProductGroup, Timestamp, Trade, Usd};

use crate::accounts::{AccountRow, EntryRef, NEVER, VipMark};
use crate::codes::CodeId;
use crate::history::Fact;
use crate::rating::{Rated, WhyNothing};
use crate::slices::{SUMS, Sum, Sums};
use crate::state::State;

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
    pub(crate) commission: Usd,
    pub(crate) rebate: Usd,
    pub(crate) volume: Usd,
    pub(crate) trades_before_registration: u64,
    pub(crate) vip: Vec<(AccountId, Option<VipMark>)>,
    pub(crate) posted: Vec<Posted>,
}

impl Contribution {
    fn nothing() -> Contribution {
        Contribution {
            slice: None,
            registered: NEVER,
            verified: NEVER,
            deposited: NEVER,
            first_trade: NEVER,
            days: BTreeMap::new(),
            commission: Usd::ZERO,
            rebate: Usd::ZERO,
            volume: Usd::ZERO,
            trades_before_registration: 0,
            vip: Vec::new(),
            posted: Vec::new(),
        }
    }

    fn day(&mut self, day: Day) -> &mut DayContribution {
        self.days.entry(day).or_insert(DayContribution { sums: [Usd::ZERO; SUMS], traded: false })
    }
}

/// What a rated trade adds to its day; a reversal takes the same from its own day.
pub(crate) fn sums_of(trade: &Trade<'_>, rated: &Rated) -> Sums {
    let mut sums = [Usd::ZERO; SUMS];
    match trade.product.group() {
        ProductGroup::Spot => {
            sums[Sum::SpotCommission as usize] = rated.commission;
            sums[Sum::SpotVolume as usize] = trade.volume_usd;
        }
        ProductGroup::Futures => {
            sums[Sum::FuturesCommission as usize] = rated.commission;
            // Volume of futures trades counts at VIP level 0 or 1 only (SPEC 3).
            if trade.vip_level <= 1 {
                sums[Sum::FuturesVolume as usize] = trade.volume_usd;
            }
        }
    }
    sums[Sum::SharedCommission as usize] = rated.rebate;
    sums[Sum::TotalVolume as usize] = trade.volume_usd;
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

    /// The earliest moment that `pick` gives of a family's members, none earlier than the member's registration.
    pub(crate) fn family_moment(
        &self,
        head: AccountId,
        upto: Position,
        pick: impl Fn(&AccountRow) -> Timestamp,
    ) -> Timestamp {
        let row = self.account(head);
        if !row.has_children {
            let since = row.registered.map_or(NEVER, |registered| registered.time);
            return if pick(row) == NEVER { NEVER } else { pick(row).max(since) };
        }
        let moments = self.descendants(head, upto).into_iter().filter_map(|member| {
            let moment = pick(self.account(member));
            let since = self.major(member, upto)?.since;
            (moment != NEVER).then(|| moment.max(since))
        });
        moments.min().unwrap_or(NEVER)
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

    /// What the family of a major account contributes by the facts up to a position.
    pub(crate) fn contribution(
        &self,
        head: AccountId,
        upto: Position,
        reader: &dyn EventReader,
    ) -> Result<Contribution, ReadError> {
        let mut contribution = Contribution::nothing();
        let registered = self.account(head).registered.filter(|registered| registered.is_by(upto));
        let Some(registered) = registered.filter(|registered| registered.account_type == AccountType::Major) else {
            return Ok(contribution);
        };
        for member in self.descendants(head, upto) {
            self.add_member(member, upto, reader, &mut contribution)?;
        }
        let attribution = self.attribution(head, upto);
        let referrer = attribution.as_ref().and_then(|attribution| attribution.referrer());
        contribution.slice = referrer.map(|(_, code)| (code, registered.country));
        contribution.registered = registered.time;
        contribution.verified = self.family_moment(head, upto, |row| row.first_verified);
        contribution.deposited = self.family_moment(head, upto, |row| row.first_deposit);
        Ok(contribution)
    }

    fn add_member(
        &self,
        member: AccountId,
        upto: Position,
        reader: &dyn EventReader,
        contribution: &mut Contribution,
    ) -> Result<(), ReadError> {
        let attribution = self.attribution(member, upto);
        let mut vip = None;
        for position in self.index.positions(member).take_while(|position| *position <= upto) {
            let event = reader.event(position)?;
            if let Body::Vip(data) = &event.body {
                let mark = VipMark { time: event.time, position: EntryRef::of(position), level: data.vip_level };
                vip = Some(later_mark(vip, mark, reader)?);
            }
            let Body::Trade(trade) = &event.body else { continue };
            let rated = self.rate(attribution.as_ref(), trade, event.time, upto);
            match (rated.reason, &attribution) {
                (Some(WhyNothing::NotRegistered), _) | (_, None) => continue,
                (Some(WhyNothing::BeforeRegistration), _) => {
                    contribution.trades_before_registration += 1;
                    continue;
                }
                (_, Some(attribution)) => {
                    let mark = VipMark { time: event.time, position: EntryRef::of(position), level: trade.vip_level };
                    vip = Some(later_mark(vip, mark, reader)?);
                    if rated.referrer.is_some() {
                        self.add_trade(position, attribution.head, trade, event.time, &rated, upto, contribution);
                    }
                }
            }
        }
        contribution.vip.push((member, vip));
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "a trade, its place, and what it adds to are all needed at once")]
    fn add_trade(
        &self,
        position: Position,
        head: AccountId,
        trade: &Trade<'_>,
        time: Timestamp,
        rated: &Rated,
        upto: Position,
        contribution: &mut Contribution,
    ) {
        let sums = sums_of(trade, rated);
        let day = contribution.day(time.day());
        day.traded = true;
        add(&mut day.sums, &sums);
        contribution.first_trade = contribution.first_trade.min(time);
        if let Some(reversal) = self.reversal_of(position, upto) {
            add(&mut contribution.day(reversal.time.day()).sums, &negated(&sums));
        } else {
            contribution.commission += rated.commission;
            contribution.rebate += rated.rebate;
            contribution.volume += trade.volume_usd;
        }
        contribution.posted.extend(self.posted(position, head, rated, upto));
    }
}

fn add(sums: &mut Sums, more: &Sums) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += *more;
    }
}

/// The later of two marks in the order of equals; the events are read only where their times are equal.
pub(crate) fn later_mark(held: Option<VipMark>, new: VipMark, reader: &dyn EventReader) -> Result<VipMark, ReadError> {
    let Some(held) = held else { return Ok(new) };
    if held.time != new.time {
        return Ok(if held.time < new.time { new } else { held });
    }
    let held_event = reader.event(held.position.get())?;
    let new_event = reader.event(new.position.get())?;
    Ok(if held_event.order_key() < new_event.order_key() { new } else { held })
}
