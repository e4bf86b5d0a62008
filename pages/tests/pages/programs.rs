//! Programs: conditions as current against target, what is missing, days left, and earlier periods.

use serde_json::json;

use crate::browser::Browser;
use crate::history::event;
use crate::server::{Server, bearer};

#[tokio::test]
async fn every_condition_stands_with_current_target_and_what_is_missing() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/programs").await;
    let html = page.expect(200).text();
    let offer = server.get_as(&bearer("affiliate", Some(7)), "/v1/offers").await.json()["rows"][0].clone();
    for tier in offer["tiers"].as_array().expect("tiers") {
        for condition in tier["conditions"].as_array().expect("conditions") {
            for side in ["current", "target"] {
                let exact = condition[side].as_str().map_or_else(|| condition[side].to_string(), str::to_owned);
                assert!(html.contains(&format!("data-value=\"{exact}\"")), "{condition} in {html}");
            }
        }
    }
    // 1,500 of volume and 2 referrals make silver; gold is 500 more.
    assert_eq!((offer["reached"].as_str(), offer["next"].as_str()), (Some("silver"), Some("gold")));
    let open = page.after_id("offer-0-open").split("</table>").next().expect("a grid").to_owned();
    assert!(open.contains("<bdi>gold</bdi>") && open.contains(">next<") && !open.contains("silver"), "{open}");
    assert!(open.contains("data-value=\"500\"") && open.contains(" to go"), "{open}");
    let met = page.after_id("offer-0-met").split("</table>").next().expect("a grid").to_owned();
    assert!(met.contains("<bdi>silver</bdi>") && !met.contains(" to go"), "{met}");
    assert!(html.contains("data-value=\"500\"") && html.contains("value=\"750\""), "{html}");
    assert!(page.after_id("offer-0").contains("data-value=\"22\">22</span> days left, with today"), "{html}");
    assert!(html.contains("You take part"));
}

#[tokio::test]
async fn who_is_not_eligible_is_told() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(8)).await;
    let page = browser.get("/programs").await;
    assert!(page.expect(200).text().contains("For approved affiliates"));
    let none = browser.get("/programs?offer=%3Cscript%3E").await;
    let html = none.expect(200).text();
    assert!(html.contains("does not run today") && !html.contains("<script>\""), "{html}");
    assert_eq!(browser.get("/programs?uid=7").await.reply.status, 403);
}

#[tokio::test]
async fn the_past_is_shown_as_it_stood_and_says_so() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/programs?as_of=18&offer=bonus").await;
    let html = page.expect(200).text();
    assert!(html.contains("Progress as it stood right after ledger position"), "{html}");
    // All of the tests' history was recorded within this month.
    assert!(html.contains("No earlier period is on record"), "{html}");
    assert!(browser.get("/programs?as_of=3").await.expect(200).text().contains("No program ran then"));
    browser.get("/programs?as_of=2026-02-28T23:59:59.999999Z").await.expect(400);
}

#[tokio::test]
async fn hostile_texts_of_offers_stand_as_text() {
    let server = Server::with_tokens().await;
    let hostile = "<script>alert(1)</script>";
    let offer = json!({
        "id": "evil", "kind": "evaluation", "title": hostile, "url": "javascript:alert(1)", "period": "quarter",
        "starts": null, "ends": null, "affiliates_only": false,
        "tiers": [{"name": hostile, "reward": hostile, "all": [{"metric": "spot_fees", "at_least": "1"}]}],
    });
    let posted = server.post_events(&event("offer", "evil", "2026-03-01T00:00:00Z", offer)).await;
    assert_eq!(posted.json()["results"][0]["outcome"], "accepted", "{}", posted.text());
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/programs").await;
    let html = page.expect(200).text();
    assert!(html.contains("&lt;script&gt;alert") && !html.contains("<script>alert"), "{html}");
    assert!(!html.contains("href=\"javascript"), "{html}");
}
