//! A version that can use no checkpoint of the one before has its own made beside that one's daemon, and starts from them.

use std::path::Path;

use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::hostile;
use crate::daemon_support::ledger::digest;
use crate::daemon_support::{seed, tributary};
use checkpoints::{Checkpoint, CheckpointStore, SledStore};
use serde_json::Value;
use serde_json::value::RawValue;

/// Events of which a body can be made.
fn events(count: u64) -> Vec<Vec<u8>> {
    let mut events = hostile(seed(), count);
    events.retain(|line| serde_json::from_slice::<&RawValue>(line).is_ok());
    events
}

fn prepare(data: &Path) -> (i32, String, String) {
    let output = tributary().args(["prepare", "--json", "--data"]).arg(data).output().expect("the binary can be run");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn prepared(data: &Path) -> (u64, u64) {
    let (code, said, told) = prepare(data);
    assert_eq!(code, 0, "{said}{told}");
    let said: Value = serde_json::from_str(&said).expect("JSON");
    (said["from"].as_u64().expect("from"), said["position"].as_u64().expect("a position"))
}

/// Makes the last checkpoint one that this program can do nothing with, as one of another version is.
fn make_another_version(data: &Path) {
    let mut store = SledStore::open(&data.join("checkpoint")).expect("a store");
    let last = store.load().expect("it can be read").expect("one is kept");
    let mut content = last.content().to_vec();
    content[..4].copy_from_slice(&u32::MAX.to_le_bytes());
    let checksum = *blake3::hash(&content).as_bytes();
    store.save(&Checkpoint::from_kept(content, &checksum).expect("as written")).expect("kept");
}

/// What a daemon said of its replay: from where, and to where.
fn replayed(log: &str) -> (u64, u64) {
    let line = log.lines().find(|line| line.contains("replayed from=")).unwrap_or_else(|| panic!("{log}"));
    let number = |name: &str| {
        let rest = line.split(name).nth(1).expect("named");
        rest.split_whitespace().next().expect("a word").parse().expect("a number")
    };
    (number("from="), number("position="))
}

#[test]
fn a_start_takes_what_was_prepared_beside_the_daemon_of_before_and_has_the_same_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("ledger");
    let events = events(3_000);
    let (first, rest) = events.split_at(events.len() / 2);
    let (second, third) = rest.split_at(rest.len() / 2);
    let close = [("TRIBUTARY_CHECKPOINT_EVENTS", "300")];

    let before = Daemon::ready(&data, &[], &close);
    assert_eq!(before.post_events(&batch(first)).expect("posted").status, 200);
    let (from, to) = prepared(&data);
    assert_eq!((from, to), (0, before.position()), "all that was durable, from the beginning");
    assert_eq!(before.post_events(&batch(second)).expect("posted").status, 200);
    let (from, again) = prepared(&data);
    assert_eq!((from, again), (to, before.position()), "again, from where it had ended");
    assert_eq!(before.post_events(&batch(third)).expect("posted").status, 200);
    let end = before.position();
    let overview = before.get("/v1/overview");
    assert_eq!(before.terminate().0, Some(0));

    // The next program finds nothing that it can use but what was prepared for it.
    make_another_version(&data);
    let after = Daemon::ready(&data, &[], &close);
    assert_eq!(replayed(&after.log()), (again, end), "{}", after.log());
    assert!(after.log().contains("checkpoints that were prepared are taken"), "{}", after.log());
    assert_eq!(after.get("/v1/overview"), overview);
    assert!(!data.join("next").exists());
    assert_eq!(after.terminate().0, Some(0));
    assert_eq!(digest(&data).1, end, "verified, against a replay of all");
}

#[test]
fn what_was_prepared_for_nothing_is_removed_and_what_is_for_another_program_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("ledger");
    let (code, _, told) = prepare(&data);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("there is no ledger in"), "{told}");

    let daemon = Daemon::ready(&data, &[], &[]);
    let events = events(600);
    daemon.post_events(&batch(&events[..300])).expect("posted");
    prepared(&data);
    let end = daemon.position();
    assert_eq!(daemon.terminate().0, Some(0));
    // The daemon's own, of its end, is as good.
    let daemon = Daemon::ready(&data, &[], &[]);
    assert_eq!(replayed(&daemon.log()), (end, end));
    assert!(!data.join("next").exists());

    // While somebody prepares, nobody else does.
    prepared(&data);
    let held = SledStore::open(&data.join("next/checkpoint")).expect("held");
    let (code, _, told) = prepare(&data);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("held by another process"), "{told}");
    drop(held);

    // A start of the program of before leaves alone what it cannot read.
    make_another_version(&data.join("next"));
    assert_eq!(daemon.terminate().0, Some(0));
    let daemon = Daemon::ready(&data, &[], &[]);
    assert!(data.join("next/checkpoint").exists());
    // Prepared again by this one, it is its own.
    let (from, to) = prepared(&data);
    assert_eq!((from, to), (0, daemon.position()));
}
