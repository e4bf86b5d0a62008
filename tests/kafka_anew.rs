//! The daemon on a real broker that goes away, and with topics that are not what they were: what its probes, its
//! status, its page, its metrics and its log say, and what an operator does about it. Needs a JDK and Maven; without
//! them it says that it was skipped.

mod daemon_support;

use std::path::Path;
use std::time::{Duration, Instant};

use daemon_support::broker::{self, Broker};
use daemon_support::daemon::Daemon;
use daemon_support::history::{end, is_event};
use daemon_support::topic::{Sender, reached};
use daemon_support::wait_for;
use workload::Workload;

/// What the tests wait for comes soon: a look at the topics, and an attempt to reach the broker.
const SOON: [&str; 8] = [
    "--kafka-property",
    "topic.metadata.refresh.interval.ms=300",
    "--kafka-property",
    "reconnect.backoff.ms=20",
    "--kafka-property",
    "reconnect.backoff.max.ms=50",
    "--kafka-property",
    "statistics.interval.ms=200",
];

fn start(broker: &Broker, data: &Path, topic: &str, more: &[&str]) -> Daemon {
    let arguments = [&["--brokers", &broker.address, "--topic", topic][..], &SOON, more].concat();
    Daemon::ready(data, &arguments, &[("USER", "olga")])
}

/// Sends so many events to a topic.
fn fill(broker: &Broker, topic: &str, seed: u64, events: u64) {
    let mut sender = Sender::new(&broker.address, topic);
    Workload::sized(seed, events, end()).lines().filter(|line| is_event(line)).for_each(|line| sender.send(&line));
    sender.flush();
}

fn wait_until_all_is_read(daemon: &Daemon) {
    wait_for("everything is read", 60, || daemon.missing_to_ingest().is_empty().then_some(()));
    wait_for("no lag is left", 60, || {
        let partitions = daemon.status()["partitions"].clone();
        partitions.as_array().expect("a list").iter().all(|partition| partition["lag"] == 0).then_some(())
    });
}

#[test]
fn a_topic_made_anew_is_told_everywhere_and_read_once_an_operator_accepts_it() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("ledger");
    broker.topic("anew", 1);
    fill(&broker, "anew", 1, 200);
    let daemon = start(&broker, &data, "anew", &[]);
    wait_until_all_is_read(&daemon);
    let (before, read) = (daemon.position(), reached(&daemon.status())[&0]);
    assert_eq!(daemon.terminate().0, Some(0));

    broker.make_anew("anew", 1);
    fill(&broker, "anew", 2, 400);
    let daemon = start(&broker, &data, "anew", &[]);
    let missing = wait_for("it is refused", 60, || {
        let missing = daemon.missing_to_ingest();
        missing.iter().any(|(_, why)| why.contains("it is not the topic that was read")).then_some(missing)
    });
    assert_eq!(missing[0].0, "partition anew[0]");
    let status = daemon.status();
    assert_eq!(status["ready"], false);
    let of_status = &status["missing"][0];
    assert_eq!(
        (&of_status["what"], &of_status["detail"]),
        (&missing[0].0.clone().into(), &missing[0].1.clone().into())
    );
    let partition = &status["partitions"][0];
    assert_eq!((&partition["assigned"], &partition["lag"]), (&false.into(), &serde_json::Value::Null));
    assert_eq!((&partition["next_offset"], &status["position"]), (&read.into(), &before.into()));
    let page = daemon.try_get("/operator/ingestion").expect("a page").body;
    assert!(page.contains("Not all is read") && page.contains("partition anew[0]: it is not the topic that was read"));
    let metrics = daemon.try_get("/metrics").expect("metrics").body;
    assert!(metrics.contains("tributary_missing{what=\"partition anew[0]\"} 1"));
    assert!(!metrics.contains("tributary_kafka_consumer_lag_messages{"));
    let (code, log) = daemon.terminate();
    assert_eq!(code, Some(0));
    assert!(log.contains("not read") && log.contains("--accept-new-topic"), "{log}");

    let daemon = start(&broker, &data, "anew", &["--accept-new-topic", "anew"]);
    wait_until_all_is_read(&daemon);
    let status = daemon.status();
    let accepted = &status["topics_accepted"][0];
    assert_eq!((&accepted["topic"], &accepted["by"]), (&"anew".into(), &"the command line, user olga".into()));
    assert!(daemon.position() > before + 350, "all of the new one is read: {status}");
    assert_eq!(daemon.terminate().0, Some(0));
    let daemon = start(&broker, &data, "anew", &[]);
    wait_until_all_is_read(&daemon);
    assert_eq!(daemon.status()["topics_accepted"], status["topics_accepted"], "it is the ledger that keeps it");
}

#[test]
fn a_mistyped_topic_answers_and_does_not_take_in() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(&broker, &folder.path().join("ledger"), "mistyped", &[]);
    let missing = wait_for("the broker says so", 60, || {
        let missing = daemon.missing_to_ingest();
        missing.iter().any(|(_, why)| why.contains("Is the name right?")).then_some(missing)
    });
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].0, "topic mistyped");
    assert_eq!(daemon.status()["ready"], false);
    assert!(daemon.try_get("/operator/ingestion").expect("a page").body.contains("topic mistyped: "));
}

#[test]
fn a_broker_that_goes_away_for_a_while_is_told_now_and_then_and_when_it_is_back() {
    // It goes away for nobody else.
    let Some(broker) = Broker::alone() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    broker.topic("away", 1);
    fill(&broker, "away", 1, 100);
    let daemon = start(&broker, &folder.path().join("ledger"), "away", &[]);
    wait_until_all_is_read(&daemon);
    let complaints = || daemon.log().lines().filter(|line| line.contains(" WARN ") || line.contains("ERROR ")).count();
    let (told, begun) = (complaints(), Instant::now());
    broker.go_away();
    let errors = || {
        let metrics = daemon.try_get("/metrics").expect("metrics").body;
        let count = metrics.lines().find_map(|line| line.strip_prefix("tributary_kafka_errors_total "));
        count.and_then(|count| count.parse::<u64>().ok()).expect("a count")
    };
    let before = errors();
    wait_for("many errors", 180, || (errors() > before + 60).then_some(()));
    wait_for("it takes in nothing", 60, || {
        daemon.missing_to_ingest().iter().any(|(what, _)| what.starts_with("brokers ")).then_some(())
    });
    assert_eq!(daemon.try_get("/readyz").expect("an answer").status, 200, "it answers all the same");
    assert_eq!(daemon.status()["partitions"][0]["lag"], serde_json::Value::Null);
    // One when it begins, then after a second, and after twice as long each time; a handful of kinds.
    let a_kind = 2 + (begun.elapsed() + Duration::from_secs(1)).as_secs().ilog2() as usize;
    let more = complaints() - told;
    assert!((1..=4 * a_kind).contains(&more), "{more} lines for {} errors:\n{}", errors() - before, daemon.log());
    broker.come_back();
    fill(&broker, "away", 2, 100);
    wait_until_all_is_read(&daemon);
    wait_for("its end is told", 60, || daemon.log().contains("over: the connection to the brokers").then_some(()));
}
