//! The events of accounts in a range of positions, held in memory: 8 bytes an event, by account in arrival order.
//!
//! Positions are counted from the layer's own beginning, so that 32 bits hold them whatever the ledger's length. An
//! index has as many layers, one after another, as its range needs.

use triomphe::Arc;

use super::entry::Entry;
use super::stream::Stream;
use crate::column::Rows;
use crate::position::{AccountId, Position};

/// Accounts to a chunk, and chunks to a group.
const CHUNK: usize = 64;

type Chunk = [Stream<u64>; CHUNK];
type Group = [Option<Arc<Chunk>>; CHUNK];

/// How far a layer can reach from where it begins.
pub(super) const REACH_MAX: Position = u32::MAX as Position;

/// The events of a range of positions. A clone shares its chunks of accounts until one of the two changes them.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    /// Positions are counted from here: all are above it.
    pub(crate) base: Position,
    /// The last position taken in; `base` if there is none.
    pub(super) last: Position,
    /// How many events it holds.
    pub(super) events: u64,
    groups: Vec<Option<Arc<Group>>>,
    held_bytes: usize,
}

/// Layers that an index does not need in memory any more. To drop them may take a while.
#[must_use = "it is dropped where nobody waits"]
pub struct Relieved {
    /// Held for that alone.
    _layers: Vec<std::sync::Arc<Layer>>,
}

impl Relieved {
    pub(super) fn of(layers: Vec<std::sync::Arc<Layer>>) -> Relieved {
        Relieved { _layers: layers }
    }
}

impl Layer {
    /// Of no event, for positions above one.
    pub(super) fn new(base: Position) -> Layer {
        Layer { base, last: base, events: 0, groups: Vec::new(), held_bytes: 0 }
    }

    pub(crate) fn stream(&self, account: AccountId) -> Option<&Stream<u64>> {
        let (group, chunk, row) = parts(account);
        let chunk = self.groups.get(group)?.as_ref()?[chunk].as_ref()?;
        Some(&chunk[row])
    }

    /// Takes in the event of an account at a position above all of the account's and within reach.
    pub(super) fn push(&mut self, account: AccountId, fingerprint: u32, position: Position) {
        self.push_all(account, std::iter::once((fingerprint, position)));
    }

    /// The same for many events of an account, each with its fingerprint.
    pub(super) fn push_all(&mut self, account: AccountId, events: impl Iterator<Item = (u32, Position)>) {
        let (base, mut last, mut count) = (self.base, self.last, 0);
        let stream = self.stream_mut(account);
        let bytes_before = stream.memory_bytes();
        for (fingerprint, position) in events {
            last = last.max(position);
            count += 1;
            stream.push(fingerprint, position - base);
        }
        let bytes = stream.memory_bytes();
        self.last = last;
        self.events += count;
        self.held_bytes = self.held_bytes - bytes_before + bytes;
    }

    /// Puts the whole stream of an account in.
    pub(super) fn set(&mut self, account: AccountId, stream: Stream<u64>) {
        self.held_bytes += stream.memory_bytes();
        self.events += stream.len() as u64;
        *self.stream_mut(account) = stream;
    }

    fn stream_mut(&mut self, account: AccountId) -> &mut Stream<u64> {
        let (group, chunk, row) = parts(account);
        if self.groups.len() <= group {
            self.groups.resize(group + 1, None);
        }
        let held_bytes = &mut self.held_bytes;
        let group = self.groups[group].get_or_insert_with(|| {
            *held_bytes += size_of::<Group>();
            Arc::new(std::array::from_fn(|_| None))
        });
        let chunk = Arc::make_mut(group)[chunk].get_or_insert_with(|| {
            *held_bytes += size_of::<Chunk>();
            Arc::new(std::array::from_fn(|_| Stream::EMPTY))
        });
        &mut Arc::make_mut(chunk)[row]
    }

    /// The accounts that have events here, ascending, with their streams.
    pub(crate) fn streams(&self) -> impl Iterator<Item = (AccountId, &Stream<u64>)> {
        let groups = self.groups.iter().enumerate().filter_map(|(at, group)| Some((at, group.as_ref()?)));
        let chunks = groups.flat_map(|(group, chunks)| {
            let chunks = chunks.iter().enumerate().filter_map(|(at, chunk)| Some((at, chunk.as_ref()?)));
            chunks.map(move |(at, chunk)| (group * CHUNK + at, chunk))
        });
        let rows = chunks.flat_map(|(at, chunk)| (at * CHUNK..).zip(&**chunk));
        let with_events = rows.filter(|(_, stream)| stream.len() > 0);
        with_events.map(|(at, stream)| (AccountId(at as u32), stream))
    }

    /// The positions of an account's events here that are above one, ascending.
    pub(super) fn positions(
        &self,
        account: AccountId,
        above: Position,
    ) -> impl DoubleEndedIterator<Item = Position> + ExactSizeIterator + '_ {
        let entries = self.stream(account).map(|stream| match above.checked_sub(self.base) {
            None | Some(0) => stream.entries(),
            Some(above) => stream.entries_behind(above),
        });
        entries.unwrap_or(Rows::of(&[])).map(|entry| self.base + entry.place())
    }

    /// The positions of an account's events here that have a fingerprint.
    pub(super) fn candidates(&self, account: AccountId, fingerprint: u32) -> impl Iterator<Item = Position> + '_ {
        let found = self.stream(account).into_iter().flat_map(move |stream| stream.candidates(fingerprint));
        found.map(|place| self.base + place)
    }

    /// Bytes on the heap. Told at once.
    pub(super) fn memory_bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Option<Arc<Group>>>() + self.held_bytes
    }

    /// How many pointers a copy copies.
    pub(super) fn pointers(&self) -> usize {
        self.groups.len()
    }

    /// How many chunks are not the same in memory as those of a copy.
    #[cfg(test)]
    pub(super) fn chunks_apart(&self, other: &Layer) -> usize {
        let chunk =
            |layer: &Layer, group: usize, at: usize| layer.groups.get(group)?.as_ref()?[at].as_ref().map(Arc::as_ptr);
        let groups = 0..self.groups.len().max(other.groups.len());
        let all = groups.flat_map(|group| (0..CHUNK).map(move |at| (group, at)));
        all.filter(|(group, at)| chunk(self, *group, *at) != chunk(other, *group, *at)).count()
    }

    /// The same as [`Layer::memory_bytes`], counted anew: a walk over everything.
    #[cfg(test)]
    pub(super) fn count_memory_bytes(&self) -> usize {
        let groups = self.groups.iter().flatten();
        let chunks = groups.clone().flat_map(|group| group.iter().flatten());
        let streams = chunks.clone().flat_map(|chunk| chunk.iter());
        self.groups.capacity() * size_of::<Option<Arc<Group>>>()
            + groups.count() * size_of::<Group>()
            + chunks.count() * size_of::<Chunk>()
            + streams.map(Stream::memory_bytes).sum::<usize>()
    }
}

fn parts(account: AccountId) -> (usize, usize, usize) {
    let at = account.index();
    (at / (CHUNK * CHUNK), at / CHUNK % CHUNK, at % CHUNK)
}
