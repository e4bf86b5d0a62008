//! The daemon on a secured broker: TLS, SCRAM and OAUTHBEARER where they are built in, SASL PLAIN always. Needs a JDK
//! and Maven for the real broker; without them it says that it was skipped.

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

/// A token that nobody signed, as the broker of these tests takes it: whose it is, and how many seconds it lasts.
#[cfg(feature = "tls")]
fn token(sub: &str, lasts: i64) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs() as i64;
    // A broker whose clock is behind takes no token of the future.
    let claims = serde_json::json!({ "sub": sub, "iat": now - 60, "exp": now + lasts });
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&claims.to_string()))
}

/// An authorization server on loopback that gives such tokens to a client with its secret, and counts them.
#[cfg(feature = "tls")]
fn authorization_server(lasts: i64) -> (String, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/token", listener.local_addr().expect("an address"));
    let given = std::sync::Arc::<std::sync::atomic::AtomicUsize>::default();
    let counted = std::sync::Arc::clone(&given);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut reader = BufReader::new(stream.try_clone().expect("the stream"));
            let (mut line, mut length) = (String::new(), 0);
            while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
                let told = line.to_ascii_lowercase();
                length =
                    told.strip_prefix("content-length:").map_or(length, |told| told.trim().parse().expect("a length"));
                line.clear();
            }
            let mut form = vec![0; length];
            reader.read_exact(&mut form).expect("a form");
            let form = String::from_utf8(form).expect("UTF-8");
            let is_known = form.contains("grant_type=client_credentials") && form.contains("client_secret=the+secret");
            let (status, body) = if is_known {
                counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let body = serde_json::json!({ "access_token": token("tributary", lasts), "expires_in": lasts });
                ("200 OK", body)
            } else {
                ("401 Unauthorized", serde_json::json!({ "error": "invalid_client" }))
            };
            let body = body.to_string();
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n", body.len());
            stream.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes()).expect("answered");
        }
    });
    (url, given)
}

#[test]
#[cfg(feature = "tls")]
fn tokens_of_a_file_and_of_an_authorization_server_read_the_same_and_are_renewed() {
    let Some(broker) = broker::secured() else { return };
    filled(&broker, "bearer", 10_000);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, token("tributary", 3_600) + "\n").expect("written");
    let file = file.to_str().expect("a path");
    let bearer = (MECHANISM, "OAUTHBEARER");
    let of_file = BrokerAccess {
        name: "a token of a file",
        address: &broker.sasl,
        protocol: "sasl_plaintext",
        variables: vec![bearer, ("TRIBUTARY_KAFKA_OAUTH_TOKEN_FILE", file)],
    };
    let expected = read(&broker, "bearer", &plain(&broker, "tributary-secret"));
    assert_eq!(read(&broker, "bearer", &of_file), expected);

    let (url, given) = authorization_server(5);
    let ca_file = broker.ca_file().display().to_string();
    let of_server = |secret| BrokerAccess {
        name: "tokens of a server",
        address: &broker.sasl_tls,
        protocol: "sasl_ssl",
        variables: vec![
            bearer,
            ("TRIBUTARY_KAFKA_CA_FILE", &ca_file),
            ("TRIBUTARY_KAFKA_OAUTH_TOKEN_URL", &url),
            ("TRIBUTARY_KAFKA_OAUTH_CLIENT_ID", "tributary"),
            ("TRIBUTARY_KAFKA_OAUTH_CLIENT_SECRET", secret),
        ],
    };
    assert_eq!(read(&broker, "bearer", &of_server("the secret")), expected);
    let access = of_server("the secret");
    let arguments = ["--brokers", access.address, "--topic", "bearer", "--security", access.protocol];
    let before = given.load(std::sync::atomic::Ordering::SeqCst);
    let daemon = Daemon::ready(&folder.path().join("renewed"), &arguments, &access.variables);
    wait_for("the token is renewed", 60, || {
        (given.load(std::sync::atomic::Ordering::SeqCst) >= before + 3).then_some(())
    });
    assert!(daemon.missing_to_ingest().is_empty(), "{:?}", daemon.missing_to_ingest());
    assert_eq!(daemon.terminate().0, Some(0));

    let access = of_server("another secret");
    let daemon = Daemon::ready(&folder.path().join("refused"), &arguments, &access.variables);
    wait_for("the log tells why there is no token", 60, || daemon.log().contains("invalid_client").then_some(()));
    assert!(!daemon.log().contains("another secret"), "{}", daemon.log());
    assert_eq!(daemon.terminate().0, Some(0));
}

#[test]
#[cfg(feature = "tls")]
fn a_certificate_that_the_client_cannot_take_is_told_at_the_start_with_exit_code_2() {
    let folder = tempfile::tempdir().expect("a folder");
    let damaged = folder.path().join("damaged.pem");
    std::fs::write(&damaged, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").expect("written");
    let damaged = damaged.to_str().expect("a path");
    for variables in [
        &[("TRIBUTARY_KAFKA_CA_FILE", damaged)][..],
        &[("TRIBUTARY_KAFKA_CERTIFICATE_FILE", damaged), ("TRIBUTARY_KAFKA_KEY_FILE", damaged)],
    ] {
        let (code, told) = start("ssl", variables, &[]);
        assert_eq!(code, Some(2), "{variables:?}: {told}");
        assert!(told.contains("ssl."), "{variables:?}: {told}");
    }
}

/// What becomes of a daemon that is told to read a broker which is not there, and has to say why it does not begin.
fn start(protocol: &str, variables: &[(&str, &str)], more: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("ledger");
    let run = daemon_support::tributary()
        .args(["run", "--listen", "127.0.0.1:0", "--brokers", "127.0.0.1:1", "--security", protocol, "--data"])
        .arg(&data)
        .args(more)
        .envs(variables.iter().copied())
        .output()
        .expect("it runs");
    assert!(!data.exists(), "it says so before anything is opened");
    (run.status.code(), String::from_utf8_lossy(&run.stderr).into_owned())
}

#[test]
fn what_does_not_go_together_is_told_at_the_start_with_exit_code_2() {
    let plain = (MECHANISM, "PLAIN");
    let property = |pair| ["--kafka-property", pair];
    for (protocol, variables, more, said) in [
        ("ssl", &[("TRIBUTARY_KAFKA_CA_FILE", "/nowhere.pem")][..], None, "kafka.ca_file: /nowhere.pem"),
        (
            "plaintext",
            &[("TRIBUTARY_KAFKA_CA_FILE", "/nowhere.pem")],
            None,
            "means nothing without kafka.security = ssl",
        ),
        ("plaintext", &[plain], None, "means nothing without kafka.security = sasl_plaintext"),
        ("sasl_plaintext", &[], None, "\"kafka.security\" needs \"kafka.sasl_mechanism\" too"),
        ("sasl_plaintext", &[plain], None, "\"kafka.sasl_mechanism\" needs \"kafka.sasl_username\" too"),
        ("sasl_plaintext", &[plain, USER[0]], None, "\"kafka.sasl_mechanism\" needs \"kafka.sasl_password\" too"),
        (
            "sasl_plaintext",
            &[(MECHANISM, "GSSAPI")],
            None,
            "has to be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER",
        ),
        (
            "sasl_plaintext",
            &[(MECHANISM, "OAUTHBEARER")],
            None,
            "needs \"kafka.oauth_token_file or kafka.oauth_token_url\"",
        ),
        ("sasl_plaintext", &[plain, ("TRIBUTARY_KAFKA_OAUTH_SCOPE", "x")], None, "kafka.sasl_mechanism = OAUTHBEARER"),
        ("ssl", &[("TRIBUTARY_KAFKA_CERTIFICATE_FILE", "c.pem")], None, "needs \"kafka.key_file\" too"),
        ("plaintext", &[][..], Some(property("bootstrap.servers=other:9092")), "named by the setting kafka.brokers"),
        ("plaintext", &[], Some(property("group.id=other")), "named by the setting kafka.group"),
        ("plaintext", &[], Some(property("no.such.property=1")), "no.such.property"),
    ] {
        let (code, told) = start(protocol, variables, more.as_ref().map_or(&[][..], |more| &more[..]));
        assert_eq!(code, Some(2), "{variables:?}, {more:?}: {told}");
        assert!(told.contains(said), "{variables:?}, {more:?}: {told}");
    }
}

#[test]
#[cfg(not(feature = "tls"))]
fn what_is_not_built_in_is_said_at_the_start_with_exit_code_2() {
    let scram = [(MECHANISM, "SCRAM-SHA-256"), USER[0], USER[1]];
    let bearer = [(MECHANISM, "OAUTHBEARER"), ("TRIBUTARY_KAFKA_OAUTH_TOKEN_FILE", "Cargo.toml")];
    let secured = [("ssl", &[][..]), ("sasl_ssl", &scram), ("sasl_plaintext", &scram), ("sasl_plaintext", &bearer)];
    for (protocol, variables) in secured {
        let (code, told) = start(protocol, variables, &[]);
        assert_eq!(code, Some(2), "{protocol}: {told}");
        assert!(told.contains("--features tls"), "{protocol}: {told}");
    }
}
