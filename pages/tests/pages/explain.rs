//! The page that explains a trade.

use crate::browser::Browser;
use crate::server::Server;

fn path(invitee: u64, id: &str) -> String {
    format!("/trades/explain?uid=7&invitee={invitee}&source=%2Ftests&id={id}")
}

#[tokio::test]
async fn an_amount_is_explained_from_its_event_to_its_postings() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get(&path(100, "t1")).await;
    let api = server.get(&format!("/v1{}", path(100, "t1"))).await.expect(200);
    for name in ["total", "commission", "rebate"] {
        assert_eq!(page.expect(200).figure(&format!("explained-{name}")), api[name].as_str().expect("an amount"));
    }
    let text = page.text();
    for says in [
        "fee × base rate = 10 × 0.4 = 4",
        "fee × rebate rate = 10 × 0.1 = 1",
        "total − rebate = 4.00 − 1.00 = 3.00",
        "referral.affiliate.v1",
        "referral.code.v1",
        "commission_expense",
        "payable:7",
        "payable:100",
    ] {
        assert!(text.contains(says), "{says}");
    }
    assert_eq!(
        page.after_id("base-rate").split("data-value=\"").nth(1).and_then(|rest| rest.split('"').next()),
        Some("0.4")
    );
    let postings = page.after_id("posting-lines");
    for line in api["postings"].as_array().expect("postings") {
        assert!(postings.contains(&format!("data-value=\"{}\"", line["amount"].as_str().expect("an amount"))));
    }
}

#[tokio::test]
async fn nothing_is_explained_by_the_first_condition_that_does_not_hold() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get(&path(101, "t3")).await;
    let conditions = page.expect(200).after_id("conditions");
    let badges: Vec<&str> = conditions
        .split("<span class=\"badge ")
        .skip(1)
        .take(10)
        .filter_map(|badge| badge.split_once('>')?.1.split('<').next())
        .collect();
    let expected =
        ["Yes", "Yes", "Yes", "Yes", "Yes", "No", "Not looked at", "Not looked at", "Not looked at", "Not looked at"];
    assert_eq!(badges, expected);
    assert!(page.text().contains("VIP level 3 is at most 2"));
    assert!(page.text().contains("None: postings of amount 0 are left out."));
    let early = browser.get(&path(100, "t0")).await;
    assert!(early.expect(200).text().contains("The trade is not attributed, so no rate applies."));
}

#[tokio::test]
async fn a_reversal_is_told_with_its_reason_and_its_postings() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get(&path(100, "t2")).await;
    assert!(page.expect(200).after_id("reversal").contains(": bust"));
    assert_eq!(page.after_id("posting-lines").matches("its reversal").count(), 3);
}

#[tokio::test]
async fn a_trade_is_explained_to_who_is_in_it_alone() {
    let server = Server::with_tokens().await;
    let own = |invitee, id| path(invitee, id).replace("uid=7&", "");
    let mut seven = Browser::signed_in(&server, "affiliate", Some(7)).await;
    seven.get(&own(100, "t1")).await.expect(200);
    seven.get(&own(102, "t4")).await.expect(404);
    seven.get(&own(102, "t4").replace("?", "?uid=8&")).await.expect(403);
    // To the invitee its own trade, without links to the referrer's pages.
    let mut invitee = Browser::signed_in(&server, "affiliate", Some(100)).await;
    let page = invitee.get(&own(100, "t1")).await;
    assert!(
        !page.expect(200).links().iter().any(|link| link.starts_with("/referrals/") || link.starts_with("/codes/"))
    );
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    analyst.get(&own(102, "t4")).await.expect(200);
}

#[tokio::test]
async fn without_a_trade_named_the_page_asks_which() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/trades/explain?uid=7&invitee=100").await;
    assert!(page.expect(200).text().contains("id=\"explain-source\""));
    browser.get(&path(100, "none")).await.expect(404);
}
