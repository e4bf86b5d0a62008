//! A real Cassandra node, started by the script under `deploy/cassandra`. Where its programs are missing, a test says loudly
//! that it was skipped; `TRIBUTARY_REQUIRE_CASSANDRA=1` makes that a failure.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, Weak};

use super::kill;

/// The script's way to say that a program is missing.
const MISSING: i32 = 3;

/// A node that runs until this is dropped.
pub struct Cassandra {
    folder: tempfile::TempDir,
    port: u16,
    /// What it asks of clients, as the script's variables.
    asks: &'static [(&'static str, &'static str)],
    pub address: String,
}

static RUNNING: Mutex<Weak<Cassandra>> = Mutex::new(Weak::new());

/// The node that all tests of a process share; it ends with the last of them.
pub fn shared() -> Option<Arc<Cassandra>> {
    let mut running = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(node) = running.upgrade() {
        return Some(node);
    }
    let node = Arc::new(Cassandra::alone()?);
    *running = Arc::downgrade(&node);
    Some(node)
}

impl Cassandra {
    /// A node that no other test shares.
    pub fn alone() -> Option<Cassandra> {
        Cassandra::asking(&[])
    }

    /// One that asks something of clients: a password (`LOCAL_CASSANDRA_AUTH`), TLS (`LOCAL_CASSANDRA_TLS`).
    pub fn asking(asks: &'static [(&'static str, &'static str)]) -> Option<Cassandra> {
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_ports());
        let node = Cassandra { folder, port, asks, address: format!("127.0.0.1:{port}") };
        let output = node.script(&["up"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() == Some(MISSING) {
            needs::missing(needs::Need::Cassandra, &said);
            return None;
        }
        assert!(output.status.success(), "{said}");
        Some(node)
    }

    /// A file of those that the script makes for TLS: `ca.pem`, `client.pem`, `client.key`.
    pub fn tls_file(&self, name: &str) -> String {
        self.folder.path().join("tls").join(name).to_str().expect("a path").to_owned()
    }

    /// Ends the node and keeps its data; [`Cassandra::come_back`] starts it again.
    pub fn go_away(&self) {
        self.run(&["down"]);
    }

    pub fn come_back(&self) {
        self.run(&["up"]);
    }

    /// Ends it as a power cut would: SIGKILL.
    pub fn kill(&self) {
        kill(&self.folder.path().join("node1").join("node.pid"));
    }

    fn run(&self, arguments: &[&str]) {
        let output = self.script(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
    }

    fn script(&self, arguments: &[&str]) -> Output {
        Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/cassandra/cassandra.sh"))
            .args(arguments)
            .env("LOCAL_CASSANDRA_DIR", self.folder.path())
            .env("LOCAL_CASSANDRA_PORT", self.port.to_string())
            .env("LOCAL_CASSANDRA_STORAGE_PORT", (self.port + 1).to_string())
            .env("LOCAL_CASSANDRA_NODES", "1")
            .env("LOCAL_CASSANDRA_HEAP", "640m")
            .envs(self.asks.iter().copied())
            // The machine may be at work with much else.
            .env("LOCAL_CASSANDRA_WAIT", "300")
            .output()
            .expect("the script can be run")
    }
}

impl Drop for Cassandra {
    fn drop(&mut self) {
        // The test has its result; a node that stays is told by the script.
        let _ = self.script(&["wipe"]);
    }
}

/// The first of two ports in a row that nobody listens on; below those that the system gives to connections.
fn free_ports() -> u16 {
    for _ in 0..100 {
        let first = rand::random_range(10_000..32_000);
        if (first..first + 2).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return first;
        }
    }
    panic!("no two free ports in a row");
}
