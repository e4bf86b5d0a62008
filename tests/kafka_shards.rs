//! Shards as daemons, behind a router, on a real broker: their answers added up are those of one ledger, also where they and
//! the router are killed; and what is not as it has to be is told. Needs a JDK and Maven; without them it says that it was
//! skipped.

mod daemon_support;
#[path = "../route/tests/answers/sums.rs"]
mod sums;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use daemon_support::broker::{self, Broker};
use daemon_support::daemon::Daemon;
use daemon_support::history::end;
use daemon_support::router::{Router, make_topics};
use daemon_support::topic::Sender;
use daemon_support::{seed, tributary, wait_for};
use route::partition_of_uid;
use schemas::Uid;
use serde_json::Value;
use workload::{Share, Shares, Workload};

/// The arguments and variables of a shard.
fn shard_of<'a>(
    broker: &'a Broker,
    prefix: &'a str,
    number: &'a str,
    of: &'a str,
) -> ([&'a str; 6], [(&'a str, &'a str); 3]) {
    let arguments = [
        "--brokers",
        &broker.address,
        "--kafka-property",
        "topic.metadata.refresh.interval.ms=500",
        "--kafka-property",
        "reconnect.backoff.max.ms=200",
    ];
    let variables =
        [("TRIBUTARY_ROUTE_PREFIX", prefix), ("TRIBUTARY_SHARD_NUMBER", number), ("TRIBUTARY_SHARD_OF", of)];
    (arguments, variables)
}

fn start_shard(broker: &Broker, data: &Path, prefix: &str, number: usize, of: usize) -> Daemon {
    let (number, of) = (number.to_string(), of.to_string());
    let (arguments, variables) = shard_of(broker, prefix, &number, &of);
    Daemon::ready(data, &arguments, &variables)
}

/// What the start of a shard that is refused ends with and says.
fn refused(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let (mut process, log) = Daemon::spawn(data, arguments, variables);
    let status = wait_for("the daemon ends", 120, || process.try_wait().expect("a process"));
    (status.code(), std::fs::read_to_string(log).expect("the log"))
}

fn command(arguments: &[&str]) -> Output {
    tributary().args(arguments).output().expect("the binary can be run")
}

/// What is asked of all shards, and added up.
const QUESTIONS: [&str; 6] = [
    "/v1/referrers?from=2025-01-01&to=2025-12-31&limit=500",
    "/v1/referrers?from=2025-06-10&to=2025-06-12&limit=500",
    "/v1/overview?from=2025-01-01&to=2025-12-31",
    "/v1/overview/series?from=2025-05-20&to=2025-07-10&interval=day",
    "/v1/countries?from=2025-01-01&to=2025-12-31&limit=500",
    "/v1/cohorts?from=2025-04-01&to=2025-07-31&limit=500",
];

/// The answers of daemons to a question, added up, or in what they differ that does not add up.
fn added(daemons: &[Daemon], question: &str) -> Result<Value, String> {
    let mut answers = daemons.iter().map(|daemon| sums::plain(daemon.get(question)));
    let first = answers.next().expect("a daemon");
    answers.try_fold(first, |one, other| sums::sum(question, one, other))
}

/// A history whose events neither contradict each other nor share an identity while they say different things: of such a
/// one, any order accepts the same.
fn history(seed: u64, events: u64) -> Vec<Vec<u8>> {
    let shares = Shares { altered_duplicates: Share::NONE, conflicts: Share::NONE, ..Shares::HOSTILE };
    Workload { shares, ..Workload::hostile(seed, events, end()) }.lines().collect()
}

#[test]
fn the_answers_of_shards_that_are_killed_now_and_then_are_those_of_one_ledger() {
    let Some(broker) = broker::plain() else { return };
    let seed = seed();
    let folder = tempfile::tempdir().expect("a folder");
    let lines = history(seed, 15_000);
    for of in [2usize, 5] {
        let (topic, prefix) = (format!("events-{of}"), format!("shards-{of}"));
        broker.topic(&topic, 4);
        make_topics(&broker, &prefix, 7);
        let data: Vec<PathBuf> = (0..of).map(|number| folder.path().join(format!("shard-{number}-of-{of}"))).collect();
        let start = |number: usize| start_shard(&broker, &data[number], &prefix, number, of);
        let mut shards: Vec<Daemon> = (0..of).map(start).collect();
        let router = Router::start(folder.path(), &broker, &topic, &prefix, "1");
        let mut sender = Sender::new(&broker.address, &topic);
        let parts: Vec<&[Vec<u8>]> = lines.chunks(lines.len() / 3 + 1).collect();
        parts[0].iter().for_each(|line| sender.send(line));
        sender.flush();
        router.wait_until_it_routes();
        wait_for("something is in a shard", 120, || shards.iter().any(|shard| shard.position() > 200).then_some(()));
        parts[1].iter().for_each(|line| sender.send(line));
        sender.flush();
        router.kill();
        shards.remove(0).kill();
        shards.insert(0, start(0));
        let router = Router::start(folder.path(), &broker, &topic, &prefix, "1");
        parts[2].iter().for_each(|line| sender.send(line));
        sender.flush();
        shards.remove(1).kill();
        shards.insert(1, start(1));

        let file = folder.path().join("all.ndjson");
        std::fs::write(&file, daemon_support::history::text(&lines)).expect("written");
        let one = folder.path().join(format!("one-{of}"));
        let imported = command(&["import", "--data", one.to_str().expect("a path"), file.to_str().expect("a path")]);
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
        let one = Daemon::ready(&one, &[], &[]);
        let expected = |question: &str| sums::plain(one.get(question));
        // What was late is on its way: until it is there the sums lie below, and never above.
        wait_for("the shards have all of it", 240, || {
            std::thread::sleep(Duration::from_millis(500));
            QUESTIONS.iter().all(|question| added(&shards, question) == Ok(expected(question))).then_some(())
        });
        // Nothing comes after it.
        std::thread::sleep(Duration::from_secs(3));
        for question in QUESTIONS {
            assert_eq!(added(&shards, question), Ok(expected(question)), "{question}");
        }
        let rows = expected(QUESTIONS[0])["rows"].as_array().expect("rows").clone();
        assert!(rows.len() > 20, "{} referrers", rows.len());
        for row in rows.iter().take(25) {
            let uid = &row["uid"];
            for question in [
                format!("/v1/codes?uid={uid}&limit=500"),
                format!("/v1/overview?uid={uid}&from=2025-06-01&to=2025-06-30"),
                format!("/v1/referrals?uid={uid}&limit=500"),
            ] {
                assert_eq!(added(&shards, &question), Ok(expected(&question)), "{question}");
            }
            let question = format!("/v1/account?uid={uid}");
            for shard in &shards {
                assert_eq!(sums::plain(shard.get(&question)), expected(&question), "{question}");
            }
        }
        assert_eq!(router.terminate().0, Some(0));
        for shard in shards {
            let (code, log) = shard.terminate();
            assert_eq!(code, Some(0), "{log}");
        }
    }
}

/// What waits in quarantine and could not be read: reasons, with how many messages wait for each. What contradicts another event
/// waits on each shard that has to know it.
fn in_quarantine(daemons: &[Daemon]) -> BTreeMap<String, u64> {
    let mut reasons = BTreeMap::new();
    for daemon in daemons {
        let mut page = daemon.get("/v1/quarantine?limit=500");
        loop {
            let rows = page["rows"].as_array().expect("rows").iter().filter(|row| row["reason"] != "conflict");
            for row in rows {
                *reasons.entry(row["reason"].as_str().expect("a reason").to_owned()).or_default() += 1;
            }
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            page = daemon.get(&format!("/v1/quarantine?limit=500&cursor={cursor}"));
        }
    }
    reasons
}

/// Major accounts that are invitees, and whose sub-accounts own codes: shards tell each other of those, without code and country.
fn invitees_whose_sub_accounts_own_codes() -> Vec<Vec<u8>> {
    let mut lines = vec![
        r#"{"specversion":"1.0","type":"referral.code.v1","source":"/told","id":"c","time":"2025-06-01T00:00:00Z","data":{"code":"TOLDOF","owner_uid":990000,"spot_rebate_rate":"0.1","futures_rebate_rate":"0","note":"","is_default":true}}"#.to_owned(),
    ];
    for number in 0..8 {
        let (major, sub) = (991_000 + number, 992_000 + number);
        let event = |kind: &str, id: &str, data: String| {
            format!(
                r#"{{"specversion":"1.0","type":"referral.{kind}.v1","source":"/told","id":"{id}-{number}","time":"2025-06-02T00:00:00Z","data":{{{data}}}}}"#
            )
        };
        lines.push(event("registration", "m", format!(r#""uid":{major},"account_type":"major","country":"TR","code":"TOLDOF","relationship":"both","parent_uid":null"#)));
        lines.push(event("registration", "s", format!(r#""uid":{sub},"account_type":"sub","country":null,"code":null,"relationship":"both","parent_uid":{major}"#)));
        lines.push(event("code", "c", format!(r#""code":"OFSUB{number}","owner_uid":{sub},"spot_rebate_rate":"0","futures_rebate_rate":"0","note":"","is_default":true"#)));
    }
    lines.into_iter().map(String::into_bytes).collect()
}

#[test]
fn shards_of_another_number_are_made_of_the_ledgers_that_there_are() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut lines = history(seed(), 6_000);
    lines.extend(invitees_whose_sub_accounts_own_codes());
    lines.push(b"no event at all".to_vec());
    lines.push(br#"{"type":"trade"}"#.to_vec());
    broker.topic("producers", 4);
    make_topics(&broker, "before", 5);
    make_topics(&broker, "grown", 11);
    let directory = |name: &str| folder.path().join(name);
    let text = |path: &Path| path.to_str().expect("a path").to_owned();

    let file = directory("all.ndjson");
    std::fs::write(&file, daemon_support::history::text(&lines)).expect("written");
    let one = directory("one");
    let imported = command(&["import", "--data", &text(&one), &text(&file)]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let one = Daemon::ready(&one, &[], &[]);
    let expected: Vec<Value> = QUESTIONS.iter().map(|question| sums::plain(one.get(question))).collect();
    let wait = |what: &str, shards: &[Daemon]| {
        for _ in 0..80 {
            std::thread::sleep(Duration::from_millis(500));
            let mut answers = QUESTIONS.iter().zip(&expected);
            if answers.all(|(question, expected)| added(shards, question).as_ref() == Ok(expected)) {
                return;
            }
        }
        for (question, expected) in QUESTIONS.iter().zip(&expected) {
            assert_eq!(added(shards, question).as_ref(), Ok(expected), "{what}: {question}");
        }
    };

    let before: Vec<PathBuf> = ["before-0", "before-1"].map(directory).to_vec();
    let shards: Vec<Daemon> =
        before.iter().enumerate().map(|(number, data)| start_shard(&broker, data, "before", number, 2)).collect();
    let router = Router::start(folder.path(), &broker, "producers", "before", "1");
    let mut sender = Sender::new(&broker.address, "producers");
    lines.iter().for_each(|line| sender.send(line));
    sender.flush();
    wait("two shards have all of it", &shards);
    let waiting = in_quarantine(&shards);
    assert!(waiting["malformed"] > 1, "{waiting:?}");
    router.kill();

    // The shards that there are run on; where it would come back to them it is refused.
    let ledgers = before.iter().map(|data| text(data)).collect::<Vec<_>>().join(",");
    let route = |prefix: &str| {
        let given = ["route", "--brokers", &broker.address, "--prefix", prefix, "--from-ledgers", &ledgers];
        let done = command(&given);
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let (code, said) = route("before");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("has read topic before."), "{said}");
    let (code, said) = route("grown");
    assert_eq!(code, Some(0), "{said}");
    let grown: Vec<Daemon> =
        (0..3).map(|number| start_shard(&broker, &directory(&format!("grown-{number}")), "grown", number, 3)).collect();
    wait("three shards have all of it", &grown);
    let is_there = || (in_quarantine(&grown) == waiting).then_some(());
    wait_for("what waits in quarantine waits there again", 60, is_there);
    // An event that is put there twice counts once.
    assert_eq!(route("grown").0, Some(0));
    let duplicates = |shard: &Daemon| -> u64 {
        let status = shard.get("/v1/status");
        status["duplicate"].as_object().expect("counts by type").values().filter_map(Value::as_u64).sum()
    };
    wait_for("all of it was read again", 120, || {
        grown.iter().all(|shard| duplicates(shard) >= shard.position()).then_some(())
    });
    for (question, expected) in QUESTIONS.iter().zip(&expected) {
        assert_eq!(added(&grown, question).as_ref(), Ok(expected), "{question}");
    }
    let events: u64 = grown.iter().map(Daemon::position).sum();
    assert!(events > 1_000, "{events}");
}

#[test]
fn what_makes_no_shard_is_refused_and_a_shard_takes_events_from_kafka_alone() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (first, second) = (at("first"), at("second"));
    let (arguments, as_first) = shard_of(&broker, "told", "0", "2");
    let (_, as_second) = shard_of(&broker, "told", "1", "2");

    let (code, log) = refused(&first, &arguments, &as_first);
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("there is no topic told.accounts"), "{log}");
    make_topics(&broker, "told", 4);
    let (code, log) = refused(&first, &arguments, &shard_of(&broker, "told", "2", "2").1);
    assert_eq!(code, Some(2), "{log}");
    let (code, log) = refused(&first, &arguments, &shard_of(&broker, "told", "0", "5").1);
    assert_eq!(code, Some(2), "{log}");
    assert!(log.contains("5 shards of 4 partitions"), "{log}");

    let shard = Daemon::ready(&first, &arguments, &as_first);
    let answer = shard.post_events(br#"{"specversion":"1.0"}"#).expect("an answer");
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert!(answer.body.contains("this is shard 0 of 2, to which events come through Kafka alone"), "{}", answer.body);
    // A command of a family that is another's is not done here (`tests/shard_commands.rs`).
    let uid = (7..).find(|uid| partition_of_uid(Uid(*uid), 4) % 2 == 1).expect("a uid");
    let code = ureq::post(shard.url(&format!("/v1/codes?uid={uid}"))).header("Content-Type", "application/json");
    let refusal = code.send(r#"{"code":"NEW_ONE","spot_rebate_rate":"0.05","futures_rebate_rate":"0.02"}"#);
    assert!(matches!(refusal, Err(ureq::Error::StatusCode(421))), "{refusal:?}");
    let page = shard.try_get("/").expect("a page");
    assert!(page.body.contains("this is shard 0 of 2"), "the pages say so");
    assert!(shard.try_get("/v1/overview?uid=7").is_ok_and(|answer| answer.status == 200));
    // It reads what is its own: it has to be known for the next look.
    let mut sender = Sender::new(&broker.address, "told.accounts");
    history(3, 400).iter().for_each(|line| sender.send(line));
    sender.flush();
    wait_for("it has read something", 60, || (shard.position() > 20).then_some(()));

    // The same number again: who started later ends, and the first goes on.
    let mut twin = Daemon::ready(&at("twin"), &arguments, &as_first);
    wait_for("the later one ends", 120, || twin.has_ended().then_some(()));
    let (code, log) = twin.ended();
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("another daemon runs as shard 0 of 2"), "{log}");
    assert_eq!(shard.status()["failure"], Value::Null);
    assert_eq!(shard.terminate().0, Some(0));

    let first_text = first.to_str().expect("a path");
    let events = at("events.ndjson");
    std::fs::write(&events, "{}\n").expect("written");
    for arguments in [
        &["import", "--data", first_text, events.to_str().expect("a path")][..],
        &["quarantine", "redrive", "--all", "--data", first_text],
    ] {
        let output = command(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains("this is shard 0 of 2"), "{said}");
    }
    let (code, log) = refused(&first, &arguments, &as_second);
    assert_eq!(code, Some(2), "{log}");
    assert!(log.contains("is shard 0 of 2 of the topics told.…, and not shard 1 of 2"), "{log}");
    let (code, log) = refused(&first, &[], &[]);
    assert_eq!(code, Some(2), "{log}");
    assert!(log.contains("is shard 0 of 2: set shard.number and shard.of"), "{log}");
    // Also where its directory does not say any more which it is.
    std::fs::remove_file(first.join("shard.toml")).expect("removed");
    let (code, log) = refused(&first, &arguments, &as_second);
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("which is not shard 1's of 2: it is another shard's"), "{log}");
    let shard = Daemon::ready(&first, &arguments, &as_first);
    assert_eq!(shard.terminate().0, Some(0));

    let imported = command(&["import", "--data", second.to_str().expect("a path"), &write_history(&at("some.ndjson"))]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let (code, log) = refused(&second, &arguments, &as_second);
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("a shard begins with an empty directory"), "{log}");

    broker.add_partitions("told.accounts", 5);
    broker.add_partitions("told.heads", 5);
    let (code, log) = refused(&first, &arguments, &as_first);
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("topic told.accounts has 5 partitions, and 4 when events were put there"), "{log}");
}

fn write_history(path: &Path) -> String {
    std::fs::write(path, daemon_support::history::text(&history(4, 200))).expect("written");
    path.to_str().expect("a path").to_owned()
}
