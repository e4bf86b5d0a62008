//! How far each topic and partition was read, and how it is known that it is still the same topic.

use std::collections::BTreeMap;

use ledger::fields::Fields;
use ledger::{Frame, TopicAcceptance, TopicId};
use schemas::Timestamp;

use crate::output::Output;

/// The places in sources that frames bring the ledger to.
#[derive(Clone, Default)]
pub(crate) struct Places {
    partitions: BTreeMap<(Box<str>, i32), Place>,
    /// The identity of each topic whose identity is known.
    topics: BTreeMap<Box<str>, TopicId>,
    /// What operators took for new topics of their names, in the order in which they did.
    acceptances: Vec<TopicAcceptance>,
}

/// How far a partition was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The next offset to read.
    pub(crate) next_offset: i64,
    /// The XXH3 of the record before that offset, where it is known.
    pub(crate) check: Option<u64>,
}

impl Places {
    /// Takes what a frame says of its sources.
    pub(crate) fn apply(&mut self, frame: &Frame) {
        for acceptance in frame.topics_accepted() {
            // What was read of the topic that had this name is no place in the one that has it now.
            self.partitions.retain(|(topic, _), _| **topic != *acceptance.topic);
            self.know(&acceptance.topic, acceptance.new);
            self.acceptances.push(acceptance);
        }
        for (topic, id) in frame.topics() {
            self.know(topic, id);
        }
        for (topic, partition, next_offset) in frame.offsets() {
            // A check is of the offset that it came with.
            self.partitions.insert((topic.into(), partition), Place { next_offset, check: None });
        }
        for (topic, partition, hash) in frame.offset_checks() {
            if let Some(place) = self.partitions.get_mut(&(topic.into(), partition)) {
                place.check = Some(hash);
            }
        }
    }

    pub(crate) fn partition(&self, topic: &str, partition: i32) -> Option<Place> {
        self.partitions.get(&(topic.into(), partition)).copied()
    }

    pub(crate) fn topic(&self, topic: &str) -> Option<TopicId> {
        self.topics.get(topic).copied()
    }

    /// Each partition with the next offset to read, by topic and number.
    pub(crate) fn next_offsets(&self) -> impl Iterator<Item = (&str, i32, i64)> {
        self.partitions.iter().map(|((topic, partition), place)| (&**topic, *partition, place.next_offset))
    }

    /// Whether an offset of any of its partitions is held.
    pub(crate) fn has_topic(&self, topic: &str) -> bool {
        self.partitions.keys().any(|(known, _)| **known == *topic)
    }

    /// What operators took for new topics of their names.
    pub(crate) fn acceptances(&self) -> &[TopicAcceptance] {
        &self.acceptances
    }

    /// Who does not know a topic's identity says nothing of it.
    fn know(&mut self, topic: &str, id: TopicId) {
        if id != TopicId::default() {
            self.topics.insert(topic.into(), id);
        }
    }

    pub(crate) fn encode(&self, out: &mut Output<'_>) {
        out.count(self.partitions.len());
        for ((topic, partition), place) in &self.partitions {
            out.bytes(topic.as_bytes());
            out.i32(*partition);
            out.i64(place.next_offset);
            out.bool(place.check.is_some());
            out.u64(place.check.unwrap_or_default());
        }
        out.count(self.topics.len());
        for (topic, id) in &self.topics {
            out.bytes(topic.as_bytes());
            out.bytes(id);
        }
        out.count(self.acceptances.len());
        for acceptance in &self.acceptances {
            out.bytes(acceptance.topic.as_bytes());
            out.bytes(&acceptance.old);
            out.bytes(&acceptance.new);
            out.bytes(acceptance.by.as_bytes());
            out.i64(acceptance.at.0);
        }
    }

    pub(crate) fn read(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        for _ in 0..fields.count()? {
            let topic: Box<str> = fields.text()?.into();
            let partition = fields.i32()?;
            let next_offset = fields.i64()?;
            // The bytes of a check are there whether or not it is known.
            let (is_known, hash) = (fields.bool()?, fields.u64()?);
            let check = is_known.then_some(hash);
            self.partitions.insert((topic, partition), Place { next_offset, check });
        }
        for _ in 0..fields.count()? {
            let topic: Box<str> = fields.text()?.into();
            self.topics.insert(topic, read_id(fields)?);
        }
        for _ in 0..fields.count()? {
            self.acceptances.push(TopicAcceptance {
                topic: fields.text()?.to_owned(),
                old: read_id(fields)?,
                new: read_id(fields)?,
                by: fields.text()?.to_owned(),
                at: Timestamp(fields.i64()?),
            });
        }
        Some(())
    }
}

fn read_id(fields: &mut Fields<'_>) -> Option<TopicId> {
    TopicId::try_from(fields.bytes()?).ok()
}
