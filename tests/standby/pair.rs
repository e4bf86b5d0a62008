//! A leader and a standby in a folder, and what has to hold of the two.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::wait_for;
use crate::load::{Answered, agent, send};

/// A leader answers once a standby holds what it appended.
pub const HELD_TWICE: &[(&str, &str)] = &[("TRIBUTARY_REPLICATION_ACKS", "1")];

/// Starts a standby of a daemon at an address.
pub fn follow(data: &Path, url: &str) -> Daemon {
    Daemon::start(data, &["--follow", url, "--checkpoint-seconds", "1"], HELD_TWICE)
}

/// Has a standby lead.
pub fn promote(standby: &Daemon) {
    let answer = agent().post(standby.url("/v1/ledger/promote")).send_empty().expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
}

/// Waits until a standby is where its leader is.
pub fn wait_until_level(leader: &Daemon, standby: &Daemon) {
    wait_for("the standby has everything", 60, || {
        (standby.position() == leader.position() && !standby.status()["replication"]["follows"]["position"].is_null())
            .then_some(())
    });
    // A frame without an event moves no position.
    wait_for("the standby has the leader's epoch", 60, || {
        (standby.status()["replication"]["epoch"] == leader.status()["replication"]["epoch"]).then_some(())
    });
}

/// The segments of a directory.
pub fn segments(data: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(data.join("ledger")).expect("a ledger");
    let paths = files.map(|file| file.expect("a file").path());
    let of_segment = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "segment");
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    paths.filter(of_segment).map(|path| (name(&path), std::fs::read(&path).expect("read"))).collect()
}

/// Waits until both directories have the same segments, byte for byte. A frame without an event, as of what was sent again,
/// moves no position: who is level by position may be such a frame behind still.
pub fn assert_same_bytes(one: &Path, other: &Path) {
    wait_for("both have the same segments, byte for byte", 60, || (segments(one) == segments(other)).then_some(()));
}

/// Everything that was ever answered is there, once, where it was said to be; and nothing else stands there.
pub fn assert_holds(leader: &Daemon, answered: &Answered) {
    let mut by_position = BTreeMap::new();
    for (event, position) in &answered.events {
        let other = by_position.insert(position, event);
        assert!(other.is_none(), "two were answered with position {position}: {event} and {other:?}");
    }
    let events: Vec<String> = answered.events.keys().cloned().collect();
    for some in events.chunks(500) {
        let positions = wait_for("an answer", 60, || {
            let sent = send(&agent(), leader.address(), some);
            if sent.is_none() {
                std::thread::sleep(Duration::from_millis(100));
            }
            sent
        });
        for (event, position) in some.iter().zip(positions) {
            assert_eq!(answered.events[event], position, "where it was said to be: {event}");
        }
    }
    for (code, uid) in &answered.codes {
        let answer = leader.try_get(&format!("/v1/codes/{code}?uid={uid}")).expect("an answer");
        assert_eq!(answer.status, 200, "code {code} of {uid}: {}", answer.body);
    }
}
