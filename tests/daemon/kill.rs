//! kill -9 at any moment, then start: nothing lost, nothing twice, the same numbers. And the graceful way out.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::{hostile, text};
use crate::daemon_support::ledger::{digest, import};
use crate::daemon_support::{seed, tributary};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use serde_json::value::RawValue;

/// A position that was acknowledged, and the event's source and id.
type Acknowledged = BTreeMap<u64, (String, String)>;

/// How many events are in a body.
const BODY: usize = 20;

#[test]
fn every_event_that_was_acknowledged_is_there_once_after_each_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let seed = seed();
    let mut dice = StdRng::seed_from_u64(seed);
    let mut events = hostile(seed, 8_000);
    events.retain(|line| serde_json::from_slice::<&RawValue>(line).is_ok());
    let data = folder.path().join("killed");
    let (mut acknowledged, mut sent) = (Acknowledged::new(), 0);
    for _ in 0..6 {
        let daemon = Daemon::ready(&data, &["--checkpoint-seconds", "1"], &[]);
        assert_there_once(&daemon, &acknowledged);
        let (posting, answered) = post_all(&daemon, &events[sent..]);
        // Some answers are waited for, then it may be in the middle of anything.
        let patience = dice.random_range(0..=(events.len() / BODY / 8));
        for _ in 0..patience {
            if answered.recv().is_err() {
                break;
            }
        }
        std::thread::park_timeout(Duration::from_micros(dice.random_range(0..4_000)));
        daemon.kill();
        let (bodies, acks) = posting.join().expect("posted");
        sent += bodies * BODY;
        acknowledged.extend(acks);
    }
    assert!(!acknowledged.is_empty() && sent < events.len(), "killed while {sent} of {} were sent", events.len());

    let daemon = Daemon::ready(&data, &[], &[]);
    assert_there_once(&daemon, &acknowledged);
    assert_eq!(daemon.terminate().0, Some(0));
    let undisturbed = folder.path().join("undisturbed");
    let file = folder.path().join("events.ndjson");
    std::fs::write(&file, text(&events)).expect("written");
    import(&undisturbed, &[&file]);
    import(&data, &[&file]);
    assert_eq!(digest(&data), digest(&undisturbed));
}

#[test]
fn an_import_that_was_killed_and_is_repeated_gives_the_same_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let seed = seed();
    let mut dice = StdRng::seed_from_u64(seed);
    let whole = text(&hostile(seed, 60_000));
    let file = folder.path().join("events.ndjson");
    std::fs::write(&file, &whole).expect("written");
    let data = folder.path().join("killed");
    for _ in 0..5 {
        let mut importing = tributary()
            .args(["import", "-", "--quiet", "--data"])
            .arg(&data)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        let part = dice.random_range(0..whole.len());
        let mut input = importing.stdin.take().expect("a pipe");
        input.write_all(&whole[..part]).expect("taken");
        std::thread::park_timeout(Duration::from_micros(dice.random_range(0..20_000)));
        // The pipe is still open: it can't have come to its end.
        importing.kill().expect("killed");
        importing.wait().expect("gone");
    }
    assert!(digest(&data).1 > 0, "something of it was durable");
    let undisturbed = folder.path().join("undisturbed");
    import(&undisturbed, &[&file]);
    import(&data, &[&file]);
    assert_eq!(digest(&data), digest(&undisturbed));
}

#[test]
fn ended_gracefully_it_exits_with_0_and_goes_on_from_its_checkpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut events = hostile(seed(), 4_000);
    events.retain(|line| serde_json::from_slice::<&RawValue>(line).is_ok());
    let data = folder.path().join("ended");
    let daemon = Daemon::ready(&data, &[], &[]);
    let (posting, answered) = post_all(&daemon, &events);
    for _ in 0..20 {
        answered.recv().expect("an answer");
    }
    let (code, log) = daemon.terminate();
    assert_eq!(code, Some(0), "{log}");
    let (_, acknowledged) = posting.join().expect("posted");
    let position = digest(&data).1;

    let daemon = Daemon::ready(&data, &[], &[]);
    assert!(daemon.log().contains(&format!("from={position} position={position} ")), "{}", daemon.log());
    assert_eq!(daemon.position(), position);
    assert_there_once(&daemon, &acknowledged);
}

/// Posts events body after body, until one is not answered. Tells of each answer; gives how many bodies were
/// answered, and what was acknowledged.
fn post_all(daemon: &Daemon, events: &[Vec<u8>]) -> (JoinHandle<(usize, Acknowledged)>, Receiver<()>) {
    let (post, events) = (daemon.poster(), events.to_vec());
    let (tell, told) = channel();
    let posting = std::thread::spawn(move || {
        let (mut bodies, mut acknowledged) = (0, Acknowledged::new());
        for some in events.chunks(BODY) {
            let Ok(answer) = post(&batch(some)) else { break };
            if answer.status == 503 {
                break;
            }
            let answer = answer.json();
            let results = answer["results"].as_array().expect("results");
            assert_eq!(results.len(), some.len());
            for (event, result) in some.iter().zip(results) {
                if result["outcome"] == "accepted" {
                    let event: Value = serde_json::from_slice(event).expect("an event");
                    acknowledged.insert(result["position"].as_u64().expect("a position"), identity(&event));
                }
            }
            bodies += 1;
            // Nobody may listen any more.
            let _ = tell.send(());
        }
        (bodies, acknowledged)
    });
    (posting, told)
}

/// What the feed tells is at each position: all that was acknowledged, at its position, and no event twice.
fn assert_there_once(daemon: &Daemon, acknowledged: &Acknowledged) {
    let mut there = BTreeMap::new();
    let mut identities = std::collections::BTreeSet::new();
    let (mut after, position) = (0, daemon.position());
    while after < position {
        let part = daemon.try_get(&format!("/v1/feed?after={after}&limit=10000")).expect("an answer");
        assert_eq!(part.status, 200, "{}", part.body);
        for line in part.body.lines() {
            let entry: Value = serde_json::from_str(line).expect("an entry");
            let at = entry["position"].as_u64().expect("a position");
            assert_eq!(at, after + 1, "no position is left out");
            after = at;
            let event = &entry["event"];
            let stream =
                ["uid", "code", "id"].iter().map(|name| event["data"][*name].to_string()).find(|it| it != "null");
            assert!(identities.insert((stream, identity(event))), "position {at} is there twice: {event}");
            there.insert(at, identity(event));
        }
    }
    for (at, event) in acknowledged {
        assert_eq!(there.get(at), Some(event), "position {at} was acknowledged");
    }
}

fn identity(event: &Value) -> (String, String) {
    let text = |name: &str| event[name].as_str().expect("a text").to_owned();
    (text("source"), text("id"))
}
