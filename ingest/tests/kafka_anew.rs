//! A topic that was deleted and made again under its name, on a real broker: none of its events may be passed over, and
//! none of it is read before an operator says so.

mod support;

use ingest::kafka::{AcceptNew, KafkaError, KafkaOptions, KafkaSource};
use ingest::{AnotherBy, WhyUnread};
use ledger::MemoryStorage;
use support::broker::{Reading, options, producer, send};
use support::real::{Broker, broker};
use support::*;

fn send_trades(broker: &Broker, topic: &str, from: u32, count: u32) {
    let lines = (from..from + count).map(|id| Some(trade(70, &format!("t{id}"), "1").into_bytes()));
    // A client that knew the topic of before would send to it for a while.
    send(&producer(&broker.address, &[]), topic, 0, lines);
}

/// A ledger that has read twenty events of a topic.
fn after_twenty(broker: &Broker, topic: &str) -> MemoryStorage {
    let storage = MemoryStorage::new();
    broker.topic(topic, 1);
    send_trades(broker, topic, 0, 20);
    let reading = Reading::start(&storage, options(&broker.address, &[topic]));
    reading.wait_for(20);
    reading.stop();
    storage
}

fn accepting(broker: &Broker, topic: &str) -> KafkaOptions {
    let accept_new = AcceptNew { topics: vec![topic.to_owned()], by: "olga".to_owned() };
    KafkaOptions { accept_new, ..options(&broker.address, &[topic]) }
}

/// Waits until a topic is refused as another, and holds that everything says so.
fn wait_for_refusal(reading: &Reading, topic: &str) {
    let why = || reading.handle.readiness().unread.into_iter().map(|unread| unread.why);
    wait_until("it is refused", || why().any(|why| matches!(why, WhyUnread::Another { by: AnotherBy::Id { .. } })));
    let readiness = reading.handle.readiness();
    assert!(readiness.is_ready_to_answer() && !readiness.is_ready_to_ingest());
    let missing = readiness.missing_to_ingest();
    assert_eq!(missing[0].what, format!("partition {topic}[0]"));
    assert!(missing[0].detail.contains("--accept-new-topic"), "it says what to do: {}", missing[0]);
    assert!(reading.handle.sources().iter().all(|source| source.lag.is_none() && !source.assigned));
    let metrics = reading.handle.metrics_text();
    assert!(metrics.contains(&format!("tributary_missing{{what=\"partition {topic}[0]\"}} 1")));
    assert!(!metrics.contains("tributary_kafka_consumer_lag_messages{"));
}

#[test]
fn a_topic_made_anew_is_refused_however_long_it_is_and_read_from_its_beginning_once_accepted() {
    let Some(broker) = broker() else { return };
    for (topic, count) in [("shorter", 5), ("equal", 20), ("longer", 30)] {
        let storage = after_twenty(&broker, topic);
        broker.make_anew(topic, 1);
        send_trades(&broker, topic, 100, count);
        let reading = Reading::start(&storage, options(&broker.address, &[topic]));
        wait_for_refusal(&reading, topic);
        assert_eq!(reading.stop().position(), 20, "{topic}");

        // It has grown beyond the ledger's offset meanwhile: the refusal holds.
        send_trades(&broker, topic, 200, 20);
        let reading = Reading::start(&storage, options(&broker.address, &[topic]));
        wait_for_refusal(&reading, topic);
        assert_eq!(reading.stop().position(), 20, "{topic}");

        let reading = Reading::start(&storage, accepting(&broker, topic));
        let all = i64::from(count) + 20;
        wait_until("all of it is read", || reading.handle.read(|view| view.state.next_offset(topic, 0)) == Some(all));
        wait_until("nothing is missing", || reading.handle.readiness().is_ready_to_ingest());
        let handle = reading.stop();
        assert_eq!((handle.position(), numbers(&handle).1), (20 + u64::from(count) + 20, 0), "{topic}");
        let accepted = handle.read(|view| view.status().topics_accepted);
        let told: Vec<_> = accepted.iter().map(|accepted| (&*accepted.topic, &*accepted.by)).collect();
        assert_eq!(told, [(topic, "olga")]);
        drop(handle);

        // From then on it is the topic that is read, by any start.
        send_trades(&broker, topic, 300, 3);
        let reading = Reading::start(&storage, options(&broker.address, &[topic]));
        reading.wait_for(all + 3);
        let handle = reading.stop();
        assert_eq!((handle.position(), numbers(&handle).1), (20 + u64::from(count) + 23, 0), "{topic}");
    }
}

#[test]
fn a_topic_made_anew_while_it_is_read_is_noticed_and_what_came_of_it_counts_once() {
    let Some(broker) = broker() else { return };
    let storage = after_twenty(&broker, "exchanged");
    let reading = Reading::start(&storage, options(&broker.address, &["exchanged"]));
    wait_until("it is read", || reading.assigned().len() == 1);
    broker.make_anew("exchanged", 1);
    send_trades(&broker, "exchanged", 100, 30);
    wait_for_refusal(&reading, "exchanged");
    reading.stop();
    // The operator's word is for what is there at the start.
    let reading = Reading::start(&storage, accepting(&broker, "exchanged"));
    wait_until("all of it is read", || reading.handle.read(|view| view.state.next_offset("exchanged", 0)) == Some(30));
    wait_until("nothing is missing", || reading.handle.readiness().is_ready_to_ingest());
    assert_eq!(reading.handle.position(), 50, "all thirty, each once");
    broker.make_anew("exchanged", 1);
    send_trades(&broker, "exchanged", 200, 40);
    wait_for_refusal(&reading, "exchanged");
    reading.stop();
}

#[test]
fn what_is_accepted_and_is_the_topic_that_was_read_goes_on_as_before() {
    let Some(broker) = broker() else { return };
    let storage = after_twenty(&broker, "same");
    send_trades(&broker, "same", 20, 5);
    let reading = Reading::start(&storage, accepting(&broker, "same"));
    reading.wait_for(25);
    let handle = reading.stop();
    assert_eq!((handle.position(), numbers(&handle).1), (25, 0), "nothing twice");
    assert_eq!(handle.read(|view| view.status().topics_accepted), []);
}

#[test]
fn a_topic_of_which_nothing_was_read_may_be_another() {
    let Some(broker) = broker() else { return };
    broker.topic("empty", 1);
    let storage = MemoryStorage::new();
    let reading = Reading::start(&storage, options(&broker.address, &["empty"]));
    wait_until("it is read", || reading.handle.readiness().is_ready_to_ingest());
    reading.stop();
    broker.make_anew("empty", 1);
    send_trades(&broker, "empty", 0, 5);
    let reading = Reading::start(&storage, options(&broker.address, &["empty"]));
    reading.wait_for(5);
    assert_eq!(reading.stop().position(), 5);
}

#[test]
fn a_topic_that_is_not_there_is_missing_until_it_is() {
    let Some(broker) = broker() else { return };
    broker.topic("typed", 1);
    let reading = Reading::start(&MemoryStorage::new(), options(&broker.address, &["typed", "mistyped"]));
    let missing = || reading.handle.readiness().missing_to_ingest();
    wait_until("the rest is read", || missing().len() == 1 && reading.assigned().len() == 1);
    assert_eq!((&*missing()[0].what, missing()[0].detail.contains("Is the name right?")), ("topic mistyped", true));
    assert!(reading.handle.readiness().is_ready_to_answer());
    broker.topic("mistyped", 1);
    wait_until("nothing is missing", || missing().is_empty());
    reading.stop();
}

#[test]
fn a_topic_that_is_not_read_cannot_be_accepted() {
    let pipeline = pipeline();
    let accept_new = AcceptNew { topics: vec!["other".to_owned()], by: "olga".to_owned() };
    let options = KafkaOptions { accept_new, ..options("127.0.0.1:1", &["events"]) };
    let refused = KafkaSource::start(pipeline.feed(), options).err();
    assert!(matches!(refused, Some(KafkaError::NotRead { topic }) if topic == "other"));
    pipeline.stop().expect("stopped");
}
