//! What is stamped after it was recorded holds from its time on, by a ledger and by the rows that were published before:
//! notes, rates, VIP levels, terms of a code, standings, rules.

use ingest::{Clock, SystemClock};
use schemas::Timestamp;
use serde_json::{Value, json};

use crate::daemon_support::cassandra;
use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::wait_for;
use crate::questions::{cluster, plain, wait_for_positions};

/// So far ahead of its arrival is what comes.
const AHEAD_SECONDS: i64 = 45;

fn event(kind: &str, id: &str, time: Timestamp, data: Value) -> Vec<u8> {
    let (kind, time) = (format!("referral.{kind}.v1"), time.to_string());
    json!({ "specversion": "1.0", "type": kind, "source": "/test", "id": id, "time": time, "data": data })
        .to_string()
        .into_bytes()
}

/// What holds by now, of which each has another one to come.
fn first(now: Timestamp) -> Vec<Vec<u8>> {
    let ago = |seconds: i64| Timestamp(now.0 - seconds * 1_000_000);
    let trade = |id: &str, uid: u64, level: u8, time| {
        let fees = json!({ "fee_asset": "USDT", "fee_amount": "7", "fee_usd": "7", "volume_usd": "7000" });
        let mut data = json!({ "uid": uid, "product": "spot", "symbol": "BTCUSDT", "vip_level": level });
        data.as_object_mut().expect("fields").extend(fees.as_object().expect("fields").clone());
        event("trade", id, time, data)
    };
    let registration = |id: &str, data: Value, time| event("registration", id, time, data);
    let code = json!({ "code": "ONE", "owner_uid": 7, "spot_rebate_rate": "0.02", "futures_rebate_rate": "0.01" });
    vec![
        event("code", "c-1", ago(900), code),
        registration("r-1", json!({ "uid": 70, "account_type": "major", "code": "ONE", "country": "DE" }), ago(800)),
        registration("r-2", json!({ "uid": 71, "account_type": "sub", "parent_uid": 70 }), ago(700)),
        registration("r-3", json!({ "uid": 80, "account_type": "major", "code": "ONE" }), ago(600)),
        trade("t-1", 70, 1, ago(500)),
        trade("t-2", 71, 2, ago(400)),
        trade("t-3", 80, 1, ago(300)),
        event("note", "n-1", ago(200), json!({ "uid": 70, "note": "until then" })),
    ]
}

/// What comes later than it arrives.
fn coming(then: Timestamp) -> Vec<Vec<u8>> {
    let rates = json!({ "spot_rebate_rate": "0.09", "futures_rebate_rate": "0.08" });
    let rates = |name: &str, uid: u64| {
        let mut data = rates.clone();
        data[name] = json!(uid);
        data
    };
    let mut code = rates("owner_uid", 7);
    (code["code"], code["note"], code["is_default"]) = (json!("ONE"), json!("a campaign"), json!(true));
    let program = json!({
        "default_spot_rate": "0.3", "default_futures_rate": "0.25", "default_futures_window_days": 30,
        "spot_vip_max": 3, "futures_vip_max": 2,
    });
    let standing = json!({ "uid": 9, "status": "approved", "spot_rate": "0.4", "futures_rate": "0.35" });
    vec![
        event("note", "n-2", then, json!({ "uid": 70, "note": "from then on" })),
        // Of one moment the last one in the order of equals holds.
        event("note", "n-3", then, json!({ "uid": 70, "note": "from then on, indeed" })),
        event("note", "n-4", then, json!({ "uid": 80, "note": "the first one" })),
        event("vip", "v-1", then, json!({ "uid": 71, "vip_level": 5 })),
        event("vip", "v-2", then, json!({ "uid": 80, "vip_level": 4 })),
        event("rebate", "b-1", then, rates("uid", 70)),
        event("code", "c-2", then, code),
        event("program", "p-1", then, program),
        event("affiliate", "a-1", then, standing),
    ]
}

#[test]
fn what_comes_later_than_it_arrives_holds_from_its_time_on_without_another_row() {
    let Some(node) = cassandra::shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let variables = cluster(&node.address, "to_come");
    let daemon = Daemon::ready(&folder.path().join("ledger"), &[], &variables);
    let serving = Daemon::serve(folder.path(), &[], &variables);
    let now = SystemClock::new().now();
    let then = Timestamp(now.0 + AHEAD_SECONDS * 1_000_000);
    for lines in [first(now), coming(then)] {
        let answer = daemon.post_events(&batch(&lines)).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(daemon.position(), 17, "all were taken");
    wait_for_positions(&serving, &[17]);
    let questions = [
        "/v1/referrals?uid=7&sort=uid",
        "/v1/referrals?uid=7&sort=note&order=asc",
        "/v1/referrals?uid=7&vip=5",
        "/v1/referrals?uid=7&q=indeed",
        "/v1/codes?uid=7",
        "/v1/codes/ONE?uid=7",
        "/v1/account?uid=7",
        "/v1/account?uid=9",
    ];
    let same = || {
        let answers = questions.map(|question| plain(daemon.get(question)));
        for (question, answer) in questions.iter().zip(&answers) {
            assert_eq!(plain(serving.get(question)), *answer, "{question}");
        }
        answers
    };
    let before = same();
    let note_of_70 = |answers: &[Value]| answers[0]["rows"][1]["note"].clone();
    assert_eq!(note_of_70(&before), "until then", "{before:?}");
    wait_for("the time has come", 120, || (SystemClock::new().now() > Timestamp(then.0 + 1_000_000)).then_some(()));
    let after = same();
    assert_eq!(note_of_70(&after), "from then on, indeed");
    for (question, (before, after)) in questions.iter().zip(before.iter().zip(&after)) {
        assert_ne!(before, after, "{question}");
    }
    assert_eq!(daemon.position(), 17, "nothing else has come");
}
