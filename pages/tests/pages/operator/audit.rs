//! Audit: what was done by whom, as the API lists it, with filters that work without scripts.

use serde_json::Value;

use crate::browser::Browser;
use crate::server::{Server, bearer};

async fn listed(server: &Server, query: &str) -> Value {
    server.get_as(&bearer("operator", Some(1)), &format!("/v1/audit{query}")).await.expect(200)
}

#[tokio::test]
async fn it_lists_what_was_done_and_a_form_of_the_pages_is_one_of_it() {
    let server = Server::with_tokens().await;
    let mut own = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = own.get("/referrals/100/note").await;
    own.submit(&page, "/referrals/100/note", &[("note", "called")]).await.expect(200);
    let newest = &listed(&server, "").await["rows"][0];
    assert_eq!((&newest["actor"]["who"], &newest["actor"]["role"]), (&"7".into(), &"affiliate".into()));
    assert_eq!(newest["event"]["type"], "referral.note.v1");
    let mut operator = Browser::signed_in(&server, "operator", Some(1)).await;
    let start = operator.get("/operator").await;
    assert!(start.expect(200).links().iter().any(|link| link == "/audit"), "the start leads there");
    let page = operator.get("/audit").await;
    let table = page.expect(200).after_id("audit-table");
    for text in ["referral.note.v1", newest["actor"]["request_id"].as_str().expect("an id"), "127.0.0.1"] {
        assert!(table.contains(text), "{text}");
    }
    let of_seven = operator.get("/audit?who=7&role=affiliate&type=referral.note.v1&from=2026-01-01&to=").await;
    assert_eq!(of_seven.expect(200).after_id("audit-table").matches("<th scope=\"row\">").count(), 1);
    assert!(of_seven.text().contains("value=\"7\""), "what was chosen stays");
    let none = operator.get("/audit?who=nobody").await;
    assert!(none.expect(200).text().contains("Nobody has done anything like that."));
    assert_eq!(operator.get("/audit?from=never").await.reply.status, 400);
    assert_eq!(own.get("/audit").await.reply.status, 403);
}

#[tokio::test]
async fn its_pages_lead_through_all_of_it() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", Some(1)).await;
    for number in 0..60 {
        let page = operator.get("/account?uid=8").await;
        let message = format!("number {number}");
        operator.submit(&page, "/account/apply", &[("message", &message)]).await.expect(200);
    }
    let total = listed(&server, "").await["total"].as_u64().expect("a count");
    let (mut shown, mut path) = (0, Some("/audit".to_owned()));
    while let Some(at) = path {
        let page = operator.get(&at).await;
        shown += page.expect(200).after_id("audit-table").matches("<th scope=\"row\">").count() as u64;
        path = page.links().into_iter().find(|link| link.starts_with("/audit?cursor="));
    }
    assert_eq!(shown, total);
}
