//! What no row tells and all shards do together, rewards and offers that ask for what only trades tell: asked of a serving node,
//! and held against one ledger's answers, page after page, in text.

use ingest::{Clock, SystemClock};
use schemas::{Metric, Timestamp};
use serde_json::{Value, json};

use crate::daemon_support::daemon::Daemon;
use crate::questions::without_as_of;
use crate::world::World;

/// Above all uids of the workload's and of the chains'.
const REFERRER: u64 = 881_000_000;
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
    if of > 1 {
        as_of_a_time(serving);
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
