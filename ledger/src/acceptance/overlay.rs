//! What the commit at hand has accepted so far, for the events after it in the same commit.

use hashbrown::{HashMap, HashSet, HashTable};
use schemas::Uid;

use super::ItemRef;
use crate::batch::{Batch, Item, ItemKind};
use crate::identity::spread;
use crate::position::Position;
use crate::quarantine::QuarantineId;

/// The identities and claims of the events accepted in this commit.
#[derive(Default)]
pub(crate) struct Overlay {
    accepted: HashTable<Accepted>,
    registered: HashSet<Uid>,
    owners: HashMap<Box<str>, Uid>,
    quarantined: HashTable<Quarantined>,
    /// Quarantined events that are tried again in this commit: they may leave quarantine with it.
    tried: HashSet<QuarantineId>,
}

struct Quarantined {
    hash: u64,
    place: ItemRef,
    id: QuarantineId,
}

struct Accepted {
    key: u64,
    place: ItemRef,
    position: Position,
}

impl Overlay {
    /// Forgets the commit before, for one of these batches.
    pub(super) fn begin(&mut self, batches: &[Batch]) {
        self.accepted.clear();
        self.registered.clear();
        self.owners.clear();
        self.quarantined.clear();
        self.tried.clear();
        self.tried.extend(batches.iter().flat_map(Batch::tries).map(|tried| tried.id));
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

    pub(super) fn quarantine(&mut self, hash: u64, place: ItemRef, id: QuarantineId) {
        self.quarantined.insert_unique(hash, Quarantined { hash, place, id }, |quarantined| quarantined.hash);
    }

    /// The id of an event quarantined in this commit with the same bytes from the same origin.
    pub(super) fn find_quarantined(
        &self,
        batches: &[Batch],
        hash: u64,
        origin: &str,
        raw: &[u8],
    ) -> Option<QuarantineId> {
        let same = |quarantined: &Quarantined| {
            let batch = &batches[quarantined.place.batch as usize];
            batch.kept(&batch.items()[quarantined.place.item as usize]) == (origin, raw)
        };
        self.quarantined.find(hash, same).map(|quarantined| quarantined.id)
    }

    pub(super) fn is_tried(&self, id: QuarantineId) -> bool {
        self.tried.contains(&id)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use schemas::{Body, Dictionary, Event, Kyc, KycStatus, Timestamp};

    use super::*;

    /// A batch of one event each of these accounts and ids.
    fn batch_of(events: &[(u64, &str)]) -> Batch {
        let mut batch = Batch::new(Arc::new(Dictionary::new()), Timestamp::EVENT_MIN);
        for (uid, id) in events {
            let body = Body::Kyc(Kyc { uid: Uid(*uid), status: KycStatus::ALL[0] });
            let event = Event { id: (*id).into(), source: "kyc".into(), time: Timestamp::EVENT_MIN, body };
            batch.push_event(&event, b"", String::new);
        }
        batch
    }

    const FIRST: ItemRef = ItemRef { batch: 0, item: 0 };
    const SECOND: ItemRef = ItemRef { batch: 0, item: 1 };

    /// The position at which the second of two events is found once the first was accepted at 7, where both have one key.
    fn found_of_one_key(events: [(u64, &str); 2]) -> Option<Position> {
        let batches = [batch_of(&events)];
        let [first, mut second] = [batches[0].items()[0], batches[0].items()[1]];
        second.hash ^= key(&first) ^ key(&second);
        let mut overlay = Overlay::default();
        overlay.accept(&batches[0], &first, FIRST, 7);
        overlay.find(&batches, &second, SECOND)
    }

    #[test]
    fn one_key_is_not_one_identity() {
        assert_eq!(found_of_one_key([(70_012, "a"), (70_012, "a")]), Some(7));
        assert_eq!(found_of_one_key([(70_012, "a"), (70_012, "b")]), None, "another id");
        assert_eq!(found_of_one_key([(70_012, "a"), (70_013, "a")]), None, "another stream");
    }

    #[test]
    fn one_id_in_many_streams_spreads_over_all_keys() {
        const STREAMS: u64 = 4_096;
        let item = batch_of(&[(0, "a")]).items()[0];
        let keys: Vec<u64> = (0..STREAMS).map(|subject| key(&Item { subject, ..item })).collect();
        for bit in 0..u64::BITS {
            let set = keys.iter().filter(|key| **key >> bit & 1 == 1).count() as u64;
            assert!((STREAMS * 4 / 10..STREAMS * 6 / 10).contains(&set), "bit {bit} is set in {set} of {STREAMS}");
        }
    }
}
