//! What operators and their tools see: status, probes, metrics.

use std::sync::Arc;

use api::{App, Authenticator};
use axum::http::Method;
use ingest::ReplayProgress;
use ingest::metrics::Metrics;
use serde_json::{Value, json};

use crate::history::EVENTS;
use crate::server::{Server, ask_router};

#[tokio::test]
async fn the_status_says_what_became_of_every_event() {
    let server = Server::start().await;
    let again = crate::history::events();
    server.post_events(&format!("[{},{},7]", again[0], again[3])).await.expect(200);
    let status = server.get("/v1/status").await.expect(200);
    for (name, value) in [
        ("position", json!(EVENTS)),
        ("accepted", json!(EVENTS)),
        ("duplicate", json!({"/tests": 2})),
        ("quarantined", json!({"malformed": 1})),
        ("trades_before_registration", json!(1)),
        ("partitions", json!([])),
        ("ready", json!(true)),
        ("missing", json!([])),
        ("failure", Value::Null),
        ("read_only", json!(false)),
        ("applied_apart", Value::Null),
    ] {
        assert_eq!(status[name], value, "{name}");
    }
    assert_eq!(status["as_of"]["position"], EVENTS);
}

#[tokio::test]
async fn until_the_ledger_is_there_probes_say_so_and_questions_wait() {
    let app = App::new(Authenticator::open(), Arc::new(Metrics::new()));
    let router = app.service(app.router());
    assert_eq!(ask_router(router.clone(), "/healthz").await.expect(200), json!({"status": "alive"}));
    let missing = |detail: &str| json!([{"what": "ledger", "detail": detail}]);
    for path in ["/readyz", "/readyz?ingest=true"] {
        let problem = ask_router(router.clone(), path).await.expect(503);
        assert_eq!(problem["missing"], missing("it is being opened"));
    }
    app.replaying(ReplayProgress { from: 0, position: 5, to: 9, micros: 1 });
    let problem = ask_router(router.clone(), "/readyz").await.expect(503);
    assert_eq!(problem["missing"], missing("it is being replayed: at position 5 of 9"));
    let metrics = ask_router(router.clone(), "/metrics").await;
    assert!(metrics.text().contains("tributary_missing{what=\"ledger\"} 1"));
    assert!(metrics.text().contains("tributary_ready_to_answer 0"));
    for path in ["/v1/overview?uid=7", "/v1/feed", "/v1/status", "/v1/rewards/export?uid=7"] {
        ask_router(router.clone(), path).await.expect_problem(503, None);
    }
    assert_eq!(ask_router(router, "/metrics").await.status, 200);
}

#[tokio::test]
async fn it_is_ready_once_it_reflects_the_ledger() {
    let server = Server::start().await;
    for path in ["/readyz", "/readyz?ingest=false", "/readyz?ingest=true"] {
        let ready = server.get(path).await.expect(200);
        assert_eq!(ready, json!({"ready": true, "missing": [], "position": EVENTS}), "{path}");
    }
    server.get("/readyz?ingest=maybe").await.expect_problem(400, Some("ingest"));
}

#[tokio::test]
async fn one_that_only_reads_answers_and_takes_in_nothing() {
    let storage = Server::start().await.end().await;
    let server = Server::reading(&storage, Authenticator::open()).await;
    server.get("/readyz").await.expect(200);
    let reply = server.get("/readyz?ingest=true").await;
    reply.expect_problem(503, None);
    let problem = reply.expect(503);
    let status = server.get("/v1/status").await.expect(200);
    assert_eq!((&status["ready"], &status["missing"]), (&json!(false), &problem["missing"]));
    assert_eq!(problem["missing"][0]["what"], "ingestion");
    assert!(server.get("/metrics").await.text().contains("tributary_missing{what=\"ingestion\"} 1"));
}

#[tokio::test]
async fn metrics_tell_of_events_and_of_questions_by_endpoint() {
    let server = Server::start().await;
    server.get("/v1/referrals/100?uid=7").await.expect(200);
    server.get("/v1/referrals/101?uid=7").await.expect(200);
    server.get("/v1/referrals/9?uid=7").await.expect_problem(404, None);
    server.get("/nowhere/1").await.expect_problem(404, None);
    server.command(Method::PUT, "/v1/referrals/100/note?uid=7", &json!({"note": "x"})).await.expect(200);
    let metrics = server.get("/metrics").await;
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let lines: Vec<&str> = metrics.text().lines().collect();
    for line in [
        "tributary_http_requests_total{endpoint=\"/v1/referrals/{invitee}\",method=\"GET\",status=\"200\"} 2",
        "tributary_http_requests_total{endpoint=\"/v1/referrals/{invitee}\",method=\"GET\",status=\"404\"} 1",
        "tributary_http_requests_total{endpoint=\"none\",method=\"GET\",status=\"404\"} 1",
        "tributary_query_duration_seconds_count{endpoint=\"/v1/referrals/{invitee}\"} 3",
        "tributary_command_duration_seconds_count{endpoint=\"/v1/referrals/{invitee}/note\",method=\"PUT\"} 1",
        "tributary_events_total{outcome=\"accepted\",reason=\"\"} 20",
        "tributary_ledger_position 20",
    ] {
        assert!(lines.contains(&line), "{line} in\n{}", metrics.text());
    }
    assert!(!metrics.text().contains("/nowhere"));
}
