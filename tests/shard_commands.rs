//! Commands given to shards, as daemons on a real broker: each is done by the shard of its family, once, and all shards know what
//! came of it; also of two at a time, without the broker, and over kills. Needs a JDK and Maven; without them it says that
//! it was skipped.

mod daemon_support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use daemon_support::broker::{self, Broker};
use daemon_support::daemon::Daemon;
use daemon_support::router::{Router, make_topics};
use daemon_support::topic::Sender;
use daemon_support::{tributary, wait_for};
use ingest::kafka::ACTOR_HEADER;
use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use route::partition_of_uid;
use schemas::Uid;
use serde_json::{Value, json};

const PARTITIONS: u32 = 8;
const SHARDS: u32 = 2;

/// What a command was answered.
#[derive(Debug)]
struct Answered {
    status: u16,
    shard: Option<u32>,
    body: Value,
}

/// Gives a command; an error where there is no answer, as of a daemon that is killed.
fn command(url: &str, (method, path): (&str, &str), key: Option<&str>, body: &Value) -> Result<Answered, ureq::Error> {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{url}{path}"))
        .header("Content-Type", "application/json");
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let mut answer = agent.run(request.body(body.to_string()).expect("a request"))?;
    let shard = answer.headers().get("tributary-shard").and_then(|value| value.to_str().ok()?.parse().ok());
    let (status, text) = (answer.status().as_u16(), answer.body_mut().read_to_string()?);
    Ok(Answered { status, shard, body: serde_json::from_str(&text).unwrap_or(Value::Null) })
}

fn new_code(code: &str) -> Value {
    json!({"code": code, "spot_rebate_rate": "0.05", "futures_rebate_rate": "0.02"})
}

fn shard_of(uid: u64) -> u32 {
    partition_of_uid(Uid(uid), PARTITIONS) % SHARDS
}

/// Uids from here on whose families this shard has.
fn uids_of(shard: u32, from: u64) -> impl Iterator<Item = u64> {
    (from..).filter(move |uid| shard_of(*uid) == shard)
}

fn event(kind: &str, id: &str, data: &Value) -> Vec<u8> {
    let event = json!({"specversion": "1.0", "type": format!("referral.{kind}.v1"), "source": "/test", "id": id,
        "time": "2025-06-01T00:00:00Z", "data": data});
    event.to_string().into_bytes()
}

fn registration(uid: u64, code: Option<&str>, parent: Option<u64>) -> Vec<u8> {
    let account_type = if parent.is_some() { "sub" } else { "major" };
    event(
        "registration",
        &format!("r-{uid}"),
        &json!({"uid": uid, "account_type": account_type, "country": null,
        "code": code, "relationship": "both", "parent_uid": parent}),
    )
}

fn start(broker: &Broker, data: &Path, prefix: &str, number: u32) -> Daemon {
    let (number, of) = (number.to_string(), SHARDS.to_string());
    let arguments = ["--brokers", &broker.address, "--kafka-property", "reconnect.backoff.max.ms=200"];
    let variables =
        [("TRIBUTARY_ROUTE_PREFIX", prefix), ("TRIBUTARY_SHARD_NUMBER", &*number), ("TRIBUTARY_SHARD_OF", &*of)];
    Daemon::ready(data, &arguments, &variables)
}

/// Two shards behind a router.
struct World {
    shards: Vec<Daemon>,
    _router: Router,
    folder: tempfile::TempDir,
}

impl World {
    fn of(broker: &Broker, prefix: &str, events: &[Vec<u8>]) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let topic = format!("{prefix}-events");
        broker.topic(&topic, 2);
        make_topics(broker, prefix, PARTITIONS as i32);
        let data = |number: u32| folder.path().join(format!("shard-{number}"));
        let shards = (0..SHARDS).map(|number| start(broker, &data(number), prefix, number)).collect();
        let router = Router::start(folder.path(), broker, &topic, prefix, "1");
        router.wait_until_it_routes();
        let mut sender = Sender::new(&broker.address, &topic);
        events.iter().for_each(|line| sender.send(line));
        sender.flush();
        World { shards, _router: router, folder }
    }

    fn data(&self, number: u32) -> PathBuf {
        self.folder.path().join(format!("shard-{number}"))
    }

    fn give(&self, shard: u32, at: (&str, &str), key: Option<&str>, body: &Value) -> Answered {
        command(&self.shards[shard as usize].url(""), at, key, body).expect("an answer")
    }

    /// Waits until all shards answer a question with this in it.
    fn wait_for_all(&self, path: &str, is_so: impl Fn(&Value) -> bool) {
        wait_for(path, 60, || self.shards.iter().all(|shard| is_so(&shard.get(path))).then_some(()));
    }
}

#[test]
fn a_command_is_done_once_by_the_shard_of_its_family_and_known_to_all() {
    let Some(broker) = broker::plain() else { return };
    let (here, there) = (uids_of(0, 1_000).next().expect("one"), uids_of(1, 1_000).next().expect("one"));
    let (invitee, sub) = (uids_of(1, 5_000).next().expect("one"), uids_of(0, 6_000).next().expect("one"));
    let campaign = json!({"id": "SUMMER", "visibility": "public", "title": "t", "description": "d",
        "url": "https://x.example/", "starts": "2025-01-01", "ends": "2099-12-31"});
    let events = [
        event(
            "code",
            "c",
            &json!({"code": "ALPHA", "owner_uid": here, "spot_rebate_rate": "0.1",
            "futures_rebate_rate": "0", "note": "", "is_default": true}),
        ),
        registration(invitee, Some("ALPHA"), None),
        registration(sub, None, Some(there)),
        event("campaign", "m", &campaign),
    ];
    let world = World::of(&broker, "once", &events);
    world.wait_for_all(&format!("/v1/codes?uid={here}"), |codes| codes["total"] == 1);

    // Another shard says whose it is, and does nothing.
    let codes = format!("/v1/codes?uid={here}");
    let refused = world.give(1, ("POST", &codes), Some("one"), &new_code("FIRST"));
    assert_eq!((refused.status, refused.shard), (421, Some(0)), "{refused:?}");
    assert!(
        refused.body["detail"].as_str().is_some_and(|why| why.contains("shard 0 of 2 has the family of")),
        "{refused:?}"
    );
    let made = world.give(0, ("POST", &codes), Some("one"), &new_code("FIRST"));
    assert_eq!((made.status, &made.body["code"]), (201, &json!("FIRST")), "{made:?}");
    // With the same key it is done once; another with it is refused.
    let again = world.give(0, ("POST", &codes), Some("one"), &new_code("FIRST"));
    assert_eq!((again.status, &again.body["code"]), (201, &json!("FIRST")), "{again:?}");
    assert_eq!(world.give(0, ("POST", &codes), Some("one"), &new_code("SECOND")).status, 422);
    world.wait_for_all(&codes, |codes| codes["total"] == 2);

    // One that another has is taken, at any shard that knows of it.
    let taken = world.give(1, ("POST", &format!("/v1/codes?uid={there}")), None, &new_code("FIRST"));
    assert_eq!((taken.status, &taken.body["field"]), (409, &json!("code")), "{taken:?}");
    // A sub-account's family is its major account's, wherever it would lie by itself.
    let of_sub = world.give(shard_of(sub), ("POST", &format!("/v1/codes?uid={sub}")), None, &new_code("OFSUB"));
    assert_eq!((of_sub.status, of_sub.shard), (421, Some(1)), "{of_sub:?}");
    let of_sub = world.give(1, ("POST", &format!("/v1/codes?uid={sub}")), None, &new_code("OFSUB"));
    assert_eq!(of_sub.status, 422, "{of_sub:?}");

    let change = world.give(
        0,
        ("PATCH", &format!("/v1/codes/FIRST?uid={here}")),
        None,
        &json!({"note": "n", "is_default": true}),
    );
    assert_eq!((change.status, &change.body["note"]), (200, &json!("n")), "{change:?}");
    world.wait_for_all(&format!("/v1/codes/ALPHA?uid={here}"), |code| code["is_default"] == false);
    let joined = world.give(0, ("POST", &format!("/v1/campaigns/SUMMER/join?uid={here}")), None, &json!({}));
    assert_eq!((joined.status, &joined.body["joined"]), (200, &json!(true)), "{joined:?}");
    let applied =
        world.give(1, ("POST", &format!("/v1/account/apply?uid={there}")), None, &json!({"message": "please"}));
    assert_eq!(applied.status, 200, "{applied:?}");
    world.wait_for_all(&format!("/v1/account/application?uid={there}"), |told| told["waiting_since"].is_string());

    // What is about an invitee is its shard's, and stands in its ledger at once.
    let note = format!("/v1/referrals/{invitee}/note?uid={here}");
    let refused = world.give(0, ("PUT", &note), None, &json!({"note": "a friend"}));
    assert_eq!((refused.status, refused.shard), (421, Some(1)), "{refused:?}");
    let noted = world.give(1, ("PUT", &note), None, &json!({"note": "a friend"}));
    assert_eq!((noted.status, &noted.body["note"]), (200, &json!("a friend")), "{noted:?}");
    let rebate = json!({"spot_rebate_rate": "0.01", "futures_rebate_rate": "0.01"});
    let rebated = world.give(1, ("PUT", &format!("/v1/referrals/{invitee}/rebate?uid={here}")), None, &rebate);
    assert_eq!((rebated.status, &rebated.body["spot_rebate_rate"]), (200, &json!("0.01")), "{rebated:?}");
    let unknown = uids_of(0, 9_000).next().expect("one");
    assert_eq!(
        world.give(0, ("PUT", &format!("/v1/referrals/{unknown}/note?uid={here}")), None, &json!({"note": "x"})).status,
        404
    );

    // Who gave them is kept on every shard that has read them; what a producer says of it counts for nothing.
    let forged =
        OwnedHeaders::new().insert(Header { key: ACTOR_HEADER, value: Some(r#"{"who":"boss","role":"operator"}"#) });
    let applied = json!({"specversion": "1.0", "type": "referral.application.v1", "source": "/tributary/api", "id": "forged",
        "time": "2025-06-02T00:00:00Z", "data": {"uid": there, "message": "m"}});
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", &broker.address).create().expect("a producer");
    let (text, position) = (applied.to_string(), world.shards[0].position());
    let record = BaseRecord::<str, str>::to("once-events").payload(&text).headers(forged);
    producer.send(record).map_err(|(error, _)| error).expect("taken");
    producer.flush(Duration::from_secs(30)).expect("sent");
    let audit = |shard: &Daemon| -> BTreeMap<String, Value> {
        let rows = shard.get("/v1/audit?limit=100")["rows"].as_array().expect("rows").clone();
        rows.iter().map(|row| (row["actor"]["request_id"].to_string(), row["actor"]["role"].clone())).collect()
    };
    wait_for("the forged one is there", 60, || (world.shards[0].position() > position).then_some(()));
    let (of_zero, of_one) = (audit(&world.shards[0]), audit(&world.shards[1]));
    assert_eq!((of_zero.len(), of_one.len()), (4, 6), "{of_zero:?} {of_one:?}");
    assert!(of_zero.keys().all(|request| of_one.contains_key(request)), "{of_zero:?} {of_one:?}");
    assert!(of_one.values().all(|role| role == "operator"), "{of_one:?}");

    // Other shards are made of these: keys and who gave the commands go along.
    make_topics(&broker, "once_grown", 5);
    let ledgers: Vec<String> = (0..SHARDS).map(|number| world.data(number).display().to_string()).collect();
    let route = ["route", "--brokers", &broker.address, "--prefix", "once_grown", "--from-ledgers", &ledgers.join(",")];
    let routed = tributary().args(route).output().expect("the binary can be run");
    assert!(routed.status.success(), "{}", String::from_utf8_lossy(&routed.stderr));
    let variables =
        [("TRIBUTARY_ROUTE_PREFIX", "once_grown"), ("TRIBUTARY_SHARD_NUMBER", "0"), ("TRIBUTARY_SHARD_OF", "1")];
    let grown = Daemon::ready(&world.folder.path().join("grown"), &["--brokers", &broker.address], &variables);
    wait_for("the new shard has the codes", 60, || (grown.get(&codes)["total"] == 2).then_some(()));
    let again = command(&grown.url(""), ("POST", &codes), Some("one"), &new_code("FIRST")).expect("an answer");
    assert_eq!((again.status, &again.body["code"]), (201, &json!("FIRST")), "{again:?}");
    assert_eq!(grown.get(&codes)["total"], 2);
    assert_eq!(audit(&grown), of_one, "all of them: it is the only one");
}

#[test]
fn behind_an_open_transaction_a_command_waits_and_the_same_key_does_it_once() {
    let Some(broker) = broker::plain() else { return };
    let uid = uids_of(1, 1_000).next().expect("one");
    let world = World::of(&broker, "open", &[registration(uid, None, None)]);
    let codes = format!("/v1/codes?uid={uid}");
    let make = ("POST", &*codes);
    assert_eq!(world.give(1, make, Some("warm"), &new_code("WARM")).status, 201);
    // As a router leaves one that is killed.
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &broker.address)
        .set("transactional.id", "left-open")
        .create()
        .expect("a producer");
    producer.init_transactions(Duration::from_secs(30)).expect("begun");
    producer.begin_transaction().expect("begun");
    let noise = registration(77_777, None, Some(88_888));
    producer
        .send(BaseRecord::<str, [u8]>::to("open.platform").payload(&noise))
        .map_err(|(error, _)| error)
        .expect("taken");
    producer.flush(Duration::from_secs(30)).expect("sent");

    let unsure = world.give(1, make, Some("k"), &new_code("FIRST"));
    assert_eq!(unsure.status, 503, "{unsure:?}");
    assert!(unsure.body["detail"].as_str().is_some_and(|why| why.contains("same Idempotency-Key")), "{unsure:?}");
    // The next is not decided before that one is known of.
    let other = world.give(1, make, Some("other"), &new_code("SECOND"));
    assert_eq!(other.status, 503, "{other:?}");
    assert!(other.body["detail"].as_str().is_some_and(|why| why.contains("was not done")), "{other:?}");
    // Tried again and again while the transaction ends.
    let url = world.shards[1].url("");
    let done = thread::scope(|scope| {
        let trying = scope.spawn(|| {
            wait_for("the topic goes on", 120, || {
                let answer = command(&url, make, Some("k"), &new_code("FIRST")).expect("an answer");
                (answer.status != 503).then_some(answer)
            })
        });
        thread::sleep(Duration::from_secs(2));
        producer.abort_transaction(Duration::from_secs(30)).expect("ended");
        trying.join().expect("no panic")
    });
    assert_eq!((done.status, &done.body["code"]), (201, &json!("FIRST")), "{done:?}");
    assert_eq!(world.give(1, make, Some("other"), &new_code("SECOND")).status, 201);
    world.wait_for_all(&codes, |codes| codes["total"] == 3);
    assert!(world.shards.iter().all(|shard| shard.get("/v1/quarantine?limit=10")["total"] == 0));
}

#[test]
fn of_two_who_ask_for_one_name_at_two_shards_one_has_it_and_a_referrer_has_twenty_codes() {
    let Some(broker) = broker::plain() else { return };
    let owners: Vec<(u64, u64)> = uids_of(0, 1_000).zip(uids_of(1, 1_000)).take(12).collect();
    let busy = uids_of(1, 20_000).next().expect("one");
    let world = World::of(&broker, "race", &[registration(owners[0].0, None, None)]);
    let urls: Vec<String> = world.shards.iter().map(|shard| shard.url("")).collect();
    let give = |shard: usize, uid: u64, code: &str| {
        command(&urls[shard], ("POST", &format!("/v1/codes?uid={uid}")), None, &new_code(code))
            .expect("an answer")
            .status
    };
    // The first of each has the topic's end asked for.
    assert_eq!((give(0, owners[0].0, "WARM0"), give(1, owners[0].1, "WARM1")), (201, 201));
    for (number, (zero, one)) in owners.iter().enumerate() {
        let code = format!("RACE{number}");
        let (at_zero, at_one) = thread::scope(|scope| {
            let other = scope.spawn(|| give(1, *one, &code));
            (give(0, *zero, &code), other.join().expect("answered"))
        });
        assert_eq!(BTreeSet::from([at_zero, at_one]), BTreeSet::from([201, 409]), "{code}");
        let owner = if at_zero == 201 { zero } else { one };
        world.wait_for_all(&format!("/v1/codes?uid={owner}&limit=500"), |codes| {
            codes["rows"].as_array().is_some_and(|rows| rows.iter().any(|row| row["code"] == code.as_str()))
        });
    }
    let made: Vec<u16> = thread::scope(|scope| {
        let give = &give;
        let at_once: Vec<_> =
            (0..30).map(|number| scope.spawn(move || give(1, busy, &format!("BUSY{number}")))).collect();
        at_once.into_iter().map(|one| one.join().expect("answered")).collect()
    });
    assert_eq!(made.iter().filter(|status| **status == 201).count(), 20, "{made:?}");
    assert_eq!(made.iter().filter(|status| **status == 409).count(), 10, "{made:?}");
    world.wait_for_all(&format!("/v1/codes?uid={busy}&limit=500"), |codes| codes["total"] == 20);
}

#[test]
fn without_the_broker_nobody_knows_and_the_same_key_does_it_once_also_over_kills() {
    let Some(broker) = Broker::alone() else { return };
    let uid = uids_of(0, 1_000).next().expect("one");
    let mut world = World::of(&broker, "away", &[registration(uid, None, None)]);
    let codes = format!("/v1/codes?uid={uid}");
    let make = ("POST", &*codes);
    assert_eq!(world.give(0, make, Some("warm"), &new_code("WARM")).status, 201);
    broker.go_away();
    let begun = Instant::now();
    let unsure = world.give(0, make, Some("k"), &new_code("UNSURE"));
    assert_eq!(unsure.status, 503, "{unsure:?}");
    assert!(unsure.body["detail"].as_str().is_some_and(|why| why.contains("same Idempotency-Key")), "{unsure:?}");
    assert!(begun.elapsed() < Duration::from_secs(40), "it is answered in bounded time");
    broker.come_back();
    let done = wait_for("the broker is back", 120, || {
        let answer = world.give(0, make, Some("k"), &new_code("UNSURE"));
        (answer.status != 503).then_some(answer)
    });
    assert_eq!((done.status, &done.body["code"]), (201, &json!("UNSURE")), "{done:?}");

    // Killed again and again while commands come in: what was answered is there, and what is given again is there once.
    let data = world.data(0);
    let uids: Vec<u64> = uids_of(0, 30_000).take(8).collect();
    let key = |uid: u64, number: usize| (format!("{uid}-{number}"), format!("C{uid}N{number}"));
    let mut answered = BTreeSet::new();
    for round in 0..3 {
        let url = world.shards[0].url("");
        let of_round: Vec<Vec<String>> = thread::scope(|scope| {
            let giving: Vec<_> = uids
                .iter()
                .map(|uid| {
                    let url = &url;
                    scope.spawn(move || {
                        let mut done = Vec::new();
                        for number in round * 5..round * 5 + 5 {
                            let (key, code) = key(*uid, number);
                            let path = format!("/v1/codes?uid={uid}");
                            match command(url, ("POST", &path), Some(&key), &new_code(&code)) {
                                Ok(answer) if answer.status == 201 => done.push(code),
                                Ok(answer) => assert_eq!(answer.status, 503, "{answer:?}"),
                                Err(_) => break,
                            }
                        }
                        done
                    })
                })
                .collect();
            thread::sleep(Duration::from_millis(150));
            world.shards.remove(0).kill();
            giving.into_iter().map(|one| one.join().expect("no panic")).collect()
        });
        answered.extend(of_round.into_iter().flatten());
        world.shards.insert(0, start(&broker, &data, "away", 0));
    }
    for uid in &uids {
        for number in 0..15 {
            let (key, code) = key(*uid, number);
            let answer = world.give(0, ("POST", &format!("/v1/codes?uid={uid}")), Some(&key), &new_code(&code));
            assert_eq!((answer.status, &answer.body["code"]), (201, &json!(code)), "{answer:?}");
            answered.insert(code);
        }
    }
    assert_eq!(answered.len(), uids.len() * 15);
    for uid in &uids {
        world.wait_for_all(&format!("/v1/codes?uid={uid}&limit=500"), |codes| codes["total"] == 15);
    }
    for shard in &world.shards {
        assert_eq!(shard.get("/v1/quarantine?limit=10")["total"], 0);
    }
}
