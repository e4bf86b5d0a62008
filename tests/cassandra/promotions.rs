//! Campaigns with who joined them, and offers as far as cells tell what they ask for, from rows.

use ingest::{Clock, SystemClock};
use schemas::{Day, Timestamp};
use serde_json::{Value, json};

use crate::daemon_support::cassandra;
use crate::daemon_support::daemon::{Daemon, batch};
use crate::questions::{cluster, plain, wait_for_positions};

fn event(kind: &str, id: &str, time: Timestamp, data: &Value) -> Vec<u8> {
    let (kind, time) = (format!("referral.{kind}.v1"), time.to_string());
    let whole = json!({ "specversion": "1.0", "type": kind, "source": "/test", "id": id, "time": time, "data": data });
    whole.to_string().into_bytes()
}

fn offer(id: &str, period: &str, affiliates_only: bool, conditions: &Value) -> Value {
    let tiers = json!([
        { "name": "gold", "reward": "500", "all": [{ "metric": "total_volume", "at_least": "1000000" }] },
        { "name": "silver", "reward": "50", "all": conditions },
    ]);
    json!({
        "id": id, "kind": "bonus", "title": format!("offer {id}"), "url": "/o", "period": period,
        "affiliates_only": affiliates_only, "tiers": tiers,
    })
}

fn campaign(id: &str, visibility: &str, (from, to): (Day, Day)) -> Value {
    json!({
        "id": id, "visibility": visibility, "title": format!("campaign {id}"), "description": "with \u{e9}, \"q\"",
        "url": "/c", "starts": from, "ends": to,
    })
}

fn history(now: Timestamp) -> Vec<Vec<u8>> {
    let ago = |seconds: i64| Timestamp(now.0 - seconds * 1_000_000);
    let (yesterday, later) = (now.day().plus(-1), now.day().plus(30));
    let code = json!({
        "code": "ONE", "owner_uid": 7, "spot_rebate_rate": "0.02", "futures_rebate_rate": "0", "is_default": true
    });
    let standing = json!({ "uid": 7, "status": "approved", "spot_rate": "0.3", "futures_rate": "0.2" });
    let trade = json!({
        "uid": 70, "product": "spot", "symbol": "BTCUSDT", "vip_level": 0, "volume_usd": "7000", "fee_usd": "7",
        "fee_asset": "USDT", "fee_amount": "7"
    });
    let conditions = json!([{ "metric": "total_referrals", "at_least": 1 }, { "metric": "traded", "at_least": 1 }]);
    vec![
        event("code", "c-1", ago(900), &code),
        event("affiliate", "a-1", ago(890), &standing),
        event("registration", "r-1", ago(800), &json!({ "uid": 70, "account_type": "major", "code": "ONE" })),
        event("trade", "t-1", ago(700), &trade),
        event("offer", "o-1", ago(600), &offer("MONTHLY", "month", false, &conditions)),
        event("offer", "o-2", ago(600), &offer("QUARTERLY", "quarter", true, &conditions)),
        event("campaign", "k-1", ago(500), &campaign("OPEN", "public", (yesterday, later))),
        event("campaign", "k-2", ago(500), &campaign("CLOSED", "exclusive", (yesterday, later))),
        event("campaign", "k-3", ago(500), &campaign("OVER", "public", (yesterday, yesterday))),
        event("join", "j-1", ago(400), &json!({ "uid": 7, "campaign_id": "OPEN" })),
        event("join", "j-2", ago(400), &json!({ "uid": 8, "campaign_id": "OPEN" })),
        event("join", "j-3", ago(400), &json!({ "uid": 8, "campaign_id": "NOT_THERE_YET" })),
    ]
}

#[test]
fn campaigns_are_answered_from_rows_and_offers_where_no_trade_has_to_be_read() {
    let Some(node) = cassandra::shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let variables = cluster(&node.address, "promotions");
    let daemon = Daemon::ready(&folder.path().join("ledger"), &[], &variables);
    let serving = Daemon::serve(folder.path(), &[], &variables);
    let now = SystemClock::new().now();
    let post = |lines: &[Vec<u8>]| {
        let answer = daemon.post_events(&batch(lines)).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
        let position = daemon.position();
        wait_for_positions(&serving, &[position]);
        position
    };
    let same = |question: &str| {
        let expected = plain(daemon.get(question));
        assert_eq!(plain(serving.get(question)), expected, "{question}");
        expected
    };
    assert_eq!(post(&history(now)), 12, "all were taken");
    let offers = same("/v1/offers?uid=7");
    assert_eq!(offers["rows"][0]["reached"], "silver", "{offers}");
    let campaigns = same("/v1/campaigns?uid=7");
    assert_eq!((&campaigns["total"], &campaigns["rows"][1]["joined"]), (&json!(2), &json!(true)), "{campaigns}");
    for uid in [7, 8, 9] {
        for query in ["", "&visibility=public", "&visibility=exclusive", "&limit=1"] {
            same(&format!("/v1/campaigns?uid={uid}{query}"));
        }
        same(&format!("/v1/offers?uid={uid}"));
        same(&format!("/v1/offers?uid={uid}&limit=1"));
    }

    // Another state of one, what was joined before it was known, and one more of each day's cells.
    let (yesterday, later) = (now.day().plus(-1), now.day().plus(30));
    let renamed = event("campaign", "k-4", now, &campaign("OPEN", "exclusive", (yesterday, later)));
    let known = event("campaign", "k-5", now, &campaign("NOT_THERE_YET", "public", (yesterday, later)));
    let registered = json!({ "uid": 71, "account_type": "major", "code": "ONE" });
    post(&[renamed, known, event("registration", "r-2", now, &registered)]);
    for uid in [7, 8, 9] {
        same(&format!("/v1/campaigns?uid={uid}"));
        same(&format!("/v1/offers?uid={uid}"));
    }
    let joined = same("/v1/campaigns?uid=8");
    assert_eq!((&joined["rows"][0]["id"], &joined["rows"][0]["joined"]), (&json!("NOT_THERE_YET"), &json!(true)));

    // What only trades tell is the ledger's to answer, which nobody has said the address of.
    let fees = json!([{ "metric": "spot_fees", "at_least": "1" }]);
    post(&[event("offer", "o-3", now, &offer("FEES", "month", false, &fees))]);
    let refused = serving.try_get("/v1/offers?uid=7").expect("an answer");
    assert_eq!(refused.status, 421, "{}", refused.body);
    assert!(refused.body.contains("only trades tell"), "{}", refused.body);
    same("/v1/campaigns?uid=7");
}
