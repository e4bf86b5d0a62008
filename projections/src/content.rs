//! What of a state is kept: sums, firsts and indexes as plain integers, facts by position.
//!
//! A fact is never written, only the position of the entry that brought it: it is read again from the ledger. So kept
//! bytes never say what a rate is. They are under no checksum here; whoever keeps them guards them whole.

mod accounts;
mod facts;

use ledger::column::Shared;
use ledger::fields::Fields;
use ledger::{AccountId, EventReader, IdentityMark, Index, IndexDecodeError, Position, ReadError};
use schemas::Timestamp;

use self::accounts::{decode_account, decode_country, encode_account, encode_country};

use crate::event_times::EventTimes;
use crate::output::Output;
use crate::slices::Slice;
use crate::state::{KeyDigest, PendingReversal, State};

/// "None" among dense ids and ordinals.
const NONE: u32 = u32::MAX;

/// Why bytes are no state: they are thrown away, and the ledger replayed.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// They end early, go on too long or say what cannot be.
    #[error("the kept state makes no sense")]
    Malformed,
    /// Their index is none, or stands on runs that are not there.
    #[error(transparent)]
    Index(#[from] IndexDecodeError),
    /// An entry that they name cannot be read.
    #[error(transparent)]
    Ledger(#[from] ReadError),
}

/// What kept bytes name of the ledger, to be read again there.
#[derive(Default)]
struct Named {
    facts: Vec<Position>,
    /// The reversals of each trade.
    reversals: Vec<(Position, Vec<Position>)>,
}

impl State {
    /// Appends what is kept of the state.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let out = &mut Output(out);
        out.u64(self.position);
        out.i64(self.recorded_at.map_or(i64::MIN, |time| time.0));
        out.i64(self.event_time.map_or(i64::MIN, |time| time.0));
        let mut index = Vec::new();
        self.index.encode(&mut index);
        out.bytes(&index);
        out.count(self.accounts.len());
        self.accounts.iter().for_each(|row| encode_account(row, out));
        out.count(self.wide_totals.len());
        for (head, totals) in self.wide_totals.iter() {
            out.u32(head.0);
            totals.iter().for_each(|total| out.i128(*total));
        }
        let codes: Vec<_> = self.codes.iter().collect();
        out.count(codes.len());
        for (_, row) in codes {
            out.bytes(row.text.as_bytes());
            out.u32(row.owner.map_or(NONE, |owner| owner.0));
            out.count(row.invitees.len());
            row.invitees.iter().for_each(|invitee| out.u32(invitee.0));
            out.i64(row.last_registration.map_or(i64::MIN, |time| time.0));
            out.count(row.slices.len());
            for (country, slice) in &row.slices {
                encode_country(*country, out);
                slice.encode(out);
            }
        }
        self.encode_joins(out);
        self.encode_reversals(out);
        let facts: Vec<Position> = self.fact_positions().collect();
        out.count(facts.len());
        facts.into_iter().for_each(|position| out.u64(position));
        out.count(self.late.by_position.len());
        let mut late: Vec<_> = self.late.by_position.iter().collect();
        // What is read again is in the order in which it came.
        late.sort_unstable_by_key(|(position, _)| **position);
        for (position, heads) in late {
            out.u64(*position);
            out.count(heads.len());
            heads.iter().for_each(|head| out.u32(head.0));
        }
        out.count(self.keyed_commands.len());
        for (key, position) in self.keyed_commands.iter() {
            out.bytes(key);
            out.u64(*position);
        }
        self.counters.encode(out);
        self.event_times.encode(out);
    }

    fn encode_joins(&self, out: &mut Output<'_>) {
        out.count(self.joins.len());
        for (campaign, accounts) in self.joins.iter() {
            out.bytes(campaign.as_bytes());
            out.count(accounts.len());
            accounts.iter().for_each(|account| out.u32(account.0));
        }
    }

    fn encode_reversals(&self, out: &mut Output<'_>) {
        out.count(self.reversals.len());
        for (trade, history) in self.reversals.iter() {
            out.u64(*trade);
            let positions: Vec<Position> = history.positions().collect();
            out.count(positions.len());
            positions.into_iter().for_each(|position| out.u64(position));
        }
        out.count(self.pending_reversals.len());
        for (account, pending) in self.pending_reversals.iter() {
            out.u32(account.0);
            out.count(pending.len());
            for reversal in pending {
                out.u64(reversal.position);
                out.u32(reversal.names.number());
            }
        }
    }

    /// The state that [`State::encode`] wrote, with its facts from the ledger's entries.
    ///
    /// # Errors
    /// If the bytes are not what it wrote, or name an entry that cannot be read.
    pub fn decode(bytes: &[u8], reader: &dyn EventReader) -> Result<State, ContentError> {
        let mut fields = Fields(bytes);
        let (position, recorded_at, event_time, index) = read_head(&mut fields).ok_or(ContentError::Malformed)?;
        let index = Index::decode(index, reader)?;
        let state = State { position, recorded_at, event_time, index, ..State::default() };
        let read = state.read(&mut fields).filter(|_| fields.0.is_empty());
        let (mut state, named) = read.ok_or(ContentError::Malformed)?;
        for (trade, positions) in named.reversals {
            let history = state.reversals.entry(trade).or_default();
            for position in positions {
                history.insert(&reader.event(position)?, position, ());
            }
        }
        for position in named.facts {
            state.insert_fact(position, &reader.event(position)?);
        }
        state.rebuild_children();
        state.rebuild_sub_account_firsts();
        Ok(state)
    }

    /// What the bytes say by themselves, behind the index.
    fn read(self, fields: &mut Fields<'_>) -> Option<(State, Named)> {
        let mut state = self;
        let mut named = Named::default();
        let accounts = fields.count()?;
        for _ in 0..accounts {
            state.accounts.push(decode_account(fields)?);
        }
        if state.accounts.len() != state.index.account_count() {
            return None;
        }
        for _ in 0..fields.count()? {
            let totals = state.wide_totals.entry(AccountId(fields.u32()?)).or_default();
            for total in totals {
                *total = fields.i128()?;
            }
        }
        state.read_codes(fields)?;
        state.read_joins(fields)?;
        state.read_reversals(fields, &mut named)?;
        named.facts = read_positions(fields)?;
        for _ in 0..fields.count()? {
            let position = fields.u64()?;
            for _ in 0..fields.count()? {
                state.late.insert(position, AccountId(fields.u32()?));
            }
        }
        for _ in 0..fields.count()? {
            let key = KeyDigest::try_from(fields.bytes()?).ok()?;
            state.keyed_commands.insert(key, fields.u64()?);
        }
        state.counters.read(fields)?;
        state.event_times = EventTimes::read(fields)?;
        Some((state, named))
    }

    fn read_codes(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        for _ in 0..fields.count()? {
            let code = self.codes.intern(fields.text()?);
            if let Some(owner) = some_id(fields.u32()?) {
                self.codes.set_owner(code, AccountId(owner));
            }
            let row = self.codes.get_mut(code);
            for _ in 0..fields.count()? {
                row.invitees.push(AccountId(fields.u32()?));
            }
            row.last_registration = some_time(fields.i64()?);
            for _ in 0..fields.count()? {
                let country = decode_country(fields)?;
                row.slices.push((country, Shared::new(Slice::decode(fields)?)));
            }
        }
        self.codes.count_held();
        Some(())
    }

    fn read_joins(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        for _ in 0..fields.count()? {
            let accounts = self.joins.entry(fields.text()?.into()).or_default();
            for _ in 0..fields.count()? {
                accounts.insert(AccountId(fields.u32()?));
            }
        }
        Some(())
    }

    fn read_reversals(&mut self, fields: &mut Fields<'_>, named: &mut Named) -> Option<()> {
        for _ in 0..fields.count()? {
            named.reversals.push((fields.u64()?, read_positions(fields)?));
        }
        for _ in 0..fields.count()? {
            let account = AccountId(fields.u32()?);
            let pending = (0..fields.count()?).map(|_| {
                Some(PendingReversal { position: fields.u64()?, names: IdentityMark::from_number(fields.u32()?) })
            });
            let pending = pending.collect::<Option<Vec<PendingReversal>>>()?;
            self.pending_reversals.insert(account, pending);
        }
        Some(())
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

/// Position, when it was recorded, the latest event time, and the index's own bytes.
fn read_head<'a>(fields: &mut Fields<'a>) -> Option<(Position, Option<Timestamp>, Option<Timestamp>, &'a [u8])> {
    Some((fields.u64()?, some_time(fields.i64()?), some_time(fields.i64()?), fields.bytes()?))
}

fn read_positions(fields: &mut Fields<'_>) -> Option<Vec<Position>> {
    (0..fields.count()?).map(|_| fields.u64()).collect()
}

fn some_time(micros: i64) -> Option<Timestamp> {
    (micros != i64::MIN).then_some(Timestamp(micros))
}

fn some_id(id: u32) -> Option<u32> {
    (id != NONE).then_some(id)
}
