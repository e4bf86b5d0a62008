//! Countries: every metric of every country as the API has it; closed to who is not approved.

use serde_json::{Value, json};

use crate::browser::{Browser, Shown, attribute};
use crate::history::event;
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
    let made = server.get("/metrics").await;
    assert!(made.text().contains("tributary_as_of_seconds_count{about=\"one\""), "an excerpt is asked");
    assert!(!made.text().contains("tributary_as_of_seconds_count{about=\"all\""), "no state of then is made");
}

#[tokio::test]
async fn many_countries_stand_on_pages_of_fifty() {
    let server = Server::start().await;
    let letters = ('A'..='Z').flat_map(|first| ('A'..='Z').map(move |second| format!("{first}{second}")));
    let real: Vec<String> = letters.filter(|code| schemas::Country::parse(code).is_some()).take(120).collect();
    let registered = real.iter().zip(500_u64..).map(|(country, uid)| {
        let data = json!({"uid": uid, "account_type": "major", "country": country, "code": "ALPHA"});
        event("registration", "registered", "2026-03-05T00:00:00Z", data)
    });
    let events: Vec<String> = registered.collect();
    server.post_events(&format!("[{}]", events.join(","))).await.expect(200);
    let mut browser = Browser::new(&server);
    let (mut path, mut shown) = ("/countries?uid=7&range=all".to_owned(), Vec::new());
    for number in 1.. {
        let page = browser.get(&path).await;
        let table = page.expect(200).after_id("countries-table").split("</table>").next().expect("a table").to_owned();
        let rows: Vec<_> = table.split("<th scope=\"row\">").skip(1).map(str::to_owned).collect();
        assert!(!rows.is_empty() && rows.len() <= 50, "{path} has {}", rows.len());
        shown.extend(rows);
        let next = format!("/countries?uid=7&range=all&page={}", number + 1);
        if !page.links().contains(&next) {
            break;
        }
        path = next;
    }
    let listed = server.get("/v1/countries?uid=7&from=2020-01-01&to=2026-12-31&limit=500").await.expect(200);
    assert_eq!(shown.len(), listed["rows"].as_array().expect("rows").len());
    assert!(shown.len() >= 120, "{}", shown.len());
    let last = browser.get("/countries?uid=7&range=all&page=3").await;
    let beyond = browser.get("/countries?uid=7&range=all&page=999").await;
    let rows = |page: &Shown| page.text().matches("<th scope=\"row\">").count();
    assert_eq!(rows(&last), rows(&beyond), "beyond the last page is the last");
    let second = browser.get("/countries?uid=7&range=all&page=2").await;
    assert!(second.links().contains(&"/countries?uid=7&range=all".to_owned()), "back to the first page");
    let kept: Vec<String> = last.links().into_iter().filter(|link| link.contains("page=")).collect();
    assert_eq!(
        kept,
        ["/countries?uid=7&range=all&page=2"],
        "another range, metric or moment begins with the first page: {kept:?}"
    );
    for page in ["0", "-1", "x"] {
        browser.get(&format!("/countries?uid=7&page={page}")).await.expect(400);
    }
}
