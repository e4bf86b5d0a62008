//! The quarantine worked with over HTTP: chosen, tried again, replaced, discarded; and events as NDJSON.

use axum::http::{Method, header};
use bytes::Bytes;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::history::{EVENTS, one_more};
use crate::questions::column;
use crate::server::{Reply, Server, bearer};

async fn lines(server: &Server, body: &[u8]) -> Reply {
    let request = server.request(Method::POST, "/v1/events").header(header::CONTENT_TYPE, "application/x-ndjson");
    server.send(request.body(Full::new(Bytes::copy_from_slice(body))).expect("a request")).await
}

async fn replace(server: &Server, path: &str, media_type: &str, body: &str) -> Reply {
    server.command_with(Method::POST, path, body, &[("content-type", media_type)]).await
}

const CLOUD_EVENT: &str = "application/cloudevents+json";

#[tokio::test]
async fn ndjson_is_an_event_a_line_each_judged_alone() {
    let server = Server::start().await;
    let good = one_more(300, "2026-03-09T00:00:00Z");
    let body = [good.as_bytes(), b"\r\n\n \t\nnonsense\n\xff\n[", good.as_bytes(), b"]\n", good.as_bytes()].concat();
    let results = lines(&server, &body).await.expect(200);
    let outcomes = ["accepted", "quarantined", "quarantined", "quarantined", "duplicate"];
    assert_eq!(column(&results["results"], "outcome"), outcomes);
    let rows = server.get("/v1/quarantine").await.expect(200);
    let origins = [4, 5, 6].map(|line| format!("POST /v1/events by operator, line {line}"));
    assert_eq!(column(&rows["rows"], "origin"), origins);
    assert_eq!(column(&rows["rows"], "reason"), ["malformed"; 3]);
    assert_eq!(lines(&server, b"").await.expect(200), json!({"results": []}));
}

#[tokio::test]
async fn what_came_again_is_counted_in_its_row_and_in_the_status() {
    let server = Server::start().await;
    for _ in 0..3 {
        lines(&server, b"nonsense\n{}\n").await.expect(200);
    }
    let list = server.get("/v1/quarantine").await.expect(200);
    assert_eq!((&list["total"], column(&list["rows"], "repeated")), (&json!(2), vec!["2".to_owned(), "2".to_owned()]));
    let status = server.get("/v1/status").await.expect(200);
    assert_eq!(status["quarantined"], json!({"malformed": 6}));
    assert_eq!(status["quarantine"], json!({"open": 2, "discarded": 0, "replaced": 0}));
}

#[tokio::test]
async fn a_discard_says_who_when_and_why_and_is_listed() {
    let server = Server::start().await;
    lines(&server, b"nonsense\n{}\n").await.expect(200);
    for (body, status, field) in [("{}", 400, Some("reason")), (r#"{"reason": " "}"#, 422, Some("reason"))] {
        let refused = server.command_with(Method::POST, "/v1/quarantine/1/discard", body, &[]).await;
        refused.expect_problem(status, field);
    }
    let row = server.command(Method::POST, "/v1/quarantine/1/discard", &json!({"reason": "a test"})).await.expect(200);
    assert_eq!((&row["id"], &row["state"], &row["outcome"]), (&json!(1), &json!("discarded"), &Value::Null));
    let act = &row["act"];
    assert_eq!(
        (&act["kind"], &act["by"], &act["why"], &act["position"]),
        (&json!("discarded"), &json!("operator"), &json!("a test"), &Value::Null)
    );
    assert!(act["at"].as_str().is_some_and(|at| at.starts_with("2026-03-10T12:00")), "{act}");
    let listed = server.get("/v1/quarantine?state=discarded").await.expect(200);
    assert_eq!((&listed["total"], &listed["rows"][0]["act"]), (&json!(1), act));
    assert_eq!(column(&server.get("/v1/quarantine").await.expect(200)["rows"], "id"), ["2"]);
    let again = server.command(Method::POST, "/v1/quarantine/1/discard", &json!({"reason": "a test"})).await;
    again.expect_problem(409, None);
    // Not wanted is not lost: what was read still counts, and a redrive takes the discard back.
    assert_eq!(server.get("/v1/status").await.expect(200)["quarantined"], json!({"malformed": 2}));
    let row = server.command_with(Method::POST, "/v1/quarantine/1/redrive", "", &[]).await.expect(200);
    assert_eq!((&row["state"], &row["outcome"]["outcome"]), (&json!("open"), &json!("quarantined")));
    assert_eq!(row["act"]["kind"], "redriven");
}

#[tokio::test]
async fn a_mended_event_replaces_only_if_it_gets_in() {
    let server = Server::start().await;
    lines(&server, b"nonsense\n{}\n").await.expect(200);
    let path = "/v1/quarantine/1/replace?reason=a%20bracket";
    let mended = one_more(301, "2026-03-09T00:00:00Z");
    replace(&server, path, "application/json", &mended).await.expect_problem(415, Some("content-type"));
    replace(&server, path, CLOUD_EVENT, "nonsense").await.expect_problem(400, None);
    replace(&server, path, CLOUD_EVENT, &format!("[{mended},{mended}]")).await.expect_problem(400, None);
    let row = replace(&server, path, CLOUD_EVENT, "{\"still\": \"wrong\"}").await.expect(200);
    assert_eq!((&row["state"], &row["outcome"]["outcome"]), (&json!("open"), &json!("quarantined")));
    assert_eq!(row["outcome"]["reason"], "malformed");
    let row = replace(&server, path, CLOUD_EVENT, &mended).await.expect(200);
    assert_eq!((&row["state"], &row["outcome"]["position"]), (&json!("replaced"), &json!(EVENTS + 1)));
    let act = &row["act"];
    assert_eq!(
        (&act["kind"], &act["why"], &act["position"]),
        (&json!("replaced"), &json!("a bracket"), &json!(EVENTS + 1))
    );
    let row = replace(&server, "/v1/quarantine/2/replace", CLOUD_EVENT, &mended).await.expect(200);
    assert_eq!((&row["state"], &row["outcome"]["outcome"]), (&json!("replaced"), &json!("duplicate")));
    replace(&server, path, CLOUD_EVENT, &mended).await.expect_problem(409, None);
    let replaced = server.get("/v1/quarantine?state=replaced").await.expect(200);
    assert_eq!(column(&replaced["rows"], "id"), ["1", "2"]);
    // The slip is in quarantine itself, and says whose place it was to take.
    let open = server.get("/v1/quarantine").await.expect(200);
    assert_eq!(column(&open["rows"], "origin"), ["instead of quarantined event 1 by operator"]);
    assert_eq!(server.get("/v1/quarantine/1").await.expect(200)["state"], "replaced");
}

#[tokio::test]
async fn the_list_is_chosen_by_reason_origin_and_day() {
    let server = Server::start().await;
    let unknown = one_more(302, "2026-03-09T00:00:00Z").replace("referral.registration.v1", "referral.unheard.v1");
    lines(&server, format!("nonsense\n{unknown}\n").as_bytes()).await.expect(200);
    server.post_events("[5]").await.expect(200);
    for (given, ids) in [
        ("", vec!["1", "2", "3"]),
        ("reason=unknown_type", vec!["2"]),
        ("origin=POST%20/v1/events%20by%20operator,%20line", vec!["1", "2"]),
        ("origin=line", vec![]),
        ("from=2026-03-10&to=2026-03-10", vec!["1", "2", "3"]),
        ("from=2026-03-11", vec![]),
        ("to=2026-03-09", vec![]),
        ("state=replaced", vec![]),
    ] {
        let list = server.get(&format!("/v1/quarantine?{given}")).await.expect(200);
        assert_eq!(
            (column(&list["rows"], "id"), &list["total"]),
            (ids.iter().map(ToString::to_string).collect(), &json!(ids.len())),
            "{given}"
        );
    }
    let page = server.get("/v1/quarantine?limit=1&reason=malformed").await.expect(200);
    assert_eq!((column(&page["rows"], "id"), &page["total"]), (vec!["1".to_owned()], &json!(2)));
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let next = server.get(&format!("/v1/quarantine?limit=1&reason=malformed&cursor={cursor}")).await.expect(200);
    assert_eq!((column(&next["rows"], "id"), &next["next_cursor"]), (vec!["3".to_owned()], &Value::Null));
    let without = server.get("/v1/quarantine?raw=false").await.expect(200);
    assert_eq!(column(&without["rows"], "raw"), ["null"; 3]);
    assert_eq!(
        column(&without["rows"], "detail"),
        column(&server.get("/v1/quarantine").await.expect(200)["rows"], "detail")
    );
    // A cursor belongs to its question.
    for other in ["", "reason=unknown_type&", "reason=malformed&origin=POST&", "reason=malformed&state=replaced&"] {
        let refused = server.get(&format!("/v1/quarantine?{other}cursor={cursor}")).await;
        refused.expect_problem(400, Some("cursor"));
    }
    for (given, field) in [
        ("state=gone", "state"),
        ("reason=bad", "reason"),
        ("from=2026-03-11&to=2026-03-10", "from"),
        ("from=today", "from"),
    ] {
        server.get(&format!("/v1/quarantine?{given}")).await.expect_problem(400, Some(field));
    }
}

#[tokio::test]
async fn only_operators_act_and_only_on_what_is_there() {
    let server = Server::with_tokens().await;
    for role in ["analyst", "service", "auditor"] {
        let token = bearer(role, None);
        for verb in ["redrive", "discard", "replace"] {
            let path = format!("/v1/quarantine/1/{verb}");
            let reply = server.command_with(Method::POST, &path, "{}", &[("authorization", &token)]).await;
            reply.expect_problem(403, None);
        }
    }
    let token = bearer("operator", Some(7));
    for path in ["/v1/quarantine/1/redrive", "/v1/quarantine/x/redrive", "/v1/quarantine/0/redrive"] {
        let reply = server.command_with(Method::POST, path, "{}", &[("authorization", &token)]).await;
        reply.expect_problem(404, None);
    }
}
