//! A directory that an earlier program left is opened by this one with the same numbers; a new program is tried beside the
//! old one before it takes its place; and what is of a later program is refused and left as it is.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::hostile;
use crate::daemon_support::ledger::{digest, import};
use crate::daemon_support::{seed, tributary, wait_for};
use serde_json::Value;
use serde_json::value::RawValue;

/// What the program that made the directory said of it (`tests/samples/README.md`).
struct Sample {
    file: &'static str,
    position: u64,
    digest: &'static str,
    head: &'static str,
    /// Of everybody, in March 2026.
    total_rewards: &'static str,
    traded: u64,
    open: u64,
    discarded: u64,
}

const SAMPLES: &[Sample] = &[Sample {
    file: "format-2.tar.zst",
    position: 10_838,
    digest: "277860a46d4815ae1ac6d590f034e18b11ff53e8af0452ec3cb5692e3811e941",
    head: "639889f96342d009882fca23871b231eb7f1db189ff52f26eb456a0afc112035",
    total_rewards: "870.44212076",
    traded: 11,
    open: 25,
    discarded: 1,
}];

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

/// Unpacks a sample into a folder.
fn unpack(file: &str, folder: &Path) {
    let packed =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(file)).expect("a sample");
    let tar = zstd::stream::decode_all(Cursor::new(packed)).expect("zstd");
    let mut unpacking =
        Command::new("tar").args(["-xf", "-", "-C"]).arg(folder).stdin(Stdio::piped()).spawn().expect("tar runs");
    unpacking.stdin.take().expect("its input").write_all(&tar).expect("tar takes it");
    assert!(unpacking.wait().expect("tar ends").success());
}

/// Every file below a folder, by length and sum. Of a directory the ledger alone is looked at: whoever opens the last checkpoint
/// may tidy it up.
fn contents(folder: &Path) -> BTreeMap<String, (usize, u64)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "LOCK") {
                let bytes = std::fs::read(&path).expect("a file");
                let sum = bytes.iter().fold(0_u64, |sum, byte| sum.rotate_left(5) ^ u64::from(*byte));
                found.insert(path.display().to_string(), (bytes.len(), sum));
            }
        }
    }
    found
}

#[test]
fn a_directory_of_an_earlier_program_opens_with_the_numbers_that_it_told() {
    for sample in SAMPLES {
        let folder = tempfile::tempdir().expect("a folder");
        unpack(sample.file, folder.path());
        let data = folder.path().join("ledger");
        let replayed = json(&["replay", "--data", path(&data)]);
        assert_eq!((&replayed["position"], &replayed["digest"]), (&sample.position.into(), &sample.digest.into()));
        let head = json(&["verify", "--head", "--data", path(&data)]);
        assert_eq!(head["head"], *sample.head, "{head}");
        let before = contents(&data.join("ledger"));
        let daemon = Daemon::ready(&data, &["--read-only"], &[]);
        let overview = daemon.get("/v1/overview?from=2026-03-01&to=2026-03-31");
        assert_eq!(overview["metrics"]["total_rewards"], *sample.total_rewards);
        assert_eq!(overview["metrics"]["traded"], sample.traded);
        drop(daemon);
        assert!(before == contents(&data.join("ledger")), "a daemon that reads only leaves what it reads");

        // The one that writes: what is there is known, and it goes on.
        let daemon = Daemon::ready(&data, &[], &[("TRIBUTARY_INDEX_RUN_EVENTS", "10000")]);
        assert_eq!(daemon.get("/v1/overview?from=2026-03-01&to=2026-03-31"), overview);
        let quarantine = &daemon.status()["quarantine"];
        assert_eq!((&quarantine["open"], &quarantine["discarded"]), (&sample.open.into(), &sample.discarded.into()));
        let first = daemon.get("/v1/feed?after=0&limit=1");
        let (source, id) = (&first["event"]["source"], &first["event"]["id"]);
        assert!(source.is_string() && id.is_string(), "{first}");
        let again = daemon.post_events(first["event"].to_string().as_bytes()).expect("posted").json();
        assert_eq!(again["results"][0]["outcome"], "duplicate", "{again}");
        let (code, told) = daemon.terminate();
        assert_eq!(code, Some(0), "{told}");
        assert_eq!(digest(&data), (sample.digest.to_owned(), sample.position));
    }
}

#[test]
fn a_new_program_that_reads_beside_the_old_one_follows_it_and_then_takes_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("ledger");
    let mut events = hostile(seed(), 3_000);
    events.retain(|line| serde_json::from_slice::<&RawValue>(line).is_ok());
    let question = "/v1/overview?from=2025-06-01&to=2025-06-30";
    let old = Daemon::ready(&data, &[], &[]);
    let (first, later) = events.split_at(events.len() / 2);
    for body in first.chunks(50) {
        assert_eq!(old.post_events(&batch(body)).expect("posted").status, 200);
    }
    let beside = Daemon::ready(&data, &["--read-only"], &[]);
    for body in later.chunks(50) {
        assert_eq!(old.post_events(&batch(body)).expect("posted").status, 200);
    }
    let position = old.position();
    wait_for("the one beside has followed", 60, || (beside.position() == position).then_some(()));
    assert_eq!(beside.get(question), old.get(question));
    // The old one goes. Whoever asks is answered by the one beside until the new one writes.
    assert_eq!(old.terminate().0, Some(0));
    let answer = beside.get(question);
    let new = Daemon::ready(&data, &[], &[]);
    assert_eq!(new.get(question), answer);
    let one_more = later.last().expect("an event");
    assert_eq!(new.post_events(one_more).expect("posted").status, 200);
    assert_eq!(new.status()["position"], position, "it was known");
    drop(beside);
}

#[test]
fn what_a_later_program_wrote_is_refused_with_what_to_do_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("ledger"), folder.path().join("events.ndjson"));
    std::fs::write(&file, crate::daemon_support::history::text(&hostile(seed(), 500))).expect("written");
    import(&data, &[&file]);
    let (copy, backup) = (folder.path().join("copy"), folder.path().join("backup"));
    json(&["backup", "--data", path(&data), "--to", path(&copy)]);
    std::fs::write(data.join("ledger/FORMAT"), "tributary ledger, format 99\n").expect("written");
    let before = contents(&data.join("ledger"));
    for arguments in [
        vec!["run", "--listen", "127.0.0.1:0"],
        vec!["run", "--listen", "127.0.0.1:0", "--read-only"],
        vec!["import", path(&file)],
        vec!["replay"],
        vec!["verify"],
        vec!["query", "status"],
        vec!["backup", "--to", path(&backup)],
        vec!["repair", "--from", path(&copy)],
    ] {
        let (code, stdout, stderr) = run(&[&arguments[..], &["--data", path(&data)]].concat());
        assert_eq!(code, 1, "{arguments:?}: {stdout}{stderr}");
        assert!(stderr.contains("format 99") && stderr.contains("use a newer program"), "{arguments:?}: {stderr}");
        assert!(before == contents(&data.join("ledger")), "{arguments:?} changed something");
    }
    assert!(!backup.join("ledger/BACKUP").exists() || !backup.join("ledger/00000001-0000000001.segment").exists());
}
