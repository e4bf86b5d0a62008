//! The streams beside those of accounts: a name's (codes, offers and campaigns share one space) and the platform's.
//!
//! What stands in them are facts, each of which the projections hold whole in memory. So their entries stay in memory
//! too, 16 bytes each: they are few beside the events of accounts.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;
use schemas::{Body, Event, Uid};

use super::stream::Stream;
use crate::column::{Column, NARROW, Shared, Table};

/// The names mentioned, and the platform. Copies share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    names: Column<Name>,
    by_name: Table<u32, NARROW>,
    /// Nobody can tell beforehand which names meet in the table.
    hasher: DefaultHashBuilder,
    platform: Shared<Stream<u128>>,
    /// Bytes on the heap of texts and streams, counted as they grow.
    held_bytes: usize,
}

/// A name of the one space that codes, offers and campaigns share.
#[derive(Clone, Debug, Default)]
pub(super) struct Name {
    pub(super) name: Box<str>,
    /// Of a code: who owns it.
    pub(super) owner: Option<Uid>,
    pub(super) stream: Stream<u128>,
}

impl Names {
    /// From names in the order in which they came, and the platform's stream.
    pub(super) fn of(names: Vec<Name>, platform: Stream<u128>) -> Names {
        let by_name = Table::for_count(names.len());
        let mut all = Names { by_name, platform: Shared::new(platform), ..Names::default() };
        for (place, name) in (0u32..).zip(names) {
            all.by_name.insert(all.hasher.hash_one(&*name.name), place, |_| 0);
            all.names.push(name);
        }
        all.held_bytes = all.count_held_bytes();
        all
    }

    /// All of them in the order in which they came.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Name> {
        self.names.iter()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Name> {
        self.find(name).map(|place| &self.names[place as usize])
    }

    pub(super) fn platform(&self) -> &Stream<u128> {
        &self.platform
    }

    /// Takes in an event about a name.
    pub(super) fn push(&mut self, name: &str, fingerprint: u32, position: u64, event: &Event<'_>) {
        let place = self.intern(name);
        let name = &mut self.names[place as usize];
        let bytes_before = name.stream.memory_bytes();
        name.stream.push(fingerprint, position);
        self.held_bytes = self.held_bytes - bytes_before + name.stream.memory_bytes();
        if let Body::Code(code) = &event.body {
            name.owner.get_or_insert(code.owner_uid);
        }
    }

    /// Takes in an event about the platform.
    pub(super) fn push_platform(&mut self, fingerprint: u32, position: u64) {
        let bytes_before = self.platform.memory_bytes();
        self.platform.push(fingerprint, position);
        self.held_bytes = self.held_bytes - bytes_before + self.platform.memory_bytes();
    }

    /// The same as [`Names::memory_bytes`], counted anew: a walk over everything.
    #[cfg(test)]
    pub(super) fn count_memory_bytes(&self) -> usize {
        self.memory_bytes() - self.held_bytes + self.count_held_bytes()
    }

    /// Bytes of memory held. Told at once.
    pub(super) fn memory_bytes(&self) -> usize {
        self.names.memory_bytes() + self.by_name.memory_bytes() + self.held_bytes
    }

    /// How many pointers a copy copies.
    pub(super) fn pointers(&self) -> usize {
        self.names.pointers() + self.by_name.pointers() + 1
    }

    /// How many chunks are not the same in memory as those of a copy, and whether the platform's stream is not.
    #[cfg(test)]
    pub(super) fn chunks_apart(&self, other: &Names) -> (usize, bool) {
        let chunks = self.names.chunks_apart(&other.names) + self.by_name.chunks_apart(&other.by_name);
        (chunks, !self.platform.is_same(&other.platform))
    }

    /// Bytes on the heap of texts and streams.
    fn count_held_bytes(&self) -> usize {
        let of_names = self.names.iter().map(|name| name.name.len() + name.stream.memory_bytes());
        of_names.sum::<usize>() + self.platform.memory_bytes()
    }

    fn find(&self, name: &str) -> Option<u32> {
        // The table holds places in `names`.
        self.by_name.find(self.hasher.hash_one(name), |place| &*self.names[place as usize].name == name)
    }

    fn intern(&mut self, name: &str) -> u32 {
        if let Some(place) = self.find(name) {
            return place;
        }
        let Names { names, by_name, hasher, .. } = self;
        let place = names.len() as u32;
        self.held_bytes += name.len();
        names.push(Name { name: name.into(), owner: None, stream: Stream::EMPTY });
        by_name.insert(hasher.hash_one(name), place, |place| hasher.hash_one(&*names[place as usize].name));
        place
    }
}
