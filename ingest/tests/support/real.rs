//! A real Kafka broker, started by the script under `deploy/kafka`. Where its programs are missing, a test says
//! loudly that it was skipped; `TRIBUTARY_REQUIRE_KAFKA=1` makes that a failure.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

/// The script's way to say that a program is missing.
const MISSING: i32 = 3;

/// A broker that runs until this is dropped.
pub struct Broker {
    folder: tempfile::TempDir,
    port: u16,
    pub address: String,
    /// Listeners with SASL, TLS, and both.
    pub sasl: String,
    pub tls: String,
    pub sasl_tls: String,
}

static RUNNING: Mutex<Weak<Broker>> = Mutex::new(Weak::new());

/// The broker that all tests of a process share; it ends with the last of them.
pub fn broker() -> Option<Arc<Broker>> {
    let mut running = RUNNING.lock();
    if let Some(broker) = running.upgrade() {
        return Some(broker);
    }
    let broker = Arc::new(Broker::start()?);
    *running = Arc::downgrade(&broker);
    Some(broker)
}

impl Broker {
    fn start() -> Option<Broker> {
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_ports());
        let at = |offset: u16| format!("127.0.0.1:{}", port + offset);
        let (address, sasl, tls, sasl_tls) = (at(0), at(2), at(3), at(4));
        let broker = Broker { folder, port, address, sasl, tls, sasl_tls };
        let output = broker.script(&["up"]);
        if output.status.code() == Some(MISSING) {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            needs::missing(needs::Need::Kafka, &why);
            return None;
        }
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(broker)
    }

    pub fn topic(&self, name: &str, partitions: i32) {
        self.run(&["topic", name, &partitions.to_string(), "max.message.bytes=33554432"]);
    }

    /// Deletes a topic and makes it again under its name: it is another one then.
    pub fn make_anew(&self, name: &str, partitions: i32) {
        self.run(&["delete-topic", name]);
        self.topic(name, partitions);
    }

    pub fn add_partitions(&self, name: &str, partitions: i32) {
        self.run(&["add-partitions", name, &partitions.to_string()]);
    }

    /// Deletes the messages of a partition before an offset.
    pub fn delete_before(&self, topic: &str, partition: i32, offset: i64) {
        let file = self.folder.path().join("delete.json");
        let places = format!(r#"{{"topic":"{topic}","partition":{partition},"offset":{offset}}}"#);
        std::fs::write(&file, format!(r#"{{"version":1,"partitions":[{places}]}}"#)).expect("written");
        let file = file.display().to_string();
        let class = "org.apache.kafka.tools.DeleteRecordsCommand";
        self.run(&["tool", class, "--bootstrap-server", &self.address, "--offset-json-file", &file]);
    }

    /// The authority that signed the broker's certificate.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("tls").join("ca.pem")
    }

    fn run(&self, arguments: &[&str]) {
        let output = self.script(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
    }

    fn script(&self, arguments: &[&str]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/kafka/kafka.sh");
        Command::new(script)
            .args(arguments)
            .env("LOCAL_KAFKA_DIR", self.folder.path())
            .env("LOCAL_KAFKA_PORT", self.port.to_string())
            .env("LOCAL_KAFKA_SASL", "1")
            .env("LOCAL_KAFKA_TLS", "1")
            .output()
            .expect("the script can be run")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.script(&["wipe"]);
    }
}

/// The first of five ports in a row that nobody listens on; below those that clients are given.
fn free_ports() -> u16 {
    for _ in 0..100 {
        let first = rand::random_range(10_000..32_000);
        if (first..first + 5).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return first;
        }
    }
    panic!("no five free ports in a row");
}
