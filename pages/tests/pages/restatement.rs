//! Restatement: what was learned between two moments, entry by entry, down to each trade.

use serde_json::{Value, json};

use crate::browser::{Browser, attribute};
use crate::history::event;
use crate::server::{Server, bearer};

fn figures(html: &str) -> Vec<String> {
    html.split("class=\"fig\"").skip(1).filter_map(|part| attribute(part, "data-value")).collect()
}

fn table(html: &str) -> &str {
    html.split("</table>").next().expect("a table")
}

const MARCH: &str = "from=2026-03-01&to=2026-03-31";

#[tokio::test]
async fn before_after_and_every_row_are_the_apis() {
    let server = Server::with_tokens().await;
    // A rate for the past, which changes t1 and nothing else: t2 is taken back, as much as it gave.
    let rate = json!({
        "uid": 7, "status": "approved", "spot_rate": "0.5", "futures_rate": "0.3", "futures_window_days": null,
    });
    server.post_events(&event("affiliate", "raised", "2026-03-01T00:00:00Z", rate)).await.expect(200);
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get(&format!("/restatement?{MARCH}&since=11")).await;
    page.expect(200);
    let token = bearer("affiliate", Some(7));
    let api = server.get_as(&token, &format!("/v1/restatement?{MARCH}&as_of=11")).await.json();
    let of = |side: &str, amount: &str| api[side][amount].as_str().expect("an amount").to_owned();
    for amount in ["commission", "rebate"] {
        let row = page.after_id(&format!("restatement-{amount}")).split("</tr>").next().expect("a row");
        assert_eq!(figures(row), ["before", "after", "difference"].map(|side| of(side, amount)), "{amount}");
    }
    let expected: Vec<String> = api["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .flat_map(|row| {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            [
                &row["position"],
                &row["recorded_at"],
                &row["event"]["time"],
                &row["trades"],
                &row["commission"],
                &row["rebate"],
            ]
            .map(text)
        })
        .collect();
    assert_eq!(expected.len(), 12, "the reversal, and the rate: {api}");
    assert_eq!(figures(table(page.after_id("restatement-rows"))), expected);
    // The rate's entry leads to t1, and that to its explanation.
    let entry = browser.get(&format!("/restatement/entry?{MARCH}&since=11&position=20")).await;
    let html = entry.expect(200).text();
    assert_eq!(entry.figure("entry-commission"), "1");
    assert!(html.contains("/trades/explain?invitee=100&amp;source=%2Ftests&amp;id=t1"), "{html}");
    assert!(html.contains("&quot;spot_rate&quot;: &quot;0.5&quot;"), "its own rate is its business: {html}");
    assert!(page.links().iter().any(|link| link.starts_with("/restatement/entry?") && link.contains("position=20")));
}

#[tokio::test]
async fn the_form_offers_closed_months_and_says_what_is_wrong_beside_its_field() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let start = browser.get("/restatement").await;
    let html = start.expect(200).text();
    assert!(
        html.contains("February 2026, as closed on the 3rd") && html.contains("since=2026-03-03T00:00:00Z"),
        "{html}"
    );
    assert!(html.contains("<option value=\"ALPHA\""), "{html}");
    for (query, field) in [
        ("since=soon", "since"),
        ("since=99", "since"),
        ("since=1&until=99", "until"),
        ("since=9&until=5", "since"),
        ("since=1&from=2026-02-30", "from"),
        ("since=1&from=2026-03-09&to=2026-03-01", "from"),
    ] {
        let refused = browser.get(&format!("/restatement?{query}")).await;
        assert!(
            refused.expect(400).text().contains(&format!("id=\"restatement-{field}-error\"")),
            "{query}: {}",
            refused.text()
        );
    }
    let hostile = browser.get("/restatement?since=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert!(!hostile.expect(400).text().contains("<script>alert"));
    browser.get("/restatement?since=1&code=BETA").await.expect(404);
    let whole = browser.get(&format!("/restatement?{MARCH}&since=2026-01-01T00:00:00Z")).await;
    assert!(whole.expect(200).text().contains("restatement-rows"), "a time before the first entry knows nothing");
}

#[tokio::test]
async fn a_look_back_ends_where_the_page_looks_from() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get(&format!("/restatement?{MARCH}&since=0&as_of=10")).await;
    let api =
        server.get_as(&bearer("affiliate", Some(7)), &format!("/v1/restatement?{MARCH}&as_of=0&until=10")).await.json();
    let row = page.expect(200).after_id("restatement-commission").split("</tr>").next().expect("a row");
    assert_eq!(figures(row)[1], api["after"]["commission"].as_str().expect("an amount"));
    assert!(page.text().contains("as_of=10"));
}

#[tokio::test]
async fn an_entry_of_somebody_else_is_not_there() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(8)).await;
    // t1 is of 7's invitee; t4 is of its own.
    browser.get(&format!("/restatement/entry?{MARCH}&position=10")).await.expect(404);
    browser.get(&format!("/restatement/entry?{MARCH}&position=13")).await.expect(200);
    for position in ["0", "1", "99"] {
        browser.get(&format!("/restatement/entry?{MARCH}&position={position}")).await.expect(404);
    }
    browser.get("/restatement/entry?position=x").await.expect(400);
    assert_eq!(browser.get("/restatement?uid=7&since=0").await.reply.status, 403);
    assert_eq!(browser.get("/restatement/entry?uid=7&position=10").await.reply.status, 403);
}
