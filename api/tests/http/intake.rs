//! `GET /v1/intake`: what came in by day.

use serde_json::{Value, json};

use crate::history::EVENTS;
use crate::server::Server;

#[tokio::test]
async fn a_day_tells_what_was_recorded_and_what_was_quarantined_by_reason() {
    let server = Server::start().await;
    let unknown = json!({
        "specversion": "1.0", "type": "referral.unheard.v1", "source": "/tests", "id": "1",
        "time": "2026-03-01T00:00:00Z", "data": {},
    });
    let negative = crate::history::event("kyc", "2", "2026-03-01T00:00:00Z", json!({"uid": -1, "status": "verified"}));
    // Another registration of one that is registered.
    let claims = json!({"uid": 100, "account_type": "major", "country": "DE", "code": "ALPHA"});
    let other = crate::history::event("registration", "again", "2026-03-02T10:00:00Z", claims);
    server.post_events(&format!("[5,6,{unknown},{negative},{other}]")).await.expect(200);
    let answer = server.get("/v1/intake").await.expect(200);
    assert_eq!((&answer["from"], &answer["to"]), (&json!("2026-02-09"), &json!("2026-03-10")));
    let days = answer["points"].as_array().expect("days");
    assert_eq!(days.len(), 30);
    // All of it arrives today, whenever it is dated.
    let today = json!({
        "date": "2026-03-10", "recorded": EVENTS, "quarantined": 5, "too_large": 0, "malformed": 2, "unknown_type": 1,
        "invalid_field": 1, "conflict": 1,
    });
    assert_eq!(days[29], today);
    assert!(days[..29].iter().all(|day| day["recorded"] == 0 && day["quarantined"] == 0));
    assert_eq!((&answer["recorded"], &answer["quarantined"]), (&json!(EVENTS), &json!(5)));
    // What is discarded was quarantined all the same.
    server
        .command(axum::http::Method::POST, "/v1/quarantine/1/discard", &json!({"reason": "not wanted"}))
        .await
        .expect(200);
    assert_eq!(server.get("/v1/intake?from=2026-03-10").await.expect(200)["points"][0]["malformed"], 2);
    let before: Value = server.get("/v1/intake?from=2025-02-04&to=2026-03-09").await.expect(200);
    assert_eq!((before["points"].as_array().map(Vec::len), &before["recorded"]), (Some(399), &json!(0)));
}
