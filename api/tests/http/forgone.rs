//! `GET /v1/withheld`, `GET /v1/clawbacks` and their trades: figures by hand over the history of the tests.

use serde_json::{Value, json};

use crate::questions::column;
use crate::server::Server;

fn without_as_of(mut answer: Value) -> Value {
    answer.as_object_mut().map(|answer| answer.remove("as_of"));
    answer
}

/// Of 5 at 0.4, a quarter of it the invitee's: t3, at VIP level 3.
#[tokio::test]
async fn what_a_rule_withheld_is_told_by_any_key_and_trade_by_trade() {
    let server = Server::start().await;
    let ask = async |query: &str| without_as_of(server.get(&format!("/v1/withheld{query}")).await.expect(200));
    let sum = json!({"trades": 1, "fee_usd": "5", "commission": "1.5", "rebate": "0.5", "total": "2"});
    let mut row = sum.clone();
    row["key"] = json!("7");
    let expected = json!({
        "uid": null, "code": null, "country": null, "reason": null, "from": "2026-03-04", "to": "2026-03-10",
        "by": "referrer", "sum": sum, "rows": [row], "total": 1, "next_cursor": null,
    });
    assert_eq!(ask("").await, expected);
    for (query, key) in [
        ("?by=reason&uid=7&country=ZZ&code=ALPHA&reason=suspended,vip_level", "vip_level"),
        ("?by=country", "ZZ"),
        ("?by=code", "ALPHA"),
        ("?by=day", "2026-03-05"),
    ] {
        assert_eq!(column(&ask(query).await["rows"], "key"), [key], "{query}");
    }
    for none in ["?uid=8", "?country=DE", "?reason=suspended", "?from=2026-03-06"] {
        assert_eq!(ask(none).await["total"], 0, "{none}");
    }
    let narrowed = ask("?uid=7&country=ZZ&reason=vip_level").await;
    assert_eq!((&narrowed["country"], &narrowed["reason"]), (&json!(["ZZ"]), &json!(["vip_level"])));
    let trades = ask("/trades?from=2026-01-01&to=2026-03-31").await;
    let expected = json!({
        "trade": {"uid": 101, "source": "/tests", "id": "t3"}, "position": 12, "time": "2026-03-05T11:00:00Z",
        "date": "2026-03-05", "product": "spot", "invitee_uid": 101, "referrer_uid": 7, "code": "ALPHA", "country": null,
        "reason": "vip_level", "fee_usd": "5", "commission": "1.5", "rebate": "0.5", "total": "2", "reversal": null,
    });
    assert_eq!(trades["rows"][0], expected);
    // And t0, before its account registered.
    assert_eq!(column(&trades["rows"], "reason"), ["vip_level", "before_registration"]);
    assert_eq!(trades["sum"]["total"], "2.4");
    // Before t3 came there was t0 alone.
    let then = ask("/trades?from=2026-01-01&to=2026-03-31&as_of=11").await;
    assert_eq!(column(&then["rows"], "reason"), ["before_registration"]);
}

/// Of 8 at 0.3, of which 0.05 were the invitee's: t2, taken back on the 7th.
#[tokio::test]
async fn what_a_reversal_took_back_is_told_on_its_day() {
    let server = Server::start().await;
    let ask = async |query: &str| server.get(&format!("/v1/clawbacks{query}")).await.expect(200);
    let sum = json!({"trades": 1, "fee_usd": "8", "commission": "2", "rebate": "0.4", "total": "2.4"});
    for (query, key) in
        [("?by=reason&reason=bust", "bust"), ("?by=day", "2026-03-07"), ("", "7"), ("?by=country", "DE")]
    {
        let answer = ask(query).await;
        assert_eq!((column(&answer["rows"], "key"), &answer["sum"]), (vec![key.to_owned()], &sum), "{query}");
    }
    for none in ["?reason=fraud", "?uid=8", "?to=2026-03-06", "?as_of=13"] {
        assert_eq!(ask(none).await["total"], 0, "{none}");
    }
    let row = ask("/trades?uid=7").await["rows"][0].take();
    assert_eq!((&row["trade"]["id"], &row["date"], &row["reason"]), (&json!("t2"), &json!("2026-03-07"), &Value::Null));
    assert_eq!((&row["reversal"]["id"], &row["reversal"]["position"]), (&json!("r2"), &json!(14)));
}

/// Pages of both lists come to the whole.
#[tokio::test]
async fn a_page_leads_to_the_next() {
    let server = Server::start().await;
    for list in ["withheld?by=reason&", "withheld/trades?"] {
        let path = format!("/v1/{list}from=2026-01-01&to=2026-03-31");
        let first = server.get(&format!("{path}&limit=1")).await.expect(200);
        let cursor = first["next_cursor"].as_str().expect("a cursor");
        let second = server.get(&format!("{path}&limit=1&cursor={cursor}")).await.expect(200);
        assert_eq!((&first["total"], &second["next_cursor"], &first["sum"]), (&json!(2), &Value::Null, &second["sum"]));
        assert_ne!(first["rows"], second["rows"]);
        server.get(&format!("{path}&uid=8&cursor={cursor}")).await.expect_problem(400, Some("cursor"));
    }
}
