//! What the batched events of accounts come to, found out without changing anything: so that many may look at once.

use ledger::{AccountId, EventReader, ReadError};
use schemas::{Country, Day, ProductGroup, Timestamp, Usd};

use super::by_account::{ByAccount, Group};
use super::plain::{PlainEvent, Says};
use super::rates::Rates;
use crate::accounts::{AccountRow, EntryRef, NEVER, VipMark};
use crate::attribution::Attribution;
use crate::codes::CodeId;
use crate::family::later_mark;
use crate::firsts::First;
use crate::rating::{WhyNothing, rate_under};
use crate::slices::Count;
use crate::state::State;
use crate::terms::TermsInForce;
use crate::totals::Totals;

/// A trade where it is added: to the cell of its code, country and day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) code: CodeId,
    pub(super) country: Option<Country>,
    pub(super) ordinal: u32,
    pub(super) day: Day,
    pub(super) group: ProductGroup,
    pub(super) vip_level: u8,
    pub(super) volume: i64,
    pub(super) commission: i64,
    pub(super) rebate: i64,
}

impl Change {
    /// A number that cells sort by: by code, then by country, then by day.
    pub(super) fn cell(&self) -> u64 {
        // Two letters take 10 bits, and none is 0. An event's day lies within 180 years of 2000.
        let letters = self.country.as_ref().map_or("", Country::as_str);
        let country = letters.bytes().fold(0, |number, letter| number * 27 + u64::from(letter - b'@'));
        u64::from(self.code.0) << 32 | country << 22 | u64::from(self.day.0 as u32) & ((1 << 22) - 1)
    }
}

/// A first of an invitee that came to be, or moved to an earlier moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct FirstMoved {
    pub(super) code: CodeId,
    pub(super) country: Option<Country>,
    pub(super) what: Count,
    pub(super) before: Timestamp,
    pub(super) after: Timestamp,
}

/// What the events of some accounts come to.
#[derive(Default)]
pub(super) struct Amounts {
    /// The rows of accounts as they are behind the batch, but for the totals.
    pub(super) rows: Vec<(AccountId, AccountRow)>,
    /// What is added to the totals of heads.
    pub(super) totals: Vec<(AccountId, Totals)>,
    pub(super) changes: Vec<Change>,
    pub(super) firsts: Vec<FirstMoved>,
    pub(super) trades_before_registration: u64,
}

/// What the events of a family add to its head.
struct Family {
    ordinal: Option<u32>,
    first_trade: Timestamp,
    totals: Totals,
    /// Its terms, as its last trade found them.
    terms: Option<TermsInForce>,
}

/// What amounts are found by, and those found so far.
struct Finding<'a> {
    state: &'a State,
    rates: &'a Rates<'a>,
    reader: &'a dyn EventReader,
    amounts: Amounts,
}

/// What the events of families come to; the groups of a family stand together.
pub(super) fn amounts_of(
    state: &State,
    groups: &[Group],
    sorted: &ByAccount,
    rates: &Rates<'_>,
    reader: &dyn EventReader,
) -> Result<Amounts, ReadError> {
    let mut finding = Finding { state, rates, reader, amounts: Amounts::default() };
    finding.amounts.rows.reserve(groups.len());
    finding.amounts.changes.reserve(groups.iter().map(|group| sorted.events(group).len()).sum());
    for of_family in groups.chunk_by(|one, other| one.head == other.head) {
        finding.add_family(of_family, sorted)?;
    }
    Ok(finding.amounts)
}

impl Finding<'_> {
    fn add_family(&mut self, members: &[Group], sorted: &ByAccount) -> Result<(), ReadError> {
        let head = members[0].head;
        let mut head_row = self.state.account(head).clone();
        let (ordinal, first_trade) = (head_row.ordinal.get(), head_row.first_trade);
        let mut family = Family { ordinal, first_trade, totals: Totals::default(), terms: None };
        for member in members {
            let events = sorted.events(member);
            if member.account == head {
                self.add_account(head, events, &mut head_row, &mut family)?;
            } else {
                let mut row = self.state.account(member.account).clone();
                self.add_account(member.account, events, &mut row, &mut family)?;
                self.amounts.rows.push((member.account, row));
            }
        }
        head_row.first_trade = family.first_trade;
        self.amounts.rows.push((head, head_row));
        if family.totals != Totals::default() {
            self.amounts.totals.push((head, family.totals));
        }
        Ok(())
    }

    fn add_account(
        &mut self,
        account: AccountId,
        events: &[PlainEvent],
        row: &mut AccountRow,
        family: &mut Family,
    ) -> Result<(), ReadError> {
        let attribution = self.rates.attribution(account);
        for event in events {
            match event.says {
                Says::Traded(group) => {
                    row.note_activity(event.time);
                    if let Some(attribution) = &attribution
                        && self.add_rated(attribution, event, group, family)
                    {
                        row.vip = Some(later_mark(row.vip, event.vip_mark(), self.reader)?);
                    }
                }
                Says::Did(first) => add_first(attribution.as_ref(), first, event.time, row, &mut self.amounts),
                Says::Vip => row.vip = Some(later_mark(row.vip, event.vip_mark(), self.reader)?),
                Says::TakesBack => row.note_activity(event.time),
                Says::NoFigure | Says::Aside => {}
            }
        }
        Ok(())
    }

    /// Adds a trade; says whether it counts at all, as one stamped before the registration does not.
    fn add_rated(
        &mut self,
        attribution: &Attribution,
        event: &PlainEvent,
        group: ProductGroup,
        family: &mut Family,
    ) -> bool {
        let Finding { rates, amounts, .. } = self;
        let rated = rate_under(Some(attribution), &event.figures(group), event.time, |attribution, referrer| {
            rates.terms(attribution, referrer, group, event.time, &mut family.terms)
        });
        if rated.reason == Some(WhyNothing::BeforeRegistration) {
            amounts.trades_before_registration += 1;
            return false;
        }
        let Some((_, code)) = rated.referrer else { return true };
        let country = attribution.country;
        amounts.changes.push(Change {
            code,
            country,
            ordinal: family.ordinal.expect("a family without a place in its slice goes apart"),
            day: event.time.day(),
            group,
            vip_level: event.vip_level,
            volume: event.volume,
            commission: share(rated.commission),
            rebate: share(rated.rebate),
        });
        if event.time < family.first_trade {
            let (before, after) = (family.first_trade, event.time);
            amounts.firsts.push(FirstMoved { code, country, what: Count::FirstTrade, before, after });
            family.first_trade = event.time;
        }
        family.totals.add(&Totals {
            commission: rated.commission,
            rebate: rated.rebate,
            volume: Usd(i128::from(event.volume)),
        });
        true
    }
}

/// A KYC or a deposit of an account that is a family alone, or counts for nobody.
fn add_first(
    attribution: Option<&Attribution>,
    first: First,
    time: Timestamp,
    row: &mut AccountRow,
    amounts: &mut Amounts,
) {
    let kept = first.of_row(row);
    if time >= *kept {
        return;
    }
    let before = std::mem::replace(kept, time);
    let Some((attribution, (_, code))) = attribution.and_then(|found| Some((found, found.referrer()?))) else { return };
    let of_invitee = |moment: Timestamp| if moment == NEVER { NEVER } else { moment.max(attribution.since) };
    let (before, after) = (of_invitee(before), of_invitee(time));
    if before != after {
        amounts.firsts.push(FirstMoved { code, country: attribution.country, what: first.count(), before, after });
    }
}

impl PlainEvent {
    fn vip_mark(&self) -> VipMark {
        VipMark { time: self.time, position: EntryRef::of(self.position), level: self.vip_level }
    }
}

/// A share of a fee of 64 bits.
fn share(amount: Usd) -> i64 {
    i64::try_from(amount.0).expect("no rate is above 1, so no share exceeds its fee")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_sort_by_code_then_country_then_day() {
        let countries = ["AD", "AZ", "BA", "DE", "XK", "ZW"].map(Country::parse);
        let mut changes = Vec::new();
        for code in [0, 1, 1 << 20, u32::MAX - 1] {
            for country in std::iter::once(None).chain(countries) {
                for day in [10_957, 10_958, 20_000, 65_535, 80_000].map(Day) {
                    let (code, group) = (CodeId(code), ProductGroup::Spot);
                    let (ordinal, vip_level, volume, commission, rebate) = (0, 0, 0, 0, 0);
                    changes.push(Change { code, country, ordinal, day, group, vip_level, volume, commission, rebate });
                }
            }
        }
        // They are listed in that order.
        assert!(changes.is_sorted_by(|one, other| one.cell() < other.cell()));
    }
}
