//! Countries: every metric of every country as the API has it; closed to who is not approved.

use serde_json::Value;

use crate::browser::{Browser, attribute};
use crate::server::{Server, bearer};

/// The API's text of a metric.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[tokio::test]
async fn every_metric_of_every_country_is_the_apis() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/countries?from=2026-03-01&to=2026-03-10").await;
    let html = page.expect(200).after_id("countries-table");
    let token = bearer("affiliate", Some(7));
    let listed = server.get_as(&token, "/v1/countries?from=2026-03-01&to=2026-03-10").await.json();
    let metrics = [
        "total_rewards",
        "spot_commission",
        "futures_commission",
        "total_referrals",
        "verified",
        "deposited",
        "first_time_trade",
        "traded",
        "spot_volume",
        "futures_volume",
        "total_volume",
        "shared_commission",
    ];
    let expected: Vec<String> = listed["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .flat_map(|row| metrics.map(|metric| text(&row[metric])))
        .collect();
    let table = html.split("</table>").next().expect("a table");
    let shown: Vec<String> =
        table.split("class=\"fig\"").skip(1).filter_map(|part| attribute(part, "data-value")).collect();
    assert_eq!(shown, expected);
    assert!(table.contains("Unknown"), "ZZ has a name");
}

#[tokio::test]
async fn countries_are_ranked_by_the_metric_chosen() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "analyst", None).await;
    let page = browser.get("/countries?uid=7&range=all&metric=total_volume").await;
    let ranked = page.expect(200).after_id("countries-ranked").split("</table>").next().expect("a table");
    let (germany, unknown) = (ranked.find("data-country=\"DE\""), ranked.find("Unknown"));
    assert!(germany < unknown, "{ranked}");
    browser.get("/countries?uid=7&metric=height").await.expect(400);
    browser.get("/countries?uid=7&range=week").await.expect(400);
    let refused = browser.get("/countries?uid=7&from=2026-03-09&to=2026-03-01").await;
    assert!(refused.expect(400).text().contains("id=\"range-from-error\""), "{}", refused.text());
}

#[tokio::test]
async fn who_is_not_approved_is_told_why_and_how_to_apply() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(8)).await;
    let page = browser.get("/countries").await;
    let html = page.expect(200).text();
    assert!(html.contains("for approved affiliates") && html.contains("href=\"/account#apply\""), "{html}");
    assert!(!html.contains("countries-table"));
    assert_eq!(browser.get("/countries?uid=7").await.reply.status, 403);
    let past = Browser::signed_in(&server, "affiliate", Some(7)).await.get("/countries?as_of=5&range=all").await;
    assert!(past.expect(200).text().contains("The past, as of"));
}
