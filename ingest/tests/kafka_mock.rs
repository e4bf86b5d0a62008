//! The consumer on librdkafka's mock cluster: which partitions are read, from where, and what is done about
//! everything that is not as it should be.

mod support;

use std::collections::BTreeMap;

use ingest::kafka::{KafkaMode, KafkaOptions, KafkaSource};
use ingest::{Pipeline, PipelineOptions, SourcePart, Unread, WhyUnread};
use ledger::{MemoryStorage, QuarantineId};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use support::broker::{Reading, options, producer, send};
use support::*;
use xxhash_rust::xxh3::xxh3_64;

type Cluster = MockCluster<'static, DefaultProducerContext>;

fn cluster(topics: &[(&str, i32)]) -> (Cluster, String) {
    let cluster = MockCluster::new(1).expect("a mock cluster");
    for (topic, partitions) in topics {
        cluster.create_topic(topic, *partitions, 1).expect("a topic");
    }
    let brokers = cluster.bootstrap_servers();
    (cluster, brokers)
}

/// What keeps it from taking in everything.
fn missing(reading: &Reading) -> Vec<String> {
    reading.handle.readiness().missing_to_ingest().into_iter().map(|missing| missing.what).collect()
}

/// Whether a topic is refused since it is not the one that was read.
fn is_another(reading: &Reading) -> bool {
    let unread = reading.handle.readiness().unread;
    unread.iter().any(|unread| matches!(unread.why, WhyUnread::Another { .. } | WhyUnread::Behind { .. }))
}

/// The partition of which something is gone, the offset that is to be read next and the first one that is there.
fn lost(reading: &Reading) -> Option<(String, i64, i64)> {
    reading.handle.readiness().unread.iter().find_map(|unread| {
        let WhyUnread::Lost { next_offset, earliest } = unread.why else { return None };
        Some((unread.part.to_string(), next_offset, earliest))
    })
}

/// Sends lines to the partitions in turn.
fn spread(brokers: &str, topic: &str, partitions: i32, lines: &[Vec<u8>]) {
    let producer = producer(brokers, &[]);
    for partition in 0..partitions {
        let of_partition = lines.iter().skip(partition as usize).step_by(partitions as usize);
        send(&producer, topic, partition, of_partition.map(|line| Some(line.clone())));
    }
}

fn trades(from: u32, count: u32) -> Vec<Vec<u8>> {
    (from..from + count).map(|id| trade(70, &format!("t{id}"), "1").into_bytes()).collect()
}

#[test]
fn all_partitions_of_all_topics_are_read_from_their_beginning_and_on_from_the_ledgers_offsets() {
    let (_cluster, brokers) = cluster(&[("a", 3), ("b", 2)]);
    let storage = MemoryStorage::new();
    spread(&brokers, "a", 3, &trades(0, 300));
    spread(&brokers, "b", 2, &trades(300, 100));
    let reading = Reading::start(&storage, options(&brokers, &["a", "b"]));
    reading.wait_for(400);
    assert_eq!(reading.assigned().len(), 5);
    assert!(reading.handle.readiness().is_ready_to_ingest());
    let handle = reading.stop();
    assert_eq!(handle.position(), 400);
    drop(handle);

    spread(&brokers, "a", 3, &trades(400, 30));
    let reading = Reading::start(&storage, options(&brokers, &["a", "b"]));
    reading.wait_for(430);
    let handle = reading.stop();
    assert_eq!((handle.position(), numbers(&handle).1), (430, 0), "nothing lost, nothing twice");
}

#[test]
fn a_mistake_in_the_settings_is_told_at_the_start() {
    let pipeline = pipeline();
    for (given, told) in [
        (vec![("no.such.property", "1")], "no.such.property"),
        (vec![("security.protocol", "sasl_plaintext"), ("sasl.mechanism", "GSSAPI")], "GSSAPI"),
        (vec![("auto.offset.reset", "latest")], "auto.offset.reset"),
    ] {
        let properties = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let options = KafkaOptions { properties, ..options("127.0.0.1:1", &["a"]) };
        let error = KafkaSource::start(pipeline.feed(), options).err().expect("refused").to_string();
        assert!(error.contains(told), "{error}");
    }
    pipeline.stop().expect("stopped");
}

#[test]
fn a_message_without_value_or_an_empty_one_is_quarantined_with_its_place() {
    let (_cluster, brokers) = cluster(&[("a", 1)]);
    send(&producer(&brokers, &[]), "a", 0, [Some(b"".to_vec()), None, Some(trade(70, "t", "1").into_bytes()), None]);
    let reading = Reading::start(&MemoryStorage::new(), options(&brokers, &["a"]));
    reading.wait_for(4);
    let kept = support::kept(&reading.handle);
    let told: Vec<_> =
        kept.iter().map(|kept| (&*kept.origin, kept.rejection.reason.as_str(), kept.raw.len())).collect();
    assert_eq!(told, [("a[0]@0", "malformed", 0), ("a[0]@1", "malformed", 0), ("a[0]@3", "malformed", 0)]);
    assert_eq!(kept[1].rejection.detail, "the message has no value: it is a tombstone");
    assert_eq!((kept[1].id, reading.stop().position()), (QuarantineId(2), 1));
}

#[test]
fn a_subset_reads_what_is_chosen_and_says_what_is_not() {
    let (_cluster, brokers) = cluster(&[("a", 4)]);
    spread(&brokers, "a", 4, &trades(0, 40));
    let chosen = BTreeMap::from([("a".to_owned(), vec![1, 3, 9])]);
    let reading = Reading::start(
        &MemoryStorage::new(),
        KafkaOptions { mode: KafkaMode::Subset(chosen), ..options(&brokers, &["a"]) },
    );
    reading.wait_for(20);
    wait_until("the rest is told", || reading.handle.readiness().unread.len() == 3);
    let readiness = reading.handle.readiness();
    let told: Vec<_> = readiness.unread.iter().map(|unread| (unread.part.to_string(), unread.why.clone())).collect();
    let part = |partition: i32| format!("partition a[{partition}]");
    assert_eq!(told, [(part(0), WhyUnread::NotChosen), (part(2), WhyUnread::NotChosen), (part(9), WhyUnread::Unknown)]);
    assert_eq!(missing(&reading), [part(9)], "the others are meant so");
    assert_eq!(reading.stop().position(), 20);
}

#[test]
fn a_topic_that_comes_later_is_found_and_read_from_its_beginning() {
    let (cluster, brokers) = cluster(&[("a", 1)]);
    let reading = Reading::start(&MemoryStorage::new(), options(&brokers, &["a", "later"]));
    let unknown = Unread { part: SourcePart::Topic { topic: "later".into() }, why: WhyUnread::Unknown };
    wait_until("the missing topic is told", || reading.handle.readiness().unread.contains(&unknown));
    spread(&brokers, "a", 1, &trades(0, 10));
    reading.wait_for(10);
    assert_eq!(missing(&reading), ["topic later"]);
    assert!(reading.handle.readiness().is_ready_to_answer());
    assert!(reading.handle.metrics_text().contains("tributary_missing{what=\"topic later\"} 1"));
    cluster.create_topic("later", 2, 1).expect("a topic");
    spread(&brokers, "later", 2, &trades(10, 10));
    reading.wait_for(20);
    wait_until("nothing is missing", || reading.handle.readiness().is_ready_to_ingest());
    assert_eq!(reading.stop().position(), 20);
}

#[test]
fn before_a_broker_has_answered_nothing_counts_as_read() {
    // Nobody listens there.
    let reading = Reading::start(&MemoryStorage::new(), options("127.0.0.1:1", &["a", "b"]));
    // The brokers may be told already; the topics are from the first moment on.
    let told: Vec<_> = missing(&reading).into_iter().filter(|what| what.starts_with("topic ")).collect();
    assert_eq!(told, ["topic a", "topic b"]);
    assert!(reading.handle.readiness().is_ready_to_answer());
    wait_until("the brokers are told", || missing(&reading)[0] == "brokers 127.0.0.1:1");
    assert_eq!(reading.handle.sources(), []);
    reading.stop();
}

#[test]
fn errors_of_the_broker_lose_nothing_and_double_nothing() {
    let (cluster, brokers) = cluster(&[("a", 2)]);
    let reading = Reading::start(&MemoryStorage::new(), options(&brokers, &["a"]));
    spread(&brokers, "a", 2, &trades(0, 20));
    reading.wait_for(20);
    use RDKafkaRespErr::*;
    for (round, errors) in [
        vec![RD_KAFKA_RESP_ERR__TRANSPORT],
        vec![RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART],
        vec![RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE],
        vec![RD_KAFKA_RESP_ERR_UNKNOWN, RD_KAFKA_RESP_ERR__BAD_MSG],
        vec![RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED],
    ]
    .into_iter()
    .enumerate()
    {
        cluster.request_errors(RDKafkaApiKey::Fetch, &errors);
        let before = reading.read();
        spread(&brokers, "a", 2, &trades(20 + 20 * round as u32, 20));
        reading.wait_for(before + 20);
    }
    let handle = reading.stop();
    assert_eq!((handle.position(), numbers(&handle).1), (120, 0));
}

#[test]
fn a_broker_that_goes_away_is_waited_for() {
    let (cluster, brokers) = cluster(&[("a", 1)]);
    let reading = Reading::start(&MemoryStorage::new(), options(&brokers, &["a"]));
    spread(&brokers, "a", 1, &trades(0, 10));
    reading.wait_for(10);
    cluster.broker_down(1).expect("down");
    wait_until("an error", || {
        let text = reading.handle.metrics_text();
        text.lines().any(|line| line.starts_with("tributary_kafka_errors_total") && !line.ends_with(" 0"))
    });
    wait_until("it says so", || missing(&reading).contains(&format!("brokers {brokers}")));
    assert_eq!(reading.handle.sources()[0].lag, None, "nobody knows what came since");
    assert!(reading.handle.readiness().is_ready_to_answer());
    cluster.broker_up(1).expect("up");
    wait_until("it takes in again", || reading.handle.readiness().is_ready_to_ingest());
    spread(&brokers, "a", 1, &trades(10, 10));
    reading.wait_for(20);
    assert_eq!(reading.stop().position(), 20);
}

#[test]
fn a_stop_does_not_wait_for_a_broker_that_is_gone() {
    for mode in [KafkaMode::Static, KafkaMode::Group] {
        let (cluster, brokers) = cluster(&[("a", 1)]);
        let group = Some("g".to_owned());
        let reading = Reading::start(&MemoryStorage::new(), KafkaOptions { mode, group, ..options(&brokers, &["a"]) });
        spread(&brokers, "a", 1, &trades(0, 10));
        reading.wait_for(10);
        cluster.broker_down(1).expect("down");
        // The client alone would take longer than anything is waited for here.
        let stopping = std::thread::spawn(move || reading.stop().position());
        wait_until("it has stopped", || stopping.is_finished());
        assert_eq!(stopping.join().expect("no panic"), 10);
    }
}

/// The mock keeps some mebibytes a partition and forgets what is before.
fn with_a_beginning_that_is_gone() -> (Cluster, String, MemoryStorage) {
    let (cluster, brokers) = cluster(&[("a", 2)]);
    let storage = MemoryStorage::new();
    spread(&brokers, "a", 2, &trades(0, 20));
    let reading = Reading::start(&storage, options(&brokers, &["a"]));
    reading.wait_for(20);
    reading.stop();
    let large = vec![b'x'; 400_000];
    let producer = producer(&brokers, &[]);
    for _ in 0..40 {
        send(&producer, "a", 0, [Some(large.clone())]);
    }
    send(&producer, "a", 1, trades(100, 5).into_iter().map(Some));
    (cluster, brokers, storage)
}

#[test]
fn what_is_gone_from_the_broker_is_said_and_not_skipped_and_the_rest_is_read() {
    let (_cluster, brokers, storage) = with_a_beginning_that_is_gone();
    let reading = Reading::start(&storage, options(&brokers, &["a"]));
    wait_until("the loss is told", || lost(&reading).is_some());
    let (part, next_offset, earliest) = lost(&reading).expect("it was told");
    assert_eq!((&*part, next_offset), ("partition a[0]", 10));
    assert!(earliest > 10);
    wait_until("the other partition is read", || reading.handle.position() == 25);
    assert_eq!(missing(&reading), ["partition a[0]"]);
    assert_eq!(reading.assigned(), [("a".to_owned(), 1)]);
    assert_eq!(numbers(&reading.stop()).2, 0, "none of the large ones");

    // Only when it is said that they may be.
    let reading = Reading::start(&storage, KafkaOptions { skip_lost: true, ..options(&brokers, &["a"]) });
    wait_until("it goes on", || reading.handle.read(|view| view.state.next_offset("a", 0)) == Some(50));
    assert!(reading.handle.readiness().is_ready_to_ingest());
    assert_eq!(numbers(&reading.stop()).2, 50 - earliest as u64);
}

#[test]
fn in_a_group_what_is_gone_is_said_as_well() {
    let (_cluster, brokers, storage) = with_a_beginning_that_is_gone();
    let reading = Reading::start(
        &storage,
        KafkaOptions { mode: KafkaMode::Group, group: Some("g".into()), ..options(&brokers, &["a"]) },
    );
    wait_until("the loss is told", || lost(&reading).is_some());
    wait_until("the other partition is read", || reading.handle.position() == 25);
    assert_eq!(reading.assigned(), [("a".to_owned(), 1)]);
    reading.stop();
}

#[test]
fn a_topic_of_another_id_is_another_topic() {
    let storage = MemoryStorage::new();
    let (_first, brokers) = cluster(&[("a", 1)]);
    spread(&brokers, "a", 1, &trades(0, 20));
    let reading = Reading::start(&storage, options(&brokers, &["a"]));
    reading.wait_for(20);
    reading.stop();

    let (_second, brokers) = cluster(&[("a", 1)]);
    spread(&brokers, "a", 1, &trades(20, 25));
    let reading = Reading::start(&storage, options(&brokers, &["a"]));
    wait_until("it is told", || is_another(&reading));
    assert_eq!(missing(&reading), ["partition a[0]"]);
    assert_eq!(reading.handle.sources()[0].lag, None, "what is not read has no lag");
    assert_eq!(reading.stop().position(), 20);
}

#[test]
fn where_neither_id_nor_record_was_kept_a_topic_that_ended_before_the_ledgers_place_stays_refused() {
    let (_cluster, brokers) = cluster(&[("a", 1)]);
    spread(&brokers, "a", 1, &trades(0, 5));
    let storage = with_a_place(20, None);
    let reading = Reading::start(&storage, options(&brokers, &["a"]));
    wait_until("it is told", || is_another(&reading));
    assert_eq!(missing(&reading), ["partition a[0]"]);
    reading.stop();
    // It has grown beyond the ledger's place meanwhile.
    spread(&brokers, "a", 1, &trades(5, 30));
    let reading = Reading::start(&storage, options(&brokers, &["a"]));
    wait_until("it is told again", || is_another(&reading));
    assert_eq!(reading.stop().position(), 0);
}

#[test]
fn members_of_a_group_share_the_partitions_and_none_reads_an_offset_twice() {
    let (_cluster, brokers) = cluster(&[("a", 4)]);
    let group = || KafkaOptions {
        mode: KafkaMode::Group,
        group: Some("g".into()),
        // The heartbeat tells of a rebalance, and the mock waits for a session to end before it makes one.
        properties: [("heartbeat.interval.ms", "100"), ("session.timeout.ms", "4500")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        ..options(&brokers, &["a"])
    };
    let (storages, mut sent) = ([MemoryStorage::new(), MemoryStorage::new()], 0);
    let mut more = || {
        spread(&brokers, "a", 4, &trades(sent, 40));
        sent += 40;
    };
    more();
    let first = Reading::start(&storages[0], group());
    first.wait_for(40);
    let second = Reading::start(&storages[1], group());
    wait_until("each has two", || first.assigned().len() == 2 && second.assigned().len() == 2);
    let unread = first.handle.readiness().unread;
    assert!(unread.len() == 2 && unread.iter().all(|unread| unread.why == WhyUnread::NotGiven), "{unread:?}");
    assert!(first.handle.readiness().is_ready_to_ingest());
    more();
    // The second's ledger has its partitions from their beginning.
    wait_until("all is read", || first.handle.position() == 60 && second.handle.position() == 40);
    let of_second = second.assigned();
    second.stop();
    wait_until("the first has all again", || first.assigned().len() == 4);
    more();
    first.wait_for(120);
    let handle = first.stop();
    assert_eq!((handle.position(), numbers(&handle).1), (120, 0), "while it had not {of_second:?}, too");
}

#[test]
fn offsets_are_committed_for_tools_only() {
    use rdkafka::Offset;
    use rdkafka::consumer::{BaseConsumer, Consumer};

    let (_cluster, brokers) = cluster(&[("a", 1)]);
    let with_group = || KafkaOptions { group: Some("tools".into()), ..options(&brokers, &["a"]) };
    spread(&brokers, "a", 1, &trades(0, 10));
    let consumer: BaseConsumer = rdkafka::ClientConfig::new()
        .set("bootstrap.servers", &brokers)
        .set("group.id", "tools")
        .create()
        .expect("a consumer");
    let committed = || {
        let mut list = rdkafka::TopicPartitionList::new();
        list.add_partition("a", 0);
        let list = consumer.committed_offsets(list, std::time::Duration::from_secs(10)).expect("asked");
        list.find_partition("a", 0).expect("there").offset()
    };
    let reading = Reading::start(&MemoryStorage::new(), with_group());
    reading.wait_for(10);
    wait_until("the tools see it", || committed() == Offset::Offset(10));
    reading.stop();
    // Another ledger knows nothing of it, and reads from the beginning.
    let reading = Reading::start(&MemoryStorage::new(), with_group());
    reading.wait_for(10);
    assert_eq!(reading.stop().position(), 10);
}

#[test]
fn lag_is_told_by_partition() {
    let (_cluster, brokers) = cluster(&[("a", 1)]);
    spread(&brokers, "a", 1, &trades(0, 10));
    let properties = BTreeMap::from([("statistics.interval.ms".into(), "50".into())]);
    let reading = Reading::start(&MemoryStorage::new(), KafkaOptions { properties, ..options(&brokers, &["a"]) });
    reading.wait_for(10);
    spread(&brokers, "a", 1, &trades(10, 5));
    wait_until("the figures follow", || {
        reading.handle.sources().iter().any(|source| (source.high_watermark, source.lag) == (Some(15), Some(0)))
    });
    let text = reading.handle.metrics_text();
    for line in [
        "tributary_kafka_consumer_lag_messages{partition=\"0\",topic=\"a\"} 0",
        "tributary_kafka_next_offset{partition=\"0\",topic=\"a\"} 15",
        "tributary_kafka_assigned{partition=\"0\",topic=\"a\"} 1",
        "tributary_events_total{outcome=\"accepted\",reason=\"\"} 15",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    reading.stop();
}

/// A ledger that reads on at an offset of a topic whose id was not kept, and of the record before it what is given.
fn with_a_place(next_offset: i64, record: Option<&[u8]>) -> MemoryStorage {
    let storage = MemoryStorage::new();
    let pipeline = Pipeline::start(started(&storage), PipelineOptions::default()).expect("threads");
    let mut batch = pipeline.handle().batch();
    batch.set_offset("a", 0, next_offset);
    if let Some(record) = record {
        batch.set_offset_check("a", 0, xxh3_64(record));
    }
    pipeline.handle().submit(batch).expect("taken");
    pipeline.stop().expect("stopped");
    storage
}

#[test]
fn where_no_id_was_kept_the_record_before_the_offset_tells_whether_the_topic_is_the_one_that_was_read() {
    let (_cluster, brokers) = cluster(&[("a", 1)]);
    let lines = trades(0, 30);
    spread(&brokers, "a", 1, &lines);
    let reading = Reading::start(&with_a_place(20, Some(&lines[19])), options(&brokers, &["a"]));
    reading.wait_for(30);
    assert_eq!(reading.stop().position(), 10);

    let storage = with_a_place(20, Some(&lines[18]));
    for start in ["the first", "the next"] {
        let reading = Reading::start(&storage, options(&brokers, &["a"]));
        wait_until(start, || is_another(&reading));
        assert_eq!(missing(&reading), ["partition a[0]"]);
        assert_eq!(reading.stop().position(), 0);
    }
}
