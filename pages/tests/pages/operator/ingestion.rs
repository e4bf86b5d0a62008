//! Ingestion says what `GET /v1/status` says, and how it goes in words.

use api::Authenticator;
use serde_json::json;

use crate::browser::{Browser, attribute};
use crate::history::event;
use crate::server::{Server, bearer};

#[tokio::test]
async fn its_figures_are_those_of_the_status() {
    let server = Server::with_tokens().await;
    let history = crate::history::events();
    server.post_events(&format!("[5, {}, {}]", history[0], history[1])).await.expect(200);
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/ingestion").await;
    page.expect(200);
    let status = server.get_as(&bearer("operator", None), "/v1/status").await.expect(200);
    assert_eq!(status["duplicate"]["/tests"], 2);
    let facts = page.after_id("outcomes-now");
    for (label, value) in [
        ("Accepted", &status["accepted"]),
        ("Duplicates from /tests", &status["duplicate"]["/tests"]),
        ("Quarantined: malformed", &status["quarantined"]["malformed"]),
        ("Trades stamped before their account's registration", &status["trades_before_registration"]),
    ] {
        let after = facts.split(&format!("{}</dt>", label.replace('\'', "&#39;"))).nth(1);
        let after = after.or_else(|| facts.split(&format!("{label}</dt>")).nth(1));
        let shown =
            after.and_then(|after| attribute(after, "data-value")).unwrap_or_else(|| panic!("no {label}: {facts}"));
        assert_eq!(shown, value.to_string(), "{label}");
    }
    assert!(page.text().contains(">Ready<"));
    // Everything of the test was recorded within the hour; the clock stands.
    let hour = page.after_id("rates").split(">Last hour<").nth(1).expect("the last hour").to_owned();
    let events = hour.split("class=\"hint\"").nth(1).and_then(|hint| attribute(hint, "data-value"));
    assert_eq!(events.as_deref(), Some("19"));
}

#[tokio::test]
async fn of_many_sources_those_with_the_most_duplicates_are_shown_by_name() {
    let server = Server::with_tokens().await;
    let of_source = |number: u64| {
        let event = event("vip", "1", "2026-03-01T00:00:00Z", json!({"uid": 1, "vip_level": 1}));
        event.replace("/tests", &format!("/source/{number:02}"))
    };
    let events: Vec<String> = (0..25).map(of_source).collect();
    for _ in 0..2 {
        server.post_events(&format!("[{}]", events.join(","))).await.expect(200);
    }
    // One of the last by name comes first by its count.
    server.post_events(&events[24]).await.expect(200);
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let facts = operator.get("/operator/ingestion").await.after_id("outcomes-now").to_owned();
    assert_eq!(facts.matches("Duplicates from /source/").count(), 20);
    assert!(facts.contains("Duplicates from /source/24<") && !facts.contains("Duplicates from /source/23<"));
    let others = facts.split("Duplicates from all other sources</dt>").nth(1).expect("the others");
    assert_eq!(attribute(others, "data-value").as_deref(), Some("5"));
}

#[tokio::test]
async fn a_server_that_only_reads_says_so_and_offers_no_forms() {
    let writing = Server::with_tokens().await;
    let storage = writing.end().await;
    let reading = Server::reading(&storage, Authenticator::open()).await;
    let mut browser = Browser::new(&reading);
    let page = browser.get("/operator/ingestion").await;
    assert!(page.expect(200).text().contains(">Read only<"));
    for path in ["/operator/rules", "/operator/offers/edit", "/operator/affiliates/7"] {
        let page = browser.get(path).await;
        assert!(!page.expect(200).text().contains("name=\"_key\" value=\"\""));
        assert!(!page.text().contains("Set the"), "{path}");
    }
}
