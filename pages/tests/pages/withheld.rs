//! Withheld and taken back: the API's figures, each row with the way to its trades, and from there to what explains them.

use serde_json::Value;

use crate::browser::{Browser, attribute};
use crate::server::{Server, bearer};

const RANGE: &str = "from=2026-01-01&to=2026-03-10";

/// The figures in a piece of a page, in their order.
fn figures(html: &str) -> Vec<String> {
    html.split("class=\"fig\"").skip(1).filter_map(|part| attribute(part, "data-value")).collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[tokio::test]
async fn every_figure_is_the_apis() {
    let server = Server::with_tokens().await;
    let token = bearer("operator", None);
    let mut browser = Browser::signed_in(&server, "operator", None).await;
    for kind in ["withheld", "clawbacks"] {
        for rows in ["referrer", "reason", "code", "country", "day"] {
            let page = browser.get(&format!("/operator/withheld?{RANGE}&kind={kind}&rows={rows}")).await;
            page.expect(200);
            let answer = server.get_as(&token, &format!("/v1/{kind}?{RANGE}&by={rows}")).await.expect(200);
            for (card, name) in
                [("commission", "commission"), ("rebate", "rebate"), ("trades", "trades"), ("fees", "fee_usd")]
            {
                let card =
                    page.after_id(&format!("card-{card}")).split("</article>").next().expect("a card").to_owned();
                assert_eq!(figures(&card), [text(&answer["sum"][name])], "{kind} {rows} {name}");
            }
            let columns = ["trades", "fee_usd", "commission", "rebate", "total"];
            let listed = answer["rows"].as_array().expect("rows");
            assert!(!listed.is_empty(), "{kind}");
            let expected: Vec<String> = listed.iter().flat_map(|row| columns.map(|name| text(&row[name]))).collect();
            let table = page.after_id("forgone").split("</table>").next().expect("a table").to_owned();
            assert_eq!(figures(&table), expected, "{kind} {rows}");
        }
        let page = browser.get(&format!("/operator/withheld?{RANGE}&kind={kind}&rows=trades")).await;
        let answer = server.get_as(&token, &format!("/v1/{kind}/trades?{RANGE}")).await.expect(200);
        let table = page.expect(200).after_id("forgone").split("</table>").next().expect("a table").to_owned();
        let listed = answer["rows"].as_array().expect("rows");
        let columns = ["fee_usd", "commission", "rebate", "total"];
        let shown = figures(&table);
        for row in listed {
            for name in columns {
                assert!(shown.contains(&text(&row[name])), "{name} of {row} in {shown:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_row_leads_to_its_trades_and_these_to_what_explains_them() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "operator", None).await;
    let reasons = browser.get(&format!("/operator/withheld?{RANGE}&rows=reason&uid=8")).await;
    let found = reasons.expect(200).links().into_iter().find(|link| link.contains("reason=vip_level"));
    assert!(reasons.text().contains("VIP level above the limit"), "{}", reasons.text());
    let trades = browser.get(&found.expect("a link")).await;
    assert!(trades.expect(200).text().contains("Reason: VIP level above the limit"), "{}", trades.text());
    // Whose data other pages show has no part in it.
    let explained = trades.links().into_iter().find(|link| link.contains("/trades/explain")).expect("a link");
    assert!(explained.contains("id=t3") && !explained.contains("uid="), "{explained}");
    browser.get(&explained).await.expect(200);
    let invitee = trades.links().into_iter().find(|link| link.starts_with("/referrals/101")).expect("a link");
    assert!(invitee.contains("uid=7"), "{invitee}");
    browser.get(&invitee).await.expect(200);
    // The other kind has other reasons.
    let other = trades.links().into_iter().find(|link| link.contains("kind=clawbacks")).expect("a link");
    assert!(!other.contains("reason="), "{other}");
    let taken_back = browser.get(&other).await;
    assert!(taken_back.expect(200).text().contains(": <bdi>bust</bdi>"), "{}", taken_back.text());
    let entry = taken_back.links().into_iter().find(|link| link.contains("/operator/entries/14"));
    browser.get(&entry.expect("a link")).await.expect(200);
    let by_referrer = browser.get(&format!("/operator/withheld?{RANGE}&referrer=8")).await;
    assert!(by_referrer.expect(200).text().contains("Look at all time"), "{}", by_referrer.text());
    assert!(by_referrer.text().contains("Referrer: 8"), "what is in force is told");
    // An analyst sees no entry of the ledger.
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    let page = analyst.get(&format!("/operator/withheld?{RANGE}&kind=clawbacks&rows=trades")).await;
    assert!(!page.expect(200).links().iter().any(|link| link.contains("/operator/entries/")), "{:?}", page.links());
}

#[tokio::test]
async fn what_is_refused_is_told_where_it_is_mended() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "analyst", None).await;
    let refused = browser.get("/operator/withheld?from=2026-03-09&to=2026-03-01").await;
    assert!(refused.expect(400).text().contains("id=\"range-from-error\""), "{}", refused.text());
    for (wrong, status) in
        [("rows=week", 400), ("kind=lost", 400), ("reason=x", 400), ("code=NONE", 404), ("cursor=x", 400)]
    {
        browser.get(&format!("/operator/withheld?{wrong}")).await.expect(status);
    }
    for (role, uid, status) in [("affiliate", Some(7), 403), ("service", None, 200), ("auditor", None, 200)] {
        let mut browser = Browser::signed_in(&server, role, uid).await;
        assert_eq!(browser.get("/operator/withheld").await.reply.status, status, "{role}");
    }
}
