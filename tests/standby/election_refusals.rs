//! What cannot take part in an election is said, with what to do.

use std::path::Path;

use crate::daemon_support::broker::Broker;
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::{tributary, wait_for};
use crate::election::promote;

const EVENT: &[u8] = br#"{"specversion":"1.0","type":"referral.kyc.v1","source":"/x","id":"1","time":"2026-03-05T10:00:00Z","data":{"uid":7,"status":"verified"}}"#;

/// All that an election needs, on a broker that asks for a password: reader, writer and member of the group have to give it.
fn variables<'v>(brokers: &'v str, topic: &'v str, name: &'v str) -> [(&'v str, &'v str); 8] {
    [
        ("TRIBUTARY_KAFKA_BROKERS", brokers),
        ("TRIBUTARY_KAFKA_SECURITY", "sasl_plaintext"),
        ("TRIBUTARY_KAFKA_SASL_MECHANISM", "PLAIN"),
        ("TRIBUTARY_KAFKA_SASL_USERNAME", "tributary"),
        ("TRIBUTARY_KAFKA_SASL_PASSWORD", "tributary-secret"),
        ("TRIBUTARY_REPLICATION_ELECT_TOPIC", topic),
        ("TRIBUTARY_REPLICATION_NAME", name),
        ("TRIBUTARY_REPLICATION_SESSION_SECONDS", "20"),
    ]
}

/// The code with which a daemon ends at its start, and what it says.
fn refused(data: &Path, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = tributary();
    command.args(["run", "--listen", "127.0.0.1:0", "--data"]).arg(data).envs(variables.iter().copied());
    let output = command.output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_topic_a_name_and_a_ledger_that_cannot_be_meant_are_refused() {
    let Some(broker) = Broker::alone_and_secured() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let data = |name: &str| folder.path().join(name);
    broker.topic("two", 2);
    broker.topic_with("one", 1, &["cleanup.policy=compact"]);
    let (code, told) = refused(&data("x"), &variables(&broker.sasl, "none", "x"));
    assert!(code == Some(2) && told.contains("there is no topic none"), "{told}");
    let (code, told) = refused(&data("x"), &variables(&broker.sasl, "two", "x"));
    assert!(code == Some(2) && told.contains("topic two has 2 partitions"), "{told}");

    let first = Daemon::start(&data("a"), &[], &variables(&broker.sasl, "one", "a"));
    promote(first.url("/v1/ledger/promote"));
    // It reads Kafka and takes events a moment after it leads.
    wait_for("it takes events", 60, || (first.post_events(EVENT).ok()?.status == 200).then_some(()));
    // The same name in another directory: the one that was there first stays.
    let second = Daemon::start(&data("b"), &[], &variables(&broker.sasl, "one", "a"));
    let (code, told) = second.ended();
    assert!(code == Some(2) && told.contains("another daemon of this ledger is called a"), "{told}");
    assert_eq!(first.get("/v1/status")["replication"]["leads"], true);
    assert_eq!(
        first.status()["replication"]["election"]["leader"],
        first.status()["replication"]["election"]["member"]
    );

    let other = Daemon::ready(&data("c"), &[], &[]);
    assert_eq!(other.post_events(EVENT).expect("an answer").status, 200);
    other.terminate();
    let (code, told) = refused(&data("c"), &variables(&broker.sasl, "one", "c"));
    assert!(code == Some(2) && told.contains("another ledger"), "{told}");
    assert_eq!(Daemon::ready(&data("c"), &[], &[]).position(), 1, "it is as it was");
}

#[test]
fn settings_of_an_election_that_contradict_each_other_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let with = |more: &[(&str, &str)]| {
        let given = [&variables("127.0.0.1:1", "one", "a")[..], more].concat();
        let given: Vec<(&str, &str)> = given.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        refused(folder.path(), &given)
    };
    for (more, why) in [
        (("TRIBUTARY_REPLICATION_FOLLOW", "http://127.0.0.1:1"), "replication.follow"),
        (("TRIBUTARY_READ_ONLY", "true"), "replication.elect_topic"),
        (("TRIBUTARY_REPLICATION_SESSION_SECONDS", "5"), "from 6 to 300"),
        (("TRIBUTARY_REPLICATION_URL", "ledger-a:8080"), "replication.url"),
    ] {
        let (code, told) = with(&[more]);
        assert!(code == Some(2) && told.contains(why), "{more:?}: {told}");
    }
    for missing in ["TRIBUTARY_KAFKA_BROKERS", "TRIBUTARY_REPLICATION_NAME"] {
        let given = variables("127.0.0.1:1", "one", "a");
        let given: Vec<(&str, &str)> = given.into_iter().filter(|(name, _)| *name != missing).collect();
        let (code, told) = refused(folder.path(), &given);
        assert!(code == Some(2) && told.contains("needs"), "{missing}: {told}");
    }
}
