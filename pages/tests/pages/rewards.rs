//! Rewards: records of both kinds, the trades of each, and exports.

use crate::browser::{Browser, attribute};
use crate::server::{Server, bearer};

/// The exact figures of a part of a page.
fn figures(html: &str) -> Vec<String> {
    html.split("class=\"fig\"").skip(1).filter_map(|part| attribute(part, "data-value")).collect()
}

fn table(html: &str) -> &str {
    html.split("</table>").next().expect("a table")
}

#[tokio::test]
async fn records_are_the_apis_and_lead_to_their_trades() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/rewards").await;
    page.expect(200);
    let listed = server.get_as(&bearer("affiliate", Some(7)), "/v1/rewards").await.json();
    let rows = listed["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 3, "t1, t2 and its reversal");
    let expected: Vec<String> = rows
        .iter()
        .flat_map(|row| {
            ["date", "trades", "fee_usd", "amount"].map(|name| {
                let value = &row[name];
                value.as_str().map_or_else(|| value.to_string(), str::to_owned)
            })
        })
        .collect();
    assert_eq!(figures(table(page.after_id("rewards"))), expected);
    assert_eq!(page.figure("rewards-sum"), "3");
    for row in rows {
        let (date, amount) = (row["date"].as_str().expect("a date"), row["amount"].as_str().expect("an amount"));
        let link = page.links().into_iter().find(|link| link.contains(&format!("date={date}"))).expect("a link");
        let trades = browser.get(&link).await;
        let html = trades.expect(200).text();
        assert!(html.contains(&format!("data-value=\"{amount}\"")), "{html}");
        assert!(html.contains("/trades/explain?invitee=100&amp;source=%2Ftests&amp;id=t"), "{html}");
        assert_eq!(html.contains(">taken back<"), amount == "-2", "{html}");
    }
}

#[tokio::test]
async fn what_an_invitee_got_back_is_in_the_other_tab() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(100)).await;
    let page = browser.get("/rewards?kind=shared&range=all").await;
    let shown = figures(table(page.expect(200).after_id("rewards")));
    assert!(shown.contains(&"0.4".to_owned()) && shown.contains(&"-0.4".to_owned()), "{shown:?}");
    let link = page.links().into_iter().find(|link| link.contains("date=2026-03-04")).expect("a link");
    assert!(browser.get(&link).await.expect(200).text().contains("data-value=\"1\""));
    let empty = browser.get("/rewards?range=all").await;
    assert!(empty.expect(200).text().contains("Nothing was earned in these days"));
}

#[tokio::test]
async fn a_record_of_somebody_else_shows_no_trade() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(8)).await;
    for of in ["commission&counterparty=100", "shared&counterparty=7"] {
        let page = browser.get(&format!("/rewards/trades?kind={of}&date=2026-03-04&product=spot")).await;
        let html = page.expect(200).text();
        assert!(html.contains("There is no such record") && !html.contains("/trades/explain"), "{html}");
    }
    assert_eq!(browser.get("/rewards?uid=7").await.reply.status, 403);
    assert_eq!(browser.get("/rewards/export?uid=7").await.reply.status, 403);
    assert_eq!(
        browser.get("/rewards/trades?uid=7&date=2026-03-04&counterparty=100&product=spot").await.reply.status,
        403
    );
    for wrong in ["kind=x", "date=x", "counterparty=0", "product=x"] {
        let whole = ["kind=commission", "date=2026-03-04", "counterparty=100", "product=spot"];
        let name = wrong.split('=').next().expect("a name");
        let given = whole.map(|part| if part.starts_with(name) { wrong } else { part }).join("&");
        assert_eq!(browser.get(&format!("/rewards/trades?{given}")).await.reply.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn an_export_of_the_page_is_the_apis_file() {
    let server = Server::with_tokens().await;
    let token = bearer("affiliate", Some(7));
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    for format in ["csv", "ndjson"] {
        let query = format!("kind=commission&from=2026-03-01&to=2026-03-10&format={format}");
        let page = browser.get(&format!("/rewards/export?{query}")).await;
        let api = server.get_as(&token, &format!("/v1/rewards/export?{query}")).await;
        assert_eq!((page.reply.status, &page.reply.body), (200, &api.body));
        for header in ["content-type", "content-disposition", "tributary-position"] {
            assert_eq!(page.reply.header(header), api.header(header), "{header}");
        }
    }
    browser.get("/rewards/export?from=2026-03-09&to=2026-03-01").await.expect(400);
    assert_eq!(Browser::new(&server).get("/rewards/export").await.reply.status, 401);
    let form = browser.get("/rewards?kind=shared").await;
    assert!(form.expect(200).text().contains("name=\"kind\" value=\"shared\""));
}

#[tokio::test]
async fn what_is_refused_keeps_its_status_though_the_shell_may_come_first() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    for path in ["/rewards", "/programs"] {
        for parameters in ["uid=x", "uid=7&as_of=999999999", "uid=7&as_of=x", "uid=7&cursor=x"] {
            browser.get(&format!("{path}?{parameters}")).await.expect(400);
        }
    }
    for parameters in ["kind=x", "range=x", "from=x&to=2026-03-01"] {
        browser.get(&format!("/rewards?uid=7&{parameters}")).await.expect(400);
    }
    let server = Server::with_tokens().await;
    let mut affiliate = Browser::signed_in(&server, "affiliate", Some(8)).await;
    for path in ["/rewards?uid=7", "/programs?uid=7"] {
        affiliate.get(path).await.expect(403);
    }
}
