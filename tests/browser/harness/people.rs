//! People whom the walks know by name, beside the realistic history: an affiliate's crowd, another affiliate, one who
//! is none yet, and one who writes what hurts.

use serde_json::{Value, json};

use super::history::end;

/// The demo's referrer, an approved affiliate.
pub const AFFILIATE: u64 = 7;
/// Its code with the crowd.
pub const CROWD_CODE: &str = "WALK_CROWD";
/// How many the crowd are: more than two pages.
pub const CROWD: u64 = 130;
/// The first of the crowd.
pub const CROWD_FIRST: u64 = 880_000_000;

/// Another approved affiliate.
pub const OTHER: u64 = 501;
pub const OTHER_CODE: &str = "OTHERS_OWN";
/// The other's invitee, and the trade that it made.
pub const OTHERS_INVITEE: u64 = 881_000_001;
pub const OTHERS_TRADE: (&str, &str) = ("/exchange/spot", "others-trade-1");
/// What only the other may read.
pub const OTHERS_NOTE: &str = "only the other affiliate knows this";

/// A referrer with a code who is no affiliate.
pub const HOPEFUL: u64 = 601;
pub const HOPEFUL_CODE: &str = "HOPEFUL";

/// A moment so many days before the history's end, at noon.
pub fn noon(days_before: i64) -> String {
    schemas::Timestamp(end().plus_days(-days_before).0 + schemas::time::DAY_MICROS / 2).to_string()
}

/// An event of this type, stamped at noon so many days before the end.
pub fn event(kind: &str, id: &str, days_before: i64, data: Value) -> Value {
    json!({
        "specversion": "1.0", "type": format!("referral.{kind}.v1"), "source": "/walks", "id": id,
        "time": noon(days_before), "data": data,
    })
}

/// A trade of the spot exchange.
pub fn trade(uid: u64, id: &str, days_before: i64, volume: &str, fee: &str) -> Value {
    let mut trade = event(
        "trade",
        id,
        days_before,
        json!({
            "uid": uid, "product": "spot", "symbol": "BTCUSDT", "volume_usd": volume, "fee_usd": fee,
            "fee_asset": "BNB", "fee_amount": "0.0025", "vip_level": 1,
        }),
    );
    trade["source"] = json!("/exchange/spot");
    trade
}

/// Somebody who signed up with a code.
pub fn registration(uid: u64, days_before: i64, code: Option<&str>, country: &str) -> Value {
    let data = json!({"uid": uid, "account_type": "major", "country": country, "code": code, "relationship": "both"});
    event("registration", &format!("registration-{uid}"), days_before, data)
}

/// A code as it is created.
pub fn code(code: &str, owner: u64, days_before: i64, spot: &str, futures: &str) -> Value {
    let data = json!({
        "code": code, "owner_uid": owner, "spot_rebate_rate": spot, "futures_rebate_rate": futures,
        "note": "", "is_default": owner != AFFILIATE,
    });
    event("code", &format!("code-{code}"), days_before, data)
}

/// Everybody's events, in order.
pub fn events() -> Vec<Value> {
    let mut all = vec![code(CROWD_CODE, AFFILIATE, 41, "0.05", "0.05")];
    all.extend((0..CROWD).flat_map(one_of_the_crowd));
    all.extend(the_other());
    all.extend([registration(HOPEFUL, 60, None, "DE"), code(HOPEFUL_CODE, HOPEFUL, 59, "0", "0")]);
    all
}

/// All are of Iceland and on VIP level 1; every second is verified, every third deposited, all have traded once.
fn one_of_the_crowd(at: u64) -> Vec<Value> {
    let uid = CROWD_FIRST + at;
    let mut events = vec![registration(uid, 40, Some(CROWD_CODE), "IS")];
    if at.is_multiple_of(2) {
        events.push(event("kyc", &format!("kyc-{uid}"), 39, json!({"uid": uid, "status": "verified"})));
    }
    if at.is_multiple_of(3) {
        let data = json!({"uid": uid, "channel": "p2p", "asset": "USDT", "amount": "10", "amount_usd": "10"});
        events.push(event("deposit", &format!("deposit-{uid}"), 38, data));
    }
    events.push(trade(uid, &format!("crowd-{at}"), 3, &format!("{}.00000001", 1_000 + at), "1.12345678"));
    events
}

fn the_other() -> Vec<Value> {
    let rates = json!({
        "uid": OTHER, "status": "approved", "spot_rate": "0.4", "futures_rate": "0.3", "futures_window_days": null,
    });
    vec![
        registration(OTHER, 90, None, "FR"),
        event("affiliate", "affiliate-of-the-other", 90, rates),
        code(OTHER_CODE, OTHER, 89, "0.1", "0.1"),
        registration(OTHERS_INVITEE, 80, Some(OTHER_CODE), "FR"),
        event("note", "note-of-the-other", 79, json!({"uid": OTHERS_INVITEE, "note": OTHERS_NOTE})),
        trade(OTHERS_INVITEE, OTHERS_TRADE.1, 5, "777.77", "0.77777777"),
    ]
}
