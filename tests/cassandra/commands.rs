//! Commands given to a serving node before two shards: whichever shard has the family does them, once, and what the node answers then
//! has the digits of one ledger that holds the same.

use route::partition_of_uid;
use schemas::Uid;
use serde_json::{Value, json};
use ureq::Agent;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::topic::Sender;
use crate::daemon_support::{broker, cassandra, seed, wait_for};
use crate::questions::plain;
use crate::shards::{chosen, history, says_the_same};
use crate::world::{World, one_ledger};

/// The partitions of a world's topics.
const PARTITIONS: u32 = 11;

/// What a command was answered: its status, the shard that did it, and the body.
type Answered = (u16, Option<u32>, Value);

fn give(daemon: &Daemon, (method, path): (&str, &str), key: Option<&str>, body: &Value) -> Answered {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = ureq::http::Request::builder().method(method).uri(daemon.url(path));
    request = request.header("Content-Type", "application/json");
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let mut answer = agent.run(request.body(body.to_string()).expect("a request")).expect("an answer");
    let shard = answer.headers().get("tributary-shard").and_then(|value| value.to_str().ok()?.parse().ok());
    let text = answer.body_mut().read_to_string().expect("a body");
    (answer.status().as_u16(), shard, serde_json::from_str(&text).expect("JSON"))
}

/// The same without what is each ledger's own.
fn row(answer: &Value) -> Value {
    let mut row = answer.clone();
    if let Some(fields) = row.as_object_mut() {
        fields.retain(|name, _| name != "as_of" && name != "created_at");
    }
    row
}

#[test]
fn a_serving_node_gives_each_command_to_the_shard_of_its_family() {
    let (Some(node), Some(broker)) = (cassandra::shared(), broker::plain()) else { return };
    let lines = history(seed(), 5_000);
    let folder = tempfile::tempdir().expect("a folder");
    let (one, _) = one_ledger(folder.path(), &lines);
    let uids = chosen(&one);
    let world = World::start("commands", 2, broker.clone(), node);
    let mut sender = Sender::new(&broker.address, &world.topic());
    lines.iter().for_each(|line| sender.send(line));
    sender.flush();
    world.settle(|| says_the_same(&world.serving, &one, &uids));

    let shard_of = |uid: u64| partition_of_uid(Uid(uid), PARTITIONS) % 2;
    let mut done = [0; 2];
    // Each is given to the node and to one ledger: both answer the same.
    for (number, uid) in uids.iter().enumerate() {
        let both = |method: &str, path: &str, body: &Value| {
            let key = format!("{number}-{method}-{path}");
            let (found, expected) =
                (give(&world.serving, (method, path), Some(&key), body), give(&one, (method, path), Some(&key), body));
            assert_eq!((found.0, row(&found.2)), (expected.0, row(&expected.2)), "{method} {path}");
            // Given again it is done no second time.
            let again = give(&world.serving, (method, path), Some(&key), body);
            assert_eq!((again.0, again.2["type"].is_string()), (found.0, found.0 > 299), "{method} {path}: {again:?}");
            found
        };
        let code = format!("MADE{number}");
        let made = both(
            "POST",
            &format!("/v1/codes?uid={uid}"),
            &json!({"code": code, "spot_rebate_rate": "0",
            "futures_rebate_rate": "0", "note": "n", "is_default": number % 2 == 0}),
        );
        if made.0 == 201 {
            let shard = made.1.expect("a shard did it");
            assert_eq!(shard, shard_of(*uid), "{uid}");
            done[shard as usize] += 1;
        }
        // One that earned on both shards: what it has come to is theirs together.
        let first = one.get(&format!("/v1/codes?uid={uid}&limit=500"))["rows"][0]["code"].clone();
        if let Some(code) = first.as_str() {
            both("PATCH", &format!("/v1/codes/{code}?uid={uid}"), &json!({"note": format!("of {number}")}));
        }
        both("POST", &format!("/v1/account/apply?uid={uid}"), &json!({"message": "please"}));
        let invitees = one.get(&format!("/v1/referrals?uid={uid}&limit=3"))["rows"].as_array().expect("rows").clone();
        for invitee in invitees.iter().map(|row| &row["uid"]) {
            let noted = both("PUT", &format!("/v1/referrals/{invitee}/note?uid={uid}"), &json!({"note": "a friend"}));
            assert_eq!(noted.0, 200, "{noted:?}");
            let rates = json!({"spot_rebate_rate": "0", "futures_rebate_rate": "0"});
            both("PUT", &format!("/v1/referrals/{invitee}/rebate?uid={uid}"), &rates);
        }
        // A name that is taken, whichever shard knew of it first; and what is not the referrer's.
        let taken = both(
            "POST",
            &format!("/v1/codes?uid={}", uids[(number + 1) % uids.len()]),
            &json!({"code": "MADE0",
            "spot_rebate_rate": "0", "futures_rebate_rate": "0"}),
        );
        assert!(taken.0 == 409 || taken.0 == 422 || number == 0, "{taken:?}");
        both("PUT", &format!("/v1/referrals/1/note?uid={uid}"), &json!({"note": "x"}));
        both("POST", &format!("/v1/campaigns/NONE/join?uid={uid}"), &json!({}));
    }
    assert!(done.iter().all(|done| *done > 3), "{done:?} by shard");
    world.settle(|| says_the_same(&world.serving, &one, &uids));
    for question in
        uids.iter().flat_map(|uid| ["codes", "referrals"].map(|list| format!("/v1/{list}?uid={uid}&limit=500")))
    {
        let rows = |daemon: &Daemon| -> Vec<Value> {
            plain(daemon.get(&question))["rows"].as_array().expect("rows").iter().map(row).collect()
        };
        assert_eq!(rows(&world.serving), rows(&one), "{question}");
    }

    // A page's form leads back to rows that tell what was done.
    let uid = uids.iter().find(|uid| shard_of(**uid) == 1).expect("one");
    let list = format!("/v1/codes?uid={uid}&limit=500");
    let before = one.get(&list)["total"].as_u64().expect("a count");
    let agent: Agent = Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let mut page = agent.get(world.serving.url(&format!("/codes/new?uid={uid}"))).call().expect("a page");
    let cookies = page.headers().get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies.filter_map(|value| value.to_str().ok()?.split(';').next()).collect();
    let cookies = cookies.join("; ");
    let text = page.body_mut().read_to_string().expect("a text");
    let hidden = |name: &str| {
        let form = text.split("<form ").find(|form| form.contains("name=\"spot_rebate_rate\"")).expect("a form");
        let field = form.split("<input ").find(|field| field.contains(&format!("name=\"{name}\""))).expect("a field");
        field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a value").to_owned()
    };
    let body = format!(
        "_seal={}&_key={}&code=BY_FORM&spot_rebate_rate=0&futures_rebate_rate=0&note=",
        hidden("_seal"),
        hidden("_key")
    );
    let sent = agent
        .post(world.serving.url(&format!("/codes?uid={uid}")))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Origin", world.serving.url(""))
        .header("Sec-Fetch-Site", "same-origin")
        .header("Cookie", &cookies)
        .send(&body)
        .expect("an answer");
    assert_eq!(sent.status().as_u16(), if before < 20 { 303 } else { 409 }, "{sent:?}");
    let rows = world.serving.get(&list);
    let is_told = rows["rows"].as_array().expect("rows").iter().any(|row| row["code"] == "BY_FORM");
    assert_eq!(is_told, before < 20, "{rows}");

    // The shard that would do it is away: nobody knows, and nobody else is given it.
    let mut world = world;
    world.kill_shard(1);
    let there = uids.iter().find(|uid| shard_of(**uid) == 1).expect("one");
    let away =
        give(&world.serving, ("POST", &format!("/v1/account/apply?uid={there}")), None, &json!({"message": "m"}));
    assert_eq!(away.0, 503, "{away:?}");
    let here = uids.iter().find(|uid| shard_of(**uid) == 0).expect("one");
    let done = give(&world.serving, ("POST", &format!("/v1/account/apply?uid={here}")), None, &json!({"message": "m"}));
    assert_eq!(done.0, 200, "{done:?}");
    world.start_shard(1);
    let path = format!("/v1/account/apply?uid={there}");
    let again = wait_for("it is back", 60, || {
        let answer = give(&world.serving, ("POST", &path), None, &json!({"message": "m"}));
        (answer.0 != 503).then_some(answer)
    });
    assert_eq!((again.0, again.1), (200, Some(1)), "{again:?}");
    world.end();
}
