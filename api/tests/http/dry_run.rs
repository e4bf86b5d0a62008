//! `POST /v1/events?dry_run=true`: outcomes as if sent, and what they would change; nothing is appended, counted or kept.

use api::Authenticator;
use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::history::{EVENTS, event, one_more};
use crate::questions::column;
use crate::server::{Reply, Server, bearer, full};

const BATCH: &str = "application/cloudevents-batch+json";

async fn post(server: &Server, path: &str, media_type: &str, body: &str) -> Reply {
    let request = server.request(Method::POST, path).header(header::AUTHORIZATION, bearer("service", None));
    let request = request.header(header::CONTENT_TYPE, media_type);
    server.send(request.body(full(body)).expect("a request")).await
}

fn trade(id: &str, uid: u64, fee: &str) -> String {
    let data = json!({
        "uid": uid, "product": "spot", "symbol": "BTCUSDT", "volume_usd": "100", "fee_usd": fee, "fee_asset": "USDT",
        "fee_amount": fee, "vip_level": 0,
    });
    event("trade", id, "2026-03-08T00:00:00Z", data)
}

/// One that gets in, one that was there, one that is none, one that contradicts, one that repeats the first, two that
/// stand on each other: a new invitee and its trade.
fn sent() -> Vec<String> {
    vec![
        trade("x1", 100, "10"),
        trade("t1", 100, "10"),
        "5".to_owned(),
        event(
            "registration",
            "again",
            "2026-03-01T00:00:00Z",
            json!({"uid": 100, "account_type": "major", "country": "DE", "code": "BETA"}),
        ),
        trade("x1", 100, "99"),
        trade("x2", 500, "1"),
        one_more(500, "2026-03-07T00:00:00Z"),
    ]
}

/// All that the ledger tells of itself, and what is in quarantine.
async fn told(server: &Server) -> [Value; 4] {
    let get = async |path: &str| server.get(path).await.expect(200);
    [
        get("/v1/status").await,
        get("/v1/quarantine").await,
        get("/v1/overview?from=2026-03-01").await,
        Value::from(server.get("/v1/feed").await.text()),
    ]
}

#[tokio::test]
async fn it_tells_what_would_become_of_each_and_what_they_would_change_and_leaves_everything_as_it_is() {
    let server = Server::start().await;
    let before = told(&server).await;
    let body = format!("[{}]", sent().join(","));
    let tried = post(&server, "/v1/events?dry_run=true", BATCH, &body).await.expect(200);
    let outcomes = ["accepted", "duplicate", "quarantined", "quarantined", "duplicate", "accepted", "accepted"];
    assert_eq!(column(&tried["results"], "outcome"), outcomes);
    assert_eq!(column(&tried["results"], "position"), ["20", "10", "null", "null", "20", "21", "22"]);
    assert_eq!(column(&tried["results"], "reason")[2..4], ["malformed", "conflict"]);
    assert_eq!(tried["results"][3]["field"], "uid");
    // 7 had 3 and 1 of t1. x1 comes to the same, x2 to 0.3 and 0.1. 8 has 0.45 and 0.15, and nothing of it changes.
    let changes = |commission: [&str; 3], rebate: [&str; 3], total: [&str; 3]| {
        let mut row = json!({});
        for (name, figures) in [("commission", commission), ("rebate", rebate), ("total", total)] {
            for (when, figure) in ["before", "after", "difference"].into_iter().zip(figures) {
                row[format!("{name}_{when}")] = figure.into();
            }
        }
        row
    };
    let mut row = changes(["3", "6.3", "3.3"], ["1", "2.1", "1.1"], ["4", "8.4", "4.4"]);
    row["key"] = 7.into();
    assert_eq!(tried["changes"], json!([row]));
    assert_eq!(tried["sum"], changes(["3.45", "6.75", "3.3"], ["1.15", "2.25", "1.1"], ["4.6", "9", "4.4"]));
    assert_eq!(tried["as_of"]["position"], EVENTS);
    assert_eq!(told(&server).await, before);
    // The same again, and line by line, and then in earnest.
    assert_eq!(post(&server, "/v1/events?dry_run=true", BATCH, &body).await.expect(200), tried);
    let lines = sent().join("\n");
    let of_lines = post(&server, "/v1/events?dry_run=true", "application/x-ndjson", &lines).await.expect(200);
    assert_eq!((&of_lines["results"], &of_lines["changes"]), (&tried["results"], &tried["changes"]));
    let posted = post(&server, "/v1/events?dry_run=false", BATCH, &body).await.expect(200);
    assert_eq!(posted, json!({"results": tried["results"]}));
    let nothing_new = post(&server, "/v1/events?dry_run=true", BATCH, &format!("[{}]", sent()[0])).await.expect(200);
    assert_eq!(column(&nothing_new["results"], "outcome"), ["duplicate"]);
    assert_eq!(nothing_new["changes"], json!([]));
    assert_eq!(nothing_new["sum"]["total_difference"], "0");
}

#[tokio::test]
async fn a_rule_that_reaches_far_back_is_told_by_every_referrer_that_it_touches() {
    let server = Server::start().await;
    let program = json!({
        "default_spot_rate": "0.3", "default_futures_rate": "0.1", "default_futures_window_days": null,
        "spot_vip_max": 3, "futures_vip_max": 1,
    });
    let program = event("program", "p", "2026-01-01T00:00:00Z", program);
    let tried = post(&server, "/v1/events?dry_run=true", "application/cloudevents+json", &program).await.expect(200);
    // 7 has rates of its own, but t3 at VIP level 3 counts now: 0.4 of 5, a quarter of it for the invitee. 8 earns 0.3 of 3.
    assert_eq!(column(&tried["changes"], "key"), ["7", "8"]);
    assert_eq!(column(&tried["changes"], "commission_difference"), ["1.5", "0.3"]);
    assert_eq!(column(&tried["changes"], "rebate_difference"), ["0.5", "0"]);
    let asked = json!({"add": [{"type": "referral.program.v1", "time": "2026-01-01T00:00:00Z", "data": {
        "default_spot_rate": "0.3", "default_futures_rate": "0.1", "spot_vip_max": 3, "futures_vip_max": 1,
    }}]});
    let started = server.command(Method::POST, "/v1/what-if?by=referrer", &asked).await;
    let job = started.header("location").to_owned();
    let what_if = loop {
        let job = server.get(&job).await.expect(200);
        if job["state"] != "running" {
            break job;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&what_if["rows"], &what_if["sum"]), (&tried["changes"], &tried["sum"]));
}

#[tokio::test]
async fn who_may_post_may_try_also_where_the_ledger_is_only_read() {
    let server = Server::with_tokens().await;
    let try_as = async |role: &str, uid: Option<u64>, path: &str| {
        let request = server.request(Method::POST, path).header(header::AUTHORIZATION, bearer(role, uid));
        let request = request.header(header::CONTENT_TYPE, BATCH);
        server.send(request.body(full("[]")).expect("a request")).await
    };
    for (role, uid, status) in
        [("affiliate", Some(7), 403), ("analyst", None, 403), ("operator", None, 200), ("service", None, 200)]
    {
        assert_eq!(try_as(role, uid, "/v1/events?dry_run=true").await.status, status, "{role}");
    }
    try_as("service", None, "/v1/events?dry_run=1").await.expect_problem(400, Some("dry_run"));
    try_as("service", None, "/v1/events?dryrun=true").await.expect_problem(400, Some("dryrun"));
    let reader = Server::reading(&server.storage, Authenticator::open()).await;
    let body = format!("[{}]", trade("x1", 100, "10"));
    let tried = post(&reader, "/v1/events?dry_run=true", BATCH, &body).await.expect(200);
    assert_eq!(column(&tried["results"], "position"), ["20"]);
    post(&reader, "/v1/events", BATCH, &body).await.expect_problem(403, None);
}
