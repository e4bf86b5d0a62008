//! What no row tells and all shards do together, rewards and offers that ask for what only trades tell: asked of a serving node,
//! and held against one ledger's answers, page after page, in text.

use ingest::{Clock, SystemClock};
use schemas::{Metric, Timestamp};
use serde_json::{Value, json};

use crate::daemon_support::daemon::Daemon;
use crate::questions::without_as_of;
use crate::world::World;

/// Above all uids of the workload's and of the chains'.
pub const REFERRER: u64 = 881_000_000;
const INVITEES: u64 = 12;
const CODE: &str = "TOGETHER";

fn event(kind: &str, id: &str, time: Timestamp, data: &Value) -> Vec<u8> {
    let (kind, time) = (format!("referral.{kind}.v1"), time.to_string());
    let event = json!({
        "specversion": "1.0", "type": kind, "source": "/together", "id": id, "time": time, "data": data,
    });
    event.to_string().into_bytes()
}

/// A referrer whose invitees trade today, so that offers that run count it, and offers that ask for every metric.
pub fn lines() -> Vec<Vec<u8>> {
    let now = SystemClock::new().now();
    let ago = |seconds: i64| Timestamp(now.0 - seconds * 1_000_000);
    let code =
        json!({ "code": CODE, "owner_uid": REFERRER, "spot_rebate_rate": "0.05", "futures_rebate_rate": "0.01" });
    let mut lines = vec![event("code", "c-1", ago(1_000), &code)];
    for invitee in REFERRER + 1..=REFERRER + INVITEES {
        let registered = json!({ "uid": invitee, "account_type": "major", "country": "DE", "code": CODE });
        lines.push(event("registration", &format!("r-{invitee}"), ago(900), &registered));
        for (number, product) in ["spot", "margin", "futures"].into_iter().enumerate() {
            let trade = json!({
                "uid": invitee, "product": product, "symbol": "BTC-USDT", "volume_usd": "1000.00", "vip_level": number,
                "fee_usd": format!("1.{:08}", invitee % 1_000), "fee_asset": "USDT", "fee_amount": "1",
            });
            lines.push(event("trade", &format!("t-{invitee}-{number}"), ago(800 - number as i64), &trade));
        }
        let id = format!("t-{invitee}-{}", invitee % 3);
        let reversal = json!({ "uid": invitee, "trade_source": "/together", "trade_id": id, "reason": "test" });
        lines.push(event("reversal", &format!("v-{invitee}"), ago(100), &reversal));
    }
    for (number, metrics) in Metric::ALL.chunks(5).enumerate() {
        let at_least = |metric: &Metric| if metric.is_count() { json!(4) } else { json!("7000.5") };
        let condition = |metric: &Metric| json!({ "metric": metric.as_str(), "at_least": at_least(metric) });
        let tier = |metric: &Metric| json!({ "name": metric.as_str(), "reward": "5", "all": [condition(metric)] });
        let (id, period) = (format!("TOGETHER{number}"), if number % 2 == 0 { "quarter" } else { "month" });
        let offer = json!({
            "id": id, "kind": "bonus", "title": format!("offer {number}"), "url": "/o", "period": period,
            "affiliates_only": number == 1, "tiers": metrics.iter().map(tier).collect::<Vec<_>>(),
        });
        lines.push(event("offer", &format!("o-{number}"), ago(700), &offer));
    }
    lines
}

/// Holds what a serving node makes of all shards' answers against one ledger's.
pub fn check(world: &World, one: &Daemon, uids: &[u64]) {
    let (serving, of) = (&world.serving, world.shards.len());
    let (mut rows, mut pages) = (0, 0);
    let mut of_invitees: Vec<u64> = (REFERRER..REFERRER + 3).collect();
    of_invitees.extend(uids);
    for uid in of_invitees {
        let rewards = [
            "",
            "&kind=shared",
            "&from=2025-01-01&to=2030-12-31&limit=4",
            "&kind=shared&from=2025-01-01&to=2030-12-31",
        ];
        let rewards = rewards.map(|query| format!("/v1/rewards?uid={uid}{query}"));
        for question in rewards.into_iter().chain(["", "&limit=1"].map(|query| format!("/v1/offers?uid={uid}{query}")))
        {
            let mut page = question.clone();
            for _ in 0..4 {
                let (expected, found) =
                    (one.try_get(&page).expect("an answer"), serving.try_get(&page).expect("an answer"));
                assert_eq!(found.status, expected.status, "{page}: {}", found.body);
                assert_eq!(without_as_of(&found.body), without_as_of(&expected.body), "{page}");
                let list = expected.json();
                rows += list["rows"].as_array().map_or(0, Vec::len);
                pages += 1;
                if of > 1 {
                    let as_of = &found.json()["as_of"];
                    assert_eq!(as_of["positions"].as_array().map(Vec::len), Some(of), "{page}: {as_of}");
                    assert_eq!(as_of["event_time"], list["as_of"]["event_time"], "{page}");
                }
                let Some(cursor) = list["next_cursor"].as_str() else { break };
                page = format!("{question}&cursor={cursor}");
            }
        }
    }
    assert!(rows > 60 && pages > 40, "{rows} rows on {pages} pages");
    let offers = one.get(&format!("/v1/offers?uid={REFERRER}"));
    assert!(offers["rows"].as_array().expect("rows").iter().any(|row| !row["reached"].is_null()), "{offers}");
    figures(one, serving, uids);
    exports(one, serving, &of_invitees_of(uids));
    if of > 1 {
        as_of_a_time(serving);
        of_the_past(one, serving, uids);
    }
}

fn of_invitees_of(uids: &[u64]) -> Vec<u64> {
    (REFERRER..REFERRER + 3).chain(uids.iter().copied()).collect()
}

const RANGES: [&str; 3] = ["", "from=2025-01-01&to=2025-12-31", "from=2025-06-10&to=2025-06-12"];

/// Figures of everybody, and cohorts, which no row tells.
fn questions(uids: &[u64]) -> Vec<String> {
    let mut questions = Vec::new();
    for range in RANGES {
        for of_everybody in [
            "overview?",
            "overview/series?interval=month&before=true&",
            "countries?limit=3&",
            "cohorts?",
            "cohorts?country=DE,ZZ&limit=2&",
            "referrers?limit=4&",
            "referrers?sort=traded&order=asc&limit=7&",
        ] {
            questions.push(format!("/v1/{of_everybody}{range}"));
        }
        let of_one = uids.iter().map(|uid| format!("/v1/cohorts?uid={uid}&{range}"));
        questions.extend(of_one);
    }
    questions.push(format!("/v1/overview?code={CODE}"));
    questions.push(format!("/v1/cohorts?code={CODE}"));
    questions.push("/v1/overview?code=NONE".to_owned());
    questions.push("/v1/referrers?limit=0".to_owned());
    questions
}

/// Holds page after page of these against one ledger's.
fn figures(one: &Daemon, serving: &Daemon, uids: &[u64]) {
    let mut pages = 0;
    for question in questions(uids) {
        let mut page = question.clone();
        for _ in 0..4 {
            let (expected, found) =
                (one.try_get(&page).expect("an answer"), serving.try_get(&page).expect("an answer"));
            assert_eq!(found.status, expected.status, "{page}: {}", found.body);
            if expected.status != 200 {
                break;
            }
            assert_eq!(without_as_of(&found.body), without_as_of(&expected.body), "{page}");
            pages += 1;
            let list = expected.json();
            assert_eq!(found.json()["as_of"]["event_time"], list["as_of"]["event_time"], "{page}");
            let Some(cursor) = list["next_cursor"].as_str() else { break };
            page = format!("{question}&cursor={cursor}");
        }
    }
    assert!(pages > 40, "{pages} pages");
}

/// Files of rewards, in each format that is a text.
fn exports(one: &Daemon, serving: &Daemon, uids: &[u64]) {
    let mut lines = 0;
    for uid in uids {
        for query in ["&from=2025-01-01&to=2030-12-31&format=ndjson", "&kind=shared&from=2025-01-01", "&csv_bom=true"] {
            let question = format!("/v1/rewards/export?uid={uid}{query}");
            let (expected, found) =
                (one.try_get(&question).expect("an answer"), serving.try_get(&question).expect("an answer"));
            assert_eq!((found.status, &found.body), (expected.status, &expected.body), "{question}");
            lines += found.body.lines().count();
        }
    }
    assert!(lines > 100, "{lines} lines");
}

/// As of a time at which all was there, and the shards stood at entries of their own.
fn of_the_past(one: &Daemon, serving: &Daemon, uids: &[u64]) {
    let time = SystemClock::new().now();
    let mut asked = 0;
    let of_one = uids.iter().take(4).flat_map(|uid| {
        ["overview?", "overview/series?interval=week&", "countries?limit=2&", "account?", "campaigns?"]
            .map(|question| format!("/v1/{question}uid={uid}"))
    });
    for question in questions(&uids[..2]).into_iter().filter(|question| !question.contains("limit=0")).chain(of_one) {
        let then = format!("{question}&as_of={time}");
        let (expected, found) = (one.try_get(&then).expect("an answer"), serving.try_get(&then).expect("an answer"));
        assert_eq!(found.status, expected.status, "{then}: {}", found.body);
        if expected.status != 200 {
            continue;
        }
        let plain = |mut answer: Value| {
            // A cursor keeps where all of them stood.
            let fields = answer.as_object_mut().expect("an object");
            fields.remove("as_of");
            let has_more = fields.remove("next_cursor").is_some_and(|cursor| !cursor.is_null());
            (answer, has_more)
        };
        assert_eq!(plain(found.json()), plain(expected.json()), "{then}");
        if let (Some(ours), Some(theirs)) =
            (found.json()["next_cursor"].as_str(), expected.json()["next_cursor"].as_str())
        {
            let next = |daemon: &Daemon, cursor: &str| daemon.get(&format!("{question}&cursor={cursor}"));
            assert_eq!(plain(next(serving, ours)), plain(next(one, theirs)), "{then}");
        }
        asked += 1;
    }
    assert!(asked > 30, "{asked} questions");
    for question in ["/v1/overview?as_of=3", "/v1/cohorts?as_of=3", "/v1/rewards/export?uid=7&as_of=3"] {
        assert_eq!(serving.try_get(question).expect("an answer").status, 400, "{question}");
    }
}

/// As of a time all shards say where they stood, the cursor of their list keeps it, and a position is no moment of all.
fn as_of_a_time(serving: &Daemon) {
    let time = SystemClock::new().now();
    let question = format!("/v1/rewards?uid={REFERRER}&from=2025-01-01&to=2030-12-31&limit=5");
    let first = serving.get(&format!("{question}&as_of={time}"));
    let cursor = first["next_cursor"].as_str().expect("more records");
    let second = serving.get(&format!("{question}&cursor={cursor}"));
    assert_eq!(first["as_of"], second["as_of"], "the cursor keeps where they stood");
    let present = serving.get(&question);
    assert_eq!(first["rows"], present["rows"]);
    let next = serving.get(&format!("{question}&cursor={}", present["next_cursor"].as_str().expect("more records")));
    assert_eq!(second["rows"], next["rows"]);
    let refused = serving.try_get(&format!("{question}&as_of=3")).expect("an answer");
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(refused.body.contains("\"field\":\"as_of\""), "{}", refused.body);
}
