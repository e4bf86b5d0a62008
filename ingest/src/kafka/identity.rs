//! Whether a topic is the one that was read. A topic can be deleted and made again under its name; an offset of the
//! first one then means nothing in the second, and events would be passed over without a word.
//!
//! Two things tell. The id that Kafka gives a topic when it is made: it is kept beside the offsets, and looked at before
//! a topic is read and now and then while it is. And the record before the offset that is read next: its hash is kept,
//! and looked at before a partition is read; it also finds a log that was cut and written again, and serves where
//! brokers give no ids.
//!
//! A topic that is exchanged while it is read may bring some events of the new one before it is noticed. They are taken,
//! and nothing is lost by it: the id that is kept stays the old one's, so the topic is refused once it is noticed; and
//! once it is accepted, it is read from its beginning, where what came before is a duplicate.
//!
//! What is believed where neither tells, since the broker gives no ids and the record is gone (by retention or
//! compaction) or is the mark of a transaction: that the topic is the one that was read, as long as the next offset lies
//! within it. A topic that was made anew begins at 0 with all its records, so the record before would be there to be
//! seen, unless its own retention had already come to the very same offset.

use std::time::Duration;

use ledger::TopicId;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::context::Context;
use super::topic_id::topic_id;
use crate::sources::{AnotherBy, WhyUnread};

/// How long a broker may take to tell a topic's id.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What the broker says of a topic's id, held against the one that is kept.
pub(super) struct Identity {
    /// The one that the broker tells; none if it tells none, or did not answer: then it is asked again when the topic
    /// is looked at next, and until then nothing is lost, see above.
    pub(super) told: Option<TopicId>,
    pub(super) judgement: Judgement,
}

/// What an id says of a topic.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is the one that was read.
    Same,
    /// Nothing: one of the two ids is not known.
    Untold,
    /// This id is to be kept: it is that of the topic that was read, as far as anybody can know.
    Keep(TopicId),
    /// It is another.
    Another(AnotherBy),
}

impl Identity {
    /// Asks the broker.
    pub(super) fn of(consumer: &BaseConsumer<Context>, topic: &str) -> Identity {
        let offsets = &consumer.context().offsets;
        let told = topic_id(consumer, topic, TIMEOUT).ok().flatten();
        Identity { told, judgement: judge(offsets.identity(topic), told, offsets.was_read(topic)) }
    }

    /// Why the topic must not be read, if so.
    pub(super) fn refusal(&self) -> Option<WhyUnread> {
        match &self.judgement {
            Judgement::Another(by) => Some(WhyUnread::Another { by: by.clone() }),
            Judgement::Same | Judgement::Untold | Judgement::Keep(_) => None,
        }
    }
}

fn judge(kept: Option<TopicId>, told: Option<TopicId>, was_read: bool) -> Judgement {
    match (kept, told) {
        (Some(old), Some(new)) if old == new => Judgement::Same,
        (Some(_), Some(_)) if mutants::mutant!("topic-made-anew-not-noticed") => Judgement::Same,
        (Some(old), Some(new)) if was_read => Judgement::Another(AnotherBy::Id { old, new }),
        // Of a topic of which nothing was read nothing can be passed over.
        (Some(_) | None, Some(new)) => Judgement::Keep(new),
        (Some(_) | None, None) => Judgement::Untold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_topic_that_was_read_and_has_another_id_is_another() {
        let (one, two) = ([1; 16], [2; 16]);
        for (kept, told, was_read, judged) in [
            (Some(one), Some(one), true, Judgement::Same),
            (Some(one), Some(two), true, Judgement::Another(AnotherBy::Id { old: one, new: two })),
            (Some(one), Some(two), false, Judgement::Keep(two)),
            (None, Some(two), true, Judgement::Keep(two)),
            (None, Some(two), false, Judgement::Keep(two)),
            (Some(one), None, true, Judgement::Untold),
            (None, None, true, Judgement::Untold),
        ] {
            assert_eq!(judge(kept, told, was_read), judged, "{kept:?} {told:?} {was_read}");
        }
    }
}
