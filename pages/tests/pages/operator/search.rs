//! Search: one thing found leads to its page, of several each is told, and of nothing what can be found.

use serde_json::json;

use crate::browser::Browser;
use crate::history::{event, one_more};
use crate::server::Server;

#[tokio::test]
async fn one_thing_found_leads_to_its_page() {
    let server = Server::with_tokens().await;
    let lone = event("kyc", "checked", "2026-03-02T10:00:00Z", json!({"uid": 4000, "status": "verified"}));
    server.post_events(&format!("[{lone}]")).await.expect(200);
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    for (name, page) in [
        ("100", "/referrals/100?uid=7"),
        ("alpha", "/codes/ALPHA?uid=7"),
        ("spring", "/operator/campaigns/edit?id=spring"),
        ("bonus", "/operator/offers/edit?id=bonus"),
        ("t1", "/trades/explain?invitee=100&source=%2Ftests&id=t1"),
        ("100+t1", "/trades/explain?invitee=100&source=%2Ftests&id=t1"),
        ("%2Ftests+t1", "/trades/explain?invitee=100&source=%2Ftests&id=t1"),
        ("r2", "/operator/entries/14"),
        ("4000", "/operator/entries/20"),
    ] {
        let found = operator.get(&format!("/operator/search?name={name}")).await;
        assert_eq!((found.reply.status, found.reply.header("location")), (303, page), "{name}");
        operator.get(page).await.expect(200);
    }
}

#[tokio::test]
async fn of_several_each_is_told_and_of_nothing_what_can_be_found() {
    let server = Server::with_tokens().await;
    let more: Vec<String> = (0..30).map(|number| one_more(1_000 + number, "2026-03-09T00:00:00Z")).collect();
    server.post_events(&format!("[{}]", more.join(","))).await.expect(200);
    let mut auditor = Browser::signed_in(&server, "auditor", None).await;
    let several = auditor.get("/operator/search?name=7").await;
    assert!(several.expect(200).text().contains("2 things bear the name "), "{}", several.text());
    for link in ["/?uid=7", "/operator/entries/7"] {
        assert!(several.links().contains(&link.to_owned()), "{:?}", several.links());
    }
    let many = auditor.get("/operator/search?name=registered").await;
    let further = many.expect(200).links().into_iter().find(|link| link.contains("upto=")).expect("a way further");
    let rest = auditor.get(&further).await;
    assert!(rest.expect(200).text().contains("13 things bear the name "), "{}", rest.text());
    let nothing = auditor.get("/operator/search?name=%3Cb%3Enobody").await;
    let html = nothing.expect(200).text();
    assert!(html.contains("Nothing bears the name ") && html.contains("What can be found"), "{html}");
    assert!(html.contains("&lt;b&gt;nobody") && !html.contains("<b>nobody"));
    assert!(auditor.get("/operator/search").await.expect(200).text().contains("What can be found"));
    auditor.get("/operator/search?name=x&upto=y").await.expect(400);
}

#[tokio::test]
async fn the_field_stands_in_the_header_of_who_may_look() {
    let server = Server::with_tokens().await;
    for (role, uid, may) in
        [("operator", None, true), ("auditor", None, true), ("analyst", None, false), ("affiliate", Some(7), false)]
    {
        let mut browser = Browser::signed_in(&server, role, uid).await;
        let page = browser.get("/codes?uid=7").await;
        assert_eq!(page.expect(200).text().contains("id=\"search-name\""), may, "{role}");
        assert_eq!(browser.get("/operator/search?name=7").await.reply.status, if may { 200 } else { 403 }, "{role}");
        assert_eq!(browser.get("/operator/entries/1").await.reply.status, if may { 200 } else { 403 }, "{role}");
    }
}

#[tokio::test]
async fn an_entry_is_told_with_what_it_posted_and_the_ways_on() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/entries/10").await;
    let html = page.expect(200).text();
    assert!(html.contains("referral.trade.v1") && html.contains("&quot;id&quot;: &quot;t1&quot;"), "{html}");
    let postings = page.after_id("postings-table").split("</table>").next().expect("a table").to_owned();
    for (account, amount) in [("commission_expense", "4"), ("payable:7", "3"), ("payable:100", "1")] {
        assert!(postings.contains(account) && postings.contains(&format!("data-value=\"{amount}\"")), "{postings}");
    }
    for link in ["/operator/entries/9", "/operator/entries/11", "/trades/explain?invitee=100&source=%2Ftests&id=t1"] {
        assert!(page.links().contains(&link.to_owned()), "{:?}", page.links());
    }
    let first = operator.get("/operator/entries/1").await;
    assert!(first.expect(200).text().contains("Nothing: it changed no amount."));
    assert!(!first.links().contains(&"/operator/entries/0".to_owned()));
    assert!(operator.get("/operator/entries/12?as_of=3").await.expect(200).text().contains("An entry never changes"));
    for none in ["0", "20", "x", "99999999999999999999999"] {
        operator.get(&format!("/operator/entries/{none}")).await.expect(404);
    }
}
