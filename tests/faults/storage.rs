//! Disks that do not take what they are given: full, read-only of a sudden, a file that may not grow. The daemon ends with 1
//! and says why; nothing acknowledged is lost, and with the cause gone it goes on.

use std::time::Duration;

use crate::daemon_support::broker::{self, Broker};
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::{seed, tributary, wait_for};
use crate::machine::{self, Disk};
use crate::trial::{Trial, plain};

/// Valid events of about 8 KiB each, of accounts of their own: a segment is soon full of them.
pub fn long(first: u64, count: u64) -> Vec<Vec<u8>> {
    let text = "\u{1F4B0}".repeat(1_900);
    let event = |number: u64| {
        format!(
            r#"{{"specversion":"1.0","type":"referral.application.v1","source":"/long","id":"{number}","time":"2025-06-01T00:00:00Z","data":{{"uid":{},"message":"{text}"}}}}"#,
            80_000_000 + number
        )
    };
    (first..first + count).map(|number| event(number).into_bytes()).collect()
}

/// Waits for the end of a daemon that nobody told to end: with 1, and these words in its log.
fn ends_saying(mut daemon: Daemon, words: &str) {
    wait_for(&format!("it ends for: {words}"), 120, || daemon.has_ended().then_some(()));
    let (code, log) = daemon.ended();
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains(words), "{words}: {log}");
    let last = log.lines().last().unwrap_or_default();
    println!("it ended: {last}");
}

fn trial(broker: &Broker, topic: &str) -> Trial {
    let mut trial = Trial::new(broker, topic, 2, seed());
    trial.argue(&["--checkpoint-seconds", "1"]);
    trial
}

#[test]
fn given_the_disk_is_full_when_a_segment_is_needed_then_it_ends_and_goes_on_once_there_is_room() {
    let Some(broker) = broker::plain() else { return };
    if !machine::is_there() {
        return;
    }
    let mut trial = trial(&broker, "full");
    // Room for one segment of 64 MiB and some checkpoints.
    let disk = Disk::in_memory(trial.folder(), 110);
    trial.data = disk.path.clone();
    let daemon = trial.ready();
    trial.under_load(500, Duration::from_millis(5), |_, _, _, _| ());
    disk.run("fallocate -l $(( $(df --output=avail -k \"$1\" | tail -n 1) - 3000 ))k \"$1/ballast\"");
    trial.send(&long(0, 9_000));
    ends_saying(daemon, "the ledger takes nothing more: the disk is full");
    trial.whereabouts.is(None);
    let found = trial.audit();
    disk.run("mount -o remount,size=600m \"$1\" && rm \"$1/ballast\"");
    let daemon = trial.ready();
    let read = trial.read_all_and_audit(daemon);
    assert!(found > 500 && read > found, "{found}, then {read}");
}

#[test]
fn given_the_directory_turns_read_only_then_it_ends_and_goes_on_once_it_can_be_written() {
    let Some(broker) = broker::plain() else { return };
    if !machine::is_there() || !machine::has_file_systems() {
        return;
    }
    let mut trial = trial(&broker, "read-only");
    let disk = Disk::ext4(trial.folder(), 400);
    trial.data = disk.path.clone();
    let daemon = trial.ready();
    let (daemon, found) = trial.under_load(600, Duration::from_millis(40), |_, whereabouts, data, settings| {
        std::thread::sleep(Duration::from_millis(400));
        // A fault of the file system itself, as of a disk that fails: the system makes it read-only.
        disk.run("device=$(findmnt -n -o SOURCE \"$1\"); echo 1 > /sys/fs/ext4/${device#/dev/}/trigger_fs_error");
        ends_saying(daemon, "the ledger takes nothing more: ");
        whereabouts.is(None);
        let (arguments, variables) = plain(settings);
        let (mut again, log) = Daemon::spawn(data, &arguments, &variables);
        let code = wait_for("it is refused", 60, || again.try_wait().expect("a process")).code();
        let told = std::fs::read_to_string(log).expect("the log");
        assert_eq!(code, Some(1), "{told}");
        assert!(told.to_lowercase().contains("read-only file system"), "{told}");
        // Who only reads has it all the same.
        let status = tributary().args(["query", "status", "--json", "--data"]).arg(data).output().expect("it runs");
        assert_eq!(status.status.code(), Some(0), "{}", String::from_utf8_lossy(&status.stderr));
        disk.run("image=$(dirname \"$1\")/image; umount \"$1\"; e2fsck -fy \"$image\" >/dev/null || (( $? < 4 )); mount -o loop \"$image\" \"$1\"");
        let given = crate::daemon_support::ledger::digest(data);
        let daemon = crate::trial::start(data, settings);
        whereabouts.is(Some(&daemon));
        (daemon, given.1)
    });
    println!("found at {found} after the file system was mended");
    daemon.wait_until_ready();
    assert!(trial.read_all_and_audit(daemon) > found);
}

#[test]
fn given_no_file_may_grow_further_then_it_ends_in_the_middle_of_a_frame_and_goes_on_without_the_limit() {
    let Some(broker) = broker::plain() else { return };
    let mut trial = trial(&broker, "file-size");
    let daemon = trial.ready();
    let daemon = trial.under_load(1_500, Duration::from_millis(40), |_, whereabouts, data, settings| {
        wait_for("something is read", 60, || (daemon.position() > 200).then_some(()));
        // What is written of a segment so far is less than this, and what comes is more.
        machine::limit(daemon.id(), "--fsize=65536");
        ends_saying(daemon, "raise the limit of the size of a file");
        whereabouts.is(None);
        let daemon = crate::trial::start(data, settings);
        whereabouts.is(Some(&daemon));
        daemon
    });
    trial.whereabouts.is(None);
    daemon.kill();
    trial.audit();
    let daemon = trial.ready();
    trial.read_all_and_audit(daemon);
}

#[test]
fn given_no_segment_may_be_made_as_large_as_it_has_to_be_then_the_start_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, told) = machine::start_under("ulimit -f 1000", folder.path());
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("raise the limit of the size of a file (ulimit -f"), "{told}");
}
