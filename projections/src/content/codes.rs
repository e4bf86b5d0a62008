//! Codes and their invitees, as they are kept.

use ledger::AccountId;
use ledger::fields::Fields;

use super::parts::{Parts, Section};
use super::reading::StateReader;
use super::{NONE, some_id, some_time};
use crate::codes::{CodeId, CodeRow};
use crate::output::Output;
use crate::state::State;

/// How many codes are a part.
const ROWS: usize = 256;
/// Of how many codes what lists and cells have is a part.
pub(super) const GROUP: usize = 16;
/// How many invitees of one code are a part of their own.
const BLOCK: usize = 4_096;

impl State {
    pub(super) fn write_codes<E>(&self, parts: &mut Parts<'_, E>) -> Result<(), E> {
        for (first, rows) in self.code_groups(ROWS) {
            parts.part(Section::Codes, |out| {
                out.count(first);
                out.count(rows.len());
                for row in rows {
                    out.bytes(row.text.as_bytes());
                    out.u32(row.owner.map_or(NONE, |owner| owner.0));
                    out.i64(row.last_registration.map_or(i64::MIN, |time| time.0));
                }
            })?;
        }
        for (first, rows) in self.code_groups(GROUP) {
            for (code, row) in (first..).zip(&rows) {
                for block in 0..row.invitees.len() / BLOCK {
                    parts.part(Section::InviteeBlock, |out| {
                        out.count(code);
                        put_invitees(row, block * BLOCK, BLOCK, out);
                    })?;
                }
            }
            parts.part(Section::Invitees, |out| {
                out.count(first);
                out.count(rows.len());
                for row in rows {
                    let in_blocks = row.invitees.len() / BLOCK * BLOCK;
                    put_invitees(row, in_blocks, row.invitees.len() - in_blocks, out);
                }
            })?;
        }
        Ok(())
    }

    /// The codes in groups of so many, each with the number of its first one.
    pub(super) fn code_groups(&self, size: usize) -> impl Iterator<Item = (usize, Vec<&CodeRow>)> {
        let groups = (0..self.codes.len()).step_by(size);
        groups.map(move |first| {
            let end = self.codes.len().min(first + size);
            (first, (first..end).map(|code| self.codes.get(CodeId(code as u32))).collect())
        })
    }
}

/// Some invitees of a code: where they begin, how many, and each by what its number differs from the one before.
fn put_invitees(row: &CodeRow, first: usize, count: usize, out: &mut Output<'_>) {
    out.count(first);
    out.count(count);
    let mut before = 0;
    for invitee in row.invitees.iter().skip(first).take(count) {
        out.signed(i64::from(invitee.0) - before);
        before = i64::from(invitee.0);
    }
}

impl StateReader {
    pub(super) fn read_codes(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let codes = &mut self.state.codes;
        if fields.varint()? != codes.len() as u64 {
            return None;
        }
        for _ in 0..fields.count()? {
            let number = codes.len();
            let code = codes.intern(fields.text()?);
            if code.0 as usize != number {
                return None;
            }
            if let Some(owner) = some_id(fields.u32()?) {
                codes.set_owner(code, AccountId(owner));
            }
            codes.get_mut(code).last_registration = some_time(fields.i64()?);
        }
        Some(())
    }

    pub(super) fn read_invitee_block(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let code = fields.varint()?;
        self.read_invitees_of(code, fields)
    }

    pub(super) fn read_invitees(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let first = fields.varint()?;
        let count = fields.count()? as u64;
        (first..first.checked_add(count)?).try_for_each(|code| self.read_invitees_of(code, fields))
    }

    fn read_invitees_of(&mut self, code: u64, fields: &mut Fields<'_>) -> Option<()> {
        let accounts = self.state.accounts.len() as i64;
        let invitees = &mut self.code_row(code)?.invitees;
        if fields.varint()? != invitees.len() as u64 {
            return None;
        }
        let mut invitee = 0i64;
        for _ in 0..fields.count()? {
            invitee = invitee.checked_add(fields.signed()?).filter(|invitee| (0..accounts).contains(invitee))?;
            invitees.push(AccountId(invitee as u32));
        }
        Some(())
    }

    /// The row of a code that was read.
    pub(super) fn code_row(&mut self, code: u64) -> Option<&mut CodeRow> {
        let code = Some(code).filter(|code| *code < self.state.codes.len() as u64)?;
        Some(self.state.codes.uncounted_mut(CodeId(code as u32)))
    }
}
