//! What Prometheus is told of a router, and whether it routes. It is counted around the loop and not in it: by the port that
//! the loop is given (`measured_port.rs`), by the callbacks of the client that reads (`clients.rs`), and once a turn.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ingest::Missing;
use ingest::metrics::{Kind, Metrics};
use prometheus::core::Collector;
use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts};

use crate::error::RouteError;
use crate::lags::{Lags, Place};
use crate::session::Routed;

/// From a millisecond to a minute, which is what a step of a transaction may take.
const SECONDS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];

/// A router's metrics, and how it is. Clones are the same.
#[derive(Clone)]
pub struct RouteMetrics {
    messages: IntCounterVec,
    bytes: IntCounterVec,
    unreadable: IntCounter,
    committed: IntCounter,
    aborted: IntCounter,
    seconds: Histogram,
    failures: IntCounterVec,
    lag: IntGaugeVec,
    sub_accounts: IntGauge,
    sub_accounts_bytes: IntGauge,
    now: Arc<Mutex<Now>>,
}

impl std::fmt::Debug for RouteMetrics {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RouteMetrics").finish_non_exhaustive()
    }
}

/// How a router is.
#[derive(Default)]
struct Now {
    stage: Stage,
    /// The addresses that did not answer, and what the client said.
    no_broker: Option<(String, String)>,
    lags: Lags,
}

/// How far a session is.
#[derive(Default)]
enum Stage {
    /// The platform's topic is being read.
    #[default]
    Opening,
    /// It has joined the group, which has given nothing yet, or has taken back what it gave.
    Joining,
    /// The group has given it so many partitions: none where there are more routers than partitions.
    Given(usize),
    /// It failed with this, and begins again.
    Failed(String),
}

impl RouteMetrics {
    /// They stand beside the process' others. Of two routers in one process only the first one's are shown.
    #[must_use]
    pub fn new(process: &Metrics) -> RouteMetrics {
        let counters = |name: &str, help: &str, label: &str| {
            register(process, Kind::Counter, IntCounterVec::new(Opts::new(name, help), &[label]))
        };
        let gauge = |name: &str, help: &str| register(process, Kind::Gauge, IntGauge::new(name, help));
        let transactions = counters(
            "tributary_route_transactions_total",
            "Transactions: committed, or aborted, which are those that are not known to be committed; what they read is read again.",
            "outcome",
        );
        let failures = counters(
            "tributary_route_failures_total",
            "Times that routing failed: passing, after which it begins again; fenced, by another router of its id, or final, which end it.",
            "cause",
        );
        for cause in ["passing", "fenced", "final"] {
            failures.with_label_values(&[cause]);
        }
        let seconds = HistogramOpts::new(
            "tributary_route_transaction_duration_seconds",
            "A transaction that was committed, from its beginning on.",
        );
        let lag = Opts::new(
            "tributary_route_lag_messages",
            "Offsets between what is routed of a partition and its end; absent where that is not known, as of a partition that \
             another router reads.",
        );
        RouteMetrics {
            messages: counters(
                "tributary_route_messages_total",
                "Messages put into a topic by transactions that were committed.",
                "topic",
            ),
            bytes: counters(
                "tributary_route_bytes_total",
                "Bytes of keys and texts put into a topic by transactions that were committed.",
                "topic",
            ),
            unreadable: register(
                process,
                Kind::Counter,
                IntCounter::new(
                    "tributary_route_unreadable_total",
                    "Messages that could not be read as events and went on by their own key, in transactions that were committed.",
                ),
            ),
            committed: transactions.with_label_values(&["committed"]),
            aborted: transactions.with_label_values(&["aborted"]),
            seconds: register(process, Kind::Histogram, Histogram::with_opts(seconds.buckets(SECONDS.to_vec()))),
            failures,
            lag: register(process, Kind::Gauge, IntGaugeVec::new(lag, &["topic", "partition"])),
            sub_accounts: gauge("tributary_route_sub_accounts", "Sub-accounts whose parents are known."),
            sub_accounts_bytes: gauge(
                "tributary_route_sub_accounts_bytes",
                "Bytes of memory that the known sub-accounts take.",
            ),
            now: Arc::default(),
        }
    }

    /// What keeps it from routing; nothing if it reads what its group gives it.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        let now = self.now();
        let (what, detail) = match (&now.stage, &now.no_broker) {
            (_, Some((addresses, said))) => (format!("brokers {addresses}"), format!("none of them answers: {said}")),
            (Stage::Given(_), None) => return Vec::new(),
            (Stage::Opening, None) => (
                "platform".to_owned(),
                "the platform's topic is being read, to know who is whose sub-account".to_owned(),
            ),
            (Stage::Joining, None) => ("group".to_owned(), "the group has given no partitions yet".to_owned()),
            (Stage::Failed(error), None) => ("router".to_owned(), format!("it failed and begins again: {error}")),
        };
        vec![Missing { what, detail }]
    }

    /// How many partitions its group has given it.
    #[must_use]
    pub fn partitions(&self) -> usize {
        match self.now().stage {
            Stage::Given(count) => count,
            Stage::Opening | Stage::Joining | Stage::Failed(_) => 0,
        }
    }

    /// Counts why routing failed. What its group had given is gone.
    pub(crate) fn failed(&self, error: &RouteError) {
        let is_fenced = matches!(error, RouteError::Fenced { .. });
        let cause = if is_fenced {
            "fenced"
        } else if error.is_final() {
            "final"
        } else {
            "passing"
        };
        self.failures.with_label_values(&[cause]).inc();
        self.has_stage(Stage::Failed(error.to_string()));
    }

    /// A session begins. Why the one before failed is told until this one has come as far as its group.
    pub(crate) fn opening(&self) {
        self.now().no_broker = None;
    }

    /// The platform's topic has been read, and the group is being joined.
    pub(crate) fn joining(&self) {
        self.has_stage(Stage::Joining);
    }

    /// The group gives partitions, each with where reading goes on, if that was ever committed.
    pub(crate) fn given(&self, places: impl IntoIterator<Item = (Place, Option<i64>)>) {
        let lags = Lags::of(places);
        let count = lags.len();
        self.has_stage(Stage::Given(count));
        // Who has just been told so much, has been answered: statistics may be switched off.
        self.answered();
        self.now().lags = lags;
    }

    /// The group takes back all that it gave.
    pub(crate) fn taken_back(&self) {
        self.has_stage(Stage::Joining);
    }

    /// No broker answers.
    pub(crate) fn cut_off(&self, addresses: &str, said: &str) {
        self.now().no_broker = Some((addresses.to_owned(), said.to_owned()));
    }

    /// A broker answers.
    pub(crate) fn answered(&self) {
        self.now().no_broker = None;
    }

    /// From where to where a partition can be read, as the brokers said last.
    pub(crate) fn reaches(&self, topic: &str, partition: i32, (begin, end): (i64, i64)) {
        let lag = self.now().lags.reaches(topic, partition, (begin, end));
        self.show_lag(topic, partition, lag);
    }

    /// A transaction was committed: what it put where, up to where it had read, and how long it took.
    pub(crate) fn committed(&self, put: &BTreeMap<String, Put>, read: &BTreeMap<Place, i64>, took: Duration) {
        self.answered();
        self.committed.inc();
        self.seconds.observe(took.as_secs_f64());
        for (topic, put) in put {
            self.messages.with_label_values(&[topic]).inc_by(put.messages);
            self.bytes.with_label_values(&[topic]).inc_by(put.bytes);
        }
        for ((topic, partition), next) in read {
            let lag = self.now().lags.routed(topic, *partition, *next);
            self.show_lag(topic, *partition, lag);
        }
    }

    /// A transaction is not known to be committed.
    pub(crate) fn aborted(&self) {
        self.aborted.inc();
    }

    /// What the router has routed in all, and how many sub-accounts it knows, in how many bytes.
    pub(crate) fn told(&self, routed: &Routed, (sub_accounts, bytes): (usize, usize)) {
        self.unreadable.inc_by(routed.unreadable.saturating_sub(self.unreadable.get()));
        self.sub_accounts.set(i64::try_from(sub_accounts).unwrap_or(i64::MAX));
        self.sub_accounts_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// With another stage nothing of before is read any more.
    fn has_stage(&self, stage: Stage) {
        let gone: BTreeSet<Place> = {
            let mut now = self.now();
            now.stage = stage;
            std::mem::take(&mut now.lags).places()
        };
        gone.iter().for_each(|(topic, partition)| self.show_lag(topic, *partition, None));
    }

    fn show_lag(&self, topic: &str, partition: i32, lag: Option<i64>) {
        let labels = [topic, &partition.to_string()];
        match lag {
            Some(lag) => self.lag.with_label_values(&labels).set(lag),
            // One that is not there has none to take away.
            None => drop(self.lag.remove_label_values(&labels)),
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a transaction put into a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Put {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
}

/// Names and labels are written here, so a failure is ours. A second router of one process would be of the same names: the
/// first one's stay.
fn register<M: Collector + Clone + 'static>(process: &Metrics, kind: Kind, made: prometheus::Result<M>) -> M {
    let metric = made.expect("its name and labels are well formed");
    let _ = process.register(kind, Box::new(metric.clone()));
    metric
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ingest::metrics::Described;

    use super::*;

    fn has(metrics: &Metrics, line: &str) {
        let text = metrics.text();
        assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
    }

    fn place(partition: i32) -> Place {
        ("events".to_owned(), partition)
    }

    #[test]
    fn the_docs_list_every_metric_of_a_router_as_the_code_describes_it() {
        let metrics = Metrics::new();
        let _measured = RouteMetrics::new(&metrics);
        let row = |Described { name, kind, labels, help }: &Described| {
            let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
            format!("| router | `{name}` | {kind} | {} | {help} |", labels.join(", "))
        };
        let described = metrics.described();
        let own = described.iter().filter(|described| described.name.starts_with("tributary_route_"));
        let mut rows: Vec<String> = own.map(row).collect();
        rows.sort();
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/METRICS.md");
        let page = std::fs::read_to_string(page).expect("the page is there");
        let listed: Vec<&str> = page.lines().filter(|line| line.starts_with("| router | `")).collect();
        assert_eq!(listed, rows, "docs/METRICS.md has to list\n{}", rows.join("\n"));
    }

    #[test]
    fn a_router_routes_once_its_group_has_given_it_something_and_as_long_as_a_broker_answers() {
        let measured = RouteMetrics::new(&Metrics::new());
        let missing = || measured.missing().into_iter().map(|missing| missing.what).collect::<Vec<_>>().join(", ");
        assert_eq!(missing(), "platform");
        measured.joining();
        assert_eq!(missing(), "group");
        measured.given([(place(0), Some(5)), (place(1), None)]);
        assert_eq!((missing(), measured.partitions()), (String::new(), 2));
        measured.cut_off("a:1,b:2", "refused");
        assert_eq!(missing(), "brokers a:1,b:2");
        measured.answered();
        assert_eq!(missing(), "");
        measured.cut_off("a:1,b:2", "refused");
        measured.committed(&BTreeMap::new(), &BTreeMap::new(), Duration::ZERO);
        assert_eq!(missing(), "", "a broker has answered");
        measured.taken_back();
        assert_eq!((missing(), measured.partitions()), ("group".to_owned(), 0));
        measured.given([]);
        assert_eq!(missing(), "", "there may be more routers than partitions");
        measured.failed(&RouteError::Broken("away".to_owned()));
        assert_eq!(missing(), "router");
        measured.cut_off("a:1,b:2", "refused");
        measured.opening();
        assert_eq!(missing(), "router");
        measured.joining();
        assert_eq!(missing(), "group");
    }

    #[test]
    fn the_lag_of_a_partition_is_told_while_it_is_read_here_and_both_ends_are_known() {
        let metrics = Metrics::new();
        let measured = RouteMetrics::new(&metrics);
        measured.given([(place(0), Some(5)), (place(1), None)]);
        measured.reaches("events", 2, (0, 9));
        assert!(!metrics.text().contains("tributary_route_lag_messages{"));
        measured.reaches("events", 0, (0, 12));
        measured.reaches("events", 1, (3, 12));
        has(&metrics, "tributary_route_lag_messages{partition=\"0\",topic=\"events\"} 7");
        has(&metrics, "tributary_route_lag_messages{partition=\"1\",topic=\"events\"} 9");
        measured.committed(&BTreeMap::new(), &BTreeMap::from([(place(0), 12), (place(7), 1)]), Duration::ZERO);
        has(&metrics, "tributary_route_lag_messages{partition=\"0\",topic=\"events\"} 0");
        measured.taken_back();
        assert!(!metrics.text().contains("tributary_route_lag_messages{"));
    }

    #[test]
    fn failures_are_counted_by_what_becomes_of_the_router() {
        let metrics = Metrics::new();
        let measured = RouteMetrics::new(&metrics);
        measured.failed(&RouteError::Broken("away".to_owned()));
        measured.failed(&RouteError::Fenced { id: "1".to_owned() });
        measured.failed(&RouteError::Lost { detail: "gone".to_owned() });
        measured.failed(&RouteError::Lost { detail: "gone".to_owned() });
        for (cause, count) in [("passing", 1), ("fenced", 1), ("final", 2)] {
            has(&metrics, &format!("tributary_route_failures_total{{cause=\"{cause}\"}} {count}"));
        }
        measured.told(&Routed { unreadable: 3, ..Routed::default() }, (2, 64));
        measured.told(&Routed { unreadable: 4, ..Routed::default() }, (2, 64));
        has(&metrics, "tributary_route_unreadable_total 4");
        has(&metrics, "tributary_route_sub_accounts 2");
    }
}
