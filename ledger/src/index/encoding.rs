//! The index as bytes, for checkpoints: in parts that stay as they are until something of their place is changed.
//!
//! ```text
//! each part: u8 what it is of, then
//! uids        first account, accounts, uid u64 …
//! known       first account, accounts, what is known of each u8 …
//! names       first name, names, each: length, bytes, u64 owner (0: none), entries, u128 …
//! platform    first entry, entries, u128 …
//! block       base of the layer u64, account, first entry, entries, each: place after the one before, u32 fingerprint
//! accounts    base of the layer u64, accounts with entries, each: account after the one before, first entry, entries as above
//! quarantine  rows
//! deeds       first frame, frames, each: segment, offset, rows; of a ledger without deeds there is no such part
//! head        u32 version, u64 position, u64 position up to which it stands on runs, which are not in here,
//!             accounts, names, entries of the platform, layers, each: u64 base, u64 last position
//! ```
//! Counts, and what is told after the one before, are varints. There is no checksum: whoever keeps a checkpoint guards it.

use super::Index;
use super::accounts::Accounts;
use super::entry::Entry;
use super::layer::Layer;
use super::stream::Stream;
use crate::column::Rows;
use crate::fields::{put_bytes, put_varint};
use crate::position::AccountId;

pub(super) const VERSION: u32 = 5;

/// How many accounts' uids are a part, and what is known of them.
const UIDS: usize = 4_096;
/// How many names are.
const NAMES: usize = 64;
/// How many entries of the platform are.
const PLATFORM: usize = 1_024;
/// Of how many accounts the last entries are.
const ACCOUNTS: usize = 256;
/// How many entries of one account are a part of their own.
const BLOCK: usize = 4_096;
/// How many rows of the quarantine are.
const ROWS: u64 = 1_024;
/// How many frames with deeds are.
const DEEDS: usize = 1_024;

/// Declares what parts are of, each with the number that they begin with.
macro_rules! kinds {
    ($($kind:ident = $number:literal),* $(,)?) => {
        /// What a part is of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind { $($kind = $number,)* }

        impl Kind {
            pub(super) fn of(number: u8) -> Option<Kind> {
                match number {
                    $($number => Some(Kind::$kind),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! { Head = 0, Uids = 1, Known = 2, Names = 3, Platform = 4, Block = 5, Accounts = 6, Quarantine = 7, Deeds = 8 }

/// Gives parts to who takes them.
struct Parts<'t, E> {
    take: &'t mut dyn FnMut(&[u8]) -> Result<(), E>,
    bytes: Vec<u8>,
}

impl<E> Parts<'_, E> {
    fn part(&mut self, kind: Kind, fill: impl FnOnce(&mut Vec<u8>)) -> Result<(), E> {
        self.bytes.clear();
        self.bytes.push(kind as u8);
        fill(&mut self.bytes);
        (self.take)(&self.bytes)
    }

    /// So many rows each, with where they begin.
    fn rows<T>(
        &mut self,
        kind: Kind,
        mut rows: impl ExactSizeIterator<Item = T>,
        size: usize,
        put: impl Fn(T, &mut Vec<u8>),
    ) -> Result<(), E> {
        let mut first = 0;
        while rows.len() > 0 {
            let count = rows.len().min(size);
            self.part(kind, |out| {
                put_count(out, first);
                put_count(out, count);
                rows.by_ref().take(count).for_each(|row| put(row, out));
            })?;
            first += count;
        }
        Ok(())
    }
}

impl Index {
    /// Gives the index as bytes, a part at a time; [`super::IndexReader`] takes them in the same order. Which those are
    /// hangs on the index alone.
    ///
    /// # Errors
    /// Those of who takes them: the first one ends it.
    pub fn write_parts<E>(&self, take: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let parts = &mut Parts { take, bytes: Vec::new() };
        self.accounts.write(parts)?;
        parts.rows(Kind::Names, self.names.iter(), NAMES, |name, out| {
            put_bytes(out, name.name.as_bytes());
            put_u64(out, name.owner.map_or(0, |uid| uid.0));
            put_wide(out, &name.stream);
        })?;
        let platform = self.names.platform();
        parts.rows(Kind::Platform, platform.entries(), PLATFORM, |entry, out| out.extend(entry.to_le_bytes()))?;
        self.layers().try_for_each(|layer| layer.write(parts))?;
        for first in self.quarantine.stretches(ROWS) {
            parts.part(Kind::Quarantine, |out| self.quarantine.encode(first, ROWS, out))?;
        }
        for first in (0..self.deeds.frames()).step_by(DEEDS) {
            parts.part(Kind::Deeds, |out| self.deeds.encode(first, DEEDS, out))?;
        }
        parts.part(Kind::Head, |out| {
            out.extend(VERSION.to_le_bytes());
            put_u64(out, self.position);
            put_u64(out, self.runs.upto());
            put_count(out, self.accounts.len());
            put_count(out, self.names.iter().len());
            put_count(out, platform.len());
            put_count(out, self.layers().count());
            for layer in self.layers() {
                put_u64(out, layer.base);
                put_u64(out, layer.last);
            }
        })
    }
}

impl Accounts {
    fn write<E>(&self, parts: &mut Parts<'_, E>) -> Result<(), E> {
        parts.rows(Kind::Uids, self.uids(), UIDS, |uid, out| put_u64(out, uid))?;
        parts.rows(Kind::Known, self.facts(), UIDS, |facts, out| out.push(facts))
    }
}

impl Layer {
    fn write<E>(&self, parts: &mut Parts<'_, E>) -> Result<(), E> {
        let mut streams = self.streams().peekable();
        while let Some((first, _)) = streams.peek() {
            let group = first.index() / ACCOUNTS;
            let mut of_group: Vec<(AccountId, &Stream<u64>)> = Vec::new();
            while let Some(one) = streams.next_if(|(account, _)| account.index() / ACCOUNTS == group) {
                of_group.push(one);
            }
            for (account, stream) in &of_group {
                for at in 0..stream.len() / BLOCK {
                    parts.part(Kind::Block, |out| {
                        put_u64(out, self.base);
                        put_count(out, account.index());
                        put_entries(out, at * BLOCK, stream.entries_between(at * BLOCK..(at + 1) * BLOCK));
                    })?;
                }
            }
            parts.part(Kind::Accounts, |out| {
                put_u64(out, self.base);
                put_count(out, of_group.len());
                let mut before = 0;
                for (account, stream) in &of_group {
                    put_count(out, account.index() - before);
                    before = account.index();
                    let in_blocks = stream.len() / BLOCK * BLOCK;
                    put_entries(out, in_blocks, stream.entries_between(in_blocks..stream.len()));
                }
            })?;
        }
        Ok(())
    }
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    put_varint(out, count as u64);
}

fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend(value.to_le_bytes());
}

fn put_wide(out: &mut Vec<u8>, stream: &Stream<u128>) {
    put_count(out, stream.len());
    out.extend(stream.entries().flat_map(|entry| entry.to_le_bytes()));
}

/// Entries of an account from one on, ascending by place.
fn put_entries(out: &mut Vec<u8>, first: usize, entries: Rows<'_, u64>) {
    put_count(out, first);
    put_count(out, entries.len());
    let mut before = 0;
    for entry in entries.clone() {
        put_varint(out, entry.place() - before);
        before = entry.place();
    }
    entries.for_each(|entry| out.extend(entry.fingerprint().to_le_bytes()));
}
