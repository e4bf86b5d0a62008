//! Routers on a real broker: killed in the midst of transactions, several at once, stopped and woken, and with topics that
//! are not as they have to be. Needs a JDK and Maven; without them it says that it was skipped.

mod daemon_support;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::Duration;

use daemon_support::broker::{self, Broker};
use daemon_support::history::{end, hostile};
use daemon_support::router::{Router, make_topics, route};
use daemon_support::topic::{Sender, ends};
use daemon_support::{seed, tributary, wait_for};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};
use route::{Destination, Parents, destination, partition_of_key, partition_of_uid};
use schemas::json::read_event;
use schemas::{Timestamp, Uid};

const PARTITIONS: i32 = 6;

/// A message that was committed.
struct Read {
    partition: i32,
    key: Option<Vec<u8>>,
    value: Vec<u8>,
}

/// All that a topic holds for who reads only what was committed. Open transactions are waited for.
fn read_all(broker: &Broker, topic: &str) -> Vec<Read> {
    let mut config = ClientConfig::new();
    for (name, value) in [
        ("bootstrap.servers", broker.address.as_str()),
        ("group.id", "reads-all"),
        ("isolation.level", "read_committed"),
        ("enable.auto.commit", "false"),
    ] {
        config.set(name, value);
    }
    let consumer: BaseConsumer = config.create().expect("a consumer");
    let ends: BTreeMap<i32, i64> = ends(&broker.address, topic).into_iter().filter(|(_, end)| *end > 0).collect();
    let mut places = TopicPartitionList::new();
    for partition in ends.keys() {
        places.add_partition_offset(topic, *partition, Offset::Beginning).expect("an offset");
    }
    consumer.assign(&places).expect("assigned");
    let mut read = Vec::new();
    wait_for(&format!("the content of {topic}"), 180, || {
        loop {
            match consumer.poll(Duration::from_millis(300)) {
                Some(Ok(message)) => read.push(Read {
                    partition: message.partition(),
                    key: message.key().map(<[u8]>::to_vec),
                    value: message.payload().unwrap_or_default().to_vec(),
                }),
                Some(Err(KafkaError::PartitionEOF(_))) => {}
                Some(Err(error)) => println!("the test's own consumer: {error}"),
                None => break,
            }
        }
        let position = consumer.position().expect("positions");
        let is_at_its_end = |(partition, end): (&i32, &i64)| {
            let place = position.find_partition(topic, *partition).expect("a place");
            matches!(place.offset(), Offset::Offset(next) if next >= *end)
        };
        ends.iter().all(is_at_its_end).then_some(())
    });
    read
}

/// Waits until a group has come to the end of a topic.
fn wait_until_all_is_routed(broker: &Broker, group: &str, topic: &str) {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &broker.address).set("group.id", group);
    let client: BaseConsumer = config.create().expect("a client");
    let ends = ends(&broker.address, topic);
    wait_for(&format!("all of {topic} is routed"), 240, || {
        let mut list = TopicPartitionList::new();
        ends.keys().for_each(|partition| {
            list.add_partition(topic, *partition);
        });
        let committed = client.committed_offsets(list, Duration::from_secs(30)).ok()?;
        let is_done = |(partition, end): (&i32, &i64)| {
            let place = committed.find_partition(topic, *partition).expect("a place");
            *end == 0 || place.offset() == Offset::Offset(*end)
        };
        ends.iter().all(is_done).then_some(())
    });
}

/// The heads that an account can have had, as its chain became known: itself, and all above it.
fn heads_of(uid: Uid, parent_of: &BTreeMap<Uid, Uid>) -> BTreeSet<Uid> {
    let (mut heads, mut at) = (BTreeSet::from([uid]), uid);
    while let Some(parent) = parent_of.get(&at) {
        at = *parent;
        if !heads.insert(at) {
            break;
        }
    }
    heads
}

/// Holds what was routed against what was sent: the same bytes, each as often, each where it belongs.
fn check_routed(broker: &Broker, prefix: &str, sent: &[Vec<u8>]) {
    let mut parent_of = BTreeMap::new();
    for line in sent {
        let Ok(event) = read_event(line, end()) else { continue };
        if let schemas::Body::Registration(data) = &event.body
            && let Some(parent) = data.parent_uid
        {
            parent_of.entry(data.uid).or_insert(parent);
        }
    }
    assert!(parent_of.len() > 10, "{} sub-accounts", parent_of.len());
    let mut left: BTreeMap<&[u8], i64> = BTreeMap::new();
    sent.iter().for_each(|line| *left.entry(line).or_default() += 1);
    let accounts = read_all(broker, &format!("{prefix}.accounts"));
    let platform = read_all(broker, &format!("{prefix}.platform"));
    for message in accounts.iter().chain(&platform) {
        *left.get_mut(&message.value[..]).expect("it was sent") -= 1;
    }
    let wrong: Vec<i64> = left.into_values().filter(|count| *count != 0).collect();
    assert!(wrong.is_empty(), "{} lines are missing or there twice: {wrong:?}", wrong.len());
    let mut nobody = Parents::new();
    for message in &accounts {
        let event = read_event(&message.value, end()).ok();
        let destination = event.as_ref().map(|event| destination(event, &mut nobody));
        if let Some(Destination::Family(uid)) = destination {
            let key = message.key.as_deref().map(|key| std::str::from_utf8(key).expect("a uid"));
            let head = key.and_then(Uid::parse).expect("a uid");
            assert!(heads_of(uid, &parent_of).contains(&head), "{head} is no head of {uid}");
            assert_eq!(message.partition as u32, partition_of_uid(head, PARTITIONS as u32));
        } else {
            assert_eq!(destination, None, "what all have to know is not among accounts");
        }
    }
    for message in &platform {
        let event = read_event(&message.value, end()).expect("what cannot be read is not here");
        assert_eq!(destination(&event, &mut nobody), Destination::Platform);
    }
}

#[test]
fn given_routers_are_killed_in_their_transactions_then_each_message_is_there_once() {
    let Some(broker) = broker::plain() else { return };
    let seed = seed();
    let mut dice = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().expect("a folder");
    broker.topic("killed", 4);
    make_topics(&broker, "killed-to", PARTITIONS);
    let lines = hostile(seed, 12_000);
    // Something to be in the midst of, all the time.
    let (address, sent) = (broker.address.clone(), lines.clone());
    let sending = std::thread::spawn(move || {
        let mut sender = Sender::new(&address, "killed");
        for part in sent.chunks(200) {
            part.iter().for_each(|line| sender.send(line));
            sender.flush();
            std::thread::sleep(Duration::from_millis(150));
        }
    });
    let mut other = Router::start(folder.path(), &broker, "killed", "killed-to", "two");
    for round in 0..6 {
        let router = Router::start(folder.path(), &broker, "killed", "killed-to", "one");
        router.wait_until_it_routes();
        std::thread::sleep(Duration::from_millis(dice.random_range(200..2_500)));
        router.kill();
        if round == 3 {
            other.kill();
            other = Router::start(folder.path(), &broker, "killed", "killed-to", "two");
        }
    }
    sending.join().expect("all is sent");
    let last = Router::start(folder.path(), &broker, "killed", "killed-to", "one");
    wait_until_all_is_routed(&broker, "killed-to", "killed");
    for router in [last, other] {
        let (code, log) = router.terminate();
        assert_eq!(code, Some(0), "{log}");
    }
    check_routed(&broker, "killed-to", &lines);
    let put: i64 = ends(&broker.address, "killed-to.accounts").values().sum();
    println!("{put} offsets of accounts, with marks of transactions and what was taken back");
}

#[test]
fn a_router_that_was_stopped_and_goes_on_after_another_took_over_puts_nothing_there_twice() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    broker.topic("zombie", 2);
    make_topics(&broker, "zombie-to", PARTITIONS);
    let lines = hostile(seed(), 6_000);
    let (address, sent) = (broker.address.clone(), lines.clone());
    let sending = std::thread::spawn(move || {
        let mut sender = Sender::new(&address, "zombie");
        for part in sent.chunks(100) {
            part.iter().for_each(|line| sender.send(line));
            sender.flush();
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let zombie = Router::start(folder.path(), &broker, "zombie", "zombie-to", "zombie");
    zombie.wait_until_it_routes();
    std::thread::sleep(Duration::from_secs(5));
    zombie.signal("STOP");
    let successor = Router::start(folder.path(), &broker, "zombie", "zombie-to", "successor");
    // Longer than the group waits for one that says nothing.
    std::thread::sleep(Duration::from_secs(10));
    zombie.signal("CONT");
    sending.join().expect("all is sent");
    wait_until_all_is_routed(&broker, "zombie-to", "zombie");
    assert_eq!(successor.terminate().0, Some(0));
    assert_eq!(zombie.terminate().0, Some(0));
    check_routed(&broker, "zombie-to", &lines);
}

#[test]
fn of_two_routers_of_one_id_the_first_is_fenced_and_says_so() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    broker.topic("fenced", 1);
    make_topics(&broker, "fenced-to", 3);
    let first = Router::start(folder.path(), &broker, "fenced", "fenced-to", "same");
    first.wait_until_it_routes();
    let mut sender = Sender::new(&broker.address, "fenced");
    let lines = hostile(1, 400);
    lines.iter().take(200).for_each(|line| sender.send(line));
    sender.flush();
    wait_until_all_is_routed(&broker, "fenced-to", "fenced");
    let second = Router::start(folder.path(), &broker, "fenced", "fenced-to", "same");
    let (code, log) = first.ended(120);
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("another router runs under the id same"), "{log}");
    lines.iter().skip(200).for_each(|line| sender.send(line));
    sender.flush();
    wait_until_all_is_routed(&broker, "fenced-to", "fenced");
    assert_eq!(second.terminate().0, Some(0));
    assert_eq!(
        read_all(&broker, "fenced-to.accounts").len() + read_all(&broker, "fenced-to.platform").len(),
        lines.len()
    );
}

/// The number of a series among metrics, if it is there.
fn figure(text: &str, series: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
    Some(line.parse().expect("a whole number"))
}

#[test]
fn a_router_answers_whether_it_reads_and_tells_what_it_has_routed_and_how_far_it_is() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    broker.topic("measured", 2);
    make_topics(&broker, "measured-to", PARTITIONS);
    let lines = hostile(seed(), 3_000);
    let mut sender = Sender::new(&broker.address, "measured");
    let mut send = |lines: &[Vec<u8>]| {
        lines.iter().for_each(|line| sender.send(line));
        sender.flush();
    };
    send(&lines[..1_000]);
    let router = Router::start(folder.path(), &broker, "measured", "measured-to", "one");
    assert_eq!(router.probe("/healthz").0, 200);
    let (status, said) = router.probe("/readyz");
    assert!(status == 503 && said.contains("\"missing\":[{\"what\":\"platform\""), "{status}: {said}");
    wait_for("it is ready", 120, || Some(()).filter(|()| router.probe("/readyz").0 == 200));
    assert!(router.probe("/readyz").1.contains("\"partitions\":2"), "{}", router.probe("/readyz").1);
    // A second one takes one partition of the two, whose lag the first one then tells no more.
    let other = Router::start(folder.path(), &broker, "measured", "measured-to", "two");
    let lag = |partition: i32| format!("tributary_route_lag_messages{{partition=\"{partition}\",topic=\"measured\"}}");
    let told = |router: &Router| {
        let (_, text) = router.probe("/metrics");
        [0, 1].map(|partition| figure(&text, &lag(partition)))
    };
    wait_for("each has one partition, and is at its end", 120, || {
        let (first, second) = (told(&router), told(&other));
        let both = [0, 1].map(|partition| (first[partition], second[partition]));
        both.iter().all(|pair| matches!(pair, (Some(0), None) | (None, Some(0)))).then_some(())
    });
    assert_eq!(other.terminate().0, Some(0));
    send(&lines[1_000..]);
    wait_until_all_is_routed(&broker, "measured-to", "measured");
    let (_, text) = router.probe("/metrics");
    assert_eq!(figure(&text, "tributary_ready_to_ingest"), Some(1));
    for (line, least) in [
        ("tributary_route_transactions_total{outcome=\"committed\"}", 1),
        ("tributary_route_transaction_duration_seconds_count", 1),
        // Those of the last transactions are known once it has read them back.
        ("tributary_route_sub_accounts", 1),
        ("tributary_route_sub_accounts_bytes", 1),
    ] {
        assert!(figure(&text, line).is_some_and(|count| count >= least), "{line} in\n{text}");
    }
    assert_eq!(figure(&text, "tributary_route_failures_total{cause=\"fenced\"}"), Some(0));
    wait_for("nothing is left to route", 60, || Some(()).filter(|()| told(&router) == [Some(0), Some(0)]));
    assert_eq!(router.terminate().0, Some(0));

    // One alone, from the beginning: its counters say what lies in the topics.
    make_topics(&broker, "measured-again", PARTITIONS);
    let router = Router::start(folder.path(), &broker, "measured", "measured-again", "one");
    wait_until_all_is_routed(&broker, "measured-again", "measured");
    let (accounts, platform) =
        (read_all(&broker, "measured-again.accounts"), read_all(&broker, "measured-again.platform"));
    let bytes = |read: &[Read]| -> usize {
        read.iter().map(|message| message.value.len() + message.key.as_ref().map_or(0, Vec::len)).sum()
    };
    // How far ahead a time lies, is for a shard to say.
    let unreadable = lines.iter().filter(|line| read_event(line, Timestamp(i64::MAX)).is_err()).count();
    assert!(unreadable > 10 && accounts.len() + platform.len() == lines.len());
    let text = wait_for("it knows that its last transaction is committed", 60, || {
        let (_, text) = router.probe("/metrics");
        let counted = figure(&text, "tributary_route_messages_total{topic=\"measured-again.accounts\"}");
        (counted == Some(accounts.len() as u64)).then_some(text)
    });
    for (line, count) in [
        ("tributary_route_messages_total{topic=\"measured-again.platform\"}", platform.len()),
        ("tributary_route_bytes_total{topic=\"measured-again.accounts\"}", bytes(&accounts)),
        ("tributary_route_bytes_total{topic=\"measured-again.platform\"}", bytes(&platform)),
        ("tributary_route_transactions_total{outcome=\"aborted\"}", 0),
    ] {
        assert_eq!(figure(&text, line), Some(count as u64), "{line} in\n{text}");
    }
    wait_for("what could not be read is told", 10, || {
        let counted = figure(&router.probe("/metrics").1, "tributary_route_unreadable_total");
        (counted == Some(unreadable as u64)).then_some(())
    });
    assert_eq!(router.terminate().0, Some(0));
}

#[test]
fn topics_that_are_not_as_they_have_to_be_are_told_with_what_to_do() {
    let Some(broker) = broker::plain() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    broker.topic("source", 1);
    let told = |prefix: &str, topic: &str| {
        let output = route(&["--brokers", &broker.address, "--topic", topic, "--prefix", prefix, "--group", prefix]);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let refused = |prefix: &str, topic: &str, code: i32, said: &str| {
        let (ended, told) = told(prefix, topic);
        assert_eq!(ended, Some(code), "{told}");
        assert!(told.contains(said), "{told}");
    };
    refused("source", "source.accounts", 2, "topic source.accounts is written by the router");
    refused("none", "source", 1, "there is no topic none.accounts: make it, with as many partitions");
    broker.topic("half.accounts", 3);
    refused("half", "source", 1, "there is no topic half.platform: make it, with one partition");
    broker.topic("half.platform", 2);
    refused("half", "source", 1, "topic half.platform has 2 partitions, and must have one");
    broker.topic("odd.accounts", 3);
    broker.topic("odd.platform", 1);
    broker.topic("odd.heads", 2);
    refused("odd", "source", 1, "topic odd.heads has 2 partitions, and must have as many as odd.accounts, which has 3");
    make_topics(&broker, "grown", 3);
    refused("grown", "no-such-source", 1, "there is no topic no-such-source");

    let mut sender = Sender::new(&broker.address, "source");
    hostile(2, 50).iter().for_each(|line| sender.send(line));
    sender.flush();
    let router = Router::start(folder.path(), &broker, "source", "grown", "1");
    wait_until_all_is_routed(&broker, "grown", "source");
    assert_eq!(router.terminate().0, Some(0));
    broker.add_partitions("grown.accounts", 4);
    broker.add_partitions("grown.heads", 4);
    refused("grown", "source", 1, "topic grown.accounts has 4 partitions, and 3 when events were put there");

    make_topics(&broker, "roomy", 1);
    broker.topic_with("small.accounts", 1, &["max.message.bytes=1000"]);
    broker.topic("small.platform", 1);
    broker.topic("small.heads", 1);
    let mut sender = Sender::new(&broker.address, "source");
    sender.send("x".repeat(4_000).as_bytes());
    sender.flush();
    refused("small", "source", 1, "does not fit into topic small.accounts: raise its max.message.bytes");
}

/// Kafka's own producer, with its own partitioner, puts a key where the router puts it.
#[test]
fn the_partition_of_a_key_is_that_of_javas_producer() {
    let Some(broker) = broker::plain() else { return };
    broker.topic("java", 7);
    let lines: String = (1..300u64).map(|number| format!("{}:x\n", number * number * 7_919)).collect();
    let mut producer = Command::new(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kafka/kafka.sh"))
        .args(["tool", "ConsoleProducer", "--bootstrap-server", &broker.address, "--topic", "java"])
        .args(["--property", "parse.key=true", "--property", "key.separator=:"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the script can be run");
    std::io::Write::write_all(&mut producer.stdin.take().expect("its input"), lines.as_bytes()).expect("written");
    assert!(producer.wait().expect("it ends").success());
    let read = read_all(&broker, "java");
    assert_eq!(read.len(), 299);
    for message in read {
        assert_eq!(message.partition as u32, partition_of_key(&message.key.expect("a key"), 7));
    }
}

#[test]
fn route_check_says_whether_producers_key_by_the_family_already() {
    let Some(broker) = broker::plain() else { return };
    let registration = |uid: u64, parent: Option<u64>| {
        let (kind, parent) =
            parent.map_or(("major", String::new()), |parent| ("sub", format!(",\"parent_uid\":{parent}")));
        format!(
            r#"{{"specversion":"1.0","type":"referral.registration.v1","source":"/s","id":"r{uid}","time":"2025-06-01T00:00:00Z","data":{{"uid":{uid},"account_type":"{kind}"{parent}}}}}"#
        )
    };
    let kyc = |uid: u64| {
        format!(
            r#"{{"specversion":"1.0","type":"referral.kyc.v1","source":"/s","id":"k{uid}","time":"2025-06-01T00:00:00Z","data":{{"uid":{uid},"status":"verified"}}}}"#
        )
    };
    let put = |topic: &str, lines: &[(u64, String)]| {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &broker.address).set("partitioner", "murmur2_random");
        let producer: rdkafka::producer::BaseProducer = config.create().expect("a producer");
        for (key, line) in lines {
            let key = key.to_string();
            let record = rdkafka::producer::BaseRecord::to(topic).key(&key[..]).payload(&line[..]);
            producer.send(record).map_err(|(error, _)| error).expect("sent");
        }
        rdkafka::producer::Producer::flush(&producer, Duration::from_secs(60)).expect("sent");
    };
    let check = |topic: &str| {
        let output = route(&["--brokers", &broker.address, "--topic", topic, "--check"]);
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    // The sub-accounts' events come before anybody knows whose they are.
    let events = |uids: std::ops::Range<u64>| uids.map(|uid| (1, kyc(uid))).chain([(1, registration(1, None))]);
    broker.topic("by-family", 8);
    put("by-family", &events(1..9).collect::<Vec<_>>());
    broker.topic("relations", 1);
    put("relations", &(2..9).map(|uid| (uid, registration(uid, Some(uid - 1)))).collect::<Vec<_>>());
    let output = route(&["--brokers", &broker.address, "--topic", "by-family,relations", "--check"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("\n0 events lie in another partition"), "{said}");
    assert!(said.contains("\n0 events that all shards have to know do not stand in a topic of one"), "{said}");
    assert!(said.contains("7 sub-accounts are known"), "{said}");
    assert_eq!(output.status.code(), Some(0), "{said}");

    broker.topic("by-account", 8);
    let by_account: Vec<(u64, String)> =
        (2..9).flat_map(|uid| [(uid, registration(uid, Some(uid - 1))), (uid, kyc(uid))]).collect();
    put("by-account", &by_account);
    let folder = tempfile::tempdir().expect("a folder");
    let doctor = |topic: &str| {
        let mut command = tributary();
        command.args(["doctor", "--json", "--families", "--brokers", &broker.address, "--topic", topic, "--data"]);
        let output = command.arg(folder.path()).output().expect("runs");
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let checks = answer["checks"].as_array().expect("a list").clone();
        let found = checks.into_iter().find(|check| check["check"] == "families").expect("the check");
        (found["status"].as_str().expect("a text").to_owned(), found["found"].as_str().expect("a text").to_owned())
    };
    let (status, found) = doctor("by-account");
    assert!(status == "warning" && found.contains("the first at by-account["), "{status}: {found}");
    let (code, said) = check("by-account");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("the first that lies apart: by-account[") && said.ends_with("a router is needed\n"),
        "{said}"
    );

    broker.topic("majors", 8);
    put("majors", &(1..9).flat_map(|uid| [(uid, registration(uid, None)), (uid, kyc(uid))]).collect::<Vec<_>>());
    let (code, said) = check("majors");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no router is needed"), "{said}");
    assert_eq!(doctor("majors").0, "ok");
}
