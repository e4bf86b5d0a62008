//! One stream's entries in arrival order.
//!
//! A short stream is scanned; a busy one has a hash table over its fingerprints besides, so that a market
//! maker with a million trades costs no more a look than anyone. Copies of a long one share entries and table.

use std::ops::Range;

use hashbrown::HashTable;

use super::entry::Entry;
use crate::column::{CHUNK_ROWS, Column, NARROW, Rows, Table};
use crate::identity::spread;
use crate::position::Position;

/// From how many entries on a stream gets a table. A scan of that many takes about as long as a table's miss.
const SCAN_MAX: usize = 128;

/// How many entries come into a table together. Its places lie anywhere in memory: put in one by one, each is waited for;
/// together, the waits overlap. Until then they are scanned.
const TABLED_TOGETHER: usize = CHUNK_ROWS;

/// From how many entries on copies share them: what a change after a copy copies of a stream is less. Below, chunks and
/// lines would take more memory than they hold.
const SHARED_FROM: usize = 1_024;

/// The entries of one stream. 24 bytes, and those of each entry.
#[derive(Debug)]
pub(crate) enum Stream<E> {
    /// Few enough to scan.
    Few(Vec<E>),
    /// With a table besides.
    Busy(Box<Busy<E>>),
    /// The same, shared by copies.
    Long(Box<Long<E>>),
}

/// A stream with a table from fingerprint to the entry's place. The table holds the first entries, as many as it has
/// rows; those behind them wait for it.
#[derive(Debug)]
pub(crate) struct Busy<E> {
    entries: Vec<E>,
    by_fingerprint: HashTable<u32>,
}

/// The same in chunks. The last chunk waits until it is full.
#[derive(Clone, Debug)]
pub(crate) struct Long<E> {
    entries: Column<E>,
    by_fingerprint: Table<u32, NARROW>,
}

impl<E: Entry> Busy<E> {
    /// The last entries, which the table does not hold yet.
    fn waiting(&self) -> &[E] {
        &self.entries[self.by_fingerprint.len()..]
    }

    /// The entries that the table holds for this fingerprint, and perhaps others.
    fn in_table(&self, fingerprint: u32) -> impl Iterator<Item = E> + '_ {
        #[cfg(test)]
        crate::steps::add(1);
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

impl<E: Entry> Long<E> {
    fn of(entries: Column<E>) -> Long<E> {
        let by_fingerprint = Table::for_count(entries.len());
        let mut long = Long { entries, by_fingerprint };
        long.fill_table();
        long
    }

    fn waiting(&self) -> &[E] {
        self.entries.rest_of_chunk(self.by_fingerprint.len())
    }

    fn in_table(&self, fingerprint: u32) -> impl Iterator<Item = E> + '_ {
        self.by_fingerprint.candidates(table_hash(fingerprint)).map(|at| self.entries[at as usize])
    }

    /// Puts the entries of full chunks into the table.
    fn fill_table(&mut self) {
        let Long { entries, by_fingerprint } = self;
        let full = entries.len() / TABLED_TOGETHER * TABLED_TOGETHER;
        for at in by_fingerprint.len()..full {
            let hash = |at: u32| table_hash(entries[at as usize].fingerprint());
            by_fingerprint.insert(hash(at as u32), at as u32, hash);
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
            Stream::Long(long) => Stream::Long(long.clone()),
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
    #[cfg(test)]
    crate::steps::add(entries.len());
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

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Stream::Few(entries) => entries.len(),
            Stream::Busy(busy) => busy.entries.len(),
            Stream::Long(long) => long.entries.len(),
        }
    }

    /// The entries in arrival order.
    pub(crate) fn entries(&self) -> Rows<'_, E> {
        self.entries_between(0..self.len())
    }

    /// Those of these numbers in arrival order, of which there are as many.
    pub(super) fn entries_between(&self, numbers: Range<usize>) -> Rows<'_, E> {
        match self {
            Stream::Few(entries) => Rows::of(&entries[numbers]),
            Stream::Busy(busy) => Rows::of(&busy.entries[numbers]),
            Stream::Long(long) => long.entries.range(numbers),
        }
    }

    /// Bytes on the heap.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Stream::Few(entries) => entries.capacity() * size_of::<E>(),
            Stream::Busy(busy) => {
                size_of::<Busy<E>>() + busy.entries.capacity() * size_of::<E>() + busy.by_fingerprint.allocation_size()
            }
            Stream::Long(long) => {
                size_of::<Long<E>>() + long.entries.memory_bytes() + long.by_fingerprint.memory_bytes()
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
        if entries.len() >= SHARED_FROM {
            return Stream::Long(Box::new(Long::of(entries.into_iter().collect())));
        }
        let mut busy = Busy { entries, by_fingerprint: HashTable::new() };
        busy.fill_table();
        Stream::Busy(Box::new(busy))
    }

    /// The entries behind a place: those of a stream stand at ascending places.
    pub(super) fn entries_behind(&self, place: Position) -> Rows<'_, E> {
        let is_upto = |entry: &E| entry.place() <= place;
        let first = match self {
            Stream::Few(entries) => entries.partition_point(is_upto),
            Stream::Busy(busy) => busy.entries.partition_point(is_upto),
            Stream::Long(long) => long.entries.partition_point(is_upto),
        };
        self.entries_between(first..self.len())
    }

    /// The entries to be scanned; the others are in a table.
    pub(super) fn scanned(&self) -> &[E] {
        match self {
            Stream::Few(entries) => entries,
            Stream::Busy(busy) => busy.waiting(),
            Stream::Long(long) => long.waiting(),
        }
    }

    /// Whether an entry that a table holds has this fingerprint.
    pub(super) fn table_holds(&self, fingerprint: u32) -> bool {
        match self {
            Stream::Few(_) => false,
            Stream::Busy(busy) => busy.in_table(fingerprint).any(|entry| entry.fingerprint() == fingerprint),
            Stream::Long(long) => long.in_table(fingerprint).any(|entry| entry.fingerprint() == fingerprint),
        }
    }

    /// Takes in an entry.
    pub(super) fn push(&mut self, fingerprint: u32, place: Position) {
        let new = E::new(fingerprint, place);
        match self {
            Stream::Few(entries) => {
                push_tightly(entries, new);
                if entries.len() > SCAN_MAX {
                    *self = Stream::from_entries(std::mem::take(entries));
                }
            }
            Stream::Busy(busy) => {
                push_tightly(&mut busy.entries, new);
                if busy.entries.len() == SHARED_FROM {
                    *self = Stream::from_entries(std::mem::take(&mut busy.entries));
                } else if busy.waiting().len() == TABLED_TOGETHER {
                    busy.fill_table();
                }
            }
            Stream::Long(long) => {
                long.entries.push(new);
                if long.entries.len() - long.by_fingerprint.len() == TABLED_TOGETHER {
                    long.fill_table();
                }
            }
        }
    }

    /// Where events stand that have this fingerprint, in no particular order: nearly always none or one.
    pub(super) fn candidates(&self, fingerprint: u32) -> impl Iterator<Item = Position> + '_ {
        let (busy, long) = match self {
            Stream::Few(_) => (None, None),
            Stream::Busy(busy) => (Some(busy), None),
            Stream::Long(long) => (None, Some(long)),
        };
        let in_busy = busy.into_iter().flat_map(move |busy| busy.in_table(fingerprint));
        let in_long = long.into_iter().flat_map(move |long| long.in_table(fingerprint));
        let all = self.scanned().iter().copied().chain(in_busy).chain(in_long);
        all.filter(move |entry| entry.fingerprint() == fingerprint).map(E::place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_every_entry<E: Entry>(from: Position) {
        let mut stream = Stream::<E>::EMPTY;
        let fingerprint = |number: u64| (number / 3 * 7919) as u32;
        for number in 1..=3_000u64 {
            // Every third fingerprint is shared, as colliding hashes would be.
            stream.push(fingerprint(number), from + number);
            assert_eq!(stream.entries().len(), number as usize);
            assert_eq!(stream.clone().memory_bytes(), stream.memory_bytes(), "a copy has the same room");
            let (scanned, mark) = (stream.scanned(), fingerprint(number));
            assert!(any_has(scanned, mark) || stream.table_holds(mark), "{number} at once");
            assert!(scanned.len() <= SCAN_MAX, "{} entries to scan", scanned.len());
            assert!(number as usize <= SCAN_MAX || scanned.len() < TABLED_TOGETHER, "{} entries wait", scanned.len());
        }
        for number in 1..=3_000u64 {
            let found: Vec<Position> = stream.candidates(fingerprint(number)).collect();
            assert!(found.contains(&(from + number)), "{number} among {found:?}");
            assert!(found.len() <= 3);
        }
        assert_eq!(stream.candidates(5).count(), 0);
        assert!(stream.entries().map(|entry| entry.place()).eq(from + 1..=from + 3_000));
        assert!(stream.entries().rev().map(|entry| entry.place()).eq((from + 1..=from + 3_000).rev()));
        let behind = |place| stream.entries_behind(place).map(|entry| entry.place());
        assert!(
            [0, from, from + 77, from + 2_999, from + 3_000]
                .iter()
                .all(|place| behind(*place).eq((*place).max(from) + 1..=from + 3_000))
        );
        let again = Stream::from_entries(stream.entries().copied().collect());
        assert!(again.entries().map(|entry| entry.place()).eq(from + 1..=from + 3_000));
    }

    #[test]
    fn a_copy_shares_what_a_stream_is_long_of() {
        let mut stream = Stream::<u64>::EMPTY;
        for number in 1..=1_000_000u64 {
            stream.push(spread(number) as u32, number);
        }
        let copy = stream.clone();
        stream.push(7, 1_000_001);
        let (Stream::Long(one), Stream::Long(other)) = (&stream, &copy) else { panic!("both are long") };
        assert_eq!(one.entries.chunks_apart(&other.entries), 1);
        assert!(one.by_fingerprint.chunks_apart(&other.by_fingerprint) <= 2 * TABLED_TOGETHER);
        assert!(
            one.entries.pointers() + one.by_fingerprint.pointers() <= 1_000_000 / 4_096 + 1_000_000 / 6 / 4_096 + 4
        );
        assert_eq!((copy.len(), stream.len(), copy.candidates(7).count()), (1_000_000, 1_000_001, 0));
        // Eight bytes an entry, an eighth of that before each chunk, and half a line's place.
        assert!(stream.memory_bytes() < 1_000_000 * 21, "{} bytes", stream.memory_bytes());
    }

    #[test]
    fn a_stream_finds_every_entry_by_its_fingerprint_however_long_it_grows() {
        find_every_entry::<u64>(0);
        find_every_entry::<u64>((1 << 32) - 3_001);
        find_every_entry::<u128>((1 << 47) - 3_001);
    }
}
