//! The history of the tests. 7 is an approved affiliate with the code ALPHA and the invitees 100 and 101; 8 has no
//! standing, the code BETA and the invitee 102. What each trade comes to:
//!
//! | trade | by | fee | base | rebate | total | rebate | commission | |
//! |---|---|---|---|---|---|---|---|---|
//! | t0 | 100, spot | 1 | | | 0 | 0 | 0 | before it registered |
//! | t1 | 100, spot | 10 | 0.4 | 0.1 | 4 | 1 | 3 | |
//! | t2 | 100, futures | 8 | 0.3 | 0.05 | 2.4 | 0.4 | 2 | taken back on the 7th |
//! | t3 | 101, spot | 5 | 0.4 | 0.1 | 0 | 0 | 0 | at VIP level 3, above 2 |
//! | t4 | 102, spot | 3 | 0.2 | 0.05 | 0.6 | 0.15 | 0.45 | of 8 |

use serde_json::{Value, json};

/// When every test takes place, or a little later.
pub const NOW: &str = "2026-03-10T12:00:00Z";
/// How many events there are.
pub const EVENTS: u64 = 19;

pub fn events() -> Vec<String> {
    let trade = |uid: u64, id: &str, time: &str, product: &str, volume: &str, fee: &str, vip_level: u8| {
        let data = json!({
            "uid": uid, "product": product, "symbol": "BTCUSDT", "volume_usd": volume, "fee_usd": fee,
            "fee_asset": "USDT", "fee_amount": fee, "vip_level": vip_level,
        });
        event("trade", id, time, data)
    };
    let registration = |uid: u64, time: &str, country: Value, code: &str, relationship: &str| {
        let data = json!({
            "uid": uid, "account_type": "major", "country": country, "code": code, "relationship": relationship,
        });
        event("registration", "registered", time, data)
    };
    let code = |owner: u64, code: &str, spot: &str, futures: &str, note: &str| {
        let data = json!({
            "code": code, "owner_uid": owner, "spot_rebate_rate": spot, "futures_rebate_rate": futures, "note": note,
            "is_default": true,
        });
        event("code", "made", "2026-01-02T00:00:00Z", data)
    };
    let campaign = |id: &str, visibility: &str| {
        let data = json!({
            "id": id, "visibility": visibility, "title": "Trade more", "description": "", "url": "https://x.example",
            "starts": "2026-03-01", "ends": "2026-03-31",
        });
        event("campaign", "begun", "2026-02-20T00:00:00Z", data)
    };
    let offer = json!({
        "id": "bonus", "kind": "bonus", "title": "Spot bonus", "url": "https://x.example", "period": "month",
        "starts": null, "ends": null, "affiliates_only": true,
        "tiers": [
            {"name": "gold", "reward": "500 USD", "all": [{"metric": "total_volume", "at_least": "2000"}]},
            {"name": "silver", "reward": "100 USD", "all": [
                {"metric": "total_referrals", "at_least": 2}, {"metric": "total_volume", "at_least": "1500"},
            ]},
        ],
    });
    let affiliate = json!({
        "uid": 7, "status": "approved", "spot_rate": "0.4", "futures_rate": "0.3", "futures_window_days": null,
    });
    vec![
        event("affiliate", "approved", "2026-01-01T00:00:00Z", affiliate),
        code(7, "ALPHA", "0.1", "0.05", "main"),
        code(8, "BETA", "0.05", "0.05", ""),
        registration(100, "2026-03-01T08:00:00Z", json!("DE"), "ALPHA", "both"),
        registration(101, "2026-03-02T09:00:00Z", json!(null), "ALPHA", "spot"),
        registration(102, "2026-03-03T10:00:00Z", json!("FR"), "BETA", "both"),
        event("kyc", "checked", "2026-03-02T10:00:00Z", json!({"uid": 100, "status": "verified"})),
        event(
            "deposit",
            "d1",
            "2026-03-03T10:00:00Z",
            json!({
                "uid": 100, "channel": "p2p", "asset": "USDT", "amount": "50", "amount_usd": "50",
            }),
        ),
        trade(100, "t0", "2026-02-01T10:00:00Z", "spot", "100", "1", 0),
        trade(100, "t1", "2026-03-04T10:00:00Z", "spot", "1000", "10", 0),
        trade(100, "t2", "2026-03-05T10:00:00Z", "futures", "2000", "8", 0),
        trade(101, "t3", "2026-03-05T11:00:00Z", "spot", "500", "5", 3),
        trade(102, "t4", "2026-03-06T10:00:00Z", "spot", "300", "3", 0),
        event(
            "reversal",
            "r2",
            "2026-03-07T10:00:00Z",
            json!({
                "uid": 100, "trade_source": "/tests", "trade_id": "t2", "reason": "bust",
            }),
        ),
        event("note", "n1", "2026-03-08T10:00:00Z", json!({"uid": 100, "note": "Met in Köln"})),
        campaign("spring", "public"),
        campaign("inner", "exclusive"),
        event("offer", "begun", "2026-02-20T00:00:00Z", offer),
        event("join", "joined", "2026-03-09T10:00:00Z", json!({"uid": 7, "campaign_id": "inner"})),
    ]
}

/// A CloudEvent of the tests' source.
pub fn event(kind: &str, id: &str, time: &str, data: Value) -> String {
    let event = json!({
        "specversion": "1.0", "type": format!("referral.{kind}.v1"), "source": "/tests", "id": id, "time": time,
        "data": data,
    });
    event.to_string()
}

/// One more invitee of ALPHA.
pub fn one_more(uid: u64, time: &str) -> String {
    let data = json!({"uid": uid, "account_type": "major", "country": "DE", "code": "ALPHA"});
    event("registration", "registered", time, data)
}

/// A code of 9, by which one invitee came in 2025 and did nothing: a batch.
#[allow(dead_code, reason = "the tests of the pages share the history, and not all of it")]
pub fn long_ago() -> String {
    let code = json!({"code": "OLD", "owner_uid": 9, "spot_rebate_rate": "0", "futures_rebate_rate": "0"});
    let invitee = json!({"uid": 900, "account_type": "major", "country": "DE", "code": "OLD"});
    let code = event("code", "old", "2025-01-01T00:00:00Z", code);
    format!("[{code},{}]", event("registration", "registered", "2025-06-01T00:00:00Z", invitee))
}
