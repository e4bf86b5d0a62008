//! A long haul: a daemon with everything on, from a real Kafka, for as long as `TEST_SOAK_HOURS` says (half a minute else), at
//! `TEST_SOAK_RATE` events a second. What it took is drawn over time, and every law is held at the end: the digest is that of
//! an import of the same events, everything verifies, every answer was right, and memory, descriptors and threads are as many
//! as what it holds explains. The page is left under `target/tmp/soak`.
//!
//! It needs a JDK and Maven; without them it says that it was skipped.

#![allow(clippy::float_arithmetic, reason = "seconds and bytes that are drawn; no money is near")]

#[path = "../daemon_support/mod.rs"]
mod daemon_support;

mod asking;
mod chart;
mod figures;
mod laws;
mod page;
mod sampling;
mod sending;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use daemon_support::broker;
use daemon_support::daemon::Daemon;
use daemon_support::ledger::{counts, digest, import, status};
use daemon_support::topic::{ends, reached};
use daemon_support::{seed, tributary, wait_for};
use serde_json::Value;

/// How long, how fast.
pub struct Plan {
    /// Seconds of load.
    pub seconds: f64,
    /// Events a second.
    pub rate: u64,
    /// What chance is drawn from.
    pub seed: u64,
}

impl Plan {
    fn read() -> Plan {
        let number = |name: &str| {
            let text = std::env::var(name).ok()?;
            Some(text.parse::<f64>().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
        };
        let seconds = number("TEST_SOAK_HOURS").map_or(30.0, |hours| hours * 3_600.0);
        let rate = number("TEST_SOAK_RATE").map_or(500, |rate| rate as u64);
        Plan { seconds, rate, seed: seed() }
    }

    fn events(&self) -> u64 {
        (self.seconds * self.rate as f64) as u64
    }

    /// A part of the whole, and no less than a second.
    pub fn part(&self, of: f64) -> Duration {
        Duration::from_secs_f64((self.seconds / of).max(1.0))
    }
}

#[test]
fn over_a_long_haul_every_answer_is_right_and_what_it_takes_is_explained_by_what_it_holds() {
    let Some(broker) = broker::plain() else { return };
    let plan = Plan::read();
    let folder = tempfile::tempdir().expect("a folder");
    let (data, backup) = (folder.path().join("ledger"), folder.path().join("backup"));
    let sent = folder.path().join("sent.ndjson.zst");
    broker.topic("soak", 6);
    let checkpoint_seconds = (plan.seconds / 60.0).clamp(2.0, 60.0).round().to_string();
    let arguments = ["--brokers", &broker.address, "--topic", "soak", "--checkpoint-seconds", &checkpoint_seconds];
    let variables = [
        ("TRIBUTARY_BACKUP_TO", backup.to_str().expect("a path")),
        ("TRIBUTARY_BACKUP_INTERVAL_SECONDS", "20"),
        // So that what an index in memory and one on disk do is seen within the hour.
        ("TRIBUTARY_INDEX_RUN_EVENTS", "200000"),
    ];
    let daemon = Daemon::ready(&data, &arguments, &variables);
    println!("soak: {} s at {} events/s into {}", plan.seconds, plan.rate, data.display());

    let (begun, is_over) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let samples = sampling::start(&daemon, &data, &backup, begun, plan.part(240.0), &is_over);
    let asked = asking::start(&daemon, &data, folder.path(), begun, &plan, &is_over);
    let sending = sending::start(&broker.address, "soak", &plan, &sent);
    let committed = sending.join().expect("sent");
    is_over.store(true, Ordering::Relaxed);
    let (samples, answers) = (samples.join().expect("sampled"), asked.into_iter());
    let answers: Vec<_> = answers.flat_map(|asking| asking.join().expect("asked")).collect();

    // First what was seen, so that it is there whatever a law says.
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("soak");
    let about = format!("{:.2} h at {} events/s, {committed} lines committed", plan.seconds / 3_600.0, plan.rate);
    page::write(&out, &about, &samples, &answers);
    println!("soak: {about}; the page is {}", out.join("index.html").display());

    let ends = ends(&broker.address, "soak");
    wait_for(&format!("{ends:?}"), 600, || (reached(&daemon.status()) == ends).then_some(()));
    let commands = folder.path().join("commands.ndjson");
    std::fs::write(&commands, commands_of(&daemon)).expect("written");
    let (code, log) = daemon.terminate();
    assert_eq!(code, Some(0), "{log}");
    let errors: Vec<&str> = log.lines().filter(|line| line.contains("ERROR ") || line.contains("panicked")).collect();
    assert!(errors.is_empty(), "{errors:?}");
    same_as_an_import(folder.path(), &data, &[&sent, &commands]);
    let (_, backed_up) = digest(&backup);
    assert!(backed_up > 0, "something is shipped");
    laws::hold(&plan, &samples, &answers);
}

/// The events that commands appended, as lines.
fn commands_of(daemon: &Daemon) -> Vec<u8> {
    let mut lines = Vec::new();
    let mut after = 0;
    loop {
        let part =
            daemon.try_get(&format!("/v1/feed?after={after}&limit=10000&type=referral.code.v1")).expect("a feed");
        assert_eq!(part.status, 200, "{}", part.body);
        let mut is_more = false;
        for line in part.body.lines() {
            let entry: Value = serde_json::from_str(line).expect("an entry");
            after = entry["position"].as_u64().expect("a position");
            is_more = true;
            if entry["event"]["source"] == "/tributary/api" {
                lines.extend_from_slice(entry["event"].to_string().as_bytes());
                lines.push(b'\n');
            }
        }
        if !is_more {
            return lines;
        }
    }
}

/// Holds the ledger against an import of the same events into an empty directory.
fn same_as_an_import(folder: &Path, data: &Path, files: &[&Path]) {
    let fresh = folder.join("fresh");
    import(&fresh, files);
    assert_eq!(counts(&status(data)), counts(&status(&fresh)));
    let (found, wanted) = (digest(data), digest(&fresh));
    println!("soak: digest {} at position {}", found.0, found.1);
    assert_eq!(found, wanted);
}

/// Runs the binary beside the daemon; it must succeed.
pub fn beside(arguments: &[&str], data: &Path) {
    let output = tributary().args(arguments).arg("--data").arg(data).stdin(Stdio::null()).output().expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
