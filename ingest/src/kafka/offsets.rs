//! Where each partition is read next: what is on its way to the ledger, else the ledger's word.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::{Actor, TopicId};
use parking_lot::Mutex;
use schemas::Timestamp;

use super::options::{AcceptNew, KafkaOptions};
use crate::pipeline::buffers::Buffers;
use crate::pipeline::chunk::{AcceptedTopic, Messages};
use crate::published::Published;
use crate::traces::{BatchWay, TraceParent};

/// A topic and a partition of it.
pub(super) type Place = (String, i32);

/// The places of all partitions, and the messages taken that are not on their way yet. Shared by the thread that
/// reads, the client's callbacks in it, and the one that watches the topics.
pub(super) struct Offsets {
    published: Arc<Published>,
    topics: Arc<[String]>,
    accept_new: AcceptNew,
    taken: Mutex<Taken>,
}

/// Messages of one partition in a row.
#[derive(Clone, Copy)]
struct Run {
    place: (usize, i32),
    next: i64,
    /// When the last of them was written.
    written: Option<i64>,
}

struct Taken {
    /// The next offset of what was taken, by the topic's number and the partition.
    next: BTreeMap<(usize, i32), i64>,
    assigned: BTreeSet<(usize, i32)>,
    messages: Messages,
    /// The run that the last message belongs to, with its next offset: kept apart, since most messages only
    /// prolong it.
    run: Option<Run>,
    /// When the last message taken of a partition was written, in milliseconds since 1970, as its topic says.
    written: BTreeMap<(usize, i32), i64>,
    /// What was found of topics, by their numbers; the ledger may have it already.
    found: BTreeMap<usize, FoundTopic>,
}

/// What was found of a topic since the start.
#[derive(Default)]
struct FoundTopic {
    identity: Option<TopicId>,
    /// An operator took it for a new one: what the ledger held of its name's offsets counts no more.
    is_accepted: bool,
    /// Some of it was read since the start.
    was_assigned: bool,
}

impl Taken {
    fn end_run(&mut self) {
        if let Some(Run { place, next, written }) = self.run.take() {
            self.next.insert(place, next);
            if let Some(written) = written {
                self.written.insert(place, written);
            }
        }
    }
}

impl Offsets {
    pub(super) fn new(published: Arc<Published>, options: &KafkaOptions) -> Offsets {
        let topics: Arc<[String]> = options.topics.clone().into();
        let messages = Messages::new(Arc::clone(&topics), published.moments.now(), Vec::new());
        let (next, assigned, found) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        let taken = Taken { next, assigned, messages, run: None, written: BTreeMap::new(), found };
        Offsets { published, topics, accept_new: options.accept_new.clone(), taken: Mutex::new(taken) }
    }

    /// The topics, in the order of their numbers.
    pub(super) fn topics(&self) -> &[String] {
        &self.topics
    }

    /// The number of a topic. Messages of no other topic come.
    pub(super) fn topic(&self, name: &str) -> Option<usize> {
        self.topics.iter().position(|topic| topic == name)
    }

    /// The number of a message's topic.
    pub(super) fn topic_of<'m>(&self, name: impl FnOnce() -> &'m str) -> Option<usize> {
        number_of(&self.topics, name)
    }

    /// Takes a message, which was written so many milliseconds after 1970, where its topic says that, and comes from a command of
    /// this actor, where one is told: then nothing else may lie with it. `sender` finds the trace
    /// that it belongs to, and is asked only where somebody collects traces. True when it is time to let those taken go on
    /// their way.
    pub(super) fn take(
        &self,
        topic: usize,
        (partition, offset): (i32, i64),
        (written, actor): (Option<i64>, Option<Actor>),
        value: Option<&[u8]>,
        sender: impl FnOnce() -> Option<TraceParent>,
    ) -> bool {
        let mut taken = self.taken.lock();
        let place = (topic, partition);
        if taken.run.is_none_or(|run| run.place != place) {
            taken.end_run();
        }
        if taken.messages.is_empty() {
            taken.messages.arrived = self.published.moments.now();
            taken.messages.way = BatchWay::begin();
        }
        if taken.messages.way.follows_more()
            && let Some(sender) = sender()
        {
            let at = taken.messages.heads.len();
            taken.messages.way.message(at, &sender, &self.topics[topic], partition, offset);
        }
        taken.run = Some(Run { place, next: offset + 1, written });
        taken.messages.actor = actor.map(Box::new);
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

    /// Whether something was taken that is not on its way yet.
    pub(super) fn holds_any(&self) -> bool {
        !self.taken.lock().messages.is_empty()
    }

    /// What was taken, to go on its way. What comes next is put into one of the buffers.
    pub(super) fn let_go(&self, buffers: &Buffers) -> Option<Messages> {
        let mut taken = self.taken.lock();
        taken.end_run();
        if taken.messages.is_empty() {
            return None;
        }
        for ((topic, partition), millis) in std::mem::take(&mut taken.written) {
            let at = Timestamp(millis.saturating_mul(1_000));
            self.published.sources.written(&self.topics[topic], partition, at);
        }
        let fresh = Messages::new(Arc::clone(&self.topics), self.published.moments.now(), buffers.take());
        Some(std::mem::replace(&mut taken.messages, fresh))
    }

    /// The offset to read next; `None` if nothing of the partition was ever read.
    pub(super) fn next(&self, topic: &str, partition: i32) -> Option<i64> {
        let place = (self.topic(topic)?, partition);
        let mut taken = self.taken.lock();
        taken.end_run();
        let on_its_way = taken.next.get(&place).copied();
        let is_accepted = taken.found.get(&place.0).is_some_and(|found| found.is_accepted);
        drop(taken);
        // Of a topic that was accepted, the ledger has no place but those that were on their way since.
        on_its_way.or_else(|| if is_accepted { None } else { self.durable(topic, partition) })
    }

    /// The offset to read next, and the hash of the record before it, where the ledger holds one of that offset.
    pub(super) fn check(&self, topic: &str, partition: i32) -> Option<(i64, u64)> {
        let next = self.next(topic, partition)?;
        let state = self.published.state.read();
        let is_of_it = state.next_offset(topic, partition) == Some(next);
        let hash = state.offset_check(topic, partition).filter(|_| is_of_it && next > 0)?;
        Some((next, hash))
    }

    /// The id of the topic that was read, if it is known.
    pub(super) fn identity(&self, topic: &str) -> Option<TopicId> {
        let number = self.topic(topic)?;
        let found = self.taken.lock().found.get(&number).and_then(|found| found.identity);
        found.or_else(|| self.published.state.read().topic_identity(topic))
    }

    /// Whether anything of a topic was read, before or since the start.
    pub(super) fn was_read(&self, topic: &str) -> bool {
        let Some(number) = self.topic(topic) else { return false };
        let mut taken = self.taken.lock();
        taken.end_run();
        let is_accepted = taken.found.get(&number).is_some_and(|found| found.is_accepted);
        let on_its_way = taken.next.keys().any(|(topic, _)| *topic == number);
        drop(taken);
        on_its_way || (!is_accepted && self.published.state.read().was_topic_read(topic))
    }

    /// Keeps the id of a topic, beside the offsets.
    pub(super) fn keep_identity(&self, topic: &str, id: TopicId) {
        let Some(number) = self.topic(topic) else { return };
        if self.identity(topic) == Some(id) {
            return;
        }
        let mut taken = self.taken.lock();
        taken.found.entry(number).or_default().identity = Some(id);
        taken.messages.identities.push((number, id));
    }

    /// Takes a topic for a new one of its name, if an operator said so and nothing of it was read since the start: it
    /// is read from its beginning, and the ledger keeps who said so. Whether it does.
    pub(super) fn accept(&self, topic: &str, id: Option<TopicId>) -> bool {
        let Some(number) = self.topic(topic).filter(|_| self.is_acceptable(topic)) else { return false };
        let old = self.identity(topic).unwrap_or_default();
        let mut taken = self.taken.lock();
        taken.found.insert(number, FoundTopic { identity: id, is_accepted: true, was_assigned: false });
        taken.next.retain(|(topic, _), _| *topic != number);
        let (new, by) = (id.unwrap_or_default(), self.accept_new.by.clone());
        taken.messages.identities.retain(|(topic, _)| *topic != number);
        taken.messages.accepted.push(AcceptedTopic { topic: number, old, new, by });
        true
    }

    /// Whether an operator's word that a topic may be taken for a new one still holds: until some of it is read.
    pub(super) fn is_acceptable(&self, topic: &str) -> bool {
        let is_named = self.accept_new.topics.iter().any(|known| known == topic);
        let Some(number) = self.topic(topic).filter(|_| is_named) else { return false };
        let taken = self.taken.lock();
        taken.found.get(&number).is_none_or(|found| !found.was_assigned && !found.is_accepted)
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
            taken.found.entry(topic).or_default().was_assigned = true;
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

/// The number of a message's topic among those that are read. Where it is one, it is that one, and its name is not asked
/// for: the client makes a text of it for each message anew, which costs about what taking the message does.
fn number_of<'m>(topics: &[String], name: impl FnOnce() -> &'m str) -> Option<usize> {
    if topics.len() == 1 {
        return Some(0);
    }
    let name = name();
    topics.iter().position(|topic| topic == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_asked_for_only_where_it_tells_topics_apart() {
        let topics = ["a".to_owned(), "b".to_owned()];
        assert_eq!(number_of(&topics, || "b"), Some(1));
        assert_eq!(number_of(&topics, || "c"), None);
        assert_eq!(number_of(&topics[..1], || unreachable!("it can be no other")), Some(0));
    }
}
