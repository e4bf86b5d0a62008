//! A daemon that publishes and is killed now and then: what rows answer are the ledger's own answers as of the position that
//! they tell, at any time, and in the end those of its present.

use std::path::Path;

use serde_json::Value;

use crate::daemon_support::cassandra;
use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::{end, hostile};
use crate::daemon_support::{seed, tributary, wait_for};
use crate::questions::{about, check, cluster, plain, positions, referrers, wait_for_positions};
use schemas::json::read_event;

/// Events that are whole: what is no JSON at all would have a body refused.
fn lines(seed: u64, events: u64) -> Vec<Vec<u8>> {
    hostile(seed, events).into_iter().filter(|line| read_event(line, end()).is_ok()).collect()
}

fn post(daemon: &Daemon, lines: &[Vec<u8>]) {
    let answer = daemon.post_events(&batch(lines)).expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Asks a serving node while the ledger is published; each answer is what the ledger answers as of the position told.
fn ask_meanwhile(serving: &Daemon, daemon: &Daemon, uids: &[u64]) -> usize {
    let mut positions = std::collections::BTreeSet::new();
    for uid in uids {
        let question = format!("/v1/overview/series?uid={uid}&from=2025-06-01&to=2025-06-30&interval=day");
        let answer = serving.try_get(&question).expect("an answer");
        if answer.status == 503 {
            continue;
        }
        let answer = answer.json();
        let position = answer["as_of"]["positions"][0].as_u64().expect("a position");
        let then = daemon.get(&format!("{question}&as_of={position}"));
        assert_eq!(answer["as_of"]["event_time"], then["as_of"]["event_time"]);
        assert_eq!(plain(answer), plain(then), "{question} as of {position}");
        positions.insert(position);
    }
    positions.len()
}

#[test]
fn what_is_answered_from_rows_is_the_ledgers_answer_as_of_the_position_told_whoever_is_killed() {
    let Some(node) = cassandra::shared() else { return };
    let seed = seed();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("ledger");
    let variables = cluster(&node.address, "killed");
    let lines = lines(seed, 12_000);
    let mut daemon = Daemon::ready(&data, &[], &variables);
    let serving = Daemon::serve(folder.path(), &[], &variables);
    let mut seen = 0;
    for (number, part) in lines.chunks(lines.len() / 40 + 1).enumerate() {
        post(&daemon, part);
        if number == 0 {
            // The tables have to be made.
            wait_for("something is published", 120, || positions(&serving));
        }
        let uids = referrers(&daemon);
        seen += ask_meanwhile(&serving, &daemon, &uids[..uids.len().min(6)]);
        if number % 8 == 5 {
            // In the middle of what it writes, more often than not.
            daemon.kill();
            daemon = Daemon::ready(&data, &[], &variables);
        }
    }
    assert!(seen > 20, "{seen} positions were seen");
    let position = daemon.position();
    wait_for_positions(&serving, &[position]);
    let uids = referrers(&daemon);
    assert!(uids.len() > 20, "{} referrers", uids.len());
    check(&serving, &daemon, &uids[..uids.len().min(25)]);

    // One that nothing is known of, and a code that is not the referrer's.
    let nobody = "/v1/overview?uid=4503599627370496";
    assert_eq!(plain(serving.get(nobody)), plain(daemon.get(nobody)));
    let others = serving.try_get(&format!("/v1/overview?uid={}&code=NOBODYS", uids[0])).expect("an answer");
    assert_eq!(others.status, 404, "{}", others.body);

    filled_at_once(folder.path(), &node.address, &data, (&daemon, &uids));
    let status = daemon.status();
    assert_eq!(status["publishing"]["position"], Value::from(position), "{status}");
    assert_eq!(status["publishing"]["error"], Value::Null, "{status}");
    let metrics = daemon.try_get("/metrics").expect("metrics").body;
    assert!(metrics.contains(&format!("tributary_publish_position {position}")), "{metrics}");

    // A reader can ask for what it was answered before.
    let question = format!("/v1/overview?uid={}", uids[0]);
    let enough = serving.try_get(&format!("{question}&min_position={position}")).expect("an answer");
    assert_eq!(enough.json()["as_of"]["positions"], serde_json::json!([position]));
    let beyond = serving.try_get(&format!("{question}&min_position={}", position + 1)).expect("an answer");
    assert_eq!(beyond.status, 503, "{}", beyond.body);
    let other = serving.try_get(&format!("{question}&min_position={position},1")).expect("an answer");
    assert_eq!(other.status, 400, "{}", other.body);
    assert_eq!(serving.terminate().0, Some(0));
    let (code, log) = daemon.terminate();
    assert_eq!(code, Some(0), "{log}");
}

/// A keyspace that is filled from the ledger at once answers the same, and is brought up to date by the same command.
fn filled_at_once(folder: &Path, address: &str, data: &Path, (daemon, uids): (&Daemon, &[u64])) {
    let publish = || {
        let data = data.to_str().expect("a path");
        let output = tributary()
            .args(["publish", "--from-ledger", "--data", data, "--cassandra", address, "--keyspace", "at_once"])
            .args(["--replication-factor", "1"])
            .output()
            .expect("the binary can be run");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let position = daemon.position();
    let told = publish();
    let expected = format!("published up to position {position} to keyspace at_once, as shard 0 of 1: ");
    assert!(told.starts_with(&expected), "{told}");
    let serving = Daemon::serve(folder, &[], &cluster(address, "at_once"));
    wait_for_positions(&serving, &[position]);
    check(&serving, daemon, &uids[..uids.len().min(10)]);
    let question = &about(uids[0])[0];
    let before = serving.get(question);
    assert!(publish().contains(": 0 rows in "), "nothing changed");
    assert_eq!(serving.get(question), before);
    assert!(wait_for("it is ready", 30, || positions(&serving)) == [position]);
}
