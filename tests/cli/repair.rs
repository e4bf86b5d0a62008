//! `tributary repair`: a ledger that a start refuses is whole again, with the same numbers; what is refused; what is lost.

use std::path::{Path, PathBuf};

use crate::cli_support::{Run, Workplace};
use schemas::Timestamp;
use workload::Workload;

#[track_caller]
fn done(run: &Run) -> &str {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    &run.stdout
}

#[track_caller]
fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr))
}

/// A ledger in `ledger` with a backup in `backup`, and as many events again that came after it.
fn given(workplace: &Workplace) {
    let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
    let lines: Vec<Vec<u8>> = Workload::sized(5, 4_000, end).lines().collect();
    let (first, second) = lines.split_at(lines.len() / 2);
    for (name, lines) in [("first.ndjson", first), ("second.ndjson", second)] {
        std::fs::write(workplace.path().join(name), lines.join(&b'\n')).expect("a file");
    }
    done(&workplace.run("import --data ledger first.ndjson --quiet"));
    done(&workplace.run("backup --data ledger --to backup"));
    done(&workplace.run("import --data ledger second.ndjson --quiet"));
}

fn segment(workplace: &Workplace) -> PathBuf {
    workplace.path().join("ledger/ledger/00000001-0000000001.segment")
}

fn flip(file: &Path, at: usize) {
    let mut bytes = std::fs::read(file).expect("read");
    bytes[at] ^= 0xff;
    std::fs::write(file, bytes).expect("written");
}

#[test]
fn what_an_older_backup_has_is_repaired_and_the_ledger_is_what_it_was() {
    let workplace = Workplace::new();
    given(&workplace);
    let replayed = json(&workplace.run("replay --data ledger --json"));
    let whole = std::fs::read(segment(&workplace)).expect("read");
    flip(&segment(&workplace), 20_000);
    assert_eq!(workplace.run("verify --data ledger").code, 3);
    assert_eq!(workplace.run("import --data ledger second.ndjson --quiet").code, 1, "a start refuses it");

    let repaired = workplace.run("repair --data ledger --from backup");
    assert!(done(&repaired).contains("everything is in order again"), "{}", repaired.stdout);
    assert!(repaired.stdout.contains("laid aside  00000001-0000000001.segment.damaged-1"), "{}", repaired.stdout);
    assert_eq!(std::fs::read(segment(&workplace)).expect("read"), whole);
    assert_eq!(json(&workplace.run("replay --data ledger --json"))["digest"], replayed["digest"]);
    done(&workplace.run("verify --data ledger"));
    done(&workplace.run("import --data ledger second.ndjson --quiet"));
    let again = workplace.run("repair --data ledger --from backup");
    assert!(done(&again).contains("nothing was damaged"), "{}", again.stdout);
}

#[test]
fn what_cannot_be_had_again_is_told_by_positions_and_the_good_part_can_be_saved() {
    let workplace = Workplace::new();
    given(&workplace);
    let bytes = std::fs::read(segment(&workplace)).expect("read");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("something is there");
    flip(&segment(&workplace), end - 100);
    let before = std::fs::read(segment(&workplace)).expect("read");
    let run = workplace.run("repair --data ledger --from backup");
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("LOST        positions from "), "{}", run.stdout);
    assert_eq!(std::fs::read(segment(&workplace)).expect("read"), before);
    let report = json(&workplace.run("repair --data ledger --from backup --json"));
    let (good, first) = (&report["position"], &report["lost"][0]["first"]);
    assert_eq!(first.as_u64(), good.as_u64().map(|good| good + 1), "{report}");
    // As it is told: what is good, and then all that is sent again.
    done(&workplace.run(&format!("restore --from ledger --until {good} --data saved")));
    done(&workplace.run("import --data saved second.ndjson --quiet"));
    done(&workplace.run("import --data again first.ndjson second.ndjson --quiet"));
    let digest = |data: &str| json(&workplace.run(&format!("replay --data {data} --json")))["digest"].clone();
    assert_eq!(digest("saved"), digest("again"));
}

#[test]
fn a_ledger_in_use_a_copy_of_another_and_one_that_is_not_there_are_refused() {
    let workplace = Workplace::new();
    given(&workplace);
    done(&workplace.run("import --data other second.ndjson --quiet"));
    flip(&segment(&workplace), 200);
    let before = std::fs::read(segment(&workplace)).expect("read");
    for (arguments, code, said) in [
        ("repair --data ledger --from nowhere", 1, "no ledger in nowhere"),
        ("repair --data nowhere --from backup", 1, "no ledger in nowhere"),
        ("repair --data ledger", 2, "--from"),
    ] {
        let run = workplace.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments}: {}", run.stderr);
    }
    let other = workplace.run("repair --data ledger --from other");
    assert_ne!(other.code, 0, "{}{}", other.stdout, other.stderr);
    let lock = std::fs::File::options().write(true).open(workplace.path().join("ledger/ledger/LOCK")).expect("opened");
    lock.lock().expect("locked");
    let run = workplace.run("repair --data ledger --from backup");
    assert_eq!(run.code, 1, "{}", run.stdout);
    assert!(run.stderr.contains("in use by"), "{}", run.stderr);
    assert_eq!(std::fs::read(segment(&workplace)).expect("read"), before);
    drop(lock);
    done(&workplace.run("repair --data ledger --from backup"));
}
