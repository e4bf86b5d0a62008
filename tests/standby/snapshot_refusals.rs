//! What comes damaged, or of another ledger, or not at all, while a new standby takes its leader's files.

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::wait_for;
use crate::made::{INTERVAL, make};
use crate::pair::{follow, wait_until_level};
use crate::proxy::Proxy;
use crate::snapshot::{assert_same_ledger, names, replayed};

const QUIET: &[&str] = &["--checkpoint-seconds", "3600"];

/// A standby that is level with its leader, behind a proxy.
fn level(leader: &Daemon, data: &Path, proxy: &Proxy) -> Daemon {
    let standby = follow(data, &proxy.url());
    standby.wait_until_ready();
    wait_until_level(leader, &standby);
    standby
}

#[test]
fn a_bit_that_is_turned_on_its_way_has_the_file_refused_by_its_name_and_taken_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    make(&a, 5);
    let leader = Daemon::ready(&a, QUIET, &[]);
    let proxy = Proxy::to(leader.address());
    for part in ["ledger/segments/1?", "ledger/segments/3?", ".parts?", ".run?"] {
        proxy.spoils(part);
    }
    let standby = level(&leader, &b, &proxy);
    let log = standby.log();
    for number in [1, 3] {
        let name = &names(&a.join("ledger"), ".segment")[number - 1];
        assert!(log.contains(&format!("{name} came from {} damaged, and is taken again", proxy.url())), "{log}");
    }
    for ending in [".parts", ".run"] {
        let is_told = |line: &str| line.contains("came damaged, and is taken again") && line.contains(ending);
        assert!(log.lines().any(is_told), "{ending}: {log}");
    }
    assert!(replayed(&standby).0 > 3 * INTERVAL, "{log}");
    assert_same_ledger(leader, standby, [&a, &b]);
}

#[test]
fn where_no_checkpoint_of_the_leader_is_whole_everything_is_replayed_to_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b, c) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("c"));
    make(&a, 6);
    for name in names(&a.join("past"), ".checkpoint").iter().rev().skip(2) {
        std::fs::remove_file(a.join("past").join(name)).expect("removed");
    }
    let leader = Daemon::ready(&a, QUIET, &[]);
    // The last byte of each file, which is of a part.
    for name in names(&a.join("past"), ".parts") {
        let path = a.join("past").join(name);
        let last = *std::fs::read(&path).expect("read").last().expect("bytes");
        let mut file = std::fs::OpenOptions::new().write(true).open(&path).expect("opened");
        file.seek(SeekFrom::End(-1)).expect("sought");
        file.write_all(&[last ^ 1]).expect("written");
    }
    let proxy = Proxy::to(leader.address());
    let standby = level(&leader, &b, &proxy);
    let log = standby.log();
    assert!(log.contains("an earlier checkpoint is taken"), "{log}");
    assert_eq!(replayed(&standby).0, 0, "{log}");
    assert!(names(&b.join("past"), ".checkpoint").is_empty());
    standby.kill();

    for name in names(&a.join("past"), ".checkpoint") {
        std::fs::remove_file(a.join("past").join(name)).expect("removed");
    }
    let standby = level(&leader, &c, &proxy);
    assert_eq!(replayed(&standby).0, 0);
    assert!(!standby.log().contains("an earlier checkpoint is taken"), "there is none");
    assert_same_ledger(leader, standby, [&a, &c]);
}

#[test]
fn a_file_that_the_leader_removes_meanwhile_has_the_list_asked_for_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    make(&a, 10);
    let leader = Daemon::ready(&a, QUIET, &[]);
    let proxy = Proxy::to(leader.address());
    proxy.holds(".parts?");
    let standby = follow(&b, &proxy.url());
    let has_asked = || proxy.targets().iter().any(|target| target.contains(".parts?")).then_some(());
    wait_for("it asks for parts", 60, has_asked);
    // As the leader does when it thins those along the way: a list goes, and the parts that no other names.
    let last = names(&a.join("past"), ".checkpoint").pop().expect("a checkpoint");
    std::fs::remove_file(a.join("past").join(&last)).expect("removed");
    let asked = proxy.targets().into_iter().find(|target| target.contains(".parts?")).expect("asked");
    let (name, _) = asked.trim_start_matches("/v1/ledger/checkpoint/").split_once('?').expect("a name");
    std::fs::remove_file(a.join("past").join(name)).expect("removed");
    proxy.holds("nothing");
    standby.wait_until_ready();
    wait_until_level(&leader, &standby);
    let log = standby.log();
    assert!(!log.contains("damaged"), "it was gone: {log}");
    let lists = proxy.targets().iter().filter(|target| target.contains("checkpoint?upto=")).count();
    assert!(lists > 2, "{:?}", proxy.targets());
    assert!(!names(&b.join("past"), ".checkpoint").contains(&last));
    assert_same_ledger(leader, standby, [&a, &b]);
}

#[test]
fn what_was_taken_of_another_ledger_is_thrown_away_and_so_is_what_was_damaged_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b, other) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("other"));
    make(&a, 7);
    make(&other, 8);
    let leader = Daemon::ready(&other, QUIET, &[]);
    half_taken(&leader, &b);
    leader.terminate();
    let leader = Daemon::ready(&a, QUIET, &[]);
    let proxy = Proxy::to(leader.address());
    let standby = level(&leader, &b, &proxy);
    let log = standby.log();
    assert!(log.contains("is thrown away") && log.contains("not of the ledger that is followed now"), "{log}");
    standby.kill();

    std::fs::remove_dir_all(&b).expect("removed");
    half_taken(&leader, &b);
    let first = b.join("snapshot").join("ledger").join(&names(&b.join("snapshot").join("ledger"), ".segment")[0]);
    let mut bytes = std::fs::read(&first).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&first, bytes).expect("written");
    let standby = level(&leader, &b, &proxy);
    let log = standby.log();
    assert!(log.contains("is thrown away") && log.contains("it is damaged"), "{log}");
    assert_same_ledger(leader, standby, [&a, &b]);
}

/// Has a standby take some of a ledger, and kills it.
fn half_taken(leader: &Daemon, data: &Path) {
    let proxy = Proxy::to(leader.address());
    proxy.holds("ledger/segments/3?");
    let standby = follow(data, &proxy.url());
    let has_asked = || proxy.targets().iter().any(|target| target.contains("ledger/segments/3?")).then_some(());
    wait_for("it has two segments", 60, has_asked);
    standby.kill();
    assert_eq!(names(&data.join("snapshot").join("ledger"), ".segment").len(), 2);
}

#[test]
fn a_leader_of_an_older_version_gives_its_frames_and_it_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    make(&a, 9);
    let leader = Daemon::ready(&a, QUIET, &[]);
    let proxy = Proxy::to(leader.address());
    proxy.knows_nothing_of("/v1/ledger/checkpoint");
    let standby = level(&leader, &b, &proxy);
    let log = standby.log();
    assert!(log.contains("the leader is of an older version, which gives none"), "{log}");
    let targets = proxy.targets();
    assert!(!targets.iter().any(|target| target.contains("ledger/segments")), "{targets:?}");
    assert!(!b.join("snapshot").exists());
    assert_same_ledger(leader, standby, [&a, &b]);
}
