//! What the commit at hand has accepted so far, for the events after it in the same commit.

use hashbrown::{HashMap, HashSet, HashTable};
use schemas::Uid;

use super::ItemRef;
use crate::batch::{Batch, Item, ItemKind};
use crate::identity::spread;
use crate::position::Position;

/// The identities and claims of the events accepted in this commit.
#[derive(Default)]
pub(crate) struct Overlay {
    accepted: HashTable<Accepted>,
    registered: HashSet<Uid>,
    owners: HashMap<Box<str>, Uid>,
}

struct Accepted {
    key: u64,
    place: ItemRef,
    position: Position,
}

impl Overlay {
    pub(super) fn clear(&mut self) {
        self.accepted.clear();
        self.registered.clear();
        self.owners.clear();
    }

    pub(super) fn accept(&mut self, batch: &Batch, item: &Item, place: ItemRef, position: Position) {
        let key = key(item);
        self.accepted.insert_unique(key, Accepted { key, place, position }, |accepted| accepted.key);
        match item.kind {
            ItemKind::Registration => {
                self.registered.insert(Uid(item.subject));
            }
            ItemKind::Code => {
                let claim = batch.claim(item);
                if let Some(owner) = claim.owner
                    && !self.owners.contains_key(&claim.name)
                {
                    self.owners.insert(claim.name.clone(), owner);
                }
            }
            ItemKind::OfAccount | ItemKind::OfName | ItemKind::OfPlatform | ItemKind::Rejected => {}
        }
    }

    /// The position of an event accepted in this commit with the same identity.
    pub(super) fn find(&self, batches: &[Batch], item: &Item, place: ItemRef) -> Option<Position> {
        let key = key(item);
        let same = |accepted: &Accepted| accepted.key == key && same_identity(batches, place, accepted.place);
        self.accepted.find(key, same).map(|accepted| accepted.position)
    }

    pub(super) fn is_registered(&self, uid: Uid) -> bool {
        self.registered.contains(&uid)
    }

    pub(super) fn code_owner(&self, code: &str) -> Option<Uid> {
        self.owners.get(code).copied()
    }
}

/// A hash of the whole identity, the stream included.
fn key(item: &Item) -> u64 {
    item.hash ^ spread(item.subject)
}

/// Whether two events have one identity, by the events themselves.
fn same_identity(batches: &[Batch], one: ItemRef, other: ItemRef) -> bool {
    let event = |place: ItemRef| batches[place.batch as usize].event(place.item as usize);
    let (one, other) = (event(one), event(other));
    one.stream() == other.stream() && one.source == other.source && one.id == other.id
}
