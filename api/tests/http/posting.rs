//! `POST /v1/events`: what becomes of each event of a body, and which bodies are refused.

use axum::http::{Method, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use serde_json::json;

use crate::history::{EVENTS, event, one_more};
use crate::questions::column;
use crate::server::{Reply, Server};

const SINGLE: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";

async fn post(server: &Server, media_type: &str, body: &[u8]) -> Reply {
    let request = server.request(Method::POST, "/v1/events").header(header::CONTENT_TYPE, media_type);
    server.send(request.body(Full::new(Bytes::copy_from_slice(body))).expect("a request")).await
}

#[tokio::test]
async fn every_event_has_its_outcome_in_the_order_sent() {
    let server = Server::start().await;
    let new = one_more(200, "2026-03-09T00:00:00Z");
    let conflict = new.replace("\"registered\"", "\"again\"");
    let duplicate = new.replace("\"DE\"", "\"FR\"");
    let unknown = event("unheard", "1", "2026-03-09T00:00:00Z", json!({}));
    let invalid = event("vip", "1", "2026-03-09T00:00:00Z", json!({"uid": 1, "vip_level": 21}));
    let late = event("vip", "1", "2026-03-12T00:00:00Z", json!({"uid": 1, "vip_level": 1}));
    let body = format!("[{new},{duplicate},{conflict},{unknown},{invalid},{late},5]");
    let answer = post(&server, BATCH, body.as_bytes()).await.expect(200);
    let results = &answer["results"];
    let outcomes = ["accepted", "duplicate", "quarantined", "quarantined", "quarantined", "quarantined", "quarantined"];
    assert_eq!(column(results, "outcome"), outcomes);
    let (at, null) = ((EVENTS + 1).to_string(), "null".to_owned());
    let positions = [&at, &at, &null, &null, &null, &null, &null];
    assert_eq!(column(results, "position").iter().collect::<Vec<_>>(), positions);
    let reasons = ["null", "null", "conflict", "unknown_type", "invalid_field", "invalid_field", "malformed"];
    assert_eq!(column(results, "reason"), reasons);
    let fields = column(results, "field");
    assert_eq!((&*fields[3], &*fields[4], &*fields[5]), ("null", "vip_level", "time"));
    let result = json!({"outcome": "accepted", "position": EVENTS + 1, "reason": null, "field": null, "detail": null});
    assert_eq!(results[0], result);
    // It is durable and applied.
    assert_eq!(server.get("/v1/referrals?uid=7&q=200").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn the_body_decides_whether_it_is_one_event_or_a_batch() {
    let server = Server::start().await;
    for (media_type, body, count) in [
        (SINGLE, one_more(201, "2026-03-09T00:00:00Z"), 1),
        (BATCH, one_more(202, "2026-03-09T00:00:00Z"), 1),
        (SINGLE, format!("[{}]", one_more(203, "2026-03-09T00:00:00Z")), 1),
        ("Application/CloudEvents-Batch+JSON; charset=utf-8", "[]".to_owned(), 0),
    ] {
        let results = post(&server, media_type, body.as_bytes()).await.expect(200);
        assert_eq!(results["results"].as_array().map(Vec::len), Some(count), "{body}");
    }
    assert_eq!(server.ledger.position(), EVENTS + 3);
}

#[tokio::test]
async fn what_is_malformed_in_itself_is_quarantined_alone_with_its_own_text() {
    let server = Server::start().await;
    let good = one_more(204, "2026-03-09T00:00:00Z");
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let malformed = [
        "{ \"id\" : \"a\", \"id\": \"a\" }".to_owned(),
        good.replace("\"data\"", "\"more\":1e400,\"data\""),
        good.replace("\"data\"", "\"more\":\"\\ud800\",\"data\""),
        good.replace("\"data\"", &format!("\"more\":{deep},\"data\"")),
        good.replace("\"1.0\"", "\"0.3\""),
        "null".to_owned(),
        "[ [] ]".to_owned(),
        "-0.0e-0".to_owned(),
    ];
    let body = format!("\r\n[ {} ,\t{good}\n]\r\n", malformed.join(" ,\n "));
    let results = post(&server, BATCH, body.as_bytes()).await.expect(200);
    let reasons = column(&results["results"], "reason");
    assert_eq!(reasons[..malformed.len()], ["malformed"; 8]);
    assert_eq!(reasons[malformed.len()], "null");
    let quarantine = server.get("/v1/quarantine").await.expect(200);
    let raw = column(&quarantine["rows"], "raw");
    let raw: Vec<Vec<u8>> = raw.iter().map(|raw| STANDARD.decode(raw).expect("base64")).collect();
    assert_eq!(raw, malformed.map(String::into_bytes));
    assert_eq!(quarantine["total"], 8);
    assert_eq!(column(&quarantine["rows"], "id"), ["1", "2", "3", "4", "5", "6", "7", "8"]);
    assert_eq!(quarantine["rows"][1]["origin"], "POST /v1/events by operator, event 2");
    assert_eq!(quarantine["rows"][0]["received_at"].as_str().map(|time| &time[..16]), Some("2026-03-10T12:00"));
}

#[tokio::test]
async fn too_large_holds_for_an_event_and_413_for_a_body() {
    let server = Server::start().await;
    let padded = |uid: u64, bytes: usize| {
        let event = one_more(uid, "2026-03-09T00:00:00Z");
        let padding = "x".repeat(bytes - event.len() - "\"more\":\"\",".len());
        event.replace("\"data\"", &format!("\"more\":\"{padding}\",\"data\""))
    };
    let body = format!("[{},{}]", padded(205, 1_048_576), padded(206, 1_048_577));
    let results = post(&server, BATCH, body.as_bytes()).await.expect(200);
    assert_eq!(column(&results["results"], "reason"), ["null", "too_large"]);

    let event = one_more(207, "2026-03-09T00:00:00Z");
    let filled = |bytes: usize| format!("[{event}{}]", " ".repeat(bytes - event.len() - 2));
    post(&server, BATCH, filled(32 << 20).as_bytes()).await.expect(200);
    post(&server, BATCH, filled((32 << 20) + 1).as_bytes()).await.expect_problem(413, None);
    // Without a length told before.
    let parts = filled((32 << 20) + 1);
    let stream =
        futures_util::stream::iter(parts.as_bytes().chunks(1 << 20).map(Bytes::copy_from_slice).collect::<Vec<_>>());
    let body = axum::body::Body::from_stream(futures_util::StreamExt::map(stream, Ok::<_, std::convert::Infallible>));
    let request = server.request(Method::POST, "/v1/events").header(header::CONTENT_TYPE, BATCH);
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let reply = client.request(request.body(body).expect("a request")).await.expect("an answer");
    Reply::of(reply).await.expect_problem(413, None);
    assert_eq!(server.ledger.position(), EVENTS + 2);
}

#[tokio::test]
async fn a_body_that_is_no_json_and_one_of_another_type_are_refused_whole() {
    let server = Server::start().await;
    let good = one_more(208, "2026-03-09T00:00:00Z");
    for body in ["", " ", "{", "[{}", "[1,]", "nonsense", "{}{}", &format!("[{good},}}]"), &format!("\u{feff}{good}")] {
        post(&server, BATCH, body.as_bytes()).await.expect_problem(400, None);
    }
    let not_utf8 = [b"[".as_slice(), good.as_bytes(), b",\"\xff\"]"].concat();
    post(&server, BATCH, &not_utf8).await.expect_problem(400, None);
    for media_type in ["application/json", "text/plain", "application/cloudevents", "multipart/form-data; boundary=x"] {
        post(&server, media_type, good.as_bytes()).await.expect_problem(415, Some("content-type"));
    }
    let bare = server.request(Method::POST, "/v1/events").body(Full::new(Bytes::from(good))).expect("a request");
    server.send(bare).await.expect_problem(415, Some("content-type"));
    assert_eq!(server.ledger.position(), EVENTS);
}

#[tokio::test]
async fn a_body_of_many_events_is_answered_for_each() {
    let server = Server::start().await;
    let count = 25_000;
    let vip = |number: u64| {
        let id = format!("v{number}");
        event("vip", &id, "2026-03-09T00:00:00Z", json!({"uid": 300 + number % 7, "vip_level": 1}))
    };
    let body = format!("[{}]", (0..count).map(vip).collect::<Vec<_>>().join(","));
    let results = post(&server, BATCH, body.as_bytes()).await.expect(200);
    let positions: Vec<u64> =
        column(&results["results"], "position").iter().map(|at| at.parse().expect("a position")).collect();
    assert_eq!(positions, (EVENTS + 1..=EVENTS + count).collect::<Vec<_>>());
    let again = post(&server, BATCH, body.as_bytes()).await.expect(200);
    assert!(again["results"].as_array().is_some_and(|all| all.iter().all(|one| one["outcome"] == "duplicate")));
    let status = server.get("/v1/status").await.expect(200);
    assert_eq!(status["duplicate"], json!({"/tests": count}));
}

#[tokio::test]
async fn large_quarantined_events_do_not_make_a_page_large() {
    let server = Server::start().await;
    for letter in ["x", "y", "z"] {
        let large = format!("\"{}\"", letter.repeat(5 << 20));
        post(&server, SINGLE, large.as_bytes()).await.expect(200);
    }
    let (mut ids, mut path) = (Vec::new(), "/v1/quarantine?limit=10".to_owned());
    let mut pages = 0;
    loop {
        let page = server.get(&path).await.expect(200);
        ids.extend(column(&page["rows"], "id"));
        pages += 1;
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/quarantine?limit=10&cursor={cursor}");
    }
    assert_eq!((ids, pages), (["1", "2", "3"].map(String::from).to_vec(), 3));
}
