//! A million events through a real broker, with kills and a rebalance in between: every number equals the same lines
//! imported from a file. Needs a JDK and Maven; without them it says that it was skipped.

mod daemon_support;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use daemon_support::broker;
use daemon_support::daemon::Daemon;
use daemon_support::history::{end, is_event};
use daemon_support::ledger::{counts, digest, import, without_position};
use daemon_support::topic::{Sender, ends, reached};
use daemon_support::{seed, wait_for};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use serde_json::Value;
use workload::{DEMO_UID, Workload};

const EVENTS: u64 = 1_000_000;

/// What a killed member still holds is given to another soon.
const PROPERTIES: [&str; 4] =
    ["--kafka-property", "session.timeout.ms=6000", "--kafka-property", "heartbeat.interval.ms=500"];

#[test]
fn a_million_events_through_two_kills_and_a_rebalance_equal_the_same_lines_from_a_file() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let seed = seed();
    let mut dice = StdRng::seed_from_u64(seed);
    broker.topic("million", 12);
    let file = folder.path().join("events.ndjson");
    let (go_on, half_way) = channel();
    let sending = send_all(Workload::sized(seed, EVENTS, end()), &broker.address, "million", &file, half_way);

    let data = folder.path().join("consumed");
    let mut arguments = vec!["--brokers", &broker.address, "--topic", "million", "--mode", "group", "--group", "g"];
    arguments.extend(PROPERTIES);
    let start = || Daemon::ready(&data, &arguments, &[]);
    let daemon = start();
    read_beyond(&daemon, dice.random_range(50_000..200_000));
    daemon.kill();

    let daemon = start();
    read_beyond(&daemon, dice.random_range(250_000..400_000));
    let held = come_and_go(&broker.address, "million", &daemon);
    assert!((1..12).contains(&held.len()), "the members shared the partitions: {held:?}");

    go_on.send(()).expect("the sender waits");
    read_beyond(&daemon, dice.random_range(550_000..850_000));
    daemon.kill();

    let daemon = start();
    let lines = sending.join().expect("sent");
    let ends = ends(&broker.address, "million");
    assert_eq!(ends.values().sum::<i64>(), i64::try_from(lines).expect("few"), "the broker has every line once");
    read_to(&daemon, &ends);
    assert_eq_to_file(folder.path(), daemon, &data, &file);
}

#[test]
fn partitions_added_while_it_runs_are_found_and_read() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<_> = Workload::sized(seed(), 50_000, end()).lines().filter(|line| is_event(line)).collect();
    let file = folder.path().join("events.ndjson");
    std::fs::write(&file, daemon_support::history::text(&lines)).expect("written");
    broker.topic("growing", 12);
    let data = folder.path().join("consumed");
    let refresh = ["--kafka-property", "topic.metadata.refresh.interval.ms=300"];
    let daemon =
        Daemon::ready(&data, &[&["--brokers", &broker.address, "--topic", "growing"][..], &refresh].concat(), &[]);
    let mut sender = Sender::new(&broker.address, "growing");
    let (first, second) = lines.split_at(lines.len() / 2);
    first.iter().for_each(|line| sender.send(line));
    sender.flush();
    // A key moves to another partition with their number; what came before must have been read.
    read_to(&daemon, &ends(&broker.address, "growing"));

    broker.add_partitions("growing", 16);
    wait_for("the sender knows of them", 30, || (sender.partitions() == 16).then_some(()));
    second.iter().for_each(|line| sender.send(line));
    sender.flush();
    let ends = ends(&broker.address, "growing");
    assert!(ends.len() == 16 && ends.values().all(|end| *end > 0), "every partition has messages: {ends:?}");
    read_to(&daemon, &ends);
    assert_eq_to_file(folder.path(), daemon, &data, &file);
}

/// Sends a workload's lines to a topic and writes them to a file, all but those that are no events. Half way it waits
/// to be told to go on, so that what comes then is read while it is sent. How many.
fn send_all(workload: Workload, brokers: &str, topic: &str, file: &Path, half_way: Receiver<()>) -> JoinHandle<u64> {
    let mut sender = Sender::new(brokers, topic);
    let mut file = BufWriter::new(File::create(file).expect("a file"));
    std::thread::spawn(move || {
        for line in workload.lines().filter(|line| is_event(line)) {
            if sender.count == EVENTS / 2 {
                half_way.recv().expect("told to go on");
            }
            sender.send(&line);
            file.write_all(&line).and_then(|()| file.write_all(b"\n")).expect("written");
        }
        file.flush().expect("written");
        sender.flush();
        sender.count
    })
}

/// Waits until the ledger holds more than so many entries.
fn read_beyond(daemon: &Daemon, position: u64) {
    let reached = wait_for(&format!("position {position}"), 120, || {
        Some(daemon.position()).filter(|reached| *reached > position)
    });
    println!("at position {reached}");
}

/// Waits until the ledger holds each partition to its end, and no lag is told.
fn read_to(daemon: &Daemon, ends: &std::collections::BTreeMap<i32, i64>) {
    wait_for(&format!("{ends:?}"), 180, || {
        let status = daemon.status();
        let lags = status["partitions"].as_array()?.iter().all(|partition| partition["lag"] == 0);
        (reached(&status) == *ends && lags).then_some(())
    });
}

/// A second member joins the group, reads some, commits where it is, and leaves. What it was given. The commits
/// must not lead the daemon astray: where reading goes on is the ledger's word.
fn come_and_go(brokers: &str, topic: &str, daemon: &Daemon) -> BTreeSet<i32> {
    let mut config = ClientConfig::new();
    for (name, value) in [
        ("bootstrap.servers", brokers),
        ("group.id", "g"),
        ("session.timeout.ms", "6000"),
        ("heartbeat.interval.ms", "500"),
        ("auto.offset.reset", "latest"),
        ("enable.auto.commit", "false"),
    ] {
        config.set(name, value);
    }
    let member: BaseConsumer = config.create().expect("a consumer");
    member.subscribe(&[topic]).expect("subscribed");
    let held = wait_for("the second member is given partitions", 60, || {
        let polled = member.poll(Duration::from_millis(50));
        drop(polled);
        let held: BTreeSet<i32> =
            member.assignment().expect("known").elements().iter().map(|element| element.partition()).collect();
        (!held.is_empty()).then_some(held)
    });
    let not_given = || {
        let status = daemon.status();
        let partitions = status["partitions"].as_array().expect("a list");
        partitions.iter().filter(|partition| !partition["unread"].is_null()).count()
    };
    wait_for("the status tells what is not read here", 60, || {
        drop(member.poll(Duration::from_millis(50)));
        (not_given() == held.len()).then_some(())
    });
    let mut places = rdkafka::TopicPartitionList::new();
    for partition in &held {
        let (_, end) = member.fetch_watermarks(topic, *partition, Duration::from_secs(10)).expect("watermarks");
        places.add_partition_offset(topic, *partition, rdkafka::Offset::Offset(end)).expect("an offset");
    }
    member.commit(&places, CommitMode::Sync).expect("committed");
    drop(member);
    wait_for("the daemon has all again", 60, || (not_given() == 0).then_some(()));
    held
}

/// What the daemon answers, and what its directory holds after it ended, equals an import of the file.
fn assert_eq_to_file(folder: &Path, daemon: Daemon, data: &Path, file: &Path) {
    let imported: PathBuf = folder.join("imported");
    import(&imported, &[file]);
    let expected = Daemon::ready(&imported, &[], &[]);
    assert_eq!(counts(&daemon.status()), counts(&expected.status()));
    let paths = |uid: u64| {
        [
            format!("/v1/overview?uid={uid}&from=2025-04-01&to=2025-06-30"),
            format!("/v1/overview/series?uid={uid}&from=2025-06-01&to=2025-06-30&interval=week"),
            format!("/v1/countries?uid={uid}&from=2025-04-01&to=2025-06-30&limit=500"),
            format!("/v1/rewards?uid={uid}&from=2025-06-01&to=2025-06-30&limit=500"),
            format!("/v1/referrals?uid={uid}&limit=500&sort=commission"),
            format!("/v1/codes?uid={uid}"),
        ]
    };
    let referrers = std::iter::once(DEMO_UID.0).chain(owners(file)).collect::<BTreeSet<u64>>();
    assert!(referrers.len() > 2, "{referrers:?}");
    for path in referrers.iter().take(12).flat_map(|uid| paths(*uid)) {
        let [found, wanted] = [&daemon, &expected].map(|daemon| without_position(daemon.get(&path)));
        assert_eq!(found, wanted, "{path}");
    }
    let demo = daemon.get(&paths(DEMO_UID.0)[0]);
    assert_ne!(demo["metrics"]["total_rewards"], "0", "there is something to compare: {demo}");
    assert_eq!((daemon.terminate().0, expected.terminate().0), (Some(0), Some(0)));
    assert_eq!(digest(data), digest(&imported));
}

/// Those who own codes, by the events of a file.
fn owners(file: &Path) -> Vec<u64> {
    use std::io::{BufRead, BufReader};
    let lines = BufReader::new(File::open(file).expect("the file")).split(b'\n').map(|line| line.expect("a line"));
    let codes = lines.filter(|line| line.windows(11).any(|part| part == b"\"owner_uid\""));
    codes.filter_map(|line| serde_json::from_slice::<Value>(&line).ok()?["data"]["owner_uid"].as_u64()).collect()
}
