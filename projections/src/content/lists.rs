//! Joins, reversals, late entries and commands' keys, as they are kept: in the order of their numbers.

use ledger::fields::Fields;
use ledger::{AccountId, IdentityMark, Position};

use super::parts::{POSITIONS, Parts, Section, read_stretch};
use super::reading::StateReader;
use crate::joined::Joined;
use crate::output::Output;
use crate::state::{KeyDigest, PendingReversal, State};

/// How many accounts are of one stretch.
const ACCOUNTS: u64 = 1 << 16;
/// How many accounts that one entry reached are a part at most.
const REACHED: usize = 1 << 16;

impl State {
    pub(super) fn write_lists<E>(&self, parts: &mut Parts<'_, E>) -> Result<(), E> {
        self.write_joins(parts)?;
        let reversals = self.reversals.iter().map(|(trade, history)| (*trade, history)).collect();
        parts.stretches(Section::Reversals, POSITIONS, reversals, |history, out| {
            let mut positions: Vec<Position> = history.positions().collect();
            positions.sort_unstable();
            out.count(positions.len());
            positions.into_iter().for_each(|position| out.u64(position));
        })?;
        let pending = self.pending_reversals.iter().map(|(account, pending)| (u64::from(account.0), pending)).collect();
        parts.stretches(Section::PendingReversals, ACCOUNTS, pending, |pending, out| {
            out.count(pending.len());
            for reversal in *pending {
                out.u64(reversal.position);
                out.u32(reversal.names.number());
            }
        })?;
        self.write_late(parts)?;
        let keyed = self.keyed_commands.iter().map(|(key, position)| (*position, key)).collect();
        parts.stretches(Section::KeyedCommands, POSITIONS, keyed, |key, out| out.bytes(&key[..]))
    }

    fn write_joins<E>(&self, parts: &mut Parts<'_, E>) -> Result<(), E> {
        let mut joins: Vec<(&str, &Joined)> =
            self.joins.iter().map(|(campaign, joined)| (&**campaign, joined)).collect();
        joins.sort_unstable_by_key(|(campaign, _)| *campaign);
        for (campaign, joined) in joins {
            let accounts: Vec<AccountId> = joined.iter().collect();
            for accounts in accounts.chunk_by(|one, next| u64::from(one.0) / ACCOUNTS == u64::from(next.0) / ACCOUNTS) {
                parts.part(Section::Joins, |out| {
                    out.bytes(campaign.as_bytes());
                    put_accounts(accounts, out);
                })?;
            }
        }
        Ok(())
    }

    /// What an entry reached is never more of a part than [`REACHED`]: the rest is in parts of its own, after it.
    fn write_late<E>(&self, parts: &mut Parts<'_, E>) -> Result<(), E> {
        let mut late: Vec<_> = self.late.by_position.iter().collect();
        // What is read again is in the order in which it came.
        late.sort_unstable_by_key(|(position, _)| **position);
        for late in late
            .chunk_by(|one, next| *one.0 / POSITIONS == *next.0 / POSITIONS && one.1.len().max(next.1.len()) <= REACHED)
        {
            let entries: Vec<(Position, Vec<AccountId>)> =
                late.iter().map(|(position, heads)| (**position, heads.iter().copied().collect())).collect();
            let rounds = entries.iter().map(|(_, heads)| heads.len().div_ceil(REACHED)).max().unwrap_or(0);
            for round in 0..rounds {
                let of_round = |(position, heads): &(Position, Vec<AccountId>)| {
                    (*position, heads.chunks(REACHED).nth(round).unwrap_or_default().to_vec())
                };
                let entries = entries.iter().map(of_round).collect();
                parts.stretches(Section::Late, POSITIONS, entries, |heads, out| put_accounts(heads, out))?;
            }
        }
        Ok(())
    }
}

fn put_accounts(accounts: &[AccountId], out: &mut Output<'_>) {
    out.count(accounts.len());
    accounts.iter().for_each(|account| out.u32(account.0));
}

impl StateReader {
    pub(super) fn read_joins(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let accounts = self.state.joins.entry(fields.text()?.into()).or_default();
        for _ in 0..fields.count()? {
            accounts.insert(AccountId(fields.u32()?));
        }
        Some(())
    }

    pub(super) fn read_reversals(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        read_stretch(fields, |fields, trade| {
            let positions = (0..fields.count()?).map(|_| fields.u64()).collect::<Option<_>>()?;
            self.named.reversals.push((trade, positions));
            Some(())
        })
    }

    pub(super) fn read_pending_reversals(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        read_stretch(fields, |fields, account| {
            let account = AccountId(u32::try_from(account).ok()?);
            let pending = (0..fields.count()?).map(|_| {
                Some(PendingReversal { position: fields.u64()?, names: IdentityMark::from_number(fields.u32()?) })
            });
            let pending = pending.collect::<Option<Vec<PendingReversal>>>()?;
            self.state.pending_reversals.insert(account, pending);
            Some(())
        })
    }

    pub(super) fn read_late(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        read_stretch(fields, |fields, position| {
            for _ in 0..fields.count()? {
                self.state.late.insert(position, AccountId(fields.u32()?));
            }
            Some(())
        })
    }

    pub(super) fn read_keyed_commands(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        read_stretch(fields, |fields, position| {
            let key = KeyDigest::try_from(fields.bytes()?).ok()?;
            self.state.keyed_commands.insert(key, position);
            Some(())
        })
    }

    pub(super) fn read_facts(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        read_stretch(fields, |_, position| {
            self.named.facts.push(position);
            Some(())
        })
    }
}
