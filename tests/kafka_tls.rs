//! The daemon on a secured broker: TLS and SCRAM where they are built in, SASL PLAIN always. Needs a JDK and Maven
//! for the real broker; without them it says that it was skipped.

mod daemon_support;

use daemon_support::broker::{self, Broker};
use daemon_support::daemon::Daemon;
use daemon_support::history::{end, is_event};
use daemon_support::topic::{Sender, ends, reached};
use daemon_support::{seed, wait_for};
use workload::Workload;

/// A way to speak to the broker: its listener, and the variables that say how.
struct BrokerAccess<'a> {
    name: &'static str,
    address: &'a str,
    protocol: &'static str,
    variables: Vec<(&'static str, &'a str)>,
}

const USER: [(&str, &str); 2] =
    [("TRIBUTARY_KAFKA_SASL_USERNAME", "tributary"), ("TRIBUTARY_KAFKA_SASL_PASSWORD", "tributary-secret")];
const MECHANISM: &str = "TRIBUTARY_KAFKA_SASL_MECHANISM";

/// A topic with some thousand events.
fn filled(broker: &Broker, topic: &str, events: u64) {
    broker.topic(topic, 3);
    let mut sender = Sender::new(&broker.address, topic);
    Workload::sized(seed(), events, end()).lines().filter(|line| is_event(line)).for_each(|line| sender.send(&line));
    sender.flush();
}

/// Reads a topic to its end on a fresh ledger. What became of it.
fn read(broker: &Broker, topic: &str, access: &BrokerAccess<'_>) -> serde_json::Value {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("ledger");
    let arguments = ["--brokers", access.address, "--topic", topic, "--security", access.protocol];
    let daemon = Daemon::ready(&data, &arguments, &access.variables);
    let ends = ends(&broker.address, topic);
    wait_for(access.name, 60, || (reached(&daemon.status()) == ends).then_some(()));
    let counts = daemon_support::ledger::counts(&daemon.status());
    assert_eq!(daemon.terminate().0, Some(0), "{}", access.name);
    counts
}

fn plain<'a>(broker: &'a Broker, password: &'a str) -> BrokerAccess<'a> {
    let user = [(MECHANISM, "PLAIN"), USER[0], ("TRIBUTARY_KAFKA_SASL_PASSWORD", password)];
    BrokerAccess { name: "SASL PLAIN", address: &broker.sasl, protocol: "sasl_plaintext", variables: user.to_vec() }
}

#[test]
fn sasl_plain_needs_no_tls() {
    let Some(broker) = broker::secured() else { return };
    filled(&broker, "plain", 10_000);
    let open =
        BrokerAccess { name: "no security", address: &broker.address, protocol: "plaintext", variables: Vec::new() };
    let secured = read(&broker, "plain", &plain(&broker, "tributary-secret"));
    assert_eq!(secured, read(&broker, "plain", &open));
    assert!(secured["accepted"].as_u64() > Some(9_000), "{secured}");
}

#[test]
fn a_wrong_password_is_told_and_nothing_is_read() {
    let Some(broker) = broker::secured() else { return };
    filled(&broker, "wrong", 1_000);
    let folder = tempfile::tempdir().expect("a folder");
    let access = plain(&broker, "not-the-password");
    let arguments = ["--brokers", access.address, "--topic", "wrong", "--security", access.protocol];
    let daemon = Daemon::ready(&folder.path().join("ledger"), &arguments, &access.variables);
    let told = wait_for("readiness tells of the password", 60, || {
        let missing = daemon.missing_to_ingest();
        missing.into_iter().find(|(_, why)| why.to_ascii_lowercase().contains("authentication"))
    });
    let told = format!("{told:?}");
    assert!(!told.contains("not-the-password") && !daemon.log().contains("not-the-password"), "{told}");
    assert_eq!(daemon.position(), 0);
    assert_eq!(daemon.terminate().0, Some(0));
}

#[test]
#[cfg(feature = "tls")]
fn tls_and_scram_read_the_same_as_without() {
    let Some(broker) = broker::secured() else { return };
    filled(&broker, "secured", 10_000);
    let ca_file = broker.ca_file().display().to_string();
    let ca = ("TRIBUTARY_KAFKA_CA_FILE", &*ca_file);
    let user = |mechanism: &'static str| vec![(MECHANISM, mechanism), USER[0], USER[1]];
    let accesses = [
        BrokerAccess { name: "TLS", address: &broker.tls, protocol: "ssl", variables: vec![ca] },
        BrokerAccess {
            name: "SASL SCRAM",
            address: &broker.sasl,
            protocol: "sasl_plaintext",
            variables: user("SCRAM-SHA-256"),
        },
        BrokerAccess {
            name: "TLS, SASL SCRAM",
            address: &broker.sasl_tls,
            protocol: "sasl_ssl",
            variables: [user("SCRAM-SHA-256"), vec![ca]].concat(),
        },
        BrokerAccess {
            name: "TLS, SASL PLAIN",
            address: &broker.sasl_tls,
            protocol: "sasl_ssl",
            variables: [user("PLAIN"), vec![ca]].concat(),
        },
    ];
    let expected = read(&broker, "secured", &plain(&broker, "tributary-secret"));
    for access in &accesses {
        assert_eq!(read(&broker, "secured", access), expected, "{}", access.name);
    }
}

#[test]
#[cfg(feature = "tls")]
fn a_broker_that_the_authority_did_not_sign_is_not_read() {
    let Some(broker) = broker::secured() else { return };
    filled(&broker, "unsigned", 1_000);
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["--brokers", &broker.tls, "--topic", "unsigned", "--security", "ssl"];
    let daemon = Daemon::ready(&folder.path().join("ledger"), &arguments, &[]);
    wait_for("readiness tells of the certificate", 60, || {
        daemon.missing_to_ingest().iter().any(|(_, why)| why.contains("certificate")).then_some(())
    });
    assert_eq!(daemon.position(), 0);
}

#[test]
#[cfg(not(feature = "tls"))]
fn what_is_not_built_in_is_said_at_the_start_with_exit_code_2() {
    let scram = [(MECHANISM, "SCRAM-SHA-256"), USER[0], USER[1]];
    for (protocol, variables) in [("ssl", &[][..]), ("sasl_ssl", &scram), ("sasl_plaintext", &scram)] {
        let folder = tempfile::tempdir().expect("a folder");
        let run = daemon_support::tributary()
            .args(["run", "--listen", "127.0.0.1:0", "--brokers", "127.0.0.1:1", "--security", protocol, "--data"])
            .arg(folder.path().join("ledger"))
            .envs(variables.iter().copied())
            .output()
            .expect("it runs");
        let told = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{protocol}: {told}");
        assert!(told.contains("cargo feature `tls`"), "{protocol}: {told}");
        assert!(!folder.path().join("ledger").exists(), "{protocol}: it says so before anything is opened");
    }
}
