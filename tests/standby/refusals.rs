//! What cannot be followed is said, with what to do.

use std::time::Duration;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::{tributary, wait_for};
use crate::load::agent;
use crate::pair::{HELD_TWICE, follow, promote, wait_until_level};

const EVENT: &[u8] = br#"{"specversion":"1.0","type":"referral.kyc.v1","source":"/x","id":"1","time":"2026-03-05T10:00:00Z","data":{"uid":7,"status":"verified"}}"#;
const OTHER: &[u8] = br#"{"specversion":"1.0","type":"referral.kyc.v1","source":"/y","id":"1","time":"2026-03-05T10:00:00Z","data":{"uid":8,"status":"verified"}}"#;

/// The code with which a daemon ends at its start, and what it says.
fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let output = tributary().args(["run", "--listen", "127.0.0.1:0"]).args(arguments).output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_standby_of_another_ledger_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let other = Daemon::ready(&b, &[], &[]);
    assert_eq!(other.post_events(OTHER).expect("an answer").status, 200);
    other.terminate();
    let leader = Daemon::ready(&a, &[], &[]);
    assert_eq!(leader.post_events(EVENT).expect("an answer").status, 200);
    let url = format!("http://{}", leader.address());
    let (code, told) = refused(&["--data", b.to_str().expect("a path"), "--follow", &url]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("has another ledger than") && told.contains("empty directory"), "{told}");
    assert!(!b.join("diverged").exists());
    assert_eq!(Daemon::ready(&b, &[], &[]).position(), 1);
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("a");
    let data = data.to_str().expect("a path");
    let (code, told) = refused(&["--data", data, "--follow", "ledger-a:8080"]);
    assert!(code == Some(2) && told.contains("replication.follow"), "{told}");
    let (code, told) = refused(&["--data", data, "--follow", "http://127.0.0.1:1", "--read-only"]);
    assert!(code == Some(2) && told.contains("replication.follow"), "{told}");
}

#[test]
fn a_standby_that_was_promoted_does_not_follow_whom_it_followed_before_and_who_leads_is_not_promoted() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let former = Daemon::ready(&a, &[], &[]);
    let answer = agent().post(former.url("/v1/ledger/promote")).send_empty().expect("an answer");
    assert_eq!(answer.status().as_u16(), 409, "it leads already");
    assert_eq!(former.post_events(EVENT).expect("an answer").status, 200);
    let url = format!("http://{}", former.address());
    let standby = follow(&b, &url);
    standby.wait_until_ready();
    wait_until_level(&former, &standby);
    former.signal("STOP");
    promote(&standby);
    standby.kill();
    former.signal("CONT");
    // Its settings still name the former leader, which has heard of nothing.
    let standby = follow(&b, &url);
    wait_for("it says so", 60, || standby.log().contains("frames of a later leader").then_some(()));
    assert_eq!(former.get("/v1/status")["replication"]["leads"], true, "who leads nothing ends nobody");
    assert_eq!(standby.post_events(OTHER).expect("an answer").status, 403, "nor does it lead by itself");
}

#[test]
fn a_leader_that_needs_a_standby_answers_nobody_without_one_or_goes_on_if_it_is_told_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let leader = Daemon::start(&a, &[], HELD_TWICE);
    let told = wait_for("it says whom it waits for", 60, || {
        let missing = leader.missing_to_ingest();
        missing.into_iter().map(|(_, why)| why).find(|why| why.contains("a standby is waited for"))
    });
    assert!(told.contains("replication.acks = 1"), "{told}");
    assert_eq!(leader.post_events(EVENT).expect("an answer").status, 503);
    let standby = follow(&b, &format!("http://{}", leader.address()));
    leader.wait_until_ready();
    assert_eq!(leader.post_events(EVENT).expect("an answer").status, 200);
    standby.kill();
    let poster = leader.poster();
    let waiting = std::thread::spawn(move || poster(OTHER));
    std::thread::sleep(Duration::from_millis(500));
    assert!(!waiting.is_finished() && leader.position() == 1, "neither answered nor shown");
    wait_for("it says that a standby is missing", 60, || {
        leader.missing_to_ingest().iter().any(|(what, why)| what == "standby" && why.contains("go-on")).then_some(())
    });
    // It ends all the same, and says what was not told.
    let (code, log) = leader.terminate();
    assert!(code == Some(1) && log.contains("no standby holds it"), "{log}");
    drop(waiting.join());

    let alone = [HELD_TWICE, &[("TRIBUTARY_REPLICATION_WITHOUT_STANDBY", "go-on")]].concat();
    let leader = Daemon::ready(&a, &[], &alone);
    assert_eq!(leader.post_events(OTHER).expect("an answer").json()["results"][0]["outcome"], "duplicate");
    assert_eq!(leader.status()["replication"]["alone"], true);
    assert!(leader.log().contains("this machine alone holds"), "{}", leader.log());
}

#[test]
fn a_leader_that_comes_back_with_less_is_not_followed_and_nothing_is_laid_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b, old) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("old"));
    let leader = Daemon::ready(&a, &[], &[]);
    assert_eq!(leader.post_events(EVENT).expect("an answer").status, 200);
    leader.terminate();
    let copied = std::process::Command::new("cp").arg("-r").arg(&a).arg(&old).status().expect("cp runs");
    assert!(copied.success());
    let leader = Daemon::ready(&a, &[], &[]);
    let standby = follow(&b, &format!("http://{}", leader.address()));
    standby.wait_until_ready();
    assert_eq!(leader.post_events(OTHER).expect("an answer").status, 200);
    wait_until_level(&leader, &standby);
    leader.kill();
    standby.terminate();
    // As a disk that lied, or a machine that was set back to yesterday.
    let leader = Daemon::ready(&old, &[], &[]);
    let url = format!("http://{}", leader.address());
    let (code, told) = refused(&["--data", b.to_str().expect("a path"), "--follow", &url]);
    assert!(code == Some(2) && told.contains("has less of the ledger") && told.contains("promote this one"), "{told}");
    assert!(!b.join("diverged").exists());
}
