//! A router: started, killed or ended.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use super::broker::Broker;
use super::{tributary, wait_for};

/// A router, killed when this is dropped.
pub struct Router {
    process: Child,
    log: PathBuf,
}

impl Router {
    /// Starts one that routes a topic, and waits for nothing. It answers probes on a port of the system's choosing.
    pub fn start(folder: &Path, broker: &Broker, topic: &str, prefix: &str, id: &str) -> Router {
        let log = folder.join(format!("router-{id}-{:08x}.log", rand::random::<u32>()));
        let process = tributary()
            .args(["route", "--brokers", &broker.address, "--topic", topic, "--prefix", prefix, "--id", id])
            .args(["--group", prefix, "--kafka-property", "session.timeout.ms=6000", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a file for the log"))
            .spawn()
            .expect("the binary can be run");
        Router { process, log }
    }

    /// What it told so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log")
    }

    /// The status and the text that it answers a probe with.
    pub fn probe(&self, path: &str) -> (u16, String) {
        let address = wait_for("the router listens", 60, || {
            let log = self.log();
            let line = log.lines().find(|line| line.contains("listening for probes"))?;
            line.split("address=").nth(1).and_then(|rest| rest.split_whitespace().next()).map(str::to_owned)
        });
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut answer = agent.get(format!("http://{address}{path}")).call().expect("it answers");
        (answer.status().as_u16(), answer.body_mut().read_to_string().expect("a text"))
    }

    /// Waits until it is in its group and reads.
    pub fn wait_until_it_routes(&self) {
        wait_for("the router routes", 120, || self.log().contains("ready to route").then_some(()));
    }

    /// Ends it as a power cut would: SIGKILL.
    pub fn kill(mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("gone");
    }

    /// Waits for its end. Its exit code, and all that it told.
    pub fn ended(mut self, seconds: u64) -> (Option<i32>, String) {
        let status = wait_for("the router ends", seconds, || self.process.try_wait().expect("a process"));
        (status.code(), self.log())
    }

    /// Ends it by SIGTERM.
    pub fn terminate(self) -> (Option<i32>, String) {
        self.signal("TERM");
        self.ended(60)
    }

    /// Sends a signal by its name, as `STOP`.
    pub fn signal(&self, name: &str) {
        let sent =
            std::process::Command::new("kill").args([format!("-{name}"), self.process.id().to_string()]).status();
        assert!(sent.expect("kill runs").success(), "SIG{name} was not sent");
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("a router's log:\n{}", std::fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}

/// What `tributary route` says and ends with, where it ends by itself.
pub fn route(arguments: &[&str]) -> Output {
    tributary().arg("route").args(arguments).stdin(Stdio::null()).output().expect("the binary can be run")
}

/// The topics that routers of a prefix write, with so many partitions of accounts.
pub fn make_topics(broker: &Broker, prefix: &str, partitions: i32) {
    broker.topic(&format!("{prefix}.accounts"), partitions);
    broker.topic(&format!("{prefix}.platform"), 1);
    broker.topic(&format!("{prefix}.heads"), partitions);
}
