//! Who registered with a code, as rows tell it; and whose rows may have changed between two states of one ledger.

use ledger::{AccountId, EventReader, ReadError};
use roaring::RoaringBitmap;
use schemas::{AccountType, ProductGroup, Rate, Timestamp};

use super::PublishedInvitee;
use crate::accounts::NEVER;
use crate::codes::CodeId;
use crate::family::later_mark;
use crate::firsts::First;
use crate::history::{History, PRESENT};
use crate::state::State;
use crate::totals::Totals;

impl PublishedInvitee {
    /// The same told from a later moment on: what has come by then holds.
    #[must_use]
    pub fn at(mut self, moment: Timestamp) -> PublishedInvitee {
        take_what_came(&mut self.vip_level, &mut self.vip_levels_to_come, moment);
        take_what_came(&mut self.rebate_rates, &mut self.rebate_rates_to_come, moment);
        take_what_came(&mut self.note, &mut self.notes_to_come, moment);
        self
    }
}

fn take_what_came<T>(held: &mut T, to_come: &mut Vec<(Timestamp, T)>, moment: Timestamp) {
    let came = to_come.partition_point(|(time, _)| *time <= moment);
    if let Some((_, latest)) = to_come.drain(..came).next_back() {
        *held = latest;
    }
}

impl State {
    /// The major accounts whose row may not be as it was: those of which an account of the family, a note or a rebate is
    /// another, and those whose code agrees to something else with them.
    pub(super) fn invitees_touched(&self, before: &State) -> RoaringBitmap {
        let mut touched = RoaringBitmap::new();
        for number in self.accounts.rows_apart(&before.accounts) {
            let account = AccountId(number as u32);
            let is_same = before.accounts.get(number) == self.accounts.get(number)
                && before.wide_totals.get(&account) == self.wide_totals.get(&account)
                && !self.may_have_had_another_level(account, before);
            if let Some(major) = (!is_same).then(|| self.major(account, PRESENT)).flatten() {
                touched.insert(major.head.0);
            }
        }
        // Facts only come: as many are the same ones.
        let notes = self.notes.entries_apart(&before.notes);
        let notes = notes.filter(|(account, is)| before.notes.get(*account).map_or(0, History::len) != is.len());
        let rebates = self.rebates.entries_apart(&before.rebates);
        let rebates = rebates.filter(|(account, is)| before.rebates.get(*account).map_or(0, History::len) != is.len());
        touched.extend(notes.map(|(account, _)| account.0).chain(rebates.map(|(account, _)| account.0)));
        for number in self.codes.rows.rows_apart(&before.codes.rows) {
            if self.agrees_otherwise(before, number) {
                touched.extend(self.codes.rows[number].invitees.iter().map(|invitee| invitee.0));
            }
        }
        touched
    }

    /// Whether events that came since may say another VIP level for the time until the account's latest one, where that is
    /// stamped in the future: the latest one alone stands in its row.
    fn may_have_had_another_level(&self, account: AccountId, before: &State) -> bool {
        let latest = self.accounts.get(account.index()).and_then(|row| row.vip);
        latest.is_some_and(|latest| latest.time > self.told_from())
            && self.index.positions(account).next_back().is_some_and(|last| last > before.position)
    }

    /// Whether events of a code that came since may say something else of when its invitees registered.
    fn agrees_otherwise(&self, before: &State, code: usize) -> bool {
        let is = &self.codes.rows[code];
        let Some(was) = before.codes.rows.get(code) else { return false };
        if was.is_same(is) || was.terms.len() == is.terms.len() {
            return false;
        }
        let first = |history: &History<_>| history.first(PRESENT).map(|fact| fact.position);
        let mut came = is.terms.iter(PRESENT).filter(|fact| fact.position > before.position);
        first(&was.terms) != first(&is.terms)
            || came.any(|fact| is.last_registration.is_some_and(|last| fact.time <= last))
    }

    /// The row of a major account with the code that it registered with; none where it is none, or registered with none.
    pub(super) fn published_invitee(
        &self,
        head: AccountId,
        reader: &dyn EventReader,
    ) -> Result<Option<(CodeId, PublishedInvitee)>, ReadError> {
        let registered = self.accounts.get(head.index()).and_then(|row| row.registered);
        let registered = registered.filter(|registered| registered.account_type == AccountType::Major);
        let Some((registered, code)) = registered.and_then(|registered| Some((registered, registered.code()?))) else {
            return Ok(None);
        };
        let from = self.told_from();
        let moment = |time: Timestamp| (time != NEVER).then_some(time);
        let Totals { commission, rebate, volume } = self.totals(head);
        let (vip_level, vip_levels_to_come) = self.levels_from(head, from, reader)?;
        let notes = self.notes.get(&head);
        let own = self.rebates.get(&head).into_iter().flat_map(|history| history.after(from));
        Ok(Some((
            code,
            PublishedInvitee {
                uid: self.uid(head),
                registered_at: registered.time,
                country: registered.country,
                relationship: registered.relationship,
                verified_at: moment(self.family_first(head, First::Verified)),
                first_deposit_at: moment(self.family_first(head, First::Deposited)),
                first_trade_at: moment(self.account(head).first_trade),
                commission,
                rebate,
                volume,
                vip_level,
                rebate_rates: self.rates_agreed(head, code, from),
                note: notes
                    .and_then(|history| history.at(from, PRESENT))
                    .map_or_else(String::new, |fact| fact.value.to_string()),
                vip_levels_to_come,
                rebate_rates_to_come: last_of_each_moment(
                    own.map(|fact| (fact.time, (fact.value.spot_rebate_rate, fact.value.futures_rebate_rate))),
                ),
                notes_to_come: last_of_each_moment(
                    notes
                        .into_iter()
                        .flat_map(|history| history.after(from))
                        .map(|fact| (fact.time, fact.value.to_string())),
                ),
            },
        )))
    }

    fn rates_agreed(&self, head: AccountId, code: CodeId, time: Timestamp) -> (Rate, Rate) {
        let Some(attribution) = self.attribution(head, PRESENT) else { return (Rate::ZERO, Rate::ZERO) };
        let rate = |group| self.agreed_rebate(&attribution, code, group, time, PRESENT).rate;
        (rate(ProductGroup::Spot), rate(ProductGroup::Futures))
    }

    /// The VIP level of a family at a moment, and those that are known to come. Of an account with an event stamped after
    /// the moment all events are read.
    fn levels_from(
        &self,
        head: AccountId,
        from: Timestamp,
        reader: &dyn EventReader,
    ) -> Result<(u8, Vec<(Timestamp, u8)>), ReadError> {
        let (mut held, mut to_come) = (None, Vec::new());
        for member in self.descendants(head, PRESENT) {
            match self.account(member).vip {
                None => {}
                Some(mark) if mark.time <= from => held = Some(later_mark(held, mark, reader)?),
                Some(_) => self.each_vip_mark(member, reader, &mut |mark, event| {
                    if mark.time <= from {
                        held = Some(later_mark(held, mark, reader)?);
                    } else {
                        to_come.push((mark.time, event.source.to_string(), event.id.to_string(), mark.level));
                    }
                    Ok(())
                })?,
            }
        }
        let level = held.map_or(0, |mark| mark.level);
        to_come.sort_unstable();
        let mut to_come = last_of_each_moment(to_come.into_iter().map(|(time, _, _, level)| (time, level)));
        let mut before = level;
        to_come.retain(|(_, level)| std::mem::replace(&mut before, *level) != *level);
        Ok((level, to_come))
    }

    /// How many had registered with a code before an account: they stand in the order in which they came.
    pub(super) fn place_among_invitees(&self, code: CodeId, account: AccountId) -> Option<u32> {
        let invitees = &self.codes.get(code).invitees;
        let position =
            |account: AccountId| self.account(account).registered.map(|registered| registered.position.get());
        let wanted = position(account)?;
        let (mut from, mut to) = (0, invitees.len());
        while from < to {
            let middle = from.midpoint(to);
            match position(*invitees.get(middle)?)?.cmp(&wanted) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle as u32),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }
}

/// Of those of one moment the last one holds.
fn last_of_each_moment<T>(facts: impl Iterator<Item = (Timestamp, T)>) -> Vec<(Timestamp, T)> {
    let mut kept: Vec<(Timestamp, T)> = Vec::new();
    for (time, value) in facts {
        match kept.last_mut().filter(|(last, _)| *last == time) {
            Some(last) => last.1 = value,
            None => kept.push((time, value)),
        }
    }
    kept
}
