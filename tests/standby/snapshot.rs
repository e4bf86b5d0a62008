//! A standby that is new takes its leader's files before it follows, and does not replay what they hold.

use std::path::Path;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::{ledger, tributary, wait_for};
use crate::made::{INTERVAL, make};
use crate::pair::{HELD_TWICE, assert_same_bytes, follow, segments, wait_until_level};
use crate::proxy::Proxy;

const QUIET: &[&str] = &["--checkpoint-seconds", "3600"];

/// From which position to which a daemon replayed at its start.
pub fn replayed(daemon: &Daemon) -> (u64, u64) {
    let log = daemon.log();
    let line = log.lines().find(|line| line.contains(" replayed ")).unwrap_or_else(|| panic!("it replayed: {log}"));
    let number = |name: &str| {
        let (_, rest) = line.split_once(name).unwrap_or_else(|| panic!("{name} in {line}"));
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a number")
    };
    (number("from="), number("position="))
}

/// The names of the files in a folder that end so.
pub fn names(folder: &Path, ending: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten();
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
    let mut names: Vec<String> = names.filter(|name| name.ends_with(ending)).collect();
    names.sort();
    names
}

/// Ends both; what is on disk is the same ledger, and comes to the same.
pub fn assert_same_ledger(leader: Daemon, standby: Daemon, data: [&Path; 2]) {
    let question = "/v1/overview?from=2025-01-01&to=2025-06-30";
    let answers = [&leader, &standby].map(|daemon| ledger::without_position(daemon.get(question)));
    assert_eq!(answers[0], answers[1]);
    assert_same_bytes(data[0], data[1]);
    leader.terminate();
    standby.terminate();
    assert_eq!(ledger::digest(data[0]), ledger::digest(data[1]));
}

/// What is missing for a daemon to be ready, in words.
pub fn not_ready(daemon: &Daemon) -> String {
    daemon.try_get("/readyz").ok().filter(|answer| answer.status == 503).map(|answer| answer.body).unwrap_or_default()
}

#[test]
fn a_new_standby_has_its_leaders_files_and_replays_what_lies_behind_the_checkpoint_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    make(&a, 1);
    assert!(segments(&a).len() > 4, "{:?}", segments(&a).keys());
    let checkpoint = names(&a.join("past"), ".checkpoint").pop().expect("a checkpoint");
    let position: u64 = checkpoint.strip_suffix(".checkpoint").expect("a list").parse().expect("a position");
    let leader = Daemon::ready(&a, QUIET, &[]);
    // As one that did not get further, or whose ledger was taken away: it is of no other ledger.
    make(&b, 2);
    std::fs::remove_dir_all(b.join("ledger")).expect("removed");
    let proxy = Proxy::to(leader.address());
    let standby = Daemon::start(&b, &["--follow", &proxy.url(), "--checkpoint-seconds", "3600"], &[]);
    standby.wait_until_ready();
    wait_until_level(&leader, &standby);

    let (from, to) = replayed(&standby);
    assert_eq!((from, to), (position, leader.position()), "the checkpoint is gone on from");
    assert!(to - from < INTERVAL && from > 3 * INTERVAL, "{from} {to}");
    assert_eq!(names(&b.join("past"), ".checkpoint"), std::slice::from_ref(&checkpoint));
    let runs = names(&a.join("ledger"), ".run");
    assert!(!runs.is_empty() && names(&b.join("ledger"), ".run") == runs, "what the checkpoint stands on: {runs:?}");
    let read = |data: &Path| std::fs::read(data.join("past").join(&checkpoint)).expect("read");
    assert!(read(&a) == read(&b) && !b.join("snapshot").exists());
    let frames: Vec<String> = proxy.targets().into_iter().filter(|target| target.contains("ledger/frames")).collect();
    assert!(!frames.iter().any(|target| target.contains(&"0".repeat(140))), "none from the first on: {frames:?}");
    let log = standby.log();
    assert!(log.contains("a snapshot is begun") && log.contains("the snapshot is taken"), "{log}");
    let metrics = standby.try_get("/metrics").expect("an answer").body;
    assert!(metrics.contains("\ntributary_replication_snapshot_under_way 0\n"), "{metrics}");
    // It follows from there, and starts again as any.
    let event = br#"{"specversion":"1.0","type":"referral.kyc.v1","source":"/x","id":"1","time":"2025-06-29T10:00:00Z","data":{"uid":7,"status":"verified"}}"#;
    assert_eq!(leader.post_events(event).expect("an answer").status, 200);
    wait_until_level(&leader, &standby);
    standby.terminate();
    let standby = follow(&b, &proxy.url());
    standby.wait_until_ready();
    wait_until_level(&leader, &standby);
    assert_same_ledger(leader, standby, [&a, &b]);
}

#[test]
fn killed_in_the_middle_it_goes_on_with_whoever_leads_by_then_and_counts_as_no_standby_before_it_follows() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b, c) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("c"));
    make(&a, 3);
    let copied = std::process::Command::new("cp").arg("-r").arg(&a).arg(&c).status().expect("cp runs");
    assert!(copied.success());
    // It tells nobody of anything before a standby holds it.
    let leader = Daemon::start(&a, QUIET, HELD_TWICE);
    let proxy = Proxy::to(leader.address());
    proxy.holds("ledger/segments/4?");
    let standby = follow(&b, &proxy.url());
    let has_asked = || proxy.targets().iter().any(|target| target.contains("ledger/segments/4?")).then_some(());
    wait_for("it has three segments and asks for the fourth", 60, has_asked);
    let told = wait_for("it says how far it is", 60, || {
        Some(not_ready(&standby)).filter(|told| told.contains("a snapshot is taken: segments from"))
    });
    assert!(told.contains(" bytes"), "{told}");
    let refused = standby.try_get("/v1/status").expect("an answer");
    assert!(refused.status == 503 && refused.body.contains("a snapshot is taken"), "{}", refused.body);
    let metrics = standby.try_get("/metrics").expect("an answer").body;
    assert!(metrics.contains("\ntributary_replication_snapshot_under_way 1\n"), "{metrics}");
    assert!(not_ready(&leader).contains("a standby is waited for"), "it counts as none");
    let of_leader = leader.try_get("/metrics").expect("an answer").body;
    assert!(of_leader.contains("\ntributary_replication_standbys 0\n"), "{of_leader}");
    standby.kill();
    leader.kill();

    let taken = names(&b.join("snapshot").join("ledger"), ".segment");
    assert_eq!(taken.len(), 3, "{taken:?}");
    assert!(segments_if_any(&b).is_empty(), "and nothing that is taken for a ledger");
    let verified = tributary().args(["verify", "--data"]).arg(&b).output().expect("it runs");
    assert_ne!(verified.status.code(), Some(0));
    let leader = Daemon::start(&c, QUIET, HELD_TWICE);
    let proxy = Proxy::to(leader.address());
    let standby = follow(&b, &proxy.url());
    leader.wait_until_ready();
    standby.wait_until_ready();
    wait_until_level(&leader, &standby);
    let targets = proxy.targets();
    let asked = |number: u64| targets.iter().any(|target| target.contains(&format!("ledger/segments/{number}?")));
    assert!(!asked(1) && !asked(2) && asked(4), "what is whole is kept: {targets:?}");
    assert!(standby.log().contains("a snapshot that was begun is gone on with"), "{}", standby.log());
    assert!(replayed(&standby).0 > 3 * INTERVAL);
    assert_same_ledger(leader, standby, [&c, &b]);
}

fn segments_if_any(data: &Path) -> Vec<String> {
    names(&data.join("ledger"), ".segment")
}
