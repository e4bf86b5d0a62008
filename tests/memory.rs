//! What a daemon has done with its memory it gives back: questions that replay a whole ledger, each on threads of its own, leave
//! nothing behind.

mod daemon_support;

use daemon_support::daemon::Daemon;
use daemon_support::{tributary, wait_for};
use serde_json::Value;
use ureq::Agent;

/// As many as were seen to leave a hundred megabytes with an allocator that keeps what each of many threads has freed.
const WHAT_IFS: usize = 24;

/// What a daemon at rest takes beside its state: code that ran, buffers, connections.
const AT_REST: u64 = 32 << 20;

const RULES: &str = "[[add]]\ntype = \"referral.program.v1\"\ntime = \"2026-03-01T00:00:00Z\"\ndata = { default_spot_rate = \
                     \"0.3\", default_futures_rate = \"0.1\", spot_vip_max = 2, futures_vip_max = 1 }\n";

#[test]
fn what_replays_took_goes_back_to_the_system_once_they_are_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("ledger");
    let recorded = tributary()
        .args(["demo", "--record", "--events", "200000", "--end", "2026-04-20T00:00:00Z", "--data"])
        .arg(&data)
        .output()
        .expect("it runs");
    assert!(recorded.status.success(), "{}", String::from_utf8_lossy(&recorded.stderr));
    let daemon = Daemon::ready(&data, &[], &[]);
    let agent = Agent::new_with_defaults();
    for _ in 0..WHAT_IFS {
        let url = daemon.url("/v1/what-if?by=referrer");
        let begun = agent.post(&url).header("Content-Type", "application/toml").send(RULES);
        let begun = begun.expect("it is begun").body_mut().read_to_string().expect("a body");
        let job: Value = serde_json::from_str(&begun).expect("JSON");
        let path = format!("/v1/what-if/{}", job["id"].as_str().expect("an id"));
        let over = wait_for("the what-if", 600, || Some(daemon.get(&path)).filter(|job| job["state"] != "running"));
        assert_eq!(over["state"], "done", "{over}");
    }
    let after = beside_the_state(&daemon);
    println!("right after {WHAT_IFS} what-ifs it takes {after} bytes beside its state");
    wait_for("what they took is given back", 120, || (beside_the_state(&daemon) <= AT_REST).then_some(()));
}

/// Memory of the daemon that is no file's, beside its state and what it holds to look back.
fn beside_the_state(daemon: &Daemon) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.id())).expect("it runs");
    let anonymous = status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB"));
    let anonymous: u64 = anonymous.expect("the system tells").parse().expect("a number");
    let metrics = daemon.try_get("/metrics").expect("an answer").body;
    let told = metrics.lines().filter_map(|line| {
        let value = line.strip_prefix("tributary_state_bytes").or_else(|| line.strip_prefix("tributary_past_bytes"))?;
        value.rsplit(' ').next()?.parse::<u64>().ok()
    });
    (anonymous * 1_024).saturating_sub(told.sum())
}
