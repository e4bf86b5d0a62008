//! What of a state is written into a checkpoint: sums, firsts and indexes as plain integers; facts by position.

use ledger::{AccountId, EventReader, Index, Position};
use schemas::{AccountType, Body, Country, Event, Relationship, Timestamp, Uid};

use super::bytes::{DecodeError, Input, Output};
use super::store::CheckpointError;
use crate::accounts::{AccountRow, EntryRef, Maybe, Registered, VipMark};
use crate::codes::{CodeId, CodeTerms};
use crate::slices::Slice;
use crate::state::State;

/// "None" among dense ids and ordinals.
const NONE: u32 = u32::MAX;

impl State {
    pub(super) fn encode(&self, out: &mut Output) {
        out.u64(self.position);
        out.i64(self.recorded_at.map_or(i64::MIN, |time| time.0));
        out.i64(self.event_time.map_or(i64::MIN, |time| time.0));
        let mut index = Vec::new();
        self.index.encode(&mut index);
        out.bytes(&index);
        out.len(self.accounts.len());
        self.accounts.iter().for_each(|row| encode_account(row, out));
        out.len(self.wide_totals.len());
        for (head, totals) in &self.wide_totals {
            out.u32(head.0);
            totals.iter().for_each(|total| out.i128(*total));
        }
        let codes: Vec<_> = self.codes.iter().collect();
        out.len(codes.len());
        for (_, row) in codes {
            out.bytes(row.text.as_bytes());
            out.u32(row.owner.map_or(NONE, |owner| owner.0));
            out.len(row.invitees.len());
            row.invitees.iter().for_each(|invitee| out.u32(invitee.0));
            out.i64(row.last_registration.map_or(i64::MIN, |time| time.0));
            out.len(row.slices.len());
            for (country, slice) in &row.slices {
                encode_country(*country, out);
                slice.encode(out);
            }
        }
        self.encode_joins(out);
        self.encode_reversals(out);
        let facts: Vec<Position> = self.fact_positions().collect();
        out.len(facts.len());
        facts.into_iter().for_each(|position| out.u64(position));
        out.len(self.late.by_position.len());
        for (position, heads) in &self.late.by_position {
            out.u64(*position);
            out.len(heads.len());
            heads.iter().for_each(|head| out.u32(head.0));
        }
        out.len(self.keyed_commands.len());
        for (key, (command, position)) in &self.keyed_commands {
            out.bytes(key.as_bytes());
            out.bytes(command.as_bytes());
            out.u64(*position);
        }
        self.counters.encode(out);
    }

    fn encode_joins(&self, out: &mut Output) {
        out.len(self.joins.len());
        for (campaign, accounts) in &self.joins {
            out.bytes(campaign.as_bytes());
            out.len(accounts.len());
            accounts.iter().for_each(|account| out.u32(account.0));
        }
    }

    fn encode_reversals(&self, out: &mut Output) {
        out.len(self.reversals.len());
        for (trade, history) in &self.reversals {
            out.u64(*trade);
            let positions: Vec<Position> = history.positions().collect();
            out.len(positions.len());
            positions.into_iter().for_each(|position| out.u64(position));
        }
        out.len(self.pending_reversals.len());
        for (account, positions) in &self.pending_reversals {
            out.u32(account.0);
            out.len(positions.len());
            positions.iter().for_each(|position| out.u64(*position));
        }
    }

    pub(super) fn decode(input: &mut Input<'_>, reader: &dyn EventReader) -> Result<State, CheckpointError> {
        let mut state = State { position: input.u64()?, ..State::default() };
        state.recorded_at = some_time(input.i64()?);
        state.event_time = some_time(input.i64()?);
        state.index = Index::decode(input.bytes()?).map_err(|_| DecodeError::Malformed)?;
        let accounts = input.len()?;
        state.accounts.reserve_exact(accounts);
        for _ in 0..accounts {
            let row = decode_account(input)?;
            state.accounts.push(row);
        }
        if state.accounts.len() != state.index.account_count() {
            return Err(DecodeError::Malformed.into());
        }
        for _ in 0..input.len()? {
            let head = AccountId(input.u32()?);
            let totals = state.wide_totals.entry(head).or_default();
            for total in totals {
                *total = input.i128()?;
            }
        }
        state.decode_codes(input)?;
        state.decode_joins(input)?;
        state.decode_reversals(input, reader)?;
        for _ in 0..input.len()? {
            let position = input.u64()?;
            state.insert_fact(position, &reader.event(position)?);
        }
        for _ in 0..input.len()? {
            let position = input.u64()?;
            for _ in 0..input.len()? {
                state.late.insert(position, AccountId(input.u32()?));
            }
        }
        for _ in 0..input.len()? {
            let (key, command) = (input.text()?, input.text()?);
            let position = input.u64()?;
            state.keyed_commands.insert(key.into(), (command.into(), position));
        }
        state.counters.decode(input)?;
        state.rebuild_children();
        Ok(state)
    }

    fn decode_codes(&mut self, input: &mut Input<'_>) -> Result<(), DecodeError> {
        for _ in 0..input.len()? {
            let code = self.codes.intern(input.text()?);
            if let Some(owner) = some_id(input.u32()?) {
                self.codes.set_owner(code, AccountId(owner));
            }
            let row = self.codes.get_mut(code);
            for _ in 0..input.len()? {
                row.invitees.push(AccountId(input.u32()?));
            }
            row.last_registration = some_time(input.i64()?);
            for _ in 0..input.len()? {
                let country = decode_country(input)?;
                row.slices.push((country, Slice::decode(input)?));
            }
        }
        Ok(())
    }

    fn decode_joins(&mut self, input: &mut Input<'_>) -> Result<(), DecodeError> {
        for _ in 0..input.len()? {
            let campaign: Box<str> = input.text()?.into();
            let accounts = self.joins.entry(campaign).or_default();
            for _ in 0..input.len()? {
                accounts.insert(AccountId(input.u32()?));
            }
        }
        Ok(())
    }

    fn decode_reversals(&mut self, input: &mut Input<'_>, reader: &dyn EventReader) -> Result<(), CheckpointError> {
        for _ in 0..input.len()? {
            let trade = input.u64()?;
            for _ in 0..input.len()? {
                let position = input.u64()?;
                let event = reader.event(position)?;
                self.reversals.entry(trade).or_default().insert(&event, position, ());
            }
        }
        for _ in 0..input.len()? {
            let account = AccountId(input.u32()?);
            let positions = self.pending_reversals.entry(account).or_default();
            for _ in 0..input.len()? {
                positions.push(input.u64()?);
            }
        }
        Ok(())
    }

    fn insert_fact(&mut self, position: Position, event: &Event<'_>) {
        let account = |uid: Uid| self.index.account(uid);
        match &event.body {
            Body::Program(data) => self.program.insert(event, position, data.clone()),
            Body::Affiliate(data) => {
                if let Some(account) = account(data.uid) {
                    self.affiliates.entry(account).or_default().insert(event, position, data.clone());
                }
            }
            Body::Rebate(data) => {
                if let Some(account) = account(data.uid) {
                    self.rebates.entry(account).or_default().insert(event, position, data.clone());
                }
            }
            Body::Note(data) => {
                if let Some(account) = account(data.uid) {
                    self.notes.entry(account).or_default().insert(event, position, (&*data.note).into());
                }
            }
            Body::Application(data) => {
                if let Some(account) = account(data.uid) {
                    self.applications.entry(account).or_default().insert(event, position, ());
                }
            }
            Body::Code(data) => {
                let code = self.codes.intern(&data.code);
                self.codes.get_mut(code).terms.insert(event, position, CodeTerms::of(data));
            }
            Body::Offer(_) | Body::Campaign(_) => self.insert_promotion(position, event),
            Body::Registration(_)
            | Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Trade(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Join(_) => {}
        }
    }

    fn rebuild_children(&mut self) {
        for number in 0..self.accounts.len() as u32 {
            let account = AccountId(number);
            if let Some(parent) = self.account(account).registered.and_then(|registered| registered.parent()) {
                self.children.entry(parent).or_default().push(account);
            }
        }
    }
}

fn some_time(micros: i64) -> Option<Timestamp> {
    (micros != i64::MIN).then_some(Timestamp(micros))
}

fn some_id(id: u32) -> Option<u32> {
    (id != NONE).then_some(id)
}

fn encode_country(country: Option<Country>, out: &mut Output) {
    let code = country.map_or([0; 2], |country| {
        let text = country.to_string();
        [text.as_bytes()[0], text.as_bytes()[1]]
    });
    out.u16(u16::from_le_bytes(code));
}

fn decode_country(input: &mut Input<'_>) -> Result<Option<Country>, DecodeError> {
    let code = input.u16()?.to_le_bytes();
    if code == [0; 2] {
        return Ok(None);
    }
    let text = std::str::from_utf8(&code).map_err(|_| DecodeError::Malformed)?;
    Country::parse(text).map(Some).ok_or(DecodeError::Malformed)
}

/// The place of a value among all of its enum.
fn ordinal_of<T: PartialEq>(all: &[T], value: &T) -> u8 {
    all.iter().position(|held| held == value).map_or(u8::MAX, |at| at as u8)
}

fn value_at<T: Copy>(all: &[T], at: u8) -> Result<T, DecodeError> {
    all.get(usize::from(at)).copied().ok_or(DecodeError::Malformed)
}

fn encode_account(row: &AccountRow, out: &mut Output) {
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

fn decode_account(input: &mut Input<'_>) -> Result<AccountRow, DecodeError> {
    let mut row = AccountRow::new(Uid(input.u64()?));
    if input.bool()? {
        let (time, position) = (Timestamp(input.i64()?), EntryRef::of(input.u64()?));
        let account_type = value_at(AccountType::ALL, input.u8()?)?;
        let relationship = value_at(Relationship::ALL, input.u8()?)?;
        let kinds = (account_type, relationship, decode_country(input)?);
        let code = some_id(input.u32()?).map(CodeId);
        let parent = some_id(input.u32()?).map(AccountId);
        row.registered = Some(Registered::of(time, position, kinds, code, parent));
    }
    for time in [&mut row.first_verified, &mut row.first_deposit, &mut row.last_activity, &mut row.first_trade] {
        *time = Timestamp(input.i64()?);
    }
    if input.bool()? {
        row.vip =
            Some(VipMark { time: Timestamp(input.i64()?), position: EntryRef::of(input.u64()?), level: input.u8()? });
    }
    row.ordinal = some_id(input.u32()?).map_or_else(Maybe::default, Maybe::some);
    for total in &mut row.totals {
        *total = input.i64()?;
    }
    row.lateness_seconds = input.u32()?;
    for flag in [&mut row.has_children, &mut row.has_pending_reversals] {
        *flag = input.bool()?;
    }
    Ok(row)
}
