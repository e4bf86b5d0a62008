//! `tributary backup` and `tributary restore`: beside a daemon and without one, what is refused, and that a ledger which
//! was destroyed is there again with the same numbers.

use std::path::Path;
use std::process::Output;

use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::{hostile, text};
use crate::daemon_support::ledger::{digest, import};
use crate::daemon_support::{seed, tributary};
use schemas::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;
use workload::Workload;

/// How many events are in a body.
const BODY: usize = 50;

fn run(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = tributary().args(arguments).output().expect("the binary can be run");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code().expect("an exit code"), text(stdout), text(stderr))
}

#[track_caller]
fn json(arguments: &[&str]) -> Value {
    let (code, stdout, stderr) = run(&[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{arguments:?}: {stdout}{stderr}");
    serde_json::from_str(&stdout).expect("JSON")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path")
}

/// Events, each of which is JSON.
fn events(count: usize) -> Vec<Vec<u8>> {
    let mut events = hostile(seed(), count as u64);
    events.retain(|line| serde_json::from_slice::<&RawValue>(line).is_ok());
    events
}

/// Events of a workload in its order.
fn demo(seed: u64) -> Vec<Vec<u8>> {
    let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
    Workload::sized(seed, 600, end).lines().collect()
}

#[test]
fn backed_up_while_it_runs_destroyed_and_restored_it_has_the_same_numbers_and_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = events(3_000);
    let (data, backup) = (folder.path().join("ledger"), folder.path().join("backup"));
    let daemon = Daemon::ready(&data, &[], &[]);
    let mut before = 0;
    for (number, body) in all[..2_000].chunks(BODY).enumerate() {
        assert_eq!(daemon.post_events(&batch(body)).expect("posted").status, 200);
        if number % 8 == 3 {
            let durable = daemon.position();
            let done = json(&["backup", "--data", path(&data), "--to", path(&backup)]);
            assert_eq!(done["before"], before, "it goes on from the one before: {done}");
            before = done["position"].as_u64().expect("a position");
            assert!(before >= durable, "everything durable is in it: {done}");
        }
    }
    // What the backup holds is a ledger, with the digest of the other one up to there.
    let until = before.to_string();
    let there = json(&["replay", "--data", path(&data), "--until", &until]);
    assert_eq!(json(&["replay", "--data", path(&backup)])["digest"], there["digest"]);
    let done = json(&["backup", "--data", path(&data), "--to", path(&backup)]);
    let head = json(&["verify", "--head", "--data", path(&backup)]);
    assert_eq!((&head["position"], &head["head"]), (&done["position"], &done["head"]), "{head}");
    daemon.kill();
    let (lost_digest, lost_position) = digest(&data);
    assert_eq!(done["position"], lost_position);
    std::fs::remove_dir_all(&data).expect("destroyed");

    let restored = json(&["restore", "--from", path(&backup), "--data", path(&data)]);
    assert_eq!((&restored["head"], &restored["same_head"]), (&done["head"], &Value::Bool(true)));
    assert_eq!(digest(&data), (lost_digest, lost_position));
    // More comes, some of it again: as if nothing had happened.
    let daemon = Daemon::ready(&data, &[], &[]);
    for body in all[1_500..].chunks(BODY) {
        assert_eq!(daemon.post_events(&batch(body)).expect("posted").status, 200);
    }
    assert_eq!(daemon.terminate().0, Some(0));
    let (file, undisturbed) = (folder.path().join("events.ndjson"), folder.path().join("undisturbed"));
    std::fs::write(&file, text(&all)).expect("written");
    import(&undisturbed, &[&file]);
    assert_eq!(digest(&data), digest(&undisturbed));
    // The restored ledger goes on from the backup, so the backup goes on from it.
    assert_eq!(json(&["backup", "--data", path(&data), "--to", path(&backup)])["before"], lost_position);
}

#[test]
fn restored_up_to_a_position_or_a_moment_it_is_what_was_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = events(2_000);
    let (data, backup) = (folder.path().join("ledger"), folder.path().join("backup"));
    for (name, lines) in [("a.ndjson", &all[..1_000]), ("b.ndjson", &all[1_000..])] {
        let file = folder.path().join(name);
        std::fs::write(&file, text(lines)).expect("written");
        import(&data, &[&file]);
    }
    let end = json(&["backup", "--data", path(&data), "--to", path(&backup)])["position"].as_u64().expect("a position");
    let middle = end / 3;
    let (at, recorded_at) = {
        let replayed = json(&["replay", "--data", path(&data), "--until", &(end / 2).to_string()]);
        (replayed["position"].clone(), replayed["recorded_at"].as_str().expect("a time").to_owned())
    };
    for (until, name) in [(middle.to_string(), "cut"), (end.to_string(), "whole"), (recorded_at, "moment")] {
        let made = folder.path().join(name);
        let restored = json(&["restore", "--from", path(&backup), "--data", path(&made), "--until", &until]);
        let position = restored["position"].as_u64().expect("a position");
        let then = json(&["replay", "--data", path(&data), "--until", &position.to_string()]);
        assert_eq!(json(&["replay", "--data", path(&made)])["digest"], then["digest"], "{name}");
        let kept = format!("{position}:{}", restored["head"].as_str().expect("a head"));
        let (code, stdout, _) = run(&["verify", "--data", path(&data), "--against", &kept]);
        assert_eq!(code == 0, restored["same_head"] == Value::Bool(true), "{name}: {stdout}");
        match name {
            "cut" => assert_eq!(position, middle),
            "whole" => assert_eq!((position, &restored["same_head"]), (end, &Value::Bool(true))),
            // A moment is that of a frame, so all of the frame is there.
            _ => assert!(position >= at.as_u64().expect("a position") && restored["same_head"] == true, "{restored}"),
        }
    }
}

#[test]
fn what_cannot_be_backed_up_or_restored_is_refused_with_a_word_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, other, backup) =
        (folder.path().join("ledger"), folder.path().join("other"), folder.path().join("backup"));
    for (name, place, lines) in [("a.ndjson", &data, demo(5)), ("b.ndjson", &other, demo(6))] {
        let file = folder.path().join(name);
        // One frame an import at least: some are good where a later one is damaged.
        for lines in lines.chunks(200) {
            std::fs::write(&file, lines.join(&b'\n')).expect("written");
            import(place, &[&file]);
        }
    }
    let full = folder.path().join("full");
    std::fs::create_dir(&full).expect("made");
    std::fs::write(full.join("letters"), "dear").expect("written");
    json(&["backup", "--data", path(&data), "--to", path(&backup)]);
    let before = json(&["verify", "--head", "--data", path(&backup)]);
    let nowhere = folder.path().join("nowhere");
    let new = folder.path().join("new");
    for (arguments, code, said) in [
        (vec!["backup", "--data", path(&other), "--to", path(&backup)], 1, "another ledger"),
        (vec!["backup", "--data", path(&data), "--to", path(&other)], 1, "is no backup"),
        (vec!["backup", "--data", path(&data), "--to", path(&full)], 2, "no backup"),
        (vec!["backup", "--data", path(&data), "--to", "gs://bucket/ledger"], 2, "name a folder"),
        (vec!["backup", "--url", "http://127.0.0.1:1", "--to", path(&new)], 1, "no answer"),
        (vec!["backup", "--data", path(&nowhere), "--to", path(&new)], 1, "no ledger"),
        (vec!["restore", "--from", path(&backup), "--data", path(&data)], 2, "something already"),
        (vec!["restore", "--from", path(&nowhere), "--data", path(&new)], 1, "no ledger"),
        (vec!["restore", "--from", path(&backup), "--data", path(&new), "--until", "9999999"], 2, "ends at position"),
        (vec!["restore", "--from", path(&backup), "--data", path(&new), "--until", "0"], 2, "position 0"),
    ] {
        let (found, stdout, stderr) = run(&arguments);
        assert_eq!((found, stdout.as_str()), (code, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
    assert!(!new.exists());
    assert_eq!(json(&["verify", "--head", "--data", path(&backup)]), before);

    // A backup that was cut or damaged is not restored in silence.
    let segment = backup.join("ledger/00000001-0000000001.segment");
    let whole = std::fs::read(&segment).expect("read");
    let end = whole.iter().rposition(|byte| *byte != 0).expect("something is there") + 1;
    let last_frame = (0..end).rev().find(|at| whole[*at..].starts_with(b"TRFR")).expect("a frame");
    let mut cut = whole.clone();
    cut[last_frame..].fill(0);
    let mut flipped = whole;
    flipped[last_frame - 200] ^= 1;
    for damaged in [&cut, &flipped] {
        std::fs::write(&segment, damaged).expect("written");
        std::fs::remove_file(backup.join("ledger/DURABLE")).unwrap_or_default();
        let (code, stdout, stderr) = run(&["restore", "--from", path(&backup), "--data", path(&new)]);
        assert_eq!(code, 3, "{stdout}{stderr}");
        assert!(stdout.contains("not restored from"), "{stdout}");
        assert!(!new.exists());
        let good = stdout.lines().find_map(|line| line.split_once("--until ")).expect("what is good").1;
        let saved = json(&["restore", "--from", path(&backup), "--data", path(&new), "--until", good]);
        assert_eq!(saved["position"].to_string(), good);
        digest(&new);
        std::fs::remove_dir_all(&new).expect("removed");
    }
}

#[test]
fn a_second_backup_into_the_folder_is_refused_while_the_first_is_at_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, backup) = (folder.path().join("ledger"), folder.path().join("backup"));
    let file = folder.path().join("events.ndjson");
    std::fs::write(&file, text(&events(300))).expect("written");
    import(&data, &[&file]);
    std::fs::create_dir_all(backup.join("ledger")).expect("made");
    let lock = std::fs::File::create(backup.join("ledger/LOCK")).expect("made");
    lock.lock().expect("locked");
    let (code, stdout, stderr) = run(&["backup", "--data", path(&data), "--to", path(&backup)]);
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    assert!(stderr.contains("in use by"), "{stderr}");
    drop(lock);
    json(&["backup", "--data", path(&data), "--to", path(&backup)]);
}
