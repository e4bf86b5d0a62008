//! The streams beside those of accounts: a name's (codes, offers and campaigns share one space) and the platform's.
//!
//! What stands in them are facts, each of which the projections hold whole in memory. So their entries stay in memory
//! too, 16 bytes each: they are few beside the events of accounts.

use std::sync::Arc;

use hashbrown::HashTable;
use schemas::{Body, Event, Uid};
use xxhash_rust::xxh3::xxh3_64;

use super::stream::Stream;

/// The names mentioned, and the platform. Clones share it until one of them takes in a fact.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Arc<Held>);

#[derive(Clone, Debug, Default)]
struct Held {
    names: Vec<Name>,
    by_name: HashTable<u32>,
    platform: Stream<u128>,
    /// Bytes on the heap of texts and streams, counted as they grow.
    held_bytes: usize,
}

/// A name of the one space that codes, offers and campaigns share.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) name: Box<str>,
    /// Of a code: who owns it.
    pub(super) owner: Option<Uid>,
    pub(super) stream: Stream<u128>,
}

impl Names {
    /// From names in the order in which they came, and the platform's stream.
    pub(super) fn of(names: Vec<Name>, platform: Stream<u128>) -> Names {
        let mut by_name = HashTable::with_capacity(names.len());
        for (place, name) in (0u32..).zip(&names) {
            by_name.insert_unique(xxh3_64(name.name.as_bytes()), place, |_| 0);
        }
        let held_bytes = count_held_bytes(&names, &platform);
        Names(Arc::new(Held { names, by_name, platform, held_bytes }))
    }

    /// All of them in the order in which they came.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Name> {
        self.0.names.iter()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Name> {
        self.0.find(name).map(|place| &self.0.names[place as usize])
    }

    pub(super) fn platform(&self) -> &Stream<u128> {
        &self.0.platform
    }

    /// Takes in an event about a name.
    pub(super) fn push(&mut self, name: &str, fingerprint: u32, position: u64, event: &Event<'_>) {
        let held = Arc::make_mut(&mut self.0);
        let place = held.intern(name);
        let name = &mut held.names[place as usize];
        held.held_bytes += name.stream.push(fingerprint, position);
        if let Body::Code(code) = &event.body {
            name.owner.get_or_insert(code.owner_uid);
        }
    }

    /// Takes in an event about the platform.
    pub(super) fn push_platform(&mut self, fingerprint: u32, position: u64) {
        let held = Arc::make_mut(&mut self.0);
        held.held_bytes += held.platform.push(fingerprint, position);
    }

    /// The same as [`Names::memory_bytes`], counted anew: a walk over everything.
    #[cfg(test)]
    pub(super) fn count_memory_bytes(&self) -> usize {
        self.memory_bytes() - self.0.held_bytes + count_held_bytes(&self.0.names, &self.0.platform)
    }

    /// Bytes of memory held. Told at once.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of::<Held>()
            + self.0.names.capacity() * size_of::<Name>()
            + self.0.by_name.allocation_size()
            + self.0.held_bytes
    }
}

/// Bytes on the heap of texts and streams.
fn count_held_bytes(names: &[Name], platform: &Stream<u128>) -> usize {
    names.iter().map(|name| name.name.len() + name.stream.memory_bytes()).sum::<usize>() + platform.memory_bytes()
}

impl Held {
    fn find(&self, name: &str) -> Option<u32> {
        // The table holds places in `names`.
        self.by_name.find(xxh3_64(name.as_bytes()), |place| &*self.names[*place as usize].name == name).copied()
    }

    fn intern(&mut self, name: &str) -> u32 {
        if let Some(place) = self.find(name) {
            return place;
        }
        let place = self.names.len() as u32;
        self.held_bytes += name.len();
        self.names.push(Name { name: name.into(), owner: None, stream: Stream::EMPTY });
        let names = &self.names;
        self.by_name
            .insert_unique(xxh3_64(name.as_bytes()), place, |place| xxh3_64(names[*place as usize].name.as_bytes()));
        place
    }
}
