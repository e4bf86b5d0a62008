//! A server that only reads the ledger, beside the one that writes it.

use api::Authenticator;
use axum::http::{Method, header};
use serde_json::json;

use crate::feeds::Live;
use crate::history::{EVENTS, one_more};
use crate::server::{Server, full};

#[tokio::test]
async fn it_answers_as_the_writer_does_and_takes_nothing() {
    let writer = Server::start().await;
    let reader = Server::reading(&writer.storage, Authenticator::open()).await;
    let path = "/v1/overview?uid=7&from=2026-03-01&to=2026-03-10";
    assert_eq!(reader.get(path).await.expect(200), writer.get(path).await.expect(200));
    assert_eq!(reader.get("/v1/status").await.expect(200)["read_only"], true);
    let note = reader.command(Method::PUT, "/v1/referrals/100/note?uid=7", &json!({"note": "x"})).await;
    note.expect_problem(403, None);
    let event = reader.request(Method::POST, "/v1/events").header(header::CONTENT_TYPE, "application/cloudevents+json");
    reader.send(event.body(full("{}")).expect("a request")).await.expect_problem(403, None);
}

#[tokio::test]
async fn its_live_feed_follows_the_writer() {
    let writer = Server::start().await;
    let reader = Server::reading(&writer.storage, Authenticator::open()).await;
    let mut feed = Live::open(&reader, "/v1/feed?after=19", None).await;
    writer.post_events(&one_more(800, "2026-03-09T00:00:00Z")).await.expect(200);
    assert_eq!(feed.next().await.map(|(position, _)| position), Some(EVENTS + 1));
}
