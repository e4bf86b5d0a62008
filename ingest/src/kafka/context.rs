//! What a session of the client shares with its callbacks, and what is said of what is read.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parking_lot::Mutex;
use rdkafka::{Offset, TopicPartitionList};

use super::offsets::Offsets;
use super::options::{KafkaMode, KafkaOptions};
use super::troubles::{About, KafkaTroubles};
use crate::published::Published;
use crate::sources::{SourcePart, WhyUnread};
use crate::trouble::Course;

/// What the callbacks need.
pub(super) struct Context {
    pub(super) published: Arc<Published>,
    pub(super) options: Arc<KafkaOptions>,
    pub(super) offsets: Arc<Offsets>,
    pub(super) troubles: Arc<KafkaTroubles>,
    /// What the client said of the last error: the error itself names no partition.
    pub(super) last_error: Mutex<Option<String>>,
    /// Whether the session is over: what the client says while it closes concerns nobody any more.
    pub(super) is_over: AtomicBool,
    /// Why no broker could be spoken to, since one last could: a request that fails for it says only that it failed.
    pub(super) unreachable: Mutex<Option<String>>,
}

impl Context {
    /// A partition is read from its start on, or it is said why it is not.
    pub(super) fn begin(
        &self,
        read: &mut TopicPartitionList,
        topic: &str,
        partition: i32,
        start: Result<Offset, WhyUnread>,
    ) {
        match start {
            Ok(offset) => {
                // Only an offset that is none is refused, and this is one.
                let added = read.add_partition_offset(topic, partition, offset);
                tracing::info!(topic, partition, ?offset, ?added, "reading");
                self.offsets.set_assigned(topic, partition, true);
                self.published.sources.assigned(topic, partition);
                self.troubles.partition_is_read(topic, partition);
            }
            Err(why) => {
                if let Some(Course { times, lasted }) = self.troubles.met(About::Partition(topic.to_owned(), partition))
                {
                    tracing::error!(topic, partition, %why, times, ?lasted, "not read");
                }
                self.published.sources.unread(topic, partition, why);
            }
        }
    }

    /// A broker answered, or has a connection.
    pub(super) fn answered(&self) {
        *self.unreachable.lock() = None;
        self.published.sources.whole(self.brokers(), None);
        self.troubles.answered();
    }

    /// No broker can be spoken to.
    pub(super) fn is_cut_off(&self, detail: &str) {
        let reason = self.unreachable.lock().clone();
        let why = WhyUnread::Failed { detail: reason.unwrap_or_else(|| detail.to_owned()) };
        self.published.sources.whole(self.brokers(), Some(why));
    }

    fn brokers(&self) -> SourcePart {
        SourcePart::Brokers { addresses: self.options.brokers.join(",") }
    }

    /// The group has said what this member reads.
    pub(super) fn is_in_group(&self) {
        if let (KafkaMode::Group, Some(group)) = (&self.options.mode, &self.options.group) {
            self.published.sources.whole(SourcePart::Group { group: group.clone() }, None);
        }
    }

    /// The group takes the partitions away.
    pub(super) fn give_up(&self, places: &[(String, i32)]) {
        for (topic, partition) in places {
            tracing::info!(topic, partition, "given up to the group");
            self.offsets.set_assigned(topic, *partition, false);
            self.published.sources.unread(topic, *partition, WhyUnread::NotGiven);
        }
    }
}
