//! What Prometheus is told of the sources, and of what is missing.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use prometheus::{IntCounter, IntGauge, IntGaugeVec};

use super::Make;
use crate::readiness::Missing;
use crate::sources::SourceStatus;

/// The metrics of sources and readiness.
pub(super) struct SourceMetrics {
    lag: IntGaugeVec,
    lag_seconds: IntGaugeVec,
    next_offset: IntGaugeVec,
    assigned: IntGaugeVec,
    ready_to_answer: IntGauge,
    ready_to_ingest: IntGauge,
    missing: IntGaugeVec,
    /// What `missing` shows now, to take it away when it is there again.
    shown: Mutex<BTreeSet<String>>,
    pub(super) kafka_errors: IntCounter,
}

impl SourceMetrics {
    pub(super) fn new(make: &Make<'_>) -> SourceMetrics {
        let of_partition = &["topic", "partition"];
        SourceMetrics {
            lag: make.gauges(
                "tributary_kafka_consumer_lag_messages",
                "Offsets between what the ledger holds of a partition and its end; absent where that is not known, as \
                 of a partition that is not read.",
                of_partition,
            ),
            lag_seconds: make.gauges(
                "tributary_kafka_consumer_lag_seconds",
                "How long the oldest message of a partition that is not read yet waits at most: 0 where none is left, else \
                 since the last one that was read was written, or since nothing was left; absent where that is not known.",
                of_partition,
            ),
            next_offset: make.gauges(
                "tributary_kafka_next_offset",
                "The offset of a partition that the ledger reads next.",
                of_partition,
            ),
            assigned: make.gauges("tributary_kafka_assigned", "1 if a partition is read here, else 0.", of_partition),
            ready_to_answer: make
                .gauge("tributary_ready_to_answer", "1 if it answers for the whole ledger, else 0: GET /readyz."),
            ready_to_ingest: make.gauge(
                "tributary_ready_to_ingest",
                "1 if everything that it is to read is being read, besides, else 0: GET /readyz?ingest=true.",
            ),
            missing: make.gauges(
                "tributary_missing",
                "1 for each thing that is missing to take in all events, under the name that GET /readyz?ingest=true \
                 gives it with the reason; absent once it is there.",
                &["what"],
            ),
            shown: Mutex::default(),
            kafka_errors: make.counter("tributary_kafka_errors_total", "Errors that the Kafka client reported."),
        }
    }

    pub(super) fn set_sources(&self, sources: &[SourceStatus]) {
        for source in sources {
            let labels = [&*source.topic, &source.partition.to_string()];
            self.assigned.with_label_values(&labels).set(i64::from(source.assigned && source.unread.is_none()));
            let lag = source.lag.map(|lag| lag as i64);
            let waits = source.waits_micros.map(|micros| micros / 1_000_000);
            for (gauge, value) in [(&self.lag, lag), (&self.lag_seconds, waits)] {
                match value {
                    Some(value) => gauge.with_label_values(&labels).set(value),
                    // One that is not there has none to take away.
                    None => drop(gauge.remove_label_values(&labels)),
                }
            }
            if let Some(next_offset) = source.next_offset {
                self.next_offset.with_label_values(&labels).set(next_offset);
            }
        }
    }

    pub(super) fn set_readiness(&self, to_answer: &[Missing], to_ingest: &[Missing]) {
        self.ready_to_answer.set(i64::from(to_answer.is_empty()));
        self.ready_to_ingest.set(i64::from(to_ingest.is_empty()));
        let missing: BTreeSet<String> = to_ingest.iter().map(|missing| missing.what.clone()).collect();
        let mut shown = self.shown.lock();
        for there_again in shown.difference(&missing) {
            drop(self.missing.remove_label_values(&[there_again]));
        }
        for what in &missing {
            self.missing.with_label_values(&[what]).set(1);
        }
        *shown = missing;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Metrics;
    use super::*;

    #[test]
    fn what_is_not_known_and_what_is_there_again_is_absent() {
        let metrics = Metrics::new();
        let has = |line: &str| metrics.text().lines().any(|found| found.starts_with(line));
        let mut status = SourceStatus {
            topic: "t".into(),
            partition: 0,
            assigned: true,
            next_offset: None,
            high_watermark: Some(3),
            lag: Some(3),
            waits_micros: Some(61_500_000),
            unread: None,
        };
        metrics.set_sources(std::slice::from_ref(&status));
        assert!(has("tributary_kafka_consumer_lag_messages{partition=\"0\",topic=\"t\"} 3"));
        assert!(has("tributary_kafka_consumer_lag_seconds{partition=\"0\",topic=\"t\"} 61"));
        (status.lag, status.waits_micros) = (None, None);
        metrics.set_sources(&[status]);
        assert!(!has("tributary_kafka_consumer_lag_"));

        let missing = |what: &str| Missing { what: what.into(), detail: "why".into() };
        assert!(has("tributary_ready_to_answer 0"), "not before it is told");
        metrics.set_readiness(&[], &[missing("topic t"), missing("topic u")]);
        assert!(has("tributary_ready_to_answer 1") && has("tributary_ready_to_ingest 0"));
        metrics.set_readiness(&[], &[missing("topic u")]);
        assert!(has("tributary_missing{what=\"topic u\"} 1") && !has("tributary_missing{what=\"topic t\"}"));
        metrics.set_readiness(&[], &[]);
        assert!(has("tributary_ready_to_ingest 1") && !has("tributary_missing{"));
    }
}
