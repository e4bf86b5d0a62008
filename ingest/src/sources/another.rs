//! By what it is seen that a topic is not the one that was read under its name.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::TopicId;

/// Kept in place of an id where a topic was seen to be another than the one that was read, whose id nobody had kept: no
/// topic has it, so the topic stays refused, however long it grows.
pub(crate) const NOT_THE_ONE_READ: TopicId = [0xff; 16];

/// By what a topic is seen to be another than the one that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnotherBy {
    /// Its id.
    Id {
        /// The one that the ledger holds.
        old: TopicId,
        /// The one that the broker tells.
        new: TopicId,
    },
    /// A record.
    Record {
        /// Its offset.
        offset: i64,
    },
}

impl fmt::Display for AnotherBy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnotherBy::Id { old: NOT_THE_ONE_READ, .. } => out.write_str("that was seen when it was looked at before"),
            AnotherBy::Id { old, new } => {
                write!(out, "the broker gives it the id {}, and the one that was read had {}", text(new), text(old))
            }
            AnotherBy::Record { offset } => {
                write!(out, "the record at offset {offset} is not the one that was read there")
            }
        }
    }
}

/// An id as Kafka's own tools write it.
fn text(id: &TopicId) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_kafkas_tools_write_it() {
        let told = AnotherBy::Id { old: [0xfb; 16], new: [1; 16] }.to_string();
        assert_eq!(
            told,
            "the broker gives it the id AQEBAQEBAQEBAQEBAQEBAQ, and the one that was read had -_v7-_v7-_v7-_v7-_v7-w"
        );
    }
}
