//! Cohorts: the figures are the API's, months lead to who registered in them; closed to who is not approved.

use serde_json::{Value, json};

use crate::browser::{Browser, attribute};
use crate::history::{event, one_more};
use crate::server::{Server, bearer};

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The figures of a table, row after row.
fn figures(html: &str, id: &str) -> Vec<String> {
    let table =
        html.split(&format!("id=\"{id}\"")).nth(1).expect("the table").split("</table>").next().expect("its end");
    table.split("class=\"fig\"").skip(1).filter_map(|part| attribute(part, "data-value")).collect()
}

/// One invitee of January besides those of March, who traded in March.
async fn server() -> Server {
    let server = Server::with_tokens().await;
    let trade = json!({
        "uid": 500, "product": "spot", "symbol": "BTCUSDT", "volume_usd": "10", "fee_usd": "1", "fee_asset": "USDT",
        "fee_amount": "1", "vip_level": 0,
    });
    let more = [one_more(500, "2026-01-31T23:59:59Z"), event("trade", "in march", "2026-03-01T00:00:00Z", trade)];
    server.post_events(&format!("[{}]", more.join(","))).await.expect(200);
    server
}

#[tokio::test]
async fn every_figure_is_the_apis_by_any_measure() {
    let server = server().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let listed = server.get_as(&bearer("affiliate", Some(7)), "/v1/cohorts").await.json();
    let rows = listed["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 2);
    for measure in ["traded", "commission", "rebate", "volume"] {
        let page = browser.get(&format!("/cohorts?measure={measure}")).await;
        let html = page.expect(200).text();
        let counts = ["registered", "verified", "deposited", "first_time_trade"];
        let expected: Vec<String> = rows.iter().flat_map(|row| counts.map(|count| text(&row[count]))).collect();
        assert_eq!(figures(html, "cohorts-table"), expected);
        let months = rows.iter().flat_map(|row| row["months"].as_array().expect("months"));
        let expected: Vec<String> = months.map(|month| text(&month[measure])).collect();
        assert_eq!(figures(html, "cohorts-grid"), expected, "{measure}");
    }
    browser.get("/cohorts?measure=height").await.expect(400);
    let refused = browser.get("/cohorts?from=2026-03-09&to=2026-03-01").await;
    assert!(refused.expect(400).text().contains("id=\"range-from-error\""), "{}", refused.text());
    let narrowed = browser.get("/cohorts?country=zz&code=ALPHA&range=all").await;
    assert_eq!(figures(narrowed.expect(200).text(), "cohorts-table"), ["1", "0", "0", "1"]);
    let empty = browser.get("/cohorts?from=2020-01-01&to=2020-02-01").await;
    assert!(empty.expect(200).text().contains("Nobody registered in these months."));
}

#[tokio::test]
async fn the_overview_leads_there_and_a_month_to_who_registered_in_it() {
    let server = server().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let overview = browser.get("/").await;
    assert!(overview.expect(200).text().contains("See them by the month of their registration"));
    assert!(overview.links().contains(&"/cohorts".to_owned()), "{:?}", overview.links());
    let page = browser.get("/cohorts?code=ALPHA&country=DE").await;
    let month = "/referrals?registered_from=2026-01-01&registered_to=2026-01-31&code=ALPHA&country=DE";
    assert!(page.links().contains(&month.to_owned()), "{:?}", page.links());
    let referrals = browser.get(month).await;
    assert!(referrals.expect(200).links().iter().any(|link| link.starts_with("/referrals/500")));
    assert!(!referrals.links().iter().any(|link| link.starts_with("/referrals/100")));
}

#[tokio::test]
async fn who_is_not_approved_is_told_why_and_how_to_apply() {
    let server = server().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(8)).await;
    let page = browser.get("/cohorts").await;
    let html = page.expect(200).text();
    assert!(html.contains("for approved affiliates") && html.contains("href=\"/account#apply\""), "{html}");
    assert!(!html.contains("cohorts-table"));
    assert_eq!(browser.get("/cohorts?uid=7").await.reply.status, 403);
    let past = Browser::signed_in(&server, "affiliate", Some(7)).await.get("/cohorts?as_of=8").await;
    assert!(past.expect(200).text().contains("The past, as of"));
    assert_eq!(figures(past.text(), "cohorts-table"), ["2", "1", "1", "0"]);
}
