//! What a source hands to the decoders: a piece of what it read, as raw bytes in one buffer.

use std::sync::Arc;

use ledger::{Actor, TopicId};
use schemas::Timestamp;

use crate::traces::BatchWay;

/// About how many bytes of text a chunk has: enough that handing it over costs nothing, little enough that every
/// core gets some of a short file.
pub(crate) const CHUNK_BYTES: usize = 256 * 1024;

/// What an event costs on its way besides its text, at the most: a place in a batch, or where it is rejected, the
/// rejection and its origin. Without it, a file of empty objects would take many times its size.
pub(crate) const EVENT_BYTES: usize = 256;

/// A piece of a source, in the order in which it was read.
pub(crate) enum Chunk {
    /// Whole lines of NDJSON.
    Lines(Lines),
    /// Messages of Kafka.
    Messages(Messages),
}

/// Whole lines, each an event unless it is white space only.
pub(crate) struct Lines {
    /// What it is called in an event's origin: a file's name.
    pub(crate) name: Arc<str>,
    /// The number of the first line, from 1.
    pub(crate) first_line: u64,
    /// How many line ends there are in the text.
    pub(crate) line_ends: usize,
    pub(crate) text: Vec<u8>,
    pub(crate) arrived: Timestamp,
}

/// Messages with where they stand.
pub(crate) struct Messages {
    /// The topics, in the order of their numbers in `heads`.
    pub(crate) topics: Arc<[String]>,
    pub(crate) heads: Vec<MessageHead>,
    /// The messages' values one after another.
    pub(crate) values: Vec<u8>,
    /// What was passed without a message, as records that control a transaction are: topic, partition and the
    /// offset to read next.
    pub(crate) passed: Vec<(usize, i32, i64)>,
    /// The topics that an operator takes for new ones of their names: nothing of them was read before.
    pub(crate) accepted: Vec<AcceptedTopic>,
    /// The ids of topics that the ledger is to keep.
    pub(crate) identities: Vec<(usize, TopicId)>,
    pub(crate) arrived: Timestamp,
    /// Who gave the command that its one message comes from, where one is said to have.
    pub(crate) actor: Option<Box<Actor>>,
    /// Its trace, from the first message on.
    pub(crate) way: BatchWay,
}

/// A topic that an operator takes for a new one of its name.
pub(crate) struct AcceptedTopic {
    pub(crate) topic: usize,
    /// The id that the ledger knew, and the one to read from now on; zeros where there is none.
    pub(crate) old: TopicId,
    pub(crate) new: TopicId,
    pub(crate) by: String,
}

/// A message's place in Kafka, and where its value ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageHead {
    /// The number of the topic.
    pub(crate) topic: usize,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) value_end: usize,
    /// Whether there is a value; a message without one is a tombstone.
    pub(crate) has_value: bool,
}

impl Messages {
    /// None yet; their values go into this buffer.
    pub(crate) fn new(topics: Arc<[String]>, arrived: Timestamp, mut values: Vec<u8>) -> Messages {
        // Half as much again, so that the last message finds room too.
        values.reserve(CHUNK_BYTES + CHUNK_BYTES / 2);
        let heads = Vec::with_capacity(1024);
        let (passed, accepted, identities) = (Vec::new(), Vec::new(), Vec::new());
        Messages { topics, heads, values, passed, accepted, identities, arrived, actor: None, way: BatchWay::none() }
    }

    pub(crate) fn push(&mut self, topic: usize, partition: i32, offset: i64, value: Option<&[u8]>) {
        self.values.extend_from_slice(value.unwrap_or_default());
        let (value_end, has_value) = (self.values.len(), value.is_some());
        self.heads.push(MessageHead { topic, partition, offset, value_end, has_value });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.heads.is_empty() && self.passed.is_empty() && self.accepted.is_empty() && self.identities.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.values.len() + self.heads.len() * EVENT_BYTES >= 2 * CHUNK_BYTES
    }
}

impl Chunk {
    /// The bytes that it takes until the ledger has it, at the most.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Chunk::Lines(lines) => lines.text.len() + (lines.line_ends + 1) * EVENT_BYTES,
            Chunk::Messages(messages) => messages.values.len() + messages.heads.len() * EVENT_BYTES,
        }
    }
}
