//! An old backup and the topic give the present: the daemon on a real broker is backed up while it reads, loses its directory,
//! and comes back from the backup. Needs a JDK and Maven; without them it says that it was skipped.

mod daemon_support;

use std::path::Path;

use daemon_support::broker::{self, Broker};
use daemon_support::daemon::Daemon;
use daemon_support::history::{hostile, is_event};
use daemon_support::ledger::{counts, digest};
use daemon_support::topic::{Sender, ends, reached};
use daemon_support::{seed, tributary, wait_for};

const TOPIC: &str = "backed-up";

fn start(broker: &Broker, data: &Path, more: &[(&str, &str)]) -> Daemon {
    let arguments = ["--brokers", &broker.address, "--topic", TOPIC];
    Daemon::ready(data, &arguments, more)
}

fn wait_until_all_is_read(broker: &Broker, daemon: &Daemon) {
    let ends = ends(&broker.address, TOPIC);
    wait_for("everything is read", 120, || {
        let reached = reached(&daemon.status());
        ends.iter().all(|(partition, end)| *end == 0 || reached.get(partition) == Some(end)).then_some(())
    });
}

fn run(arguments: &[&str]) {
    let output = tributary().args(arguments).output().expect("the binary can be run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

#[test]
fn a_backup_of_then_and_the_topic_give_the_ledger_of_now() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (data, by_command, shipped) =
        (folder.path().join("ledger"), folder.path().join("by-command"), folder.path().join("shipped"));
    let text = |path: &Path| path.to_str().expect("a path").to_owned();
    let lines: Vec<Vec<u8>> = hostile(seed(), 12_000).into_iter().filter(|line| is_event(line)).collect();
    broker.topic(TOPIC, 3);
    let mut sender = Sender::new(&broker.address, TOPIC);
    let (first, later) = lines.split_at(lines.len() / 3);
    first.iter().for_each(|line| sender.send(line));
    sender.flush();
    let shipping = text(&shipped);
    let daemon =
        start(&broker, &data, &[("TRIBUTARY_BACKUP_TO", &shipping), ("TRIBUTARY_BACKUP_INTERVAL_SECONDS", "1")]);
    wait_for("something is read", 60, || (daemon.position() > 100).then_some(()));
    run(&["backup", "--data", &text(&data), "--to", &text(&by_command)]);
    wait_for("something is shipped", 60, || {
        daemon.status()["backup"]["position"].as_u64().is_some_and(|position| position > 0).then_some(())
    });
    later.iter().for_each(|line| sender.send(line));
    sender.flush();
    wait_until_all_is_read(&broker, &daemon);
    let told = counts(&daemon.status());
    daemon.kill();
    let expected = digest(&data);
    for backup in [by_command, shipped] {
        std::fs::remove_dir_all(&data).expect("removed");
        run(&["restore", "--from", &text(&backup), "--data", &text(&data)]);
        let daemon = start(&broker, &data, &[]);
        wait_until_all_is_read(&broker, &daemon);
        assert_eq!(counts(&daemon.status()), told, "every event is counted once");
        assert_eq!(daemon.terminate().0, Some(0));
        assert_eq!(digest(&data), expected);
    }
}
