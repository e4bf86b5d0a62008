//! All referrers: the API's figures of everybody, for who reads any.

use serde_json::Value;

use crate::browser::{Browser, attribute};
use crate::server::{Server, bearer};

/// The API's text of a metric.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The figures in a piece of a page, in their order.
fn figures(html: &str) -> Vec<String> {
    html.split("class=\"fig\"").skip(1).filter_map(|part| attribute(part, "data-value")).collect()
}

const RANGE: &str = "from=2026-03-01&to=2026-03-10";
/// As the page has them: the eleven that an overview shows first, and one more.
const METRICS: [&str; 12] = [
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

#[tokio::test]
async fn every_figure_of_everybody_is_the_apis() {
    let server = Server::with_tokens().await;
    let token = bearer("analyst", None);
    let mut browser = Browser::signed_in(&server, "analyst", None).await;
    let page = browser.get(&format!("/operator/referrers?{RANGE}&sort=total_volume&order=asc")).await;
    page.expect(200);
    let all = server.get_as(&token, &format!("/v1/overview?{RANGE}")).await.json();
    for metric in METRICS {
        let card = page.after_id(&format!("card-{metric}")).split("</article>").next().expect("a card").to_owned();
        assert_eq!(figures(&card), [text(&all["metrics"][metric])], "{metric}");
    }
    let path = format!("/v1/referrers?{RANGE}&sort=total_volume&order=asc");
    let listed = server.get_as(&token, &path).await.json();
    let rows = listed["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 2);
    let expected: Vec<String> =
        rows.iter().flat_map(|row| std::iter::once("codes").chain(METRICS).map(|name| text(&row[name]))).collect();
    let table = page.after_id("referrers-table").split("</table>").next().expect("a table");
    assert_eq!(figures(table), expected);
    // Each leads to its own pages.
    assert!(page.links().contains(&"/?uid=8".to_owned()), "{:?}", page.links());
    // A range that ends before it begins is mended where it is chosen.
    let refused = browser.get("/operator/referrers?from=2026-03-09&to=2026-03-01").await;
    assert!(refused.expect(400).text().contains("id=\"range-from-error\""), "{}", refused.text());
    browser.get("/operator/referrers?sort=height").await.expect(400);
    // All time begins with the first day that holds anything of anybody.
    let all_time = browser.get("/operator/referrers?range=all").await;
    let (_, from) = all_time.expect(200).text().split_once("id=\"range-from\"").expect("a field");
    assert_eq!(attribute(from, "value").as_deref(), Some("2026-03-01"));
}

#[tokio::test]
async fn affiliates_do_not_see_it() {
    let server = Server::with_tokens().await;
    for (role, uid, status) in
        [("affiliate", Some(7), 403), ("analyst", None, 200), ("service", None, 200), ("operator", None, 200)]
    {
        let mut browser = Browser::signed_in(&server, role, uid).await;
        let shown = browser.get("/operator/referrers").await;
        assert_eq!(shown.reply.status, status, "{role}: {}", shown.text());
    }
}
