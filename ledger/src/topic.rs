//! Which topic an offset is of: a name can be given to another topic, and an offset then means something else.

use schemas::Timestamp;

use crate::fields::{Fields, put_bytes};

/// The id that Kafka gives a topic when it is made; zeros where it is not known.
pub type TopicId = [u8; 16];

/// An operator's word that a topic of a known name is a new one, and is to be read from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicAcceptance {
    /// The name.
    pub topic: String,
    /// The id that the ledger knew; zeros if it knew none.
    pub old: TopicId,
    /// The id of the topic that is to be read from now on.
    pub new: TopicId,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl TopicAcceptance {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_bytes(out, self.topic.as_bytes());
        out.extend_from_slice(&self.old);
        out.extend_from_slice(&self.new);
        put_bytes(out, self.by.as_bytes());
        out.extend_from_slice(&self.at.0.to_le_bytes());
    }

    pub(crate) fn take(fields: &mut Fields<'_>) -> Option<TopicAcceptance> {
        Some(TopicAcceptance {
            topic: fields.text()?.to_owned(),
            old: fields.array()?,
            new: fields.array()?,
            by: fields.text()?.to_owned(),
            at: Timestamp(fields.i64()?),
        })
    }
}
