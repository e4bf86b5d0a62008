//! All that a family (a major account with its sub-accounts) contributes to the projections, by the facts up to a
//! position, computed from its events alone.
//!
//! This is the definition that everything incremental must agree with: when something late changes what earlier
//! events come to, a family's contribution as of the entry before is taken out and the one as of the entry put in.

use std::collections::BTreeMap;

use ledger::{AccountId, EventReader, Position, ReadError};
use schemas::{AccountType, Body, Country, Day, ProductGroup, Timestamp, Trade, Usd};

use crate::accounts::{EntryRef, NEVER, VipMark};
use crate::attribution::Attribution;
use crate::codes::CodeId;
use crate::firsts::First;
use crate::history::Fact;
use crate::parents::Follower;
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
        let Some(attribution) = self.attribution(head, upto) else { return Ok(contribution) };
        for member in self.followers(head, upto) {
            self.add_member(&attribution, member, upto, reader, &mut contribution)?;
        }
        contribution.slice = attribution.referrer().map(|(_, code)| (code, registered.country));
        contribution.registered = registered.time;
        contribution.verified = self.family_first_upto(head, First::Verified, upto);
        contribution.deposited = self.family_first_upto(head, First::Deposited, upto);
        Ok(contribution)
    }

    /// What an account that follows others up to a major account contributes, with those that follow it: what the
    /// family gains where nothing of them counted before. No firsts but that of trades are looked at.
    pub(crate) fn contribution_of_joined(
        &self,
        account: AccountId,
        upto: Position,
        reader: &dyn EventReader,
    ) -> Result<Contribution, ReadError> {
        let mut contribution = Contribution::nothing();
        let Some(attribution) = self.attribution(account, upto) else { return Ok(contribution) };
        for member in self.followers(account, upto) {
            let since = member.since.max(attribution.since);
            self.add_member(&attribution, Follower { since, ..member }, upto, reader, &mut contribution)?;
        }
        contribution.slice = attribution.referrer().map(|(_, code)| (code, attribution.country));
        Ok(contribution)
    }

    /// Adds what one account of a family did. `family` is what any account of it counts as.
    fn add_member(
        &self,
        family: &Attribution,
        member: Follower,
        upto: Position,
        reader: &dyn EventReader,
        contribution: &mut Contribution,
    ) -> Result<(), ReadError> {
        let attribution = Attribution { since: member.since, ..*family };
        let member = member.account;
        let mut vip = None;
        for position in self.index.positions(member).take_while(|position| *position <= upto) {
            let event = reader.event(position)?;
            if let Body::Vip(data) = &event.body {
                let mark = VipMark { time: event.time, position: EntryRef::of(position), level: data.vip_level };
                vip = Some(later_mark(vip, mark, reader)?);
            }
            let Body::Trade(trade) = &event.body else { continue };
            let rated = self.rate(Some(&attribution), trade, event.time, upto);
            if rated.reason == Some(WhyNothing::BeforeRegistration) {
                contribution.trades_before_registration += 1;
                continue;
            }
            let mark = VipMark { time: event.time, position: EntryRef::of(position), level: trade.vip_level };
            vip = Some(later_mark(vip, mark, reader)?);
            if rated.referrer.is_some() {
                self.add_trade(position, attribution.head, trade, event.time, &rated, upto, contribution);
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
