//! What the client calls back: partitions given and taken away, its log, its errors, its figures.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Offset, Statistics, TopicPartitionList};

use super::offsets::Offsets;
use super::options::{KafkaMode, KafkaOptions};
use super::start::starts;
use super::troubles::{About, KafkaTroubles, without_figures};
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
    /// The partitions are read from now on, each from its place; those that cannot be are left out and said.
    pub(super) fn assign(
        &self,
        consumer: &BaseConsumer<Context>,
        places: impl Iterator<Item = (String, i32)>,
    ) -> TopicPartitionList {
        let mut by_topic: BTreeMap<String, Vec<i32>> = BTreeMap::new();
        places.for_each(|(topic, partition)| by_topic.entry(topic).or_default().push(partition));
        let mut read = TopicPartitionList::new();
        for (topic, partitions) in by_topic {
            for (partition, start) in starts(consumer, &topic, &partitions) {
                self.begin(&mut read, &topic, partition, start);
            }
        }
        read
    }

    /// A partition is read from its start on, or it is said why it is not.
    fn begin(&self, read: &mut TopicPartitionList, topic: &str, partition: i32, start: Result<Offset, WhyUnread>) {
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
    fn is_cut_off(&self, detail: &str) {
        let reason = self.unreachable.lock().clone();
        let why = WhyUnread::Failed { detail: reason.unwrap_or_else(|| detail.to_owned()) };
        self.published.sources.whole(self.brokers(), Some(why));
    }

    fn brokers(&self) -> SourcePart {
        SourcePart::Brokers { addresses: self.options.brokers.join(",") }
    }

    /// The group has said what this member reads.
    fn is_in_group(&self) {
        if let (KafkaMode::Group, Some(group)) = (&self.options.mode, &self.options.group) {
            self.published.sources.whole(SourcePart::Group { group: group.clone() }, None);
        }
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
            self.is_in_group();
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
        let is_error = match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical | RDKafkaLogLevel::Error => {
                true
            }
            RDKafkaLogLevel::Warning => false,
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                return tracing::info!(target: "librdkafka", facility, "{message}");
            }
            RDKafkaLogLevel::Debug => return tracing::debug!(target: "librdkafka", facility, "{message}"),
        };
        let about = match facility {
            // A connection that fails, and that none is left: the errors say the same.
            "FAIL" | "ERROR" => About::Connection,
            _ => About::Client(format!("{facility}: {}", without_figures(message))),
        };
        let Some(Course { times, lasted }) = self.troubles.met(about) else { return };
        if is_error {
            tracing::error!(target: "librdkafka", facility, times, ?lasted, "{message}");
        } else {
            tracing::warn!(target: "librdkafka", facility, times, ?lasted, "{message}");
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.published.metrics.kafka_error();
        let code = error.rdkafka_error_code();
        let about = match code {
            Some(code) if is_about_connections(code) => About::Connection,
            Some(_) | None => About::Client(without_figures(&error.to_string())),
        };
        if let Some(Course { times, lasted }) = self.troubles.met(about) {
            tracing::warn!(%error, reason, times, ?lasted, "the Kafka client reports an error");
        }
        if self.is_over.load(Ordering::Acquire) {
            return;
        }
        // That all brokers are down is said after each reason why one is.
        if code == Some(RDKafkaErrorCode::AllBrokersDown) {
            self.is_cut_off(reason);
        } else {
            *self.unreachable.lock() = Some(reason.to_owned());
        }
        *self.last_error.lock() = Some(format!("{error}: {reason}"));
    }

    /// Where partitions begin and end, as the brokers said with what was fetched last.
    fn stats(&self, statistics: Statistics) {
        if self.is_over.load(Ordering::Acquire) {
            return;
        }
        if statistics.brokers.values().any(|broker| broker.state == "UP") {
            self.answered();
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

/// Whether an error is about the way to a broker, and not about what was asked of it.
fn is_about_connections(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::Resolve
            | RDKafkaErrorCode::OperationTimedOut
            | RDKafkaErrorCode::Authentication
            | RDKafkaErrorCode::SaslAuthenticationFailed
            | RDKafkaErrorCode::SSL
    )
}

fn places(list: &TopicPartitionList) -> Vec<(String, i32)> {
    list.elements().iter().map(|element| (element.topic().to_owned(), element.partition())).collect()
}
