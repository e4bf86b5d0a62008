//! Account: standing, rates, history, and applying.

use crate::browser::Browser;
use crate::server::{Server, bearer};

#[tokio::test]
async fn standing_rates_and_history_are_the_apis() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/account").await;
    let html = page.expect(200).text();
    let account = server.get_as(&bearer("affiliate", Some(7)), "/v1/account").await.json();
    assert_eq!(page.figure("account-spot"), account["spot_rate"].as_str().expect("a rate"));
    assert_eq!(page.figure("account-futures"), account["futures_rate"].as_str().expect("a rate"));
    assert!(html.contains("approved affiliate") && html.contains("/codes/ALPHA"), "{html}");
    assert!(page.after_id("account-history").contains("2026-01-01T00:00:00Z"), "{html}");
    assert!(!html.contains("/account/apply"), "an approved affiliate has nothing to apply for");
}

#[tokio::test]
async fn who_is_no_affiliate_applies_and_then_waits() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(8)).await;
    let page = browser.get("/account").await;
    assert!(page.expect(200).text().contains("no affiliate"));
    let before = server.ledger.position();
    let after = browser.submit(&page, "/account/apply", &[("message", "I <b>teach</b>\r\ntrading")]).await;
    let html = after.expect(200).text();
    assert!(html.contains("Your application is in") && html.contains("An application is in since"), "{html}");
    assert_eq!(server.ledger.position(), before + 1);
    // The same form sent again does nothing more.
    browser.submit(&page, "/account/apply", &[("message", "I <b>teach</b>\r\ntrading")]).await.expect(200);
    assert_eq!(server.ledger.position(), before + 1);
}

#[tokio::test]
async fn a_message_that_is_too_long_is_refused_beside_its_field_and_kept() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(8)).await;
    let page = browser.get("/account").await;
    let before = server.ledger.position();
    let long = format!("<script>{}", "é".repeat(2_000));
    let refused = browser.submit(&page, "/account/apply", &[("message", &long)]).await;
    let html = refused.expect(422).text();
    assert!(html.contains("id=\"apply-message-error\"") && html.contains("aria-invalid=\"true\""), "{html}");
    assert!(html.contains("expected a text of at most 2000 characters"), "the API's own words");
    assert!(html.contains("&lt;script&gt;éé") && !html.contains("<script>é"), "what was written stays, as text");
    assert_eq!(server.ledger.position(), before);
}

#[tokio::test]
async fn who_only_reads_and_who_looks_back_sees_no_form() {
    let server = Server::with_tokens().await;
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    let page = analyst.get("/account?uid=8").await;
    assert!(!page.expect(200).text().contains("/account/apply"));
    let mut own = Browser::signed_in(&server, "affiliate", Some(8)).await;
    let present = own.get("/account").await;
    let past = own.get("/account?as_of=5").await;
    assert!(!past.expect(200).text().contains("/account/apply"));
    let form = present.form("/account/apply");
    let mut fields = form.hidden.clone();
    fields.push(("message".to_owned(), "Me".to_owned()));
    let before = server.ledger.position();
    assert_eq!(own.post("/account/apply?as_of=5", &fields).await.reply.status, 403);
    assert_eq!(own.post("/account/apply?uid=7", &fields).await.reply.status, 403, "another's account");
    let unsealed = [("message".to_owned(), "Me".to_owned())];
    assert_eq!(own.post("/account/apply", &unsealed).await.reply.status, 403, "a form without its seal");
    assert_eq!(server.ledger.position(), before);
}

#[tokio::test]
async fn an_operator_acts_for_the_referrer_it_looks_at() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/account?uid=102").await;
    operator.submit(&page, "/account/apply", &[("message", "For 102")]).await.expect(200);
    let event = server.ledger.reader();
    let event = ledger::EventReader::event(&event, server.ledger.position()).expect("an event").into_owned();
    assert!(matches!(event.body, schemas::Body::Application(data) if data.uid.0 == 102 && data.message == "For 102"));
}
