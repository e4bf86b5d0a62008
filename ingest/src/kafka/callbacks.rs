//! What the client calls back: partitions given and taken away, its log, its errors, its figures.

use std::error::Error;
use std::sync::atomic::Ordering;

use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Statistics, TopicPartitionList};

use super::context::Context;
use super::tokens::oauth_token;
use super::troubles::{About, without_figures};
use crate::trouble::Course;

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
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, _config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        oauth_token(self.options.tokens.as_ref())
    }

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
                    let (next, now) =
                        (self.offsets.durable(&topic.topic, *partition), self.published.moments.arrival());
                    self.published.sources.watermarks(&topic.topic, *partition, (earliest, end), next, now);
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
