//! What Prometheus is told of a serving node: who answered, how long shards and Cassandra took, and how far shards have published.

use std::time::Instant;

use api::{Problem, ProblemKind};
use axum::http::StatusCode;
use ingest::metrics::{Kind, Metrics};
use prometheus::core::Collector;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts};

use crate::error::ServingError;
use crate::reading::AsOf;

/// From a millisecond to half a minute.
const SECONDS: [f64; 12] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0];

/// Who answered a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Rows.
    Rows,
    /// One shard.
    Shard,
    /// All shards together.
    Shards,
    /// Nobody: the addresses of the shards were told.
    Nobody,
}

/// What is read in Cassandra.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// A referrer's rows.
    Rows,
    /// How far shards have published.
    Progress,
    /// Where the shards are.
    Shards,
}

/// A node's metrics.
pub(super) struct Measured {
    requests: IntCounterVec,
    shard_requests: IntCounterVec,
    shard_seconds: HistogramVec,
    read_seconds: HistogramVec,
    read_failures: IntCounterVec,
    positions: IntGaugeVec,
}

impl Measured {
    /// They stand beside the process' others.
    pub(super) fn new(metrics: &Metrics) -> Measured {
        let counters = |name: &str, help: &str, labels: &[&str]| {
            register(metrics, Kind::Counter, IntCounterVec::new(Opts::new(name, help), labels))
        };
        let histograms = |name: &str, help: &str, label: &str| {
            let options = HistogramOpts::new(name, help).buckets(SECONDS.to_vec());
            register(metrics, Kind::Histogram, HistogramVec::new(options, &[label]))
        };
        let positions = Opts::new("tributary_serving_position", "How far a shard has published, as it was read last.");
        Measured {
            requests: counters(
                "tributary_serving_requests_total",
                "Requests below /v1, by who answered (rows, with what the node itself refuses; a shard; all shards; nobody) and the status.",
                &["by", "status"],
            ),
            shard_requests: counters(
                "tributary_serving_shard_requests_total",
                "Requests to shards, by the shard and what came of it: answered, away, or refused for its path.",
                &["shard", "outcome"],
            ),
            shard_seconds: histograms(
                "tributary_serving_shard_duration_seconds",
                "Until a shard's answer begins.",
                "shard",
            ),
            read_seconds: histograms(
                "tributary_serving_read_duration_seconds",
                "Reading in Cassandra for one request: a referrer's rows, how far shards are, or where they are.",
                "what",
            ),
            read_failures: counters(
                "tributary_serving_read_failures_total",
                "Readings that came to nothing: overtaken by what was published meanwhile, of more rows than one answer is made \
                 of, or failed.",
                &["cause"],
            ),
            positions: register(metrics, Kind::Gauge, IntGaugeVec::new(positions, &["shard"])),
        }
    }

    /// A request was answered.
    pub(super) fn answered(&self, by: By, status: StatusCode) {
        let by = match by {
            By::Rows => "rows",
            By::Shard => "shard",
            By::Shards => "shards",
            By::Nobody => "nobody",
        };
        let status = format!("{}xx", status.as_u16() / 100);
        self.requests.with_label_values(&[by, status.as_str()]).inc();
    }

    /// A shard was asked: its answer began after so many seconds, or there is none.
    pub(super) fn asked<T>(&self, shard: usize, begun: Instant, answer: &Result<T, Problem>) {
        let shard = shard.to_string();
        let outcome = match answer {
            Ok(_) => "answered",
            Err(problem) if problem.kind == ProblemKind::Unavailable => "away",
            Err(_) => "refused",
        };
        self.shard_requests.with_label_values(&[shard.as_str(), outcome]).inc();
        if answer.is_ok() {
            self.shard_seconds.with_label_values(&[shard.as_str()]).observe(begun.elapsed().as_secs_f64());
        }
    }

    /// Reads, and tells how long it took and why it came to nothing.
    pub(super) async fn read<T>(
        &self,
        what: Reads,
        reading: impl Future<Output = Result<T, ServingError>>,
    ) -> Result<T, ServingError> {
        let begun = Instant::now();
        let read = reading.await;
        let what = match what {
            Reads::Rows => "rows",
            Reads::Progress => "progress",
            Reads::Shards => "shards",
        };
        self.read_seconds.with_label_values(&[what]).observe(begun.elapsed().as_secs_f64());
        let cause = match &read {
            Ok(_) => return read,
            Err(ServingError::Overtaken) => "overtaken",
            Err(ServingError::TooMany { .. } | ServingError::TooManyRows { .. }) => "too_many",
            Err(
                ServingError::Row { .. }
                | ServingError::Unreachable { .. }
                | ServingError::Tls(_)
                | ServingError::Refused { .. }
                | ServingError::NoKeyspace { .. }
                | ServingError::Version { .. }
                | ServingError::Incomplete { .. }
                | ServingError::Name(_)
                | ServingError::OtherLedger { .. }
                | ServingError::OtherCount { .. }
                | ServingError::Diverged { .. }
                | ServingError::Taken { .. }
                | ServingError::Ledger(_)
                | ServingError::Past(_)
                | ServingError::Ended
                | ServingError::Process(_),
            ) => "failed",
        };
        self.read_failures.with_label_values(&[cause]).inc();
        read
    }

    /// How far the shards have published.
    pub(super) fn reached(&self, as_of: &AsOf) {
        for (shard, position) in as_of.positions.iter().enumerate() {
            self.positions.with_label_values(&[shard.to_string().as_str()]).set(*position as i64);
        }
    }
}

/// Names and labels are written here, so a failure is ours. A second node of one process would be of the same names: the first
/// one's stay.
fn register<M: Collector + Clone + 'static>(metrics: &Metrics, kind: Kind, made: prometheus::Result<M>) -> M {
    let metric = made.expect("its name and labels are well formed");
    let _ = metrics.register(kind, Box::new(metric.clone()));
    metric
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ingest::metrics::Described;

    use super::*;

    #[test]
    fn the_docs_list_every_metric_of_a_serving_node_as_the_code_describes_it() {
        let metrics = Metrics::new();
        let _measured = Measured::new(&metrics);
        let row = |Described { name, kind, labels, help }: &Described| {
            let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
            format!("| serving | `{name}` | {kind} | {} | {help} |", labels.join(", "))
        };
        let described = metrics.described();
        let own = described.iter().filter(|described| described.name.starts_with("tributary_serving_"));
        let mut rows: Vec<String> = own.map(row).collect();
        rows.sort();
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/METRICS.md");
        let page = std::fs::read_to_string(page).expect("the page is there");
        let listed: Vec<&str> = page.lines().filter(|line| line.starts_with("| serving | `")).collect();
        assert_eq!(listed, rows, "docs/METRICS.md has to list\n{}", rows.join("\n"));
    }

    #[tokio::test]
    async fn who_answered_and_what_came_to_nothing_is_counted() {
        let metrics = Metrics::new();
        let measured = Measured::new(&metrics);
        measured.answered(By::Rows, StatusCode::OK);
        measured.answered(By::Nobody, StatusCode::MISDIRECTED_REQUEST);
        measured.asked(1, Instant::now(), &Ok(()));
        measured.asked(1, Instant::now(), &Err::<(), _>(Problem::new(ProblemKind::Unavailable, "away")));
        let overtaken = measured.read(Reads::Rows, async { Err::<(), _>(ServingError::Overtaken) }).await;
        assert!(overtaken.is_err());
        measured.reached(&AsOf { positions: vec![812, 700], event_time: None });
        let text = metrics.text();
        for line in [
            "tributary_serving_requests_total{by=\"rows\",status=\"2xx\"} 1",
            "tributary_serving_requests_total{by=\"nobody\",status=\"4xx\"} 1",
            "tributary_serving_shard_requests_total{outcome=\"answered\",shard=\"1\"} 1",
            "tributary_serving_shard_requests_total{outcome=\"away\",shard=\"1\"} 1",
            "tributary_serving_shard_duration_seconds_count{shard=\"1\"} 1",
            "tributary_serving_read_duration_seconds_count{what=\"rows\"} 1",
            "tributary_serving_read_failures_total{cause=\"overtaken\"} 1",
            "tributary_serving_position{shard=\"1\"} 700",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
        }
    }
}
