//! `GET /v1/search` and `GET /v1/entries/{position}`.

use serde_json::{Value, json};

use crate::history::{event, one_more};
use crate::server::Server;

/// What was found: its kind, and what tells it from others.
fn found(answer: &Value) -> Vec<(String, Value)> {
    let rows = answer["rows"].as_array().expect("rows").iter();
    rows.map(|row| {
        let which = match row["kind"].as_str().expect("a kind") {
            "trade" | "entry" => &row["event"]["position"],
            "code" | "campaign" | "offer" => &row["name"],
            _ => &row["uid"],
        };
        (row["kind"].as_str().expect("a kind").to_owned(), which.clone())
    })
    .collect()
}

#[tokio::test]
async fn a_name_finds_all_that_bear_it() {
    let server = Server::start().await;
    let lone = event("kyc", "checked", "2026-03-02T10:00:00Z", json!({"uid": 4000, "status": "verified"}));
    server.post_events(&format!("[{lone}]")).await.expect(200);
    let table: [(&str, &[(&str, Value)]); 17] = [
        ("7", &[("referrer", json!(7)), ("entry", json!(7))]),
        ("8", &[("referrer", json!(8)), ("entry", json!(8))]),
        ("100", &[("invitee", json!(100))]),
        ("4000", &[("account", json!(4000))]),
        ("10", &[("trade", json!(10))]),
        ("alpha", &[("code", json!("ALPHA"))]),
        ("%20ALPHA%20", &[("code", json!("ALPHA"))]),
        ("spring", &[("campaign", json!("spring"))]),
        ("bonus", &[("offer", json!("bonus"))]),
        ("t1", &[("trade", json!(10))]),
        ("/tests%20t1", &[("trade", json!(10))]),
        ("100%20t1", &[("trade", json!(10))]),
        ("100%20/tests%20t1", &[("trade", json!(10))]),
        ("begun", &[("entry", json!(18)), ("entry", json!(17)), ("entry", json!(16))]),
        ("101%20t1", &[]),
        ("nobody's", &[]),
        ("", &[]),
    ];
    for (name, expected) in table {
        let answer = server.get(&format!("/v1/search?name={name}")).await.expect(200);
        let expected: Vec<(String, Value)> =
            expected.iter().map(|(kind, which)| ((*kind).to_owned(), which.clone())).collect();
        assert_eq!(found(&answer), expected, "{name}");
        assert_eq!(answer["not_looked_upto"], Value::Null, "{name}");
    }
    let invitee = server.get("/v1/search?name=100").await.expect(200);
    assert_eq!(invitee["rows"][0]["referrer_uid"], 7);
    let code = server.get("/v1/search?name=BETA").await.expect(200);
    assert_eq!(code["rows"][0]["uid"], 8);
}

#[tokio::test]
async fn of_very_many_with_the_same_id_some_are_told_and_where_the_others_are() {
    let server = Server::start().await;
    let more: Vec<String> = (0..30).map(|number| one_more(1_000 + number, "2026-03-09T00:00:00Z")).collect();
    server.post_events(&format!("[{}]", more.join(","))).await.expect(200);
    let first = server.get("/v1/search?name=registered").await.expect(200);
    assert_eq!(found(&first).len(), 20);
    let upto = first["not_looked_upto"].as_u64().expect("a position");
    let rest = server.get(&format!("/v1/search?name=registered&upto={upto}")).await.expect(200);
    assert_eq!((found(&rest).len(), &rest["not_looked_upto"]), (13, &Value::Null));
    let all = [found(&first), found(&rest)].concat();
    let positions: Vec<u64> = all.iter().map(|(_, position)| position.as_u64().expect("a position")).collect();
    assert!(positions.windows(2).all(|pair| pair[0] > pair[1]), "{positions:?}");
}

#[tokio::test]
async fn an_entry_is_told_with_its_first_postings() {
    let server = Server::start().await;
    let trade = server.get("/v1/entries/10").await.expect(200);
    assert_eq!((&trade["position"], &trade["event"]["id"]), (&json!(10), &json!("t1")));
    assert_eq!(trade["postings"].as_array().map(Vec::len), Some(3));
    assert_eq!((&trade["has_more"], &trade["as_of"]["position"]), (&json!(false), &json!(19)));
    let feed = server.get("/v1/feed?after=9&limit=1").await;
    let line: Value = serde_json::from_str(feed.text()).expect("a line");
    for field in ["recorded_at", "actor", "event", "postings"] {
        assert_eq!(trade[field], line[field], "{field}");
    }
    // A rate that reaches three hundred trades posts for each.
    let trades: Vec<String> = (0..300)
        .map(|number| {
            let data = json!({
                "uid": 100, "product": "spot", "symbol": "BTCUSDT", "volume_usd": "10", "fee_usd": "1",
                "fee_asset": "USDT", "fee_amount": "1", "vip_level": 0,
            });
            event("trade", &format!("many-{number}"), "2026-03-09T00:00:00Z", data)
        })
        .collect();
    server.post_events(&format!("[{}]", trades.join(","))).await.expect(200);
    let rates = json!({
        "uid": 7, "status": "approved", "spot_rate": "0.5", "futures_rate": "0.3", "futures_window_days": null,
    });
    server.post_events(&format!("[{}]", event("affiliate", "more", "2026-03-08T00:00:00Z", rates))).await.expect(200);
    let late = server.get("/v1/entries/320").await.expect(200);
    assert_eq!((late["postings"].as_array().map(Vec::len), &late["has_more"]), (Some(200), &json!(true)));
}
