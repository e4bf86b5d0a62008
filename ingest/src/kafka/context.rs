//! What the client calls back: partitions given and taken away, its log, its errors, its figures.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Statistics, TopicPartitionList};

use super::offsets::Offsets;
use super::options::KafkaOptions;
use super::start::start_of;
use crate::published::Published;
use crate::sources::WhyUnread;

/// What the callbacks need.
pub(super) struct Context {
    pub(super) published: Arc<Published>,
    pub(super) options: Arc<KafkaOptions>,
    pub(super) offsets: Arc<Offsets>,
    /// What the client said of the last error: the error itself names no partition.
    pub(super) last_error: Mutex<Option<String>>,
    /// Whether the session is over: what the client says while it closes concerns nobody any more.
    pub(super) is_over: AtomicBool,
    /// Why no broker could be spoken to, since one last could: a request that fails for it says only that it failed.
    pub(super) unreachable: Mutex<Option<String>>,
}

impl Context {
    /// The partitions are read from now on, each from its place; those that cannot be are left out and said.
    pub(super) fn assign(
        &self,
        consumer: &BaseConsumer<Context>,
        places: impl Iterator<Item = (String, i32)>,
    ) -> TopicPartitionList {
        let mut read = TopicPartitionList::new();
        for (topic, partition) in places {
            let added = start_of(consumer, &topic, partition).map(|offset| {
                // Only an offset that is none is refused, and this is one.
                let added = read.add_partition_offset(&topic, partition, offset);
                (offset, added)
            });
            match added {
                Ok((offset, added)) => {
                    tracing::info!(topic, partition, ?offset, ?added, "reading");
                    self.offsets.set_assigned(&topic, partition, true);
                    self.published.sources.assigned(&topic, partition);
                }
                Err(why) => {
                    tracing::error!(topic, partition, %why, "not read");
                    self.published.sources.unread(&topic, partition, why);
                }
            }
        }
        read
    }

    /// The group takes the partitions away.
    fn give_up(&self, places: &[(String, i32)]) {
        for (topic, partition) in places {
            tracing::info!(topic, partition, "given up to the group");
            self.offsets.set_assigned(topic, *partition, false);
            self.published.sources.unread(topic, *partition, WhyUnread::NotGiven);
        }
    }
}

impl ConsumerContext for Context {
    /// The group gives partitions or takes them away. The ledger's offsets are set before the client fetches.
    fn rebalance(&self, consumer: &BaseConsumer<Context>, error: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let is_cooperative = matches!(consumer.rebalance_protocol(), RebalanceProtocol::Cooperative);
        let is_over = self.is_over.load(Ordering::Acquire);
        let done = if error == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            let read =
                if is_over { TopicPartitionList::new() } else { self.assign(consumer, places(list).into_iter()) };
            if is_cooperative { consumer.incremental_assign(&read) } else { consumer.assign(&read) }
        } else {
            if !is_over {
                self.give_up(&places(list));
            }
            if is_cooperative { consumer.incremental_unassign(list) } else { consumer.unassign() }
        };
        if let Err(error) = done {
            tracing::error!(%error, "the client did not take what the group gave");
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        if let Err(error) = result {
            tracing::debug!(%error, "offsets were not committed for tools; the ledger has its own");
        }
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical | RDKafkaLogLevel::Error => {
                tracing::error!(target: "librdkafka", facility, "{message}")
            }
            RDKafkaLogLevel::Warning => tracing::warn!(target: "librdkafka", facility, "{message}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::info!(target: "librdkafka", facility, "{message}");
            }
            RDKafkaLogLevel::Debug => tracing::debug!(target: "librdkafka", facility, "{message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.published.metrics.kafka_error();
        tracing::warn!(%error, reason, "the Kafka client reports an error");
        // That all brokers are down is said after each reason why one is.
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            *self.unreachable.lock() = Some(reason.to_owned());
        }
        *self.last_error.lock() = Some(format!("{error}: {reason}"));
    }

    /// Where partitions begin and end, as the brokers said with what was fetched last.
    fn stats(&self, statistics: Statistics) {
        if self.is_over.load(Ordering::Acquire) {
            return;
        }
        for topic in statistics.topics.values() {
            for (partition, figures) in &topic.partitions {
                // With open transactions the stable end lies before the end, and nothing beyond it can be read.
                let end = if figures.ls_offset >= 0 { figures.ls_offset } else { figures.hi_offset };
                if end >= 0 && self.offsets.is_assigned(&topic.topic, *partition) {
                    let earliest = figures.lo_offset.max(0);
                    self.published.sources.watermarks(&topic.topic, *partition, earliest, end);
                }
            }
        }
    }
}

fn places(list: &TopicPartitionList) -> Vec<(String, i32)> {
    list.elements().iter().map(|element| (element.topic().to_owned(), element.partition())).collect()
}
