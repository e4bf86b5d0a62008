//! Quarantine: what is there with its bytes, and another try.

use axum::http::{Method, header};
use serde_json::json;

use crate::browser::Browser;
use crate::history::event;
use crate::server::{Server, bearer, full};

async fn quarantined() -> Server {
    let server = Server::with_tokens().await;
    let taken = json!({"uid": 8, "account_type": "major", "country": "DE", "code": "ALPHA"});
    let mut claims = taken.clone();
    claims["uid"] = 100.into();
    let events = [
        "{\"<script>alert(1)</script>\": \"\\u202e\u{202e}\"}".to_owned(),
        event("registration", "again", "2026-03-01T00:00:00Z", claims),
        event("note", "bad", "2026-03-01T00:00:00Z", json!({"uid": "x", "note": ""})),
    ];
    let results = server.post_events(&format!("[{}]", events.join(","))).await.expect(200);
    for result in results["results"].as_array().expect("results") {
        assert_eq!(result["outcome"], "quarantined");
    }
    server
}

#[tokio::test]
async fn it_shows_reason_field_origin_and_bytes_as_text() {
    let server = quarantined().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/quarantine").await;
    let text = page.expect(200).text();
    let api = server.get_as(&bearer("operator", None), "/v1/quarantine").await.expect(200);
    for row in api["rows"].as_array().expect("rows") {
        let origin = row["origin"].as_str().expect("an origin");
        assert!(text.contains(origin), "{origin}");
        assert!(text.contains(row["received_at"].as_str().expect("a time")));
    }
    assert!(text.contains("<code>uid</code>"), "the field that is wrong");
    assert!(text.contains("&lt;script&gt;alert(1)") && !text.contains("<script>alert"));
    assert!(text.contains("\\u{202e}") && !text.contains('\u{202e}'), "what turns text around is shown by its number");
    let filtered = operator.get("/operator/quarantine?reason=conflict").await;
    assert_eq!(filtered.expect(200).text().matches("name=\"one\"").count(), 1);
    assert!(filtered.text().contains("conflict (1)"));
}

#[tokio::test]
async fn its_bytes_are_there_to_download_as_they_came() {
    let server = quarantined().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let raw = operator.get("/operator/quarantine/1/raw").await.reply;
    assert_eq!((raw.status, raw.header("content-type")), (200, "application/octet-stream"));
    assert_eq!(raw.header("content-disposition"), "attachment; filename=\"quarantined-1.bin\"");
    assert_eq!(raw.text(), "{\"<script>alert(1)</script>\": \"\\u202e\u{202e}\"}");
    operator.get("/operator/quarantine/1").await.expect(200);
    for missing in ["/operator/quarantine/99", "/operator/quarantine/0", "/operator/quarantine/x/raw"] {
        operator.get(missing).await.expect(404);
    }
}

#[tokio::test]
async fn another_try_tells_the_outcome_of_each() {
    let server = quarantined().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/quarantine").await;
    let none = operator.submit(&page, "/operator/quarantine", &[]).await;
    assert!(none.expect(200).text().contains("Choose at least one event."));
    let tried = operator.submit(&page, "/operator/quarantine", &[("all", "shown")]).await;
    tried.expect(200);
    assert_eq!(tried.after_id("outcomes").matches("Still in quarantine").count(), 3);
    let one = operator.submit(&page, "/operator/quarantine", &[("one", "2")]).await;
    let outcome = one.after_id("outcomes").split("</table>").next().expect("a table").to_owned();
    assert!(outcome.contains("conflict") && outcome.matches("<tr>").count() == 2, "{outcome}");
    let gone = operator.submit(&page, "/operator/quarantine", &[("one", "99")]).await;
    assert!(gone.expect(200).text().contains("Nothing is in quarantine under number 99"));
    let wrong = operator.submit(&page, "/operator/quarantine", &[("one", "x")]).await;
    wrong.expect(400);
}

#[tokio::test]
async fn a_discard_needs_a_reason_and_is_shown_where_it_went() {
    let server = quarantined().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/quarantine").await;
    let lacking = operator.submit(&page, "/operator/quarantine", &[("id", "3"), ("do", "discard")]).await;
    assert!(lacking.expect(200).text().contains("Say why they are not wanted"));
    let fields = [("id", "3"), ("do", "discard"), ("why", "a <test> of ours")];
    let done = operator.submit(&page, "/operator/quarantine", &fields).await;
    assert!(done.expect(200).after_id("outcomes").contains("Discarded"));
    assert!(done.text().contains("Open (2)") && done.text().contains("Discarded (1)"));
    let one = operator.get("/operator/quarantine/3").await;
    assert!(one.expect(200).text().contains("by <bdi>operator</bdi>: <bdi>a &lt;test&gt; of ours</bdi>"));
    let discarded = operator.get("/operator/quarantine?state=discarded").await;
    assert_eq!(discarded.expect(200).text().matches("name=\"one\"").count(), 1);
}

#[tokio::test]
async fn a_mended_text_takes_the_place_of_an_event() {
    let server = quarantined().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/quarantine/3").await;
    assert!(page.expect(200).text().contains("referral.note.v1"), "the text area holds the event");
    let empty =
        operator.submit(&page, "/operator/quarantine", &[("id", "3"), ("do", "replace"), ("mended", " ")]).await;
    assert!(empty.expect(200).text().contains("Write the mended event."));
    let mended = event("note", "bad", "2026-03-01T00:00:00Z", json!({"uid": 100, "note": "mended"}));
    let fields = [("id", "3"), ("do", "replace"), ("mended", &*mended), ("why", "a uid")];
    let done = operator.submit(&page, "/operator/quarantine", &fields).await;
    assert!(done.expect(200).after_id("outcomes").contains("Accepted"), "{}", done.text());
    let one = operator.get("/operator/quarantine/3").await;
    assert!(one.expect(200).text().contains("Replaced") && !one.text().contains("Try again"));
    let again = operator.submit(&page, "/operator/quarantine", &fields).await;
    assert!(again.expect(200).text().contains("Nothing is in quarantine under number 3 that this can be done to"));
}

#[tokio::test]
async fn the_bytes_are_shut_to_everyone_else() {
    let server = quarantined().await;
    let request = server.request(Method::GET, "/operator/quarantine/1/raw").header(header::ACCEPT, "*/*");
    assert_eq!(server.send(request.body(full("")).expect("a request")).await.status, 401);
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    analyst.get("/operator/quarantine/1/raw").await.expect(403);
}

#[tokio::test]
async fn by_day_and_reason_it_tells_what_the_api_does() {
    let server = quarantined().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let intake = server.get_as(&bearer("operator", None), "/v1/intake").await.expect(200);
    let page = operator.get("/operator/quarantine").await;
    let chart = page.expect(200).after_id("quarantine-chart").split("</figure>").next().expect("a chart").to_owned();
    let body = chart.split("<tbody>").nth(1).expect("its table");
    let reasons = ["malformed", "invalid_field", "conflict"];
    let shown: Vec<String> =
        body.split("<td ").skip(1).filter_map(|cell| crate::browser::attribute(cell, "data-value")).collect();
    let points = intake["points"].as_array().expect("points");
    let expected: Vec<String> = points.iter().flat_map(|day| reasons.map(|reason| day[reason].to_string())).collect();
    assert_eq!(shown, expected, "reasons of which there is none are left out");
    let share = page.after_id("quarantine-share").split("</p>").next().expect("a sentence").to_owned();
    for figure in ["quarantined", "recorded"] {
        assert!(share.contains(&format!("data-value=\"{}\"", intake[figure])), "{share}");
    }
    let start = operator.get("/operator").await;
    assert!(start.expect(200).text().contains("Fresh as of"));
}

#[tokio::test]
async fn where_nothing_is_in_quarantine_nothing_is_drawn() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    assert!(!operator.get("/operator/quarantine").await.expect(200).text().contains("quarantine-chart"));
}
