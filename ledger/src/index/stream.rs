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

/// How many entries come into a table together. Its places lie anywhere in memory: put in one by one, each is waited for;
/// together, the waits overlap. Until then they are scanned.
const TABLED_TOGETHER: usize = 64;

/// The entries of one stream. 24 bytes, and those of each entry.
#[derive(Debug)]
pub(crate) enum Stream<E> {
    /// Few enough to scan.
    Few(Vec<E>),
    /// With a table besides.
    Busy(Box<Busy<E>>),
}

/// A stream with a table from fingerprint to the entry's place. The table holds the first entries, as many as it has
/// rows; those behind them wait for it.
#[derive(Debug)]
pub(crate) struct Busy<E> {
    entries: Vec<E>,
    by_fingerprint: HashTable<u32>,
}

impl<E: Entry> Busy<E> {
    /// The last entries, which the table does not hold yet.
    fn waiting(&self) -> &[E] {
        &self.entries[self.by_fingerprint.len()..]
    }

    /// Whether an entry that the table holds has this fingerprint.
    pub(super) fn table_holds(&self, fingerprint: u32) -> bool {
        self.in_table(fingerprint).any(|entry| entry.fingerprint() == fingerprint)
    }

    /// The entries that the table holds for this fingerprint, and perhaps others.
    fn in_table(&self, fingerprint: u32) -> impl Iterator<Item = E> + '_ {
        self.by_fingerprint.iter_hash(table_hash(fingerprint)).map(|at| self.entries[*at as usize])
    }

    /// Puts the entries that wait into the table.
    fn fill_table(&mut self) {
        let Busy { entries, by_fingerprint } = self;
        // The table holds places of entries that were pushed.
        let hash = |at: &u32| table_hash(entries[*at as usize].fingerprint());
        let held = by_fingerprint.len();
        by_fingerprint.reserve(entries.len() - held, hash);
        for at in held as u32..entries.len() as u32 {
            by_fingerprint.insert_unique(hash(&at), at, hash);
        }
    }
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
    pub(crate) fn entries(&self) -> &[E] {
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
        let mut busy = Busy { entries, by_fingerprint: HashTable::new() };
        busy.fill_table();
        Stream::Busy(Box::new(busy))
    }

    /// The entries to be scanned, and the rest, which is in a table.
    pub(super) fn by_parts(&self) -> (&[E], Option<&Busy<E>>) {
        match self {
            Stream::Few(entries) => (entries, None),
            Stream::Busy(busy) => (busy.waiting(), Some(busy)),
        }
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
                push_tightly(&mut busy.entries, new);
                if busy.waiting().len() == TABLED_TOGETHER {
                    busy.fill_table();
                }
            }
        }
    }

    /// Where events stand that have this fingerprint, in no particular order: nearly always none or one.
    pub(super) fn candidates(&self, fingerprint: u32) -> impl Iterator<Item = Position> + '_ {
        let (scanned, busy) = self.by_parts();
        let in_table = busy.into_iter().flat_map(move |busy| busy.in_table(fingerprint));
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
            let (scanned, busy) = stream.by_parts();
            let mark = fingerprint(number);
            assert!(any_has(scanned, mark) || busy.is_some_and(|busy| busy.table_holds(mark)), "{number} at once");
            assert!(scanned.len() <= SCAN_MAX, "{} entries to scan", scanned.len());
            assert!(number as usize <= SCAN_MAX || scanned.len() < TABLED_TOGETHER, "{} entries wait", scanned.len());
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
