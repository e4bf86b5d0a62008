//! One stream's entries in arrival order.
//!
//! A short stream is scanned; a busy one has a hash table over its fingerprints besides, so that a market
//! maker with a million trades costs no more a look than anyone.

use hashbrown::HashTable;

use super::entry::Entry;
use crate::identity::spread;
use crate::position::Position;

/// From how many entries on a stream gets a table. A scan of that many takes about as long as a table's miss.
const SCAN_MAX: usize = 128;

/// The entries of one stream. 24 bytes, and those of each entry.
#[derive(Debug)]
pub(super) enum Stream<E> {
    /// Few enough to scan.
    Few(Vec<E>),
    /// With a table besides.
    Busy(Box<Busy<E>>),
}

/// A stream with a table from fingerprint to the entry's place.
#[derive(Debug)]
pub(super) struct Busy<E> {
    entries: Vec<E>,
    by_fingerprint: HashTable<u32>,
}

/// A copy has the same room to grow, so that it takes as much memory as was counted when the stream grew.
impl<E: Clone> Clone for Stream<E> {
    fn clone(&self) -> Self {
        match self {
            Stream::Few(entries) => Stream::Few(copied(entries)),
            Stream::Busy(busy) => {
                let Busy { entries, by_fingerprint } = &**busy;
                Stream::Busy(Box::new(Busy { entries: copied(entries), by_fingerprint: by_fingerprint.clone() }))
            }
        }
    }
}

fn copied<E: Clone>(entries: &Vec<E>) -> Vec<E> {
    let mut copy = Vec::with_capacity(entries.capacity());
    copy.extend_from_slice(entries);
    copy
}

impl<E> Default for Stream<E> {
    fn default() -> Self {
        Stream::EMPTY
    }
}

/// Whether any of the entries has this fingerprint. Eight at a time, without a branch between them.
pub(super) fn any_has<E: Entry>(entries: &[E], fingerprint: u32) -> bool {
    let (eights, rest) = entries.as_chunks::<8>();
    let has = |entry: &E| entry.fingerprint() == fingerprint;
    eights.iter().any(|eight| eight.iter().fold(false, |any, entry| any | has(entry))) || rest.iter().any(has)
}

/// Grows by a third, to an odd number of entries, which is what an allocation holds beside its own eight bytes:
/// an account's slack stays small beside what its events take.
fn push_tightly<E>(entries: &mut Vec<E>, entry: E) {
    let length = entries.len();
    if length == entries.capacity() {
        let capacity = (length + length / 3 + 3) | 1;
        entries.reserve_exact(capacity - length);
    }
    entries.push(entry);
}

fn table_hash(fingerprint: u32) -> u64 {
    spread(u64::from(fingerprint) + 1)
}

impl<E> Stream<E> {
    pub(super) const EMPTY: Stream<E> = Stream::Few(Vec::new());

    /// The entries in arrival order.
    pub(super) fn entries(&self) -> &[E] {
        match self {
            Stream::Few(entries) => entries,
            Stream::Busy(busy) => &busy.entries,
        }
    }

    /// Bytes on the heap.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Stream::Few(entries) => entries.capacity() * size_of::<E>(),
            Stream::Busy(busy) => {
                size_of::<Busy<E>>() + busy.entries.capacity() * size_of::<E>() + busy.by_fingerprint.allocation_size()
            }
        }
    }
}

impl<E: Entry> Stream<E> {
    /// From entries as [`Stream::entries`] gives them.
    pub(super) fn from_entries(entries: Vec<E>) -> Stream<E> {
        if entries.len() <= SCAN_MAX {
            return Stream::Few(entries);
        }
        let mut by_fingerprint = HashTable::with_capacity(entries.len());
        for (at, entry) in (0u32..).zip(&entries) {
            by_fingerprint.insert_unique(table_hash(entry.fingerprint()), at, |_| 0);
        }
        Stream::Busy(Box::new(Busy { entries, by_fingerprint }))
    }

    /// Takes in an entry. Gives by how many bytes the stream has grown on the heap.
    pub(super) fn push(&mut self, fingerprint: u32, place: Position) -> usize {
        let before = self.memory_bytes();
        self.take(E::new(fingerprint, place));
        self.memory_bytes() - before
    }

    fn take(&mut self, new: E) {
        match self {
            Stream::Few(entries) => {
                push_tightly(entries, new);
                if entries.len() > SCAN_MAX {
                    *self = Stream::from_entries(std::mem::take(entries));
                }
            }
            Stream::Busy(busy) => {
                let Busy { entries, by_fingerprint } = &mut **busy;
                let at = entries.len() as u32;
                push_tightly(entries, new);
                by_fingerprint.insert_unique(table_hash(new.fingerprint()), at, |at| {
                    // The table holds places of entries that were pushed.
                    table_hash(entries[*at as usize].fingerprint())
                });
            }
        }
    }

    /// Where events stand that have this fingerprint, in no particular order: nearly always none or one.
    pub(super) fn candidates(&self, fingerprint: u32) -> impl Iterator<Item = Position> + '_ {
        let (scanned, busy) = match self {
            Stream::Few(entries) => (entries.as_slice(), None),
            Stream::Busy(busy) => (&[][..], Some(busy)),
        };
        let in_table = busy.into_iter().flat_map(move |busy| {
            busy.by_fingerprint.iter_hash(table_hash(fingerprint)).map(|at| busy.entries[*at as usize])
        });
        scanned.iter().copied().chain(in_table).filter(move |entry| entry.fingerprint() == fingerprint).map(E::place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_every_entry<E: Entry>(from: Position) {
        let mut stream = Stream::<E>::EMPTY;
        let fingerprint = |number: u64| (number / 3 * 7919) as u32;
        for number in 1..=1000u64 {
            // Every third fingerprint is shared, as colliding hashes would be.
            stream.push(fingerprint(number), from + number);
            assert_eq!(stream.entries().len(), number as usize);
            assert_eq!(stream.clone().memory_bytes(), stream.memory_bytes(), "a copy has the same room");
        }
        for number in 1..=1000u64 {
            let found: Vec<Position> = stream.candidates(fingerprint(number)).collect();
            assert!(found.contains(&(from + number)), "{number} among {found:?}");
            assert!(found.len() <= 3);
        }
        assert_eq!(stream.candidates(5).count(), 0);
        assert!(stream.entries().iter().map(|entry| entry.place()).eq(from + 1..=from + 1000));
        let again = Stream::from_entries(stream.entries().to_vec());
        assert!(again.entries().iter().map(|entry| entry.place()).eq(from + 1..=from + 1000));
    }

    #[test]
    fn a_stream_finds_every_entry_by_its_fingerprint_however_long_it_grows() {
        find_every_entry::<u64>(0);
        find_every_entry::<u64>((1 << 32) - 1001);
        find_every_entry::<u128>((1 << 47) - 1001);
    }
}
