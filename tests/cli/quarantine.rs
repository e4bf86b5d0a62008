//! `tributary quarantine`: worked with in a directory and through a daemon, and counted as `verify` counts it.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::tributary;
use serde_json::Value;

struct Place {
    folder: tempfile::TempDir,
}

const KYC: &str = r#"{"specversion":"1.0","type":"referral.kyc.v1","source":"/kyc","id":"ID","time":"2026-03-01T00:00:00Z","data":{"uid":7,"status":"verified"}}"#;

fn kyc(id: &str) -> String {
    KYC.replace("ID", id)
}

impl Place {
    /// A ledger into which a file was imported twice, of which three lines are no events.
    fn new() -> Place {
        let place = Place { folder: tempfile::tempdir().expect("a folder") };
        let long = format!("{{\"long\":\"{}\"}}", "x".repeat(2_000));
        let unheard = kyc("u").replace("kyc.v1", "unheard.v1");
        place.write("events.ndjson", &format!("{}\nnonsense\n{long}\n{unheard}\n", kyc("a")));
        for _ in 0..2 {
            place.done(&["import", "--data", "ledger", "events.ndjson"]);
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        tributary().args(arguments).current_dir(self.folder.path()).env("USER", "olga").output().expect("it runs")
    }

    /// What a run that succeeds prints.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The rows in a state.
    fn rows(&self, state: &str, place: &[&str]) -> Vec<Value> {
        let text = self.done(&[&["quarantine", "list", "--state", state, "--json"], place].concat());
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(answer["total"], answer["rows"].as_array().expect("rows").len());
        answer["rows"].as_array().expect("rows").clone()
    }

    fn ids(&self, state: &str, place: &[&str]) -> Vec<u64> {
        self.rows(state, place).iter().filter_map(|row| row["id"].as_u64()).collect()
    }
}

const IN_DIRECTORY: &[&str] = &["--data", "ledger"];

#[test]
fn the_list_is_a_table_that_fits_and_verify_tells_the_same_number() {
    let place = Place::new();
    let table = place.done(&["quarantine", "list", "--data", "ledger", "--format", "table"]);
    let longest = table.lines().map(|line| line.chars().count()).max();
    assert!(longest.is_some_and(|longest| longest <= 132), "{table}");
    assert!(!table.contains("raw") && table.contains("repeated"), "{table}");
    let rows = place.rows("open", IN_DIRECTORY);
    assert_eq!(rows.iter().map(|row| row["repeated"].as_u64()).collect::<Vec<_>>(), [Some(1); 3]);
    assert!(rows.iter().all(|row| row["raw"].as_str().is_some_and(|raw| !raw.is_empty())));
    let verified: Value = serde_json::from_str(&place.done(&["verify", "--data", "ledger", "--json"])).expect("JSON");
    assert_eq!((&verified["quarantined"], &verified["set_aside"]), (&3.into(), &0.into()));
    let shown = place.done(&["quarantine", "show", "2", "--data", "ledger", "--format", "table"]);
    assert!(shown.contains(&"x".repeat(2_000)) && shown.contains("repeated  1"), "{shown}");
    assert_eq!(place.run(&["quarantine", "show", "9", "--data", "ledger"]).status.code(), Some(1));
}

#[test]
fn in_a_directory_they_are_discarded_replaced_and_tried_again() {
    let place = Place::new();
    work_through(&place, IN_DIRECTORY, "the command line, user olga");
    let shown = place.done(&["quarantine", "show", "3", "--data", "ledger", "--format", "table"]);
    assert!(shown.contains("discarded by the command line, user olga at ") && shown.contains(": a test"), "{shown}");
}

#[test]
fn through_a_daemon_the_same_is_done() {
    let place = Place::new();
    let daemon = Daemon::ready(&place.path("ledger"), &[], &[]);
    let url = daemon.url("");
    work_through(&place, &["--url", &url], "operator");
    // Beside a daemon nobody else writes the directory.
    let refused = place.run(&["quarantine", "redrive", "--all", "--data", "ledger"]);
    assert_eq!(refused.status.code(), Some(1), "{}", String::from_utf8_lossy(&refused.stdout));
    assert_eq!(daemon.terminate().0, Some(0));
}

/// All three are dealt with, by what is known of them and by id.
fn work_through(place: &Place, at: &[&str], who: &str) {
    let act = |arguments: &[&str]| place.done(&[&["quarantine"], arguments, at].concat());
    let chosen = ["--reason", "unknown_type", "--origin", "events.ndjson", "--from", "2026-01-01"];
    let discarded = act(&[&["discard"], &chosen[..], &["--why", "a test"]].concat());
    assert!(discarded.contains("discarded") && discarded.lines().count() == 2, "{discarded}");
    assert_eq!((place.ids("open", at), place.ids("discarded", at)), (vec![1, 2], vec![3]));
    let row = &place.rows("discarded", at)[0];
    assert_eq!((&row["act"]["by"], &row["act"]["why"]), (&who.into(), &"a test".into()));

    place.write("mended.ndjson", &format!("{}\n{}\n", kyc("b"), kyc("a")));
    let replaced = act(&["replace", "--reason", "malformed", "--with", "mended.ndjson", "--why", "mended"]);
    assert_eq!((place.ids("open", at), place.ids("replaced", at)), (vec![], vec![1, 2]), "{replaced}");
    let positions: Vec<_> = place.rows("replaced", at).iter().map(|row| row["act"]["position"].as_u64()).collect();
    assert_eq!(positions, [Some(2), Some(1)], "one was accepted, the other repeats the first event");

    // A discard is taken back by another try, which fails again.
    let tried = act(&["redrive", "3", "--why", "by mistake"]);
    assert!(tried.contains("quarantined") && tried.contains("unknown_type"), "{tried}");
    assert_eq!(place.ids("open", at), [3]);
    act(&["discard", "3", "--why", "a test"]);
}

#[test]
fn what_is_asked_wrongly_is_bad_usage_and_changes_nothing() {
    let place = Place::new();
    for arguments in [
        &["redrive"][..],
        &["discard", "1"],
        &["discard", "1", "--why", " "],
        &["redrive", "1", "--all"],
        &["list", "--state", "gone"],
        &["list", "--from", "yesterday"],
        &["replace", "1"],
        &["list", "--csv-bom"],
        &["list", "--csv-bom", "--json"],
        &["show", "1", "--csv-bom", "--format", "table"],
    ] {
        let run = place.run(&[&["quarantine"], arguments, IN_DIRECTORY].concat());
        assert_eq!((run.status.code(), &run.stdout[..]), (Some(2), &b""[..]), "{arguments:?}");
    }
    place.write("one.ndjson", &format!("{}\n", kyc("b")));
    let run = place.run(&["quarantine", "replace", "1", "2", "--with", "one.ndjson", "--data", "ledger"]);
    assert_eq!(run.status.code(), Some(2), "one event cannot take the place of two");
    assert_eq!(place.ids("open", IN_DIRECTORY), [1, 2, 3]);
    let missing = place.run(&["quarantine", "discard", "1", "9", "--why", "a test", "--data", "ledger"]);
    assert_eq!(missing.status.code(), Some(1));
    assert_eq!(place.ids("open", IN_DIRECTORY), [1, 2, 3]);
    assert!(Path::new(&place.path("ledger")).is_dir());
}
