//! The consumer on a real Kafka broker.

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use ingest::kafka::{KafkaError, KafkaMode, KafkaOptions, KafkaSource};
use ingest::{PipelineOptions, WhyUnread};
use ledger::{Faults, FaultyStorage, MemoryStorage};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use schemas::json::read_event;
use schemas::{StreamKey, Timestamp};
use support::broker::{Reading, options, producer, send};
use support::real::broker;
use support::*;

fn trades(from: u32, count: u32) -> Vec<Vec<u8>> {
    (from..from + count).map(|id| trade(70, &format!("t{id}"), "1").into_bytes()).collect()
}

fn send_all(producer: &BaseProducer, topic: &str, partition: i32, lines: Vec<Vec<u8>>) {
    send(producer, topic, partition, lines.into_iter().map(Some));
}

/// Properties of the client, as a test writes them.
type Given<'a> = Vec<(&'a str, &'a str)>;

fn properties(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A history in which much is awkward, with the partition of each line: events of one stream share one, so that
/// where two contradict each other the same one comes first.
fn history(events: u64, partitions: usize) -> (Vec<Vec<u8>>, Vec<Vec<Vec<u8>>>) {
    let end = Timestamp(NOW).plus_days(-1);
    let mut lines: Vec<_> = workload::Workload::sized(31, events, end).lines().collect();
    lines.retain(|line| !line.trim_ascii().is_empty());
    let mut of_partitions = vec![Vec::new(); partitions];
    for line in &lines {
        let number = match read_event(line, Timestamp(NOW)).as_ref().map(|event| event.stream()) {
            Ok(StreamKey::Account(uid)) => uid.0 as usize,
            Ok(StreamKey::Name(name)) => name.bytes().map(usize::from).sum(),
            Ok(StreamKey::Platform) | Err(_) => 0,
        };
        of_partitions[number % partitions].push(line.clone());
    }
    (lines, of_partitions)
}

fn expected(lines: &[Vec<u8>]) -> (String, u64, u64) {
    let file = pipeline();
    import_text(&file, "events", &text(lines));
    let handle = file.handle();
    file.stop().expect("stopped");
    numbers(&handle)
}

#[test]
fn a_hundred_thousand_events_through_two_crashes_equal_a_file() {
    let Some(broker) = broker() else { return };
    let (lines, of_partitions) = history(100_000, 12);
    broker.topic("crashes", 12);
    let producer = producer(&broker.address, &[("compression.type", "lz4")]);
    for (partition, lines) in (0..).zip(of_partitions) {
        send_all(&producer, "crashes", partition, lines);
    }
    let expected = expected(&lines);

    let mut disk = MemoryStorage::new();
    for (crash, operations) in [(1, 60), (2, 90)] {
        let faults = Faults { power_fails_at: Some(operations), ..Faults::default() };
        let storage = FaultyStorage::new(disk.clone(), faults);
        // Many small frames, so that a crash comes between them.
        let bounds = PipelineOptions {
            frame: ingest::FrameLimits { events: 500, ..ingest::FrameLimits::default() },
            ..PipelineOptions::default()
        };
        let reading = Reading::start_with(&storage, options(&broker.address, &["crashes"]), bounds);
        wait_until("the power fails", || reading.handle.readiness().failure.is_some());
        assert!(reading.source.stop().is_err());
        assert!(reading.pipeline.stop().is_err());
        disk = disk.after_crash(crash);
    }
    let before = started(&disk);
    let read: i64 =
        (0..12).filter_map(|partition| before.handle.read(|view| view.state.next_offset("crashes", partition))).sum();
    assert!(read > 0 && read < lines.len() as i64, "the crashes were in the middle: {read}");
    drop(before);
    let reading = Reading::start(&disk, options(&broker.address, &["crashes"]));
    reading.wait_for(lines.len() as i64);
    assert_eq!(numbers(&reading.stop()), expected);
}

#[test]
fn a_member_that_comes_and_goes_leaves_no_gap_and_doubles_nothing() {
    let Some(broker) = broker() else { return };
    for (topic, protocol) in
        [("rebalance-eager", "range"), ("rebalance-cooperative", "cooperative-sticky"), ("rebalance-broker", "")]
    {
        let (lines, of_partitions) = history(30_000, 12);
        broker.topic(topic, 12);
        let producer = producer(&broker.address, &[]);
        let send_part = |part: usize| {
            for (partition, lines) in (0..).zip(&of_partitions) {
                let (first, second) = lines.split_at(lines.len() / 2);
                send_all(&producer, topic, partition, [first, second][part].to_vec());
            }
        };
        let group = || KafkaOptions {
            mode: KafkaMode::Group,
            group: Some(format!("group-{topic}")),
            properties: match protocol {
                // The broker assigns, by the protocol that came with Kafka 4.
                "" => properties(&[("group.protocol", "consumer")]),
                protocol => {
                    properties(&[("partition.assignment.strategy", protocol), ("heartbeat.interval.ms", "200")])
                }
            },
            ..options(&broker.address, &[topic])
        };
        let first = Reading::start(&MemoryStorage::new(), group());
        wait_until("the first has all", || first.assigned().len() == 12);
        send_part(0);
        let second = Reading::start(&MemoryStorage::new(), group());
        wait_until("they share", || first.assigned().len() == 6 && second.assigned().len() == 6);
        send_part(1);
        wait_until("the second reads", || second.handle.position() > 0);
        second.stop();
        wait_until("the first has all again", || first.assigned().len() == 12);
        first.wait_for(lines.len() as i64);
        assert_eq!(numbers(&first.stop()), expected(&lines), "{topic}");
    }
}

#[test]
fn partitions_added_later_are_found_and_read_from_their_beginning() {
    let Some(broker) = broker() else { return };
    broker.topic("growing", 2);
    let producer = producer(&broker.address, &[("topic.metadata.refresh.interval.ms", "100")]);
    send_all(&producer, "growing", 1, trades(0, 10));
    let reading = Reading::start(&MemoryStorage::new(), options(&broker.address, &["growing"]));
    reading.wait_for(10);
    broker.add_partitions("growing", 5);
    wait_until("the producer knows of it", || {
        let metadata = producer.client().fetch_metadata(Some("growing"), Duration::from_secs(10)).expect("asked");
        metadata.topics()[0].partitions().len() == 5
    });
    send_all(&producer, "growing", 4, trades(10, 10));
    reading.wait_for(20);
    assert_eq!(reading.assigned().len(), 5);
    assert_eq!(reading.stop().position(), 20);
}

#[test]
fn an_aborted_transaction_is_not_read_and_its_records_are_passed() {
    let Some(broker) = broker() else { return };
    broker.topic("transactions", 1);
    let timeout = Duration::from_secs(30);
    let producer = producer(&broker.address, &[("transactional.id", "t")]);
    producer.init_transactions(timeout).expect("transactions");
    let transact = |lines: Vec<Vec<u8>>, commit: bool| {
        producer.begin_transaction().expect("begun");
        for line in &lines {
            producer
                .send(BaseRecord::<(), [u8]>::to("transactions").payload(line))
                .map_err(|(error, _)| error)
                .expect("queued");
        }
        producer.flush(timeout).expect("sent");
        if commit { producer.commit_transaction(timeout) } else { producer.abort_transaction(timeout) }.expect("ended");
    };
    transact(trades(0, 10), true);
    transact(trades(100, 10), false);
    let storage = MemoryStorage::new();
    let reading = Reading::start(&storage, options(&broker.address, &["transactions"]));
    // Ten, a mark, ten that were aborted, a mark.
    reading.wait_for(22);
    wait_until("no lag is left", || reading.handle.sources().iter().any(|source| source.lag == Some(0)));
    assert_eq!(reading.stop().position(), 10);

    let reading = Reading::start(&storage, options(&broker.address, &["transactions"]));
    transact(trades(10, 5), true);
    reading.wait_for(28);
    let handle = reading.stop();
    assert_eq!((handle.position(), numbers(&handle).1), (15, 0));
}

#[test]
fn messages_in_every_compression_and_of_every_size_are_read() {
    let Some(broker) = broker() else { return };
    broker.topic("packed", 1);
    let (mut sent, mut accepted) = (0, 0);
    for compression in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let producer = producer(&broker.address, &[("compression.type", compression)]);
        send_all(&producer, "packed", 0, trades(accepted, 200));
        // One too large for an event, twelve mebibytes.
        send_all(&producer, "packed", 0, vec![vec![b'x'; 12 << 20]]);
        (sent, accepted) = (sent + 201, accepted + 200);
    }
    let reading = Reading::start(&MemoryStorage::new(), options(&broker.address, &["packed"]));
    reading.wait_for(sent);
    let handle = reading.stop();
    assert_eq!((handle.position(), numbers(&handle).2), (u64::from(accepted), 5));
}

#[test]
fn what_retention_took_is_said_and_not_skipped() {
    let Some(broker) = broker() else { return };
    broker.topic("retention", 1);
    let producer = producer(&broker.address, &[]);
    send_all(&producer, "retention", 0, trades(0, 10));
    let storage = MemoryStorage::new();
    let reading = Reading::start(&storage, options(&broker.address, &["retention"]));
    reading.wait_for(10);
    reading.stop();
    send_all(&producer, "retention", 0, trades(10, 10));
    broker.delete_before("retention", 0, 15);
    let reading = Reading::start(&storage, options(&broker.address, &["retention"]));
    let lost = WhyUnread::Lost { next_offset: 10, earliest: 15 };
    wait_until("the loss is told", || reading.handle.readiness().unread.iter().any(|unread| unread.why == lost));
    assert_eq!(reading.stop().position(), 10);
    let reading =
        Reading::start(&storage, KafkaOptions { skip_lost: true, ..options(&broker.address, &["retention"]) });
    reading.wait_for(20);
    assert_eq!(reading.stop().position(), 15);
}

#[test]
fn sasl_plain_needs_no_tls_and_the_rest_needs_it_built_in() {
    let Some(broker) = broker() else { return };
    broker.topic("secured", 1);
    send_all(&producer(&broker.address, &[]), "secured", 0, trades(0, 10));
    let user = [("sasl.username", "tributary"), ("sasl.password", "tributary-secret")];
    let ca_file = broker.ca_file().display().to_string();
    let ca = [("ssl.ca.location", &*ca_file)];
    let plain = ("sasl.mechanism", "PLAIN");
    let scram = ("sasl.mechanism", "SCRAM-SHA-256");
    let protocol = |protocol| ("security.protocol", protocol);
    let cases: [(&str, &str, Given<'_>, bool); 5] = [
        ("SASL PLAIN", &broker.sasl, [&[protocol("sasl_plaintext"), plain][..], &user].concat(), false),
        ("SASL SCRAM", &broker.sasl, [&[protocol("sasl_plaintext"), scram][..], &user].concat(), true),
        ("TLS", &broker.tls, [&[protocol("ssl")][..], &ca].concat(), true),
        ("TLS, SASL PLAIN", &broker.sasl_tls, [&[protocol("sasl_ssl"), plain][..], &user, &ca].concat(), true),
        ("TLS, SASL SCRAM", &broker.sasl_tls, [&[protocol("sasl_ssl"), scram][..], &user, &ca].concat(), true),
    ];
    for (name, address, given, needs_tls) in cases {
        let options = KafkaOptions { properties: properties(&given), ..options(address, &["secured"]) };
        if needs_tls && !cfg!(feature = "tls") {
            let pipeline = pipeline();
            let refused = KafkaSource::start(pipeline.feed(), options);
            assert!(matches!(refused, Err(KafkaError::NotBuiltIn { feature: "tls", .. })), "{name}");
            pipeline.stop().expect("stopped");
            continue;
        }
        let reading = Reading::start(&MemoryStorage::new(), options);
        reading.wait_for(10);
        assert_eq!(reading.stop().position(), 10, "{name}");
    }
}
