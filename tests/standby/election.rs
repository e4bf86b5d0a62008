//! Members of an election in a folder: each behind a proxy for the others and one for the broker, so that either can be cut, and
//! started again when it ends, as a service manager does.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::daemon_support::broker::{Broker, ports};
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::wait_for;
use crate::load::agent;
use crate::proxy::Proxy;

/// The shortest that brokers take.
pub const SESSION: Duration = Duration::from_secs(6);
pub const TOPIC: &str = "who-leads";

/// A member, and what stands before it.
pub struct Node {
    name: &'static str,
    pub data: PathBuf,
    /// How the others reach it.
    pub from_others: Proxy,
    /// How it reaches the broker.
    pub to_broker: Proxy,
    pub daemon: Option<Daemon>,
    /// How often it ended by itself.
    pub ended: u64,
    acks: &'static str,
    session: Duration,
}

/// A broker and three members.
pub struct Cluster {
    pub nodes: Vec<Node>,
    _broker: Broker,
    _folder: tempfile::TempDir,
}

impl Cluster {
    /// Three members, none of which leads yet, that are gone when they are not heard for a session; none where there is no broker
    /// to be had.
    pub fn start(acks: &'static str, session: Duration) -> Option<Cluster> {
        let folder = tempfile::tempdir().expect("a folder");
        let listeners = ports::<3>();
        let proxies = listeners.map(|port| Proxy::to(&format!("127.0.0.1:{port}")));
        let pairs: Vec<(u16, u16)> =
            listeners.iter().zip(&proxies).map(|(port, proxy)| (*port, proxy.port())).collect();
        let broker = Broker::behind(&pairs)?;
        broker.topic_with(TOPIC, 1, &["cleanup.policy=compact"]);
        let nodes = ["a", "b", "c"].into_iter().zip(proxies).map(|(name, to_broker)| Node {
            name,
            data: folder.path().join(name),
            from_others: Proxy::to("127.0.0.1:1"),
            to_broker,
            daemon: None,
            ended: 0,
            acks,
            session,
        });
        let mut cluster = Cluster { nodes: nodes.collect(), _broker: broker, _folder: folder };
        cluster.nodes.iter_mut().for_each(Node::start);
        Some(cluster)
    }

    /// Starts again what has ended by itself.
    pub fn look_after(&mut self) {
        self.nodes.iter_mut().for_each(Node::look_after);
    }

    /// Who leads, if somebody does.
    pub fn leader(&self) -> Option<usize> {
        self.nodes.iter().position(Node::leads)
    }

    /// Waits until one leads with the others in sync, all of them level. Which.
    pub fn settled(&mut self) -> usize {
        wait_for("one leads, and the others are in sync", 180, || {
            self.look_after();
            let leader = self.leader()?;
            let status = self.nodes[leader].replication()?;
            let in_sync = status["election"]["in_sync"].as_array()?.len();
            let positions: Vec<Option<u64>> = self.nodes.iter().map(Node::position).collect();
            let epochs: Vec<Option<Value>> =
                self.nodes.iter().map(|node| Some(node.replication()?["epoch"].clone())).collect();
            let is_same = positions.iter().all(|position| position.is_some() && *position == positions[0])
                && epochs.iter().all(|epoch| *epoch == epochs[0]);
            std::thread::sleep(Duration::from_millis(50));
            (in_sync == 2 && is_same).then_some(leader)
        })
    }

    /// Has a member lead by hand.
    pub fn promote(&self, node: usize) {
        promote(self.nodes[node].daemon().url("/v1/ledger/promote"));
    }
}

impl Node {
    pub fn start(&mut self) {
        let (name, session) = (self.name, self.session.as_secs().to_string());
        let (brokers, url) = (format!("127.0.0.1:{}", self.to_broker.port()), self.from_others.url());
        let variables = [
            ("TRIBUTARY_REPLICATION_ELECT_TOPIC", TOPIC),
            ("TRIBUTARY_REPLICATION_NAME", name),
            ("TRIBUTARY_REPLICATION_URL", &url),
            ("TRIBUTARY_REPLICATION_SESSION_SECONDS", &session),
            ("TRIBUTARY_REPLICATION_ACKS", self.acks),
            // Only the election speaks to the broker: what is appended comes from callers.
            ("TRIBUTARY_KAFKA_TOPICS", "events"),
        ];
        let daemon = Daemon::start(&self.data, &["--brokers", &brokers, "--checkpoint-seconds", "1"], &variables);
        self.from_others.leads_to(daemon.address());
        self.daemon = Some(daemon);
    }

    pub fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().expect("it runs")
    }

    fn look_after(&mut self) {
        if self.daemon.as_mut().is_some_and(Daemon::has_ended) {
            let (code, log) = self.daemon.take().expect("it ran").ended();
            let last: Vec<&str> = log.lines().collect();
            let last = last[last.len().saturating_sub(6)..].join("\n");
            assert_eq!(code, Some(1), "{} ends to be started again: {last}", self.name);
            self.ended += 1;
            self.start();
        }
    }

    /// How it stands; none where it does not answer, or not soon.
    pub fn replication(&self) -> Option<Value> {
        Some(self.status()?["replication"].clone())
    }

    fn status(&self) -> Option<Value> {
        let daemon = self.daemon.as_ref()?;
        let mut answer = agent().get(daemon.url("/v1/status")).call().ok().filter(|answer| answer.status() == 200)?;
        serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
    }

    pub fn position(&self) -> Option<u64> {
        self.status()?["position"].as_u64()
    }

    pub fn leads(&self) -> bool {
        self.replication().is_some_and(|status| status["leads"] == true)
    }

    /// Why nobody leads, as it says.
    pub fn missing(&self) -> Vec<String> {
        self.daemon().missing_to_ingest().into_iter().map(|(what, why)| format!("{what}: {why}")).collect()
    }
}

/// Has a daemon lead by hand, and waits until it does: where a standby has to hold what it appends, until one does.
pub fn promote(url: String) {
    wait_for("it leads since it was told to", 180, || {
        let patient = ureq::Agent::config_builder().http_status_as_error(false).build();
        let answer = ureq::Agent::from(patient).post(&url).send_empty().ok()?;
        std::thread::sleep(Duration::from_millis(100));
        matches!(answer.status().as_u16(), 200 | 409).then_some(())
    });
}

/// Sends one event until it is answered by one of these nodes. Who answered, and when.
pub fn first_answer(cluster: &Cluster, but: usize, id: &str) -> (usize, Instant) {
    let event = format!(
        "{{\"specversion\":\"1.0\",\"type\":\"referral.kyc.v1\",\"source\":\"/first\",\"id\":\"{id}\",\
         \"time\":\"2026-03-05T10:00:00Z\",\"data\":{{\"uid\":7,\"status\":\"verified\"}}}}"
    );
    wait_for("a new leader answers", 120, || {
        let others = cluster.nodes.iter().enumerate().filter(|(number, node)| *number != but && node.daemon.is_some());
        others.into_iter().find_map(|(number, node)| {
            let request = agent().post(node.daemon().url("/v1/events"));
            let request = request.header("Content-Type", "application/cloudevents+json");
            let answer = request.send(event.as_bytes()).ok()?;
            (answer.status() == 200).then(|| (number, Instant::now()))
        })
    })
}
