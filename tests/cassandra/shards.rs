//! Two shards behind a router, each publishing to one keyspace, one of them killed: a serving node answers with the digits of
//! one ledger that has all events.

use std::path::PathBuf;

use serde_json::Value;
use workload::{Share, Shares, Workload};

use crate::daemon_support::broker;
use crate::daemon_support::cassandra;
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::history::{end, text};
use crate::daemon_support::router::{Router, make_topics};
use crate::daemon_support::topic::Sender;
use crate::daemon_support::{seed, tributary, wait_for};
use crate::questions::{about, check, cluster, plain, positions, referrers};

/// A history of which any order accepts the same.
fn history(seed: u64, events: u64) -> Vec<Vec<u8>> {
    let shares = Shares { altered_duplicates: Share::NONE, conflicts: Share::NONE, ..Shares::HOSTILE };
    Workload { shares, ..Workload::hostile(seed, events, end()) }.lines().collect()
}

#[test]
fn two_shards_in_one_keyspace_answer_with_the_digits_of_one_ledger() {
    let (Some(node), Some(broker)) = (cassandra::shared(), broker::plain()) else { return };
    let lines = history(seed(), 8_000);
    let folder = tempfile::tempdir().expect("a folder");
    broker.topic("events", 4);
    make_topics(&broker, "shards", 7);
    let data: Vec<PathBuf> = (0..2).map(|number| folder.path().join(format!("shard-{number}"))).collect();
    let start = |number: usize| {
        let text = number.to_string();
        let own = [
            ("TRIBUTARY_ROUTE_PREFIX", "shards"),
            ("TRIBUTARY_SHARD_NUMBER", text.as_str()),
            ("TRIBUTARY_SHARD_OF", "2"),
        ];
        let brokers = ["--brokers", &broker.address, "--kafka-property", "topic.metadata.refresh.interval.ms=500"];
        Daemon::ready(&data[number], &brokers, &[&cluster(&node.address, "shards")[..], &own].concat())
    };
    let (first, mut second) = (start(0), start(1));
    let serving = Daemon::serve(folder.path(), &[], &cluster(&node.address, "shards"));
    let router = Router::start(folder.path(), &broker, "events", "shards", "1");
    let mut sender = Sender::new(&broker.address, "events");
    let (one_half, other_half) = lines.split_at(lines.len() / 2);
    one_half.iter().for_each(|line| sender.send(line));
    sender.flush();
    router.wait_until_it_routes();
    wait_for("something is published of both shards", 180, || {
        positions(&serving).filter(|positions| positions.len() == 2 && positions.iter().all(|position| *position > 100))
    });
    second.kill();
    other_half.iter().for_each(|line| sender.send(line));
    sender.flush();
    second = start(1);

    let file = folder.path().join("all.ndjson");
    std::fs::write(&file, text(&lines)).expect("written");
    let one = folder.path().join("one");
    let imported = tributary().args(["import", "--data"]).args([&one, &file]).output().expect("the binary can be run");
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let one = Daemon::ready(&one, &[], &[]);
    let uids = referrers(&one);
    assert!(uids.len() > 20, "{} referrers", uids.len());
    let uids = &uids[..uids.len().min(20)];
    // What is late is on its way, and is published some time after it has come.
    wait_for("everything is published", 240, || {
        std::thread::sleep(std::time::Duration::from_millis(500));
        let is_there = |uid: &u64| {
            let question = &about(*uid)[3];
            let answer = serving.try_get(question).ok().filter(|answer| answer.status == 200)?;
            (plain(answer.json()) == plain(one.get(question))).then_some(())
        };
        uids.iter().map(is_there).collect::<Option<()>>()
    });
    wait_for("nothing more comes", 120, || {
        let reached = [first.position(), second.position()];
        (positions(&serving).as_deref() == Some(&reached)).then_some(())
    });
    check(&serving, &one, uids);
    let answer = serving.get(&about(uids[0])[0]);
    assert_eq!(answer["as_of"]["positions"], Value::from(vec![first.position(), second.position()]));
    assert_eq!(answer["as_of"]["event_time"], one.get("/v1/overview?uid=7")["as_of"]["event_time"]);
    assert_eq!(router.terminate().0, Some(0));
    for shard in [first, second] {
        let (code, log) = shard.terminate();
        assert_eq!(code, Some(0), "{log}");
    }
}
