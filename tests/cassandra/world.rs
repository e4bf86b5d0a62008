//! All of it on one machine: a broker, a Cassandra node, a router, so many shards, a serving node.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::daemon_support::broker::{Broker, ports};
use crate::daemon_support::cassandra::Cassandra;
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::history::text;
use crate::daemon_support::router::{Router, make_topics};
use crate::daemon_support::{tributary, wait_for};
use crate::questions::{cluster, positions};

pub struct World {
    pub folder: tempfile::TempDir,
    pub broker: Arc<Broker>,
    pub node: Arc<Cassandra>,
    name: String,
    addresses: Vec<String>,
    /// By number; none where it was killed.
    pub shards: Vec<Option<Daemon>>,
    pub router: Option<Router>,
    pub serving: Daemon,
}

impl World {
    /// Topics, keyspace and group have one name.
    pub fn start(name: &str, of: usize, broker: Arc<Broker>, node: Arc<Cassandra>) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        broker.topic(&format!("{name}_events"), 4);
        make_topics(&broker, name, 11);
        let addresses = (0..of).map(|_| format!("127.0.0.1:{}", ports::<1>()[0])).collect();
        let serving = Daemon::serve(folder.path(), &[], &cluster(&node.address, name));
        let shards = (0..of).map(|_| None).collect();
        let mut world = World { folder, broker, node, name: name.to_owned(), addresses, shards, router: None, serving };
        (0..of).for_each(|number| world.start_shard(number));
        world.start_router();
        world
    }

    /// The topic that its router reads.
    pub fn topic(&self) -> String {
        format!("{}_events", self.name)
    }

    pub fn data(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("shard-{number}"))
    }

    pub fn start_shard(&mut self, number: usize) {
        let (which, of) = (number.to_string(), self.shards.len().to_string());
        let address = format!("http://{}", self.addresses[number]);
        let own = [
            ("TRIBUTARY_ROUTE_PREFIX", self.name.as_str()),
            ("TRIBUTARY_SHARD_NUMBER", which.as_str()),
            ("TRIBUTARY_SHARD_OF", of.as_str()),
            ("TRIBUTARY_PUBLISH_ADDRESS", address.as_str()),
        ];
        let arguments = [
            "--brokers",
            &self.broker.address,
            "--kafka-property",
            "topic.metadata.refresh.interval.ms=500",
            "--kafka-property",
            "reconnect.backoff.max.ms=200",
        ];
        let variables = [&cluster(&self.node.address, &self.name)[..], &own].concat();
        self.shards[number] =
            Some(Daemon::ready_at(&self.addresses[number], &self.data(number), &arguments, &variables));
    }

    pub fn kill_shard(&mut self, number: usize) {
        self.shards[number].take().expect("it runs").kill();
    }

    pub fn start_router(&mut self) {
        self.router = Some(Router::start(self.folder.path(), &self.broker, &self.topic(), &self.name, "1"));
    }

    pub fn kill_router(&mut self) {
        self.router.take().expect("it runs").kill();
    }

    pub fn start_serving(&mut self) {
        self.serving = Daemon::serve(self.folder.path(), &[], &cluster(&self.node.address, &self.name));
    }

    fn positions(&self) -> Vec<u64> {
        self.shards.iter().map(|shard| shard.as_ref().expect("it runs").position()).collect()
    }

    /// Waits until something holds, and from then on nothing more comes and everything is published. Where the shards stand.
    pub fn settle(&self, holds: impl Fn() -> bool) -> Vec<u64> {
        wait_for("all of it is there and published", 300, || {
            let before = self.positions();
            if !holds() {
                std::thread::sleep(Duration::from_millis(500));
                return None;
            }
            std::thread::sleep(Duration::from_secs(2));
            let is_still = self.positions() == before && positions(&self.serving).as_ref() == Some(&before);
            is_still.then_some(before)
        })
    }

    /// Ends all, gracefully.
    pub fn end(self) {
        for shard in self.shards.into_iter().flatten() {
            let (code, log) = shard.terminate();
            assert_eq!(code, Some(0), "{log}");
            assert!(!log.contains("Client stats"), "nobody reads these");
        }
        let (code, log) = self.router.expect("it runs").terminate();
        assert_eq!(code, Some(0), "{log}");
        assert!(!log.contains("Client stats"), "nobody reads these");
        assert_eq!(self.serving.terminate().0, Some(0));
    }
}

/// One ledger that has these lines, and its directory.
pub fn one_ledger(folder: &Path, lines: &[Vec<u8>]) -> (Daemon, PathBuf) {
    let (file, data) = (folder.join("all.ndjson"), folder.join("one"));
    std::fs::write(&file, text(lines)).expect("written");
    let imported = tributary().args(["import", "--data"]).args([&data, &file]).output().expect("the binary can be run");
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    (Daemon::ready(&data, &[], &[]), data)
}

/// Every trade of an invitee, explained, without what differs between ledgers of the same events; by who is the invitee.
pub fn families(data: &Path) -> BTreeMap<u64, Vec<Value>> {
    let output = tributary()
        .args(["export", "trades", "--out", "-", "--format", "ndjson", "--data"])
        .arg(data)
        .output()
        .expect("the binary can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut families = BTreeMap::<u64, Vec<Value>>::new();
    for line in output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let mut trade: Value = serde_json::from_slice(line).expect("JSON");
        // A code stands in the registration of a major account, which its own shard alone has.
        let Some(invitee) = trade["invitee_uid"].as_u64().filter(|_| !trade["code"].is_null()) else { continue };
        let fields = trade.as_object_mut().expect("an object");
        fields.retain(|name, _| name != "postings" && !name.ends_with("position"));
        families.entry(invitee).or_default().push(trade);
    }
    for trades in families.values_mut() {
        trades.sort_by_key(|trade| {
            (trade["account_uid"].as_u64(), trade["event_source"].to_string(), trade["event_id"].to_string())
        });
    }
    families
}
