//! One stream's entries: 8 bytes an event, fingerprint and position, in arrival order.
//!
//! A short stream is scanned; a busy one has a hash table over its fingerprints besides, so that a market
//! maker with a million trades costs no more a look than anyone.

use hashbrown::HashTable;

use crate::identity::spread;
use crate::position::Position;

/// From how many entries on a stream gets a table. A scan of that many takes about as long as a table's miss.
const SCAN_MAX: usize = 128;

/// The entries of one stream. 24 bytes, and 8 an entry.
#[derive(Clone, Debug)]
pub(super) enum Stream {
    /// Few enough to scan.
    Few(Vec<u64>),
    /// With a table besides.
    Busy(Box<Busy>),
}

/// A stream with a table from fingerprint to the entry's place.
#[derive(Clone, Debug)]
pub(super) struct Busy {
    entries: Vec<u64>,
    by_fingerprint: HashTable<u32>,
}

fn entry(fingerprint: u32, position: Position) -> u64 {
    u64::from(fingerprint) << 32 | position
}

fn position_of(entry: u64) -> Position {
    entry & 0xFFFF_FFFF
}

fn fingerprint_of(entry: u64) -> u32 {
    (entry >> 32) as u32
}

/// The positions of packed entries, in their order.
pub(super) fn positions(entries: &[u64]) -> impl DoubleEndedIterator<Item = Position> + ExactSizeIterator + '_ {
    entries.iter().map(|entry| position_of(*entry))
}

/// Whether any of the packed entries has this fingerprint. Eight at a time, without a branch between them.
pub(super) fn any_has(entries: &[u64], fingerprint: u32) -> bool {
    let (eights, rest) = entries.as_chunks::<8>();
    let has = |entry: &u64| fingerprint_of(*entry) == fingerprint;
    eights.iter().any(|eight| eight.iter().fold(false, |any, entry| any | has(entry))) || rest.iter().any(has)
}

/// Grows by a third, to an odd number of entries, which is what an allocation holds beside its own eight bytes:
/// an account's slack stays small beside its 8 bytes an event.
fn push_tightly(entries: &mut Vec<u64>, entry: u64) {
    let length = entries.len();
    if length == entries.capacity() {
        let capacity = (length + length / 3 + 3) | 1;
        entries.reserve_exact(capacity - length);
    }
    entries.push(entry);
}

impl Stream {
    pub(super) const EMPTY: Stream = Stream::Few(Vec::new());

    /// From entries as [`Stream::entries`] gives them.
    pub(super) fn from_entries(entries: Vec<u64>) -> Stream {
        if entries.len() <= SCAN_MAX {
            return Stream::Few(entries);
        }
        let mut by_fingerprint = HashTable::with_capacity(entries.len());
        for (place, entry) in (0u32..).zip(&entries) {
            by_fingerprint.insert_unique(spread((entry >> 32) + 1), place, |_| 0);
        }
        Stream::Busy(Box::new(Busy { entries, by_fingerprint }))
    }

    /// Takes in an entry. Gives by how many bytes the stream has grown on the heap.
    pub(super) fn push(&mut self, fingerprint: u32, position: Position) -> usize {
        let before = self.memory_bytes();
        self.take(fingerprint, position);
        self.memory_bytes() - before
    }

    fn take(&mut self, fingerprint: u32, position: Position) {
        let new = entry(fingerprint, position);
        match self {
            Stream::Few(entries) => {
                push_tightly(entries, new);
                if entries.len() > SCAN_MAX {
                    *self = Stream::from_entries(std::mem::take(entries));
                }
            }
            Stream::Busy(busy) => {
                let Busy { entries, by_fingerprint } = &mut **busy;
                let place = entries.len() as u32;
                push_tightly(entries, new);
                by_fingerprint.insert_unique(spread(u64::from(fingerprint) + 1), place, |place| {
                    // A place in the table is that of an entry that was pushed.
                    spread((entries[*place as usize] >> 32) + 1)
                });
            }
        }
    }

    /// The entries in arrival order, packed.
    pub(super) fn entries(&self) -> &[u64] {
        match self {
            Stream::Few(entries) => entries,
            Stream::Busy(busy) => &busy.entries,
        }
    }

    /// The positions whose events have this fingerprint, in no particular order: nearly always none or one.
    pub(super) fn candidates(&self, fingerprint: u32) -> impl Iterator<Item = Position> + '_ {
        let (scanned, busy) = match self {
            Stream::Few(entries) => (entries.as_slice(), None),
            Stream::Busy(busy) => (&[][..], Some(busy)),
        };
        let in_table = busy.into_iter().flat_map(move |busy| {
            let hash = spread(u64::from(fingerprint) + 1);
            busy.by_fingerprint.iter_hash(hash).map(|place| busy.entries[*place as usize])
        });
        scanned
            .iter()
            .copied()
            .chain(in_table)
            .filter(move |entry| fingerprint_of(*entry) == fingerprint)
            .map(position_of)
    }

    /// Bytes on the heap.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Stream::Few(entries) => entries.capacity() * 8,
            Stream::Busy(busy) => {
                size_of::<Busy>() + busy.entries.capacity() * 8 + busy.by_fingerprint.allocation_size()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_finds_every_entry_by_its_fingerprint_however_long_it_grows() {
        let mut stream = Stream::EMPTY;
        for position in 1..=1000u64 {
            // Every third fingerprint is shared, as colliding hashes would be.
            stream.push((position / 3 * 7919) as u32, position);
            assert_eq!(stream.entries().len(), position as usize);
        }
        for position in 1..=1000u64 {
            let found: Vec<Position> = stream.candidates((position / 3 * 7919) as u32).collect();
            assert!(found.contains(&position), "{position} among {found:?}");
            assert!(found.len() <= 3);
        }
        assert_eq!(stream.candidates(5).count(), 0);
        assert!(positions(stream.entries()).eq(1..=1000));
        assert!(positions(stream.entries()).rev().eq((1..=1000).rev()));
        assert_eq!(Stream::from_entries(stream.entries().to_vec()).entries(), stream.entries());
    }
}
