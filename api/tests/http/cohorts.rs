//! `GET /v1/cohorts`: figures by hand over the history of the tests, ranges, pages.

use serde_json::{Value, json};

use crate::history::{event, one_more};
use crate::questions::column;
use crate::server::Server;

/// Now is in March 2026, where 100 and 101 registered. 100 came to 3 of commission, 1 of rebate and 1000 of volume, net of
/// what was taken back; 101 to 500 of volume.
#[tokio::test]
async fn a_cohort_tells_what_has_become_of_a_month() {
    let server = Server::start().await;
    let answer = server.get("/v1/cohorts?uid=7").await.expect(200);
    let march = json!({
        "month": "2026-03", "registered": 2, "verified": 1, "deposited": 1, "first_time_trade": 2,
        "months": [{"traded": 2, "commission": "3", "rebate": "1", "volume": "1500"}],
    });
    let expected = json!({
        "uid": 7, "code": null, "country": null, "from": "2025-04-01", "to": "2026-03-31", "rows": [march], "total": 1,
        "next_cursor": null, "as_of": answer["as_of"],
    });
    assert_eq!(answer, expected);
    let of_code = server.get("/v1/cohorts?code=BETA&country=FR,ZZ").await.expect(200);
    assert_eq!((&of_code["uid"], &of_code["code"]), (&Value::Null, &json!("BETA")));
    assert_eq!(of_code["country"], json!(["FR", "ZZ"]));
    assert_eq!(of_code["rows"][0]["months"][0]["commission"], "0.45");
    // Before t1 and what came after it, there was a deposit and no trade.
    let then = server.get("/v1/cohorts?uid=7&as_of=8").await.expect(200);
    assert_eq!((&then["rows"][0]["deposited"], &then["rows"][0]["first_time_trade"]), (&json!(1), &json!(0)));
    assert_eq!((&then["from"], &then["as_of"]["position"]), (&json!("2025-04-01"), &json!(8)));
}

#[tokio::test]
async fn a_range_is_widened_to_whole_months_and_a_page_leads_to_the_next() {
    let server = Server::start().await;
    let trade = json!({
        "uid": 500, "product": "spot", "symbol": "BTCUSDT", "volume_usd": "10", "fee_usd": "1", "fee_asset": "USDT",
        "fee_amount": "1", "vip_level": 0,
    });
    let more = [one_more(500, "2026-01-31T23:59:59Z"), event("trade", "in march", "2026-03-01T00:00:00Z", trade)];
    server.post_events(&format!("[{}]", more.join(","))).await.expect(200);
    let ask = async |query: &str| server.get(&format!("/v1/cohorts?uid=7&{query}")).await.expect(200);
    for (query, from, to, months) in [
        ("from=2026-01-31", "2026-01-01", "2026-12-31", vec!["2026-01", "2026-03"]),
        ("to=2026-02-28", "2025-03-01", "2026-02-28", vec!["2026-01"]),
        ("from=2026-02-28&to=2026-03-01", "2026-02-01", "2026-03-31", vec!["2026-03"]),
        ("from=2026-02-01&to=2026-02-01", "2026-02-01", "2026-02-28", vec![]),
    ] {
        let answer = ask(query).await;
        assert_eq!((&answer["from"], &answer["to"]), (&json!(from), &json!(to)), "{query}");
        assert_eq!(column(&answer["rows"], "month"), months, "{query}");
    }
    let first = ask("limit=1").await;
    assert_eq!((&first["total"], column(&first["rows"], "month")), (&json!(2), vec!["2026-01".to_owned()]));
    // 0.4 of a fee of 1, a quarter of it given back, in the second month after the registration's.
    let nothing = json!({"traded": 0, "commission": "0", "rebate": "0", "volume": "0"});
    let march = json!({"traded": 1, "commission": "0.3", "rebate": "0.1", "volume": "10"});
    assert_eq!(first["rows"][0]["months"], json!([nothing, nothing, march]));
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = ask(&format!("limit=1&cursor={cursor}")).await;
    assert_eq!((&second["next_cursor"], column(&second["rows"], "month")), (&Value::Null, vec!["2026-03".to_owned()]));
    server.get(&format!("/v1/cohorts?uid=8&cursor={cursor}")).await.expect_problem(400, Some("cursor"));
}
