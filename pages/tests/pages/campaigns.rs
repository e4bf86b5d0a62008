//! Campaigns: who sees which, joining, sharing.

use serde_json::json;

use crate::browser::Browser;
use crate::history::event;
use crate::server::{Server, bearer};

#[tokio::test]
async fn a_public_campaign_is_joined_once_and_gives_its_link() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(8)).await;
    let page = browser.get("/campaigns").await;
    assert!(page.expect(200).text().contains("Trade more"));
    let before = server.ledger.position();
    let joined = browser.submit(&page, "/campaigns/join", &[]).await;
    let html = joined.expect(200).text();
    let listed = server.get_as(&bearer("affiliate", Some(8)), "/v1/campaigns?visibility=public").await.json();
    let link = listed["rows"][0]["share_link"].as_str().expect("a link").replace('&', "&amp;");
    assert!(html.contains("You joined the campaign") && html.contains(&link), "{html}");
    assert!(!html.contains("/campaigns/join"), "there is nothing more to join");
    assert_eq!(server.ledger.position(), before + 1);
    browser.submit(&page, "/campaigns/join", &[]).await.expect(200);
    assert_eq!(server.ledger.position(), before + 1, "joining twice appends nothing");
}

#[tokio::test]
async fn exclusive_campaigns_are_for_approved_affiliates() {
    let server = Server::with_tokens().await;
    let mut approved = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let html = approved.get("/campaigns?visibility=exclusive").await;
    assert!(html.expect(200).text().contains("joined"), "7 joined it before");
    let mut other = Browser::signed_in(&server, "affiliate", Some(8)).await;
    let closed = other.get("/campaigns?visibility=exclusive").await;
    assert!(closed.expect(200).text().contains("/account#apply"), "{}", closed.text());
    // What the list does not show cannot be joined either.
    let page = other.get("/campaigns").await;
    let refused = other.submit(&page, "/campaigns/join", &[("campaign_id", "inner")]).await;
    assert!(refused.expect(404).text().contains("campaign inner is not there"), "{}", refused.text());
    other.get("/campaigns?visibility=%3Cscript%3E").await.expect(400);
    assert_eq!(other.get("/campaigns?uid=7").await.reply.status, 403);
}

#[tokio::test]
async fn who_only_reads_or_looks_back_cannot_join() {
    let server = Server::with_tokens().await;
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    assert!(!analyst.get("/campaigns?uid=8").await.expect(200).text().contains("/campaigns/join"));
    let mut own = Browser::signed_in(&server, "affiliate", Some(8)).await;
    assert!(!own.get("/campaigns?as_of=17").await.expect(200).text().contains("/campaigns/join"));
}

#[tokio::test]
async fn hostile_texts_stand_as_text_and_lead_nowhere() {
    let server = Server::with_tokens().await;
    let hostile = json!({
        "id": "<b>&\"'", "visibility": "public", "title": "<script>alert(1)</script>", "description": "\u{202e}\"><img src=x>",
        "url": "javascript:alert(1)", "starts": "2026-03-01", "ends": "2026-03-31",
    });
    let posted = server.post_events(&event("campaign", "hostile", "2026-03-01T00:00:00Z", hostile)).await;
    assert_eq!(posted.json()["results"][0]["outcome"], "accepted");
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/campaigns").await;
    let html = page.expect(200).text();
    assert!(html.contains("&lt;script&gt;alert(1)") && !html.contains("<script>alert"), "{html}");
    assert!(!html.contains("<img") && !html.contains("href=\"javascript"), "{html}");
    let joined = browser.submit(&page, "/campaigns/join", &[("campaign_id", "<b>&\"'")]).await;
    assert!(joined.expect(200).text().contains("You joined the campaign"));
}
