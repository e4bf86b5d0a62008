//! The rows of accounts, as they are kept: so many a part, a field of all of them after the other. What seldom changes is
//! a part of its own, so that a trade changes the other one alone.

use ledger::AccountId;
use ledger::fields::Fields;
use schemas::{AccountType, Country, Relationship, Timestamp, Uid};

use super::parts::{Parts, Section, read_stretch};
use super::reading::{StateReader, change_rows};
use super::{NONE, some_id};
use crate::accounts::{AccountRow, EntryRef, Maybe, NEVER, Registered, VipMark};
use crate::codes::CodeId;
use crate::output::Output;
use crate::state::State;

/// How many accounts are a part.
const ROWS: usize = 256;
/// How many accounts' wide sums are one.
const WIDE_ROWS: u64 = 1 << 14;

/// Before the first trade or reversal of an account.
const NOTHING_YET: Timestamp = Timestamp(i64::MIN);

pub(super) fn encode_country(country: Option<Country>, out: &mut Output<'_>) {
    let code = country.map_or([0; 2], |country| {
        let text = country.to_string();
        [text.as_bytes()[0], text.as_bytes()[1]]
    });
    out.u16(u16::from_le_bytes(code));
}

pub(super) fn decode_country(fields: &mut Fields<'_>) -> Option<Option<Country>> {
    let code = fields.u16()?.to_le_bytes();
    if code == [0; 2] {
        return Some(None);
    }
    let text = std::str::from_utf8(&code).ok()?;
    Country::parse(text).map(Some)
}

/// The place of a value among all of its enum.
fn ordinal_of<T: PartialEq>(all: &[T], value: &T) -> u8 {
    all.iter().position(|held| held == value).map_or(u8::MAX, |at| at as u8)
}

fn value_at<T: Copy>(all: &[T], at: u8) -> Option<T> {
    all.get(usize::from(at)).copied()
}

impl State {
    pub(super) fn write_accounts<E>(&self, parts: &mut Parts<'_, E>) -> Result<(), E> {
        for first in (0..self.accounts.len()).step_by(ROWS) {
            let end = self.accounts.len().min(first + ROWS);
            let rows: Vec<&AccountRow> = (first..end).map(|at| &self.accounts[at]).collect();
            let mut write = |section, encode: fn(&[&AccountRow], &mut Output<'_>)| {
                parts.part(section, |out| {
                    out.count(first);
                    out.count(rows.len());
                    encode(&rows, out);
                })
            };
            write(Section::Accounts, encode_accounts)?;
            write(Section::Activity, encode_activity)?;
        }
        let wide = self.wide_totals.iter().map(|(head, totals)| (u64::from(head.0), totals)).collect();
        parts.stretches(Section::WideTotals, WIDE_ROWS, wide, |totals, out| {
            totals.iter().for_each(|total| out.i128(*total));
        })
    }
}

/// What of a row there is.
const REGISTERED: u8 = 1;
const VERIFIED: u8 = 2;
const DEPOSITED: u8 = 4;
const TRADED: u8 = 8;
const ACTIVE: u8 = 1;
const VIP: u8 = 2;
const HAS_CHILDREN: u8 = 4;
const HAS_PENDING_REVERSALS: u8 = 8;

fn bit(is_there: bool, bit: u8) -> u8 {
    if is_there { bit } else { 0 }
}

/// Writes moments, each by what it differs from the one before.
struct Moments(i64);

impl Moments {
    fn put(&mut self, time: Timestamp, out: &mut Output<'_>) {
        out.signed(time.0.wrapping_sub(self.0));
        self.0 = time.0;
    }

    fn read(&mut self, fields: &mut Fields<'_>) -> Option<Timestamp> {
        self.0 = self.0.wrapping_add(fields.signed()?);
        Some(Timestamp(self.0))
    }
}

fn encode_accounts(rows: &[&AccountRow], out: &mut Output<'_>) {
    rows.iter().for_each(|row| out.varint(row.uid.0));
    for row in rows {
        out.u8(bit(row.registered.is_some(), REGISTERED)
            | bit(row.first_verified != NEVER, VERIFIED)
            | bit(row.first_deposit != NEVER, DEPOSITED)
            | bit(row.first_trade != NEVER, TRADED));
    }
    rows.iter().for_each(|row| out.u32(row.ordinal.get().unwrap_or(NONE)));
    let registered = || rows.iter().filter_map(|row| row.registered.as_ref());
    let mut times = Moments(0);
    registered().for_each(|registered| times.put(registered.time, out));
    let mut positions = Moments(0);
    registered().for_each(|registered| positions.put(Timestamp(registered.position.get() as i64), out));
    registered().for_each(|registered| out.u8(ordinal_of(AccountType::ALL, &registered.account_type)));
    registered().for_each(|registered| out.u8(ordinal_of(Relationship::ALL, &registered.relationship)));
    registered().for_each(|registered| encode_country(registered.country, out));
    registered().for_each(|registered| out.u32(registered.code().map_or(NONE, |code| code.0)));
    registered().for_each(|registered| out.u32(registered.parent().map_or(NONE, |parent| parent.0)));
    for row in rows {
        let mut times = Moments(row.registered.map_or(0, |registered| registered.time.0));
        for time in [row.first_verified, row.first_deposit, row.first_trade] {
            if time != NEVER {
                times.put(time, out);
            }
        }
    }
}

fn encode_activity(rows: &[&AccountRow], out: &mut Output<'_>) {
    for row in rows {
        out.u8(bit(row.last_activity != NOTHING_YET, ACTIVE)
            | bit(row.vip.is_some(), VIP)
            | bit(row.has_children, HAS_CHILDREN)
            | bit(row.has_pending_reversals, HAS_PENDING_REVERSALS));
    }
    rows.iter().for_each(|row| out.varint(u64::from(row.lateness_seconds)));
    let mut times = Moments(0);
    rows.iter().filter(|row| row.last_activity != NOTHING_YET).for_each(|row| times.put(row.last_activity, out));
    for row in rows {
        if let Some(vip) = &row.vip {
            // Nearly always that of the last trade.
            Moments(row.last_activity.0).put(vip.time, out);
            out.varint(vip.position.get());
            out.u8(vip.level);
        }
    }
    for total in 0..3 {
        rows.iter().for_each(|row| out.signed(row.totals[total]));
    }
}

impl StateReader {
    pub(super) fn read_accounts(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let accounts = &mut self.state.accounts;
        if fields.varint()? != accounts.len() as u64 {
            return None;
        }
        let mut rows = Vec::new();
        for _ in 0..fields.count()? {
            rows.push(AccountRow::new(Uid(fields.varint()?)));
        }
        let flags = fields.take(rows.len())?;
        for row in &mut rows {
            row.ordinal = some_id(fields.u32()?).map_or_else(Maybe::default, Maybe::some);
        }
        read_registered(&mut rows, flags, fields)?;
        for (row, flags) in rows.iter_mut().zip(flags) {
            let mut times = Moments(row.registered.map_or(0, |registered| registered.time.0));
            let firsts = [&mut row.first_verified, &mut row.first_deposit, &mut row.first_trade];
            for (first, bit) in firsts.into_iter().zip([VERIFIED, DEPOSITED, TRADED]) {
                if flags & bit != 0 {
                    *first = times.read(fields)?;
                }
            }
        }
        accounts.extend(rows);
        Some(())
    }

    pub(super) fn read_activity(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let first = usize::try_from(fields.varint()?).ok().filter(|first| *first == self.active)?;
        let count = fields.count()?;
        let accounts = &mut self.state.accounts;
        let mut flags = fields.take(count)?.iter();
        let flags_of = flags.clone();
        change_rows(accounts, first, count, |row| {
            let flags = flags.next()?;
            row.has_children = flags & HAS_CHILDREN != 0;
            row.has_pending_reversals = flags & HAS_PENDING_REVERSALS != 0;
            row.lateness_seconds = u32::try_from(fields.varint()?).ok()?;
            Some(())
        })?;
        let (mut times, mut flags) = (Moments(0), flags_of.clone());
        change_rows(accounts, first, count, |row| {
            if flags.next()? & ACTIVE != 0 {
                row.last_activity = times.read(fields)?;
            }
            Some(())
        })?;
        let mut flags = flags_of;
        change_rows(accounts, first, count, |row| {
            if flags.next()? & VIP != 0 {
                let time = Moments(row.last_activity.0).read(fields)?;
                let position = EntryRef::of(fields.varint()?);
                row.vip = Some(VipMark { time, position, level: fields.u8()? });
            }
            Some(())
        })?;
        for total in 0..3 {
            change_rows(accounts, first, count, |row| {
                row.totals[total] = fields.signed()?;
                Some(())
            })?;
        }
        self.active = first + count;
        Some(())
    }

    pub(super) fn read_wide_totals(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let accounts = self.state.accounts.len() as u64;
        read_stretch(fields, |fields, account| {
            let account = AccountId(Some(account).filter(|account| *account < accounts)? as u32);
            for total in self.state.wide_totals.entry(account).or_default() {
                *total = fields.i128()?;
            }
            Some(())
        })
    }
}

fn read_registered(rows: &mut [AccountRow], flags: &[u8], fields: &mut Fields<'_>) -> Option<()> {
    let count = flags.iter().filter(|flags| *flags & REGISTERED != 0).count();
    let (mut times, mut positions) = (Moments(0), Moments(0));
    let times: Vec<Timestamp> = (0..count).map(|_| times.read(fields)).collect::<Option<_>>()?;
    let positions: Vec<Timestamp> = (0..count).map(|_| positions.read(fields)).collect::<Option<_>>()?;
    let (types, relationships) = (fields.take(count)?, fields.take(count)?);
    let countries: Vec<Option<Country>> = (0..count).map(|_| decode_country(fields)).collect::<Option<_>>()?;
    let codes: Vec<u32> = (0..count).map(|_| fields.u32()).collect::<Option<_>>()?;
    let registered = rows.iter_mut().zip(flags).filter(|(_, flags)| *flags & REGISTERED != 0);
    for (at, (row, _)) in registered.enumerate() {
        let kinds =
            (value_at(AccountType::ALL, types[at])?, value_at(Relationship::ALL, relationships[at])?, countries[at]);
        let code = some_id(codes[at]).map(CodeId);
        let parent = some_id(fields.u32()?).map(AccountId);
        let position = EntryRef::of(positions[at].0 as u64);
        row.registered = Some(Registered::of(times[at], position, kinds, code, parent));
    }
    Some(())
}
