//! A real Kafka broker, started by the script under `deploy/kafka`. Where its programs are missing, a test says
//! loudly that it was skipped; `TRIBUTARY_REQUIRE_KAFKA=1` makes that a failure.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, Weak};

use super::kill;

/// The script's way to say that a program is missing.
const MISSING: i32 = 3;

/// A broker that runs until this is dropped.
pub struct Broker {
    folder: tempfile::TempDir,
    port: u16,
    is_secured: bool,
    /// Listeners that are advertised at the port of a proxy: `PORT:ADVERTISED`, by commas.
    proxied: String,
    pub address: String,
    /// Listeners with SASL, TLS, and both; there if the broker is secured.
    pub sasl: String,
    pub tls: String,
    pub sasl_tls: String,
}

static RUNNING: Mutex<Weak<Broker>> = Mutex::new(Weak::new());

/// The broker that all tests of a process share; it ends with the last of them.
pub fn plain() -> Option<Arc<Broker>> {
    shared(false)
}

/// The same with SASL and TLS besides.
pub fn secured() -> Option<Arc<Broker>> {
    shared(true)
}

fn shared(is_secured: bool) -> Option<Arc<Broker>> {
    let mut running = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(broker) = running.upgrade() {
        assert_eq!(broker.is_secured, is_secured, "the tests of a process share one broker");
        return Some(broker);
    }
    let broker = Arc::new(Broker::start(is_secured, String::new())?);
    *running = Arc::downgrade(&broker);
    Some(broker)
}

impl Broker {
    /// A broker that no other test shares.
    pub fn alone() -> Option<Broker> {
        Broker::start(false, String::new())
    }

    /// The same, with SASL and TLS besides.
    pub fn alone_and_secured() -> Option<Broker> {
        Broker::start(true, String::new())
    }

    /// One as [`Broker::alone`], with listeners behind proxies: the port of each, and that of its proxy.
    pub fn behind(proxies: &[(u16, u16)]) -> Option<Broker> {
        let pairs: Vec<String> = proxies.iter().map(|(port, proxy)| format!("{port}:{proxy}")).collect();
        Broker::start(false, pairs.join(","))
    }

    fn start(is_secured: bool, proxied: String) -> Option<Broker> {
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_ports());
        let at = |offset: u16| format!("127.0.0.1:{}", port + offset);
        let (address, sasl, tls, sasl_tls) = (at(0), at(2), at(3), at(4));
        let broker = Broker { folder, port, is_secured, proxied, address, sasl, tls, sasl_tls };
        let output = broker.script(&["up"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() == Some(MISSING) {
            needs::missing(needs::Need::Kafka, &said);
            return None;
        }
        assert!(output.status.success(), "{said}");
        Some(broker)
    }

    /// Makes a topic that takes lines which are too large for an event.
    pub fn topic(&self, name: &str, partitions: i32) {
        self.run(&["topic", name, &partitions.to_string(), "max.message.bytes=33554432"]);
    }

    /// Makes a topic with settings of its own, `name=value` each.
    pub fn topic_with(&self, name: &str, partitions: i32, settings: &[&str]) {
        self.run(&[&["topic", name, &partitions.to_string()][..], settings].concat());
    }

    /// Deletes a topic and makes it again under its name: it is another one then.
    pub fn make_anew(&self, name: &str, partitions: i32) {
        self.run(&["delete-topic", name]);
        self.topic(name, partitions);
    }

    /// Ends the broker and keeps its data; [`Broker::come_back`] starts it again.
    pub fn go_away(&self) {
        self.run(&["down"]);
    }

    pub fn come_back(&self) {
        self.run(&["up"]);
    }

    /// Ends it as a power cut would: SIGKILL.
    pub fn kill(&self) {
        kill(&self.folder.path().join("broker.pid"));
    }

    pub fn add_partitions(&self, name: &str, partitions: i32) {
        self.run(&["add-partitions", name, &partitions.to_string()]);
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
        let secured = if self.is_secured { "1" } else { "0" };
        Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kafka/kafka.sh"))
            .args(arguments)
            .env("LOCAL_KAFKA_DIR", self.folder.path())
            .env("LOCAL_KAFKA_PORT", self.port.to_string())
            // The machine may be at work with much else.
            .env("LOCAL_KAFKA_WAIT", "240")
            .env("LOCAL_KAFKA_SASL", secured)
            .env("LOCAL_KAFKA_TLS", secured)
            .env("LOCAL_KAFKA_PROXIED", &self.proxied)
            .output()
            .expect("the script can be run")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // The test has its result; a broker that stays is told by the script.
        let _ = self.script(&["wipe"]);
    }
}

/// So many ports that nobody listens on, below those that the system gives to connections.
pub fn ports<const COUNT: usize>() -> [u16; COUNT] {
    std::array::from_fn(|_| {
        let mut drawn = (0..1_000).map(|_| rand::random_range(10_000..32_000));
        drawn.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
    })
}

/// The first of five ports in a row that nobody listens on; below those that the system gives to connections, which
/// one of this machine's many could get before the broker has it.
fn free_ports() -> u16 {
    for _ in 0..100 {
        let first = rand::random_range(10_000..32_000);
        if (first..first + 5).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return first;
        }
    }
    panic!("no five free ports in a row");
}
