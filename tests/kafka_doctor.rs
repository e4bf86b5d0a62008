//! `tributary doctor` with a real broker: topics that are sound, and topics that lose events or are not those that were
//! read. Needs a JDK and Maven; without them it says that it was skipped.

mod daemon_support;

use std::path::Path;

use daemon_support::broker::{self, Broker};
use daemon_support::daemon::Daemon;
use daemon_support::history::{end, is_event};
use daemon_support::topic::Sender;
use daemon_support::{tributary, wait_for};
use serde_json::Value;
use workload::Workload;

/// The exit code, and the checks by their names.
fn examine(data: &Path, brokers: &str, topic: &str, more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let mut command = tributary();
    command.args(["doctor", "--json", "--brokers", brokers, "--topic", topic, "--data"]).arg(data).args(more);
    let output = command.output().expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    (output.status.code(), answer["checks"].as_array().expect("a list").clone())
}

fn check<'a>(checks: &'a [Value], name: &str) -> (&'a str, &'a str) {
    let found = checks.iter().find(|check| check["check"] == name);
    let found = found.unwrap_or_else(|| panic!("no check {name} in {checks:?}"));
    (found["status"].as_str().expect("a text"), found["found"].as_str().expect("a text"))
}

fn fill(broker: &Broker, topic: &str, seed: u64, events: u64) {
    let mut sender = Sender::new(&broker.address, topic);
    Workload::sized(seed, events, end()).lines().filter(|line| is_event(line)).for_each(|line| sender.send(&line));
    sender.flush();
}

#[test]
fn topics_are_held_against_what_the_ledger_read_and_what_keeps_events() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("ledger");
    broker.topic_with("sound", 3, &["retention.ms=1209600000", "retention.bytes=-1"]);
    fill(&broker, "sound", 1, 300);
    let daemon = Daemon::ready(&data, &["--brokers", &broker.address, "--topic", "sound"], &[]);
    wait_for("everything is read", 60, || {
        let partitions = daemon.status()["partitions"].clone();
        let partitions = partitions.as_array().expect("a list").clone();
        let is_read = |partition: &Value| partition["lag"] == 0 && partition["next_offset"] != Value::Null;
        (partitions.len() == 3 && partitions.iter().all(is_read)).then_some(())
    });

    // Beside the daemon: what it read is had from its metrics.
    let (code, checks) = examine(&data, &broker.address, "sound", &["--listen", daemon.address()]);
    assert_eq!(code, Some(0), "{checks:?}");
    assert_eq!(check(&checks, "topic sound"), ("ok", "3 partitions; 0 messages wait to be read"));
    for (name, status) in [
        ("broker", "ok"),
        ("retention of sound", "ok"),
        ("cleanup of sound", "ok"),
        ("message size of sound", "ok"),
        ("timestamps of sound", "ok"),
        ("keys of sound", "ok"),
    ] {
        assert_eq!(check(&checks, name).0, status, "{checks:?}");
    }
    assert_eq!(daemon.terminate().0, Some(0));

    // Without one: it is had from the ledger.
    broker.topic_with("losing", 1, &["retention.ms=3600000", "cleanup.policy=compact,delete"]);
    let unsure = ["--listen", "127.0.0.1:1"];
    let (code, checks) = examine(&data, &broker.address, "sound,losing,nowhere", &unsure);
    assert_eq!(code, Some(1), "{checks:?}");
    for (name, status) in [
        ("topic sound", "ok"),
        ("topic losing", "ok"),
        ("retention of losing", "warning"),
        ("cleanup of losing", "failed"),
        ("keys of losing", "skipped"),
        ("topic nowhere", "failed"),
    ] {
        assert_eq!(check(&checks, name).0, status, "{name}: {checks:?}");
    }

    broker.make_anew("sound", 1);
    let (code, checks) = examine(&data, &broker.address, "sound", &unsure);
    let (status, said) = check(&checks, "topic sound");
    assert_eq!((code, status), (Some(1), "failed"), "{said}");
    assert!(said.contains("the ledger has read partition 1, 2 of it"), "{said}");
    broker.make_anew("sound", 3);
    let (code, checks) = examine(&data, &broker.address, "sound", &unsure);
    let (status, said) = check(&checks, "topic sound");
    assert_eq!((code, status), (Some(1), "failed"), "{said}");
    assert!(said.contains("the broker's partition ends at 0"), "{said}");
}

#[test]
fn a_broker_that_does_not_answer_fails_with_what_the_client_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, checks) = examine(&folder.path().join("ledger"), "127.0.0.1:1", "t", &[]);
    let (status, said) = check(&checks, "broker");
    assert_eq!((code, status), (Some(1), "failed"));
    assert!(said.contains("127.0.0.1:1") && said.contains("Connection refused"), "{said}");
}
