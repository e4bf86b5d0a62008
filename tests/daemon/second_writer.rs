//! A second writer is refused and touches nothing: the lock of the ledger comes before its checkpoints.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::hostile;
use crate::daemon_support::{seed, tributary, wait_for};
use serde_json::value::RawValue;

/// The file that holds the daemon's checkpoints: its number changes when it is made anew.
fn checkpoint_file(data: &Path) -> u64 {
    std::fs::metadata(data.join("checkpoint/db")).expect("the checkpoints are there").ino()
}

/// Events that can stand in the body of a request.
fn whole(events: u64) -> Vec<Vec<u8>> {
    let mut events = hostile(seed(), 2 * events);
    events.retain(|line| serde_json::from_slice::<&RawValue>(line).is_ok());
    assert!(events.len() > 200, "there are enough");
    events
}

/// Tries to write beside the daemon. Exit code 1, and who has the ledger is named.
fn refused(arguments: &[&str]) {
    let output = tributary().args(arguments).output().expect("the binary can be run");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
    assert!(told.contains("the ledger is in use by process"), "{arguments:?}: {told}");
}

#[test]
fn a_second_writer_leaves_the_checkpoints_of_the_first_and_its_next_start_begins_at_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let path = data.to_str().expect("a path");
    let lines = folder.path().join("lines.ndjson");
    let events = whole(400);
    std::fs::write(&lines, events.join(&b'\n')).expect("written");
    let file = lines.to_str().expect("a path");

    let daemon = Daemon::ready(&data, &["--checkpoint-seconds", "3600"], &[]);
    daemon.post_events(&batch(&events[..1])).expect("posted");
    daemon.terminate();
    let daemon = Daemon::ready(&data, &["--checkpoint-seconds", "3600"], &[]);
    let before = (checkpoint_file(&data), daemon.position());
    refused(&["import", "--data", path, file]);
    refused(&["quarantine", "redrive", "--all", "--data", path]);
    refused(&["run", "--listen", "127.0.0.1:0", "--data", path]);
    refused(&["demo", "--listen", "127.0.0.1:0", "--data", path]);
    assert_eq!((checkpoint_file(&data), daemon.position()), before);
    daemon.kill();

    let daemon = Daemon::ready(&data, &[], &[]);
    assert!(daemon.log().contains(&format!("replayed from={} ", before.1)), "{}", daemon.log());
}

#[test]
fn given_its_checkpoints_are_removed_when_the_next_one_is_due_then_the_daemon_says_so_and_keeps_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let daemon = Daemon::ready(&data, &["--checkpoint-seconds", "1"], &[]);
    let events = whole(200);
    daemon.post_events(&batch(&events[..100])).expect("posted");
    let metric = |name: &str| -> u64 {
        let text = daemon.try_get("/metrics").expect("an answer").body;
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name}"));
        line.trim().parse().expect("a number")
    };
    wait_for("a checkpoint is kept", 30, || {
        (metric("tributary_checkpoint_position ") == daemon.position()).then_some(())
    });
    std::fs::remove_dir_all(data.join("checkpoint")).expect("removed");
    daemon.post_events(&batch(&events[100..150])).expect("posted");
    wait_for("the loss is counted", 30, || (metric("tributary_checkpoint_failures_total ") == 1).then_some(()));
    daemon.post_events(&batch(&events[150..])).expect("posted");
    wait_for("another one is kept", 30, || {
        (metric("tributary_checkpoint_position ") == daemon.position()).then_some(())
    });
    assert_eq!(metric("tributary_checkpoint_failures_total "), 1);
    assert!(daemon.log().contains("removed or replaced"), "{}", daemon.log());
}
