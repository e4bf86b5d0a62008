//! What was learned between two positions about one period (SPEC 6), with the figures of the history.

use serde_json::{Value, json};

use crate::history::{EVENTS, NOW, event};
use crate::questions::column;
use crate::server::Server;

use api::Authenticator;
use axum::http::Method;
use ledger::{EventReader, MemoryStorage};
use schemas::Timestamp;

/// A server whose events came one by one, each recorded at a moment of its own; 7's base rate for spot turns out, at
/// position 20, to have been 0.3 since the 3rd of March.
async fn restated() -> Server {
    let server = Server::on(MemoryStorage::new(), Authenticator::open()).await;
    let standing = json!({
        "uid": 7, "status": "approved", "spot_rate": "0.3", "futures_rate": "0.5", "futures_window_days": null,
    });
    let late = event("affiliate", "corrected", "2026-03-03T00:00:00Z", standing);
    for event in crate::history::events().into_iter().chain([late]) {
        server.post_events(&format!("[{event}]")).await.expect(200);
    }
    server
}

const MARCH: &str = "uid=7&from=2026-03-01&to=2026-03-10";

#[tokio::test]
async fn a_period_is_restated_entry_by_entry() {
    let server = restated().await;
    let earned = |commission: &str, rebate: &str| json!({"commission": commission, "rebate": rebate});
    let answer = server.get(&format!("/v1/restatement?{MARCH}&as_of=10")).await.expect(200);
    for (name, value) in [
        ("uid", json!(7)),
        ("from", json!("2026-03-01")),
        ("to", json!("2026-03-10")),
        ("code", Value::Null),
        ("total", json!(3)),
        ("next_cursor", Value::Null),
        ("as_of", json!({"position": 20, "event_time": "2026-03-09T10:00:00Z"})),
        ("before", earned("3", "1")),
        // Of t1 4 was to be shared, now 3: commission 2. Of t2 nothing stands.
        ("after", earned("2", "1")),
        ("difference", earned("-1", "0")),
    ] {
        assert_eq!(answer[name], value, "{name}");
    }
    assert_eq!(column(&answer["rows"], "position"), ["11", "14", "20"]);
    assert_eq!(column(&answer["rows"], "trades"), ["1", "1", "2"]);
    assert_eq!(column(&answer["rows"], "commission"), ["2", "-2", "-1"]);
    assert_eq!(column(&answer["rows"], "rebate"), ["0.4", "-0.4", "0"]);
    let recorded_at = server.ledger.reader().recorded_at(20).expect("an entry");
    let last = json!({
        "position": 20, "recorded_at": recorded_at, "trades": 2, "commission": "-1", "rebate": "0",
        "event": {
            "source": "/tests", "id": "corrected", "type": "referral.affiliate.v1", "time": "2026-03-03T00:00:00Z",
        },
    });
    assert_eq!(answer["rows"][2], last);
    // t2, of the 5th, is taken back on the 7th: at 0.5 less 0.05 its commission is 3.6, not 2.
    let of_a_day = server.get("/v1/restatement?uid=7&from=2026-03-07&to=2026-03-07&as_of=19").await.expect(200);
    assert_eq!((&of_a_day["before"], &of_a_day["after"]), (&earned("-2", "-0.4"), &earned("-3.6", "-0.4")));
    assert_eq!(column(&of_a_day["rows"], "commission"), ["-1.6"]);
}

#[tokio::test]
async fn both_ends_are_those_of_the_overviews_as_of_them() {
    let server = restated().await;
    for (since, until) in [(0, 1), (0, 20), (9, 14), (13, 14), (19, 20), (20, 20), (1, 10)] {
        let path = format!("/v1/restatement?{MARCH}&as_of={since}&until={until}");
        let answer = server.get(&path).await.expect(200);
        assert_eq!(answer["as_of"]["position"], until, "{path}");
        for (name, position) in [("before", since), ("after", until)] {
            let expected = if position == 0 {
                json!({"commission": "0", "rebate": "0"})
            } else {
                let overview = server.get(&format!("/v1/overview?{MARCH}&as_of={position}")).await.expect(200);
                let metrics = &overview["metrics"];
                json!({"commission": metrics["total_rewards"], "rebate": metrics["shared_commission"]})
            };
            assert_eq!(answer[name], expected, "{name} of {path}");
        }
    }
}

#[tokio::test]
async fn both_ends_are_positions_dates_or_times() {
    let server = restated().await;
    let reader = server.ledger.reader();
    let at = |position| reader.recorded_at(position).expect("an entry");
    let before_all = Timestamp(at(1).0 - 1);
    let by_positions = server.get(&format!("/v1/restatement?{MARCH}&as_of=10&until=14")).await.expect(200);
    for (since, until) in [(at(10), at(14)), (at(10), Timestamp(at(15).0 - 1))] {
        let by_times = server.get(&format!("/v1/restatement?{MARCH}&as_of={since}&until={until}")).await;
        assert_eq!(by_times.expect(200), by_positions);
    }
    let from_nothing = server.get(&format!("/v1/restatement?{MARCH}&as_of={before_all}&until=14")).await;
    let from_zero = server.get(&format!("/v1/restatement?{MARCH}&as_of=0&until=14")).await;
    assert_eq!(from_nothing.expect(200), from_zero.expect(200));
    // Dates are whole days at both ends: what was learned after the first, up to the end of the second.
    let (day, before) = (at(1).day(), at(1).day().plus(-1));
    let of_the_day = server.get(&format!("/v1/restatement?{MARCH}&as_of={before}&until={day}")).await.expect(200);
    assert_eq!(of_the_day, server.get(&format!("/v1/restatement?{MARCH}&as_of=0&until=20")).await.expect(200));
    let of_nothing = server.get(&format!("/v1/restatement?{MARCH}&as_of={day}&until={day}")).await.expect(200);
    assert_eq!((&of_nothing["total"], &of_nothing["before"]), (&json!(0), &of_the_day["after"]));
    server.get(&format!("/v1/restatement?{MARCH}&as_of={day}&until={before}")).await.expect_problem(400, Some("until"));
    for (ends, field) in [
        ("until=14".to_owned(), "as_of"),
        ("as_of=".to_owned(), "as_of"),
        ("as_of=yesterday".to_owned(), "as_of"),
        ("as_of=21".to_owned(), "as_of"),
        ("as_of=21&until=20".to_owned(), "as_of"),
        ("as_of=15&until=14".to_owned(), "as_of"),
        (format!("as_of={}&until={}", at(15), at(14)), "as_of"),
        // No entry lies between these, and yet one is after the other.
        (format!("as_of={}&until={}", Timestamp(at(20).0 + 2), Timestamp(at(20).0 + 1)), "as_of"),
        ("as_of=0&until=0".to_owned(), "until"),
        ("as_of=0&until=21".to_owned(), "until"),
        ("as_of=0&until=-1".to_owned(), "until"),
        (format!("as_of=0&until={before_all}"), "until"),
    ] {
        let refused = server.get(&format!("/v1/restatement?{MARCH}&{ends}")).await;
        refused.expect_problem(400, Some(field));
    }
    server.get("/v1/restatement?uid=7&as_of=0&from=2026-03-02&to=2026-03-01").await.expect_problem(400, Some("from"));
}

#[tokio::test]
async fn the_default_range_ends_today_whatever_until_is() {
    let server = restated().await;
    for until in ["", "&until=1", "&until=20"] {
        let answer = server.get(&format!("/v1/restatement?uid=7&as_of=0{until}")).await.expect(200);
        let today = &NOW[..10];
        assert_eq!((&answer["from"], &answer["to"]), (&json!("2026-02-09"), &json!(today)), "{until}");
    }
}

#[tokio::test]
async fn a_code_is_the_referrers_by_what_is_known_at_the_end() {
    let server = restated().await;
    let of_code = server.get(&format!("/v1/restatement?{MARCH}&code=ALPHA&as_of=10")).await.expect(200);
    assert_eq!((&of_code["code"], &of_code["total"]), (&json!("ALPHA"), &json!(3)));
    server.get(&format!("/v1/restatement?{MARCH}&code=BETA&as_of=10")).await.expect_problem(404, None);
    // At position 2 it came to be.
    server.get(&format!("/v1/restatement?{MARCH}&code=ALPHA&as_of=0&until=1")).await.expect_problem(404, None);
    server.get(&format!("/v1/restatement?{MARCH}&code=ALPHA&as_of=0&until=2")).await.expect(200);
    // Its time is tomorrow: until then it is 404, here as elsewhere.
    let data = json!({"code": "LATER", "owner_uid": 7, "spot_rebate_rate": "0", "futures_rebate_rate": "0"});
    let later = event("code", "made", "2026-03-11T00:00:00Z", data);
    server.post_events(&format!("[{later}]")).await.expect(200);
    server.get(&format!("/v1/overview?{MARCH}&code=LATER")).await.expect_problem(404, None);
    server.get(&format!("/v1/restatement?{MARCH}&code=LATER&as_of=0")).await.expect_problem(404, None);
    let nobody = server.get("/v1/restatement?uid=9999&as_of=0").await.expect(200);
    assert_eq!((&nobody["rows"], &nobody["after"]["commission"]), (&json!([]), &json!("0")));
}

#[tokio::test]
async fn its_pages_keep_both_ends() {
    let server = restated().await;
    let path = format!("/v1/restatement?{MARCH}&as_of=10&limit=2");
    let first = server.get(&format!("{path}&until=20")).await.expect(200);
    assert_eq!((&first["total"], column(&first["rows"], "position")), (&json!(3), vec!["11".into(), "14".into()]));
    let note = json!({"note": "changed"});
    server.command(Method::PUT, "/v1/referrals/100/note?uid=7", &note).await.expect(200);
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    for until in ["", "&until=20"] {
        let second = server.get(&format!("{path}{until}&cursor={cursor}")).await.expect(200);
        assert_eq!(column(&second["rows"], "position"), ["20"], "{until}");
        assert_eq!((&second["as_of"]["position"], &second["next_cursor"]), (&json!(20), &Value::Null));
    }
    for other in [
        format!("{path}&until=19&cursor={cursor}"),
        format!("/v1/restatement?{MARCH}&as_of=9&limit=2&cursor={cursor}"),
        format!("/v1/restatement?{MARCH}&code=ALPHA&as_of=10&limit=2&cursor={cursor}"),
    ] {
        server.get(&other).await.expect_problem(400, Some("cursor"));
    }
    // A list up to the present goes on with it.
    let first = server.get(&path).await.expect(200);
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = server.get(&format!("{path}&cursor={cursor}")).await.expect(200);
    assert_eq!(second["as_of"]["position"], EVENTS + 2);
}
