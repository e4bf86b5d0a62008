//! What the batched events of accounts come to, found out without changing anything: so that many may look at once.

use ledger::{AccountId, EventReader, ReadError};
use schemas::{Country, ProductGroup, Timestamp, Usd};

use super::by_account::{ByAccount, Group};
use super::plain::{PlainEvent, Says};
use crate::accounts::{AccountRow, EntryRef, NEVER, VipMark};
use crate::attribution::Attribution;
use crate::codes::CodeId;
use crate::family::later_mark;
use crate::firsts::First;
use crate::history::PRESENT;
use crate::rating::WhyNothing;
use crate::slices::Count;
use crate::state::State;
use crate::totals::Totals;

/// A trade where it is added: to the cell of its code, country and day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) code: CodeId,
    pub(super) country: Option<Country>,
    pub(super) ordinal: u32,
    pub(super) time: Timestamp,
    pub(super) group: ProductGroup,
    pub(super) vip_level: u8,
    pub(super) volume: i64,
    pub(super) commission: i64,
    pub(super) rebate: i64,
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
}

impl State {
    /// What the events of families come to; the groups of a family stand together.
    pub(super) fn batch_amounts(
        &self,
        groups: &[Group],
        sorted: &ByAccount,
        reader: &dyn EventReader,
    ) -> Result<Amounts, ReadError> {
        let mut amounts = Amounts::default();
        for of_family in groups.chunk_by(|one, other| one.head == other.head) {
            self.add_family(of_family, sorted, reader, &mut amounts)?;
        }
        Ok(amounts)
    }

    fn add_family(
        &self,
        members: &[Group],
        sorted: &ByAccount,
        reader: &dyn EventReader,
        amounts: &mut Amounts,
    ) -> Result<(), ReadError> {
        let head = members[0].head;
        let mut head_row = self.account(head).clone();
        let mut family =
            Family { ordinal: head_row.ordinal.get(), first_trade: head_row.first_trade, totals: Totals::default() };
        for member in members {
            let events = sorted.events(member);
            if member.account == head {
                self.add_account(head, events, &mut head_row, &mut family, reader, amounts)?;
            } else {
                let mut row = self.account(member.account).clone();
                self.add_account(member.account, events, &mut row, &mut family, reader, amounts)?;
                amounts.rows.push((member.account, row));
            }
        }
        head_row.first_trade = family.first_trade;
        amounts.rows.push((head, head_row));
        if family.totals != Totals::default() {
            amounts.totals.push((head, family.totals));
        }
        Ok(())
    }

    fn add_account(
        &self,
        account: AccountId,
        events: &[PlainEvent],
        row: &mut AccountRow,
        family: &mut Family,
        reader: &dyn EventReader,
        amounts: &mut Amounts,
    ) -> Result<(), ReadError> {
        let attribution = self.attribution(account, PRESENT);
        for event in events {
            match event.says {
                Says::Traded(group) => {
                    row.note_activity(event.time);
                    if let Some(attribution) = &attribution
                        && self.add_rated(attribution, event, group, family, amounts)
                    {
                        row.vip = Some(later_mark(row.vip, event.vip_mark(), reader)?);
                    }
                }
                Says::Did(first) => add_first(attribution.as_ref(), first, event.time, row, amounts),
                Says::Vip => row.vip = Some(later_mark(row.vip, event.vip_mark(), reader)?),
                Says::NoFigure => {}
            }
        }
        Ok(())
    }

    /// Adds a trade; says whether it counts at all, as one stamped before the registration does not.
    fn add_rated(
        &self,
        attribution: &Attribution,
        event: &PlainEvent,
        group: ProductGroup,
        family: &mut Family,
        amounts: &mut Amounts,
    ) -> bool {
        let rated = self.rate_figures(Some(attribution), &event.figures(group), event.time, PRESENT);
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
            time: event.time,
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
