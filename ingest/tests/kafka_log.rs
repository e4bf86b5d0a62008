//! What is told of a broker that is gone: when it begins, now and then, and when it ends. Alone in its process, since
//! it counts every line that is told there.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ingest::kafka::KafkaOptions;
use ledger::MemoryStorage;
use parking_lot::Mutex;
use rdkafka::mocking::MockCluster;
use support::broker::{Reading, options, producer, send};
use support::*;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// Keeps every line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<(Level, String)>>>);

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        self.0.lock().push((*event.metadata().level(), message.0));
    }
}

impl Lines {
    fn complaints(&self) -> Vec<String> {
        let lines = self.0.lock();
        lines.iter().filter(|(level, _)| *level <= Level::WARN).map(|(_, line)| line.clone()).collect()
    }

    fn has(&self, begin: &str) -> bool {
        self.0.lock().iter().any(|(_, line)| line.starts_with(begin))
    }
}

/// How often the client reported an error.
fn errors(reading: &Reading) -> u64 {
    let text = reading.handle.metrics_text();
    let line = text.lines().find_map(|line| line.strip_prefix("tributary_kafka_errors_total "));
    line.and_then(|count| count.parse().ok()).expect("a count")
}

#[test]
fn a_broker_that_is_gone_is_told_of_now_and_then_and_when_it_is_back() {
    let lines = Lines::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines.clone())).expect("the first");
    let cluster = MockCluster::new(1).expect("a mock cluster");
    cluster.create_topic("a", 1, 1).expect("a topic");
    let brokers = cluster.bootstrap_servers();
    let often = [("reconnect.backoff.ms", "10"), ("reconnect.backoff.max.ms", "20"), ("statistics.interval.ms", "100")];
    let properties: BTreeMap<_, _> =
        often.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let reading = Reading::start(&MemoryStorage::new(), KafkaOptions { properties, ..options(&brokers, &["a"]) });
    send(&producer(&brokers, &[]), "a", 0, [Some(trade(70, "t1", "1").into_bytes())]);
    reading.wait_for(1);
    assert_eq!(lines.complaints(), [""; 0]);

    let (before, begun) = (errors(&reading), Instant::now());
    cluster.broker_down(1).expect("down");
    wait_until("many errors", || errors(&reading) >= before + 100);
    wait_until("it takes in nothing", || !reading.handle.readiness().is_ready_to_ingest());
    let complaints = lines.complaints();
    // One when it begins, then after a second, and after twice as long each time; a handful of kinds.
    let a_kind = 2 + (begun.elapsed() + Duration::from_secs(1)).as_secs().ilog2() as usize;
    assert!(!complaints.is_empty() && complaints.len() <= 4 * a_kind, "{}: {complaints:#?}", complaints.len());

    cluster.broker_up(1).expect("up");
    wait_until("its end is told", || lines.has("over: the connection to the brokers"));
    wait_until("it takes in all again", || reading.handle.readiness().is_ready_to_ingest());
    reading.stop();
}
