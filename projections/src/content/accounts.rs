//! The rows of accounts, as they are kept.

use ledger::AccountId;
use ledger::fields::Fields;
use schemas::{AccountType, Country, Relationship, Timestamp, Uid};

use super::{NONE, some_id};
use crate::accounts::{AccountRow, EntryRef, Maybe, Registered, VipMark};
use crate::codes::CodeId;
use crate::output::Output;

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

pub(super) fn encode_account(row: &AccountRow, out: &mut Output<'_>) {
    out.u64(row.uid.0);
    out.bool(row.registered.is_some());
    if let Some(registered) = &row.registered {
        out.i64(registered.time.0);
        out.u64(registered.position.get());
        out.u8(ordinal_of(AccountType::ALL, &registered.account_type));
        out.u8(ordinal_of(Relationship::ALL, &registered.relationship));
        encode_country(registered.country, out);
        out.u32(registered.code().map_or(NONE, |code| code.0));
        out.u32(registered.parent().map_or(NONE, |parent| parent.0));
    }
    for time in [row.first_verified, row.first_deposit, row.last_activity, row.first_trade] {
        out.i64(time.0);
    }
    out.bool(row.vip.is_some());
    if let Some(vip) = &row.vip {
        out.i64(vip.time.0);
        out.u64(vip.position.get());
        out.u8(vip.level);
    }
    out.u32(row.ordinal.get().unwrap_or(NONE));
    row.totals.iter().for_each(|total| out.i64(*total));
    out.u32(row.lateness_seconds);
    for flag in [row.has_children, row.has_pending_reversals] {
        out.bool(flag);
    }
}

pub(super) fn decode_account(fields: &mut Fields<'_>) -> Option<AccountRow> {
    let mut row = AccountRow::new(Uid(fields.u64()?));
    if fields.bool()? {
        let (time, position) = (Timestamp(fields.i64()?), EntryRef::of(fields.u64()?));
        let account_type = value_at(AccountType::ALL, fields.u8()?)?;
        let relationship = value_at(Relationship::ALL, fields.u8()?)?;
        let kinds = (account_type, relationship, decode_country(fields)?);
        let code = some_id(fields.u32()?).map(CodeId);
        let parent = some_id(fields.u32()?).map(AccountId);
        row.registered = Some(Registered::of(time, position, kinds, code, parent));
    }
    for time in [&mut row.first_verified, &mut row.first_deposit, &mut row.last_activity, &mut row.first_trade] {
        *time = Timestamp(fields.i64()?);
    }
    if fields.bool()? {
        row.vip = Some(VipMark {
            time: Timestamp(fields.i64()?),
            position: EntryRef::of(fields.u64()?),
            level: fields.u8()?,
        });
    }
    row.ordinal = some_id(fields.u32()?).map_or_else(Maybe::default, Maybe::some);
    for total in &mut row.totals {
        *total = fields.i64()?;
    }
    row.lateness_seconds = fields.u32()?;
    for flag in [&mut row.has_children, &mut row.has_pending_reversals] {
        *flag = fields.bool()?;
    }
    Some(row)
}
