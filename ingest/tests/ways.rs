//! Sent to the API, imported from a file and consumed from Kafka: the same events give the same numbers.

mod support;

use ingest::{Pipeline, PipelineOptions};
use ledger::MemoryStorage;
use rdkafka::mocking::MockCluster;
use schemas::json::read_event;
use schemas::{StreamKey, Timestamp};
use support::broker::{Reading, options, producer, send};
use support::*;

/// Events of one stream share a partition, so that where two contradict each other the same one comes first.
fn partition_of(line: &[u8], partitions: u64) -> i32 {
    let number = match read_event(line, Timestamp(NOW)).as_ref().map(|event| event.stream()) {
        Ok(StreamKey::Account(uid)) => uid.0,
        Ok(StreamKey::Name(name)) => name.bytes().map(u64::from).sum(),
        Ok(StreamKey::Platform) | Err(_) => 0,
    };
    i32::try_from(number % partitions).expect("a small number")
}

#[test]
fn the_same_events_give_the_same_numbers_whichever_way_they_come() {
    for seed in 20..23 {
        let mut lines = hostile(seed, 4_000);
        lines.retain(|line| !line.trim_ascii().is_empty());
        // The mock cluster keeps only some mebibytes a partition.
        lines.retain(|line| line.len() < 10_000);

        let file = pipeline();
        let tally = import_text(&file, "events", &text(&lines));
        let expected = numbers(&file.handle());
        assert_eq!((tally.events(), tally.duplicate), (lines.len() as u64, expected.1), "seed {seed}");
        file.stop().expect("stopped");

        let api = Pipeline::start(started(&MemoryStorage::new()), PipelineOptions::default()).expect("threads");
        for some in lines.chunks(37) {
            api.handle().submit(batch(&api.handle(), some)).expect("durable");
        }
        assert_eq!(numbers(&api.handle()), expected, "posted, seed {seed}");
        api.stop().expect("stopped");

        let cluster = MockCluster::new(1).expect("a mock cluster");
        cluster.create_topic("events", 3, 1).expect("a topic");
        let brokers = cluster.bootstrap_servers();
        let producer = producer(&brokers, &[]);
        for partition in 0..3 {
            let of_partition = lines.iter().filter(|line| partition_of(line, 3) == partition);
            send(&producer, "events", partition, of_partition.cloned().map(Some));
        }
        let kafka = Reading::start(&MemoryStorage::new(), options(&brokers, &["events"]));
        kafka.wait_for(lines.len() as i64);
        assert_eq!(numbers(&kafka.stop()), expected, "consumed, seed {seed}");
    }
}
