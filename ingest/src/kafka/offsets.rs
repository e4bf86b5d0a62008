//! Where each partition is read next: what is on its way to the ledger, else the ledger's word.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;

use super::options::KafkaOptions;
use crate::pipeline::chunk::Messages;
use crate::published::Published;

/// A topic and a partition of it.
pub(super) type Place = (String, i32);

/// The places of all partitions, and the messages taken that are not on their way yet. Shared by the thread that
/// reads, the client's callbacks in it, and the one that watches the topics.
pub(super) struct Offsets {
    published: Arc<Published>,
    topics: Arc<[String]>,
    taken: Mutex<Taken>,
}

struct Taken {
    /// The next offset of what was taken, by the topic's number and the partition.
    next: BTreeMap<(usize, i32), i64>,
    assigned: BTreeSet<(usize, i32)>,
    messages: Messages,
    /// The run that the last message belongs to, with its next offset: kept apart, since most messages only
    /// prolong it.
    run: Option<((usize, i32), i64)>,
}

impl Taken {
    fn end_run(&mut self) {
        if let Some((place, next)) = self.run.take() {
            self.next.insert(place, next);
        }
    }
}

impl Offsets {
    pub(super) fn new(published: Arc<Published>, options: &KafkaOptions) -> Offsets {
        let topics: Arc<[String]> = options.topics.clone().into();
        let messages = Messages::new(Arc::clone(&topics), published.moments.now());
        let taken = Taken { next: BTreeMap::new(), assigned: BTreeSet::new(), messages, run: None };
        Offsets { published, topics, taken: Mutex::new(taken) }
    }

    /// The number of a topic. Messages of no other topic come.
    pub(super) fn topic(&self, name: &str) -> Option<usize> {
        self.topics.iter().position(|topic| topic == name)
    }

    /// Takes a message. True when it is time to let those taken go on their way.
    pub(super) fn take(&self, topic: usize, partition: i32, offset: i64, value: Option<&[u8]>) -> bool {
        let mut taken = self.taken.lock();
        let place = (topic, partition);
        if taken.run.is_none_or(|(run, _)| run != place) {
            taken.end_run();
        }
        if taken.messages.is_empty() {
            taken.messages.arrived = self.published.moments.now();
        }
        taken.run = Some((place, offset + 1));
        taken.messages.push(topic, partition, offset, value);
        taken.messages.is_full()
    }

    /// Offsets that the client passed without a message, as records that control a transaction are.
    pub(super) fn pass(&self, places: impl Iterator<Item = (Place, i64)>) {
        let mut taken = self.taken.lock();
        taken.end_run();
        for ((topic, partition), next) in places {
            let Some(topic) = self.topic(&topic) else { continue };
            let place = (topic, partition);
            if taken.assigned.contains(&place) && taken.next.get(&place).is_none_or(|before| *before < next) {
                taken.next.insert(place, next);
                taken.messages.passed.push((topic, partition, next));
            }
        }
    }

    /// What was taken, to go on its way.
    pub(super) fn let_go(&self) -> Option<Messages> {
        let mut taken = self.taken.lock();
        taken.end_run();
        if taken.messages.is_empty() {
            return None;
        }
        let fresh = Messages::new(Arc::clone(&self.topics), self.published.moments.now());
        Some(std::mem::replace(&mut taken.messages, fresh))
    }

    /// The offset to read next; `None` if nothing of the partition was ever read.
    pub(super) fn next(&self, topic: &str, partition: i32) -> Option<i64> {
        let place = (self.topic(topic)?, partition);
        let mut taken = self.taken.lock();
        taken.end_run();
        let on_its_way = taken.next.get(&place).copied();
        drop(taken);
        on_its_way.or_else(|| self.durable(topic, partition))
    }

    /// The offset that the ledger holds.
    pub(super) fn durable(&self, topic: &str, partition: i32) -> Option<i64> {
        self.published.state.read().next_offset(topic, partition)
    }

    /// Goes on at this offset, past events that are gone.
    pub(super) fn skip_to(&self, topic: &str, partition: i32, offset: i64) {
        if let Some(topic) = self.topic(topic) {
            self.taken.lock().next.insert((topic, partition), offset);
        }
    }

    /// A partition is read from now on, or not any more.
    pub(super) fn set_assigned(&self, topic: &str, partition: i32, is_assigned: bool) {
        let Some(topic) = self.topic(topic) else { return };
        let mut taken = self.taken.lock();
        if is_assigned {
            taken.assigned.insert((topic, partition));
        } else {
            taken.assigned.remove(&(topic, partition));
        }
    }

    pub(super) fn is_assigned(&self, topic: &str, partition: i32) -> bool {
        self.topic(topic).is_some_and(|topic| self.taken.lock().assigned.contains(&(topic, partition)))
    }

    /// The partitions that are read.
    pub(super) fn assigned(&self) -> Vec<Place> {
        let taken = self.taken.lock();
        taken.assigned.iter().map(|(topic, partition)| (self.topics[*topic].clone(), *partition)).collect()
    }

    /// No partition is read any more. Those that were.
    pub(super) fn give_up_all(&self) -> Vec<Place> {
        let places = self.assigned();
        self.taken.lock().assigned.clear();
        places
    }
}
