//! Runs the binary as a process of its own, with a real directory and a real port, and asks it over HTTP.
#![allow(dead_code, reason = "each file of tests uses another part of it")]

pub mod broker;
pub mod cassandra;
pub mod clock;
pub mod collector;
pub mod content;
pub mod daemon;
pub mod history;
pub mod ledger;
pub mod router;
pub mod topic;
pub mod transactions;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The binary, with no setting of the surroundings: a test's own broker has such variables too.
pub fn tributary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tributary"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TRIBUTARY_")) {
        command.env_remove(name);
    }
    command
}

/// What chance is drawn from, printed so that a failure can be had again: `TEST_SEED`, else a fresh number.
pub fn seed() -> u64 {
    let given = std::env::var("TEST_SEED").ok().map(|text| text.parse().expect("TEST_SEED is a number"));
    let seed = given.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    println!("TEST_SEED={seed}");
    seed
}

/// Asks again until there is an answer; fails the test after so many seconds without one.
pub fn wait_for<T>(what: &str, seconds: u64, mut ask: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < until, "waited {seconds} s for: {what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// SIGKILL to the process whose number stands in a file, and waits until it is gone.
fn kill(pid_file: &Path) {
    let text = std::fs::read_to_string(pid_file).expect("a process");
    let pid: u32 = text.trim().parse().expect("its number");
    assert!(Command::new("kill").args(["-KILL", &pid.to_string()]).status().expect("kill runs").success());
    // What nobody waits for stays as a zombie, whose command line is empty.
    let is_gone = || std::fs::read(format!("/proc/{pid}/cmdline")).map_or(true, |words| words.is_empty());
    wait_for("it is gone", 30, || is_gone().then_some(()));
}
