//! The overview: its figures are the API's, and what is chosen stands in the address.

use serde_json::Value;

use crate::browser::{Browser, attribute};
use crate::server::{Server, bearer};

const METRICS: [&str; 11] = [
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
];

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The values in the cells of a chart's table, row by row.
fn table_of(html: &str) -> Vec<String> {
    let body = html.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).expect("a table");
    body.split("<td ").skip(1).filter_map(|cell| attribute(cell, "data-value")).collect()
}

#[tokio::test]
async fn every_figure_is_the_apis() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let token = bearer("affiliate", Some(7));
    let table = [
        ("/", "from=2026-02-09&to=2026-03-10"),
        ("/?range=7d", "from=2026-03-04&to=2026-03-10"),
        ("/?range=last-month", "from=2026-02-01&to=2026-02-28"),
        ("/?range=all", "from=2026-03-01&to=2026-03-10"),
        ("/?from=2026-03-01&to=2026-03-05", "from=2026-03-01&to=2026-03-05"),
        ("/?from=2026-03-01&to=2026-03-10&code=ALPHA", "from=2026-03-01&to=2026-03-10&code=ALPHA"),
        ("/?from=2026-03-01&to=2026-03-10&as_of=12", "from=2026-03-01&to=2026-03-10&as_of=12"),
        ("/?from=2026-01-01&to=2026-03-10&interval=week", "from=2026-01-01&to=2026-03-10&interval=week"),
    ];
    for (path, query) in table {
        let page = browser.get(path).await;
        page.expect(200);
        let asked = query.replace("&interval=week", "");
        let api = server.get_as(&token, &format!("/v1/overview?{asked}")).await.expect(200);
        for metric in METRICS {
            assert_eq!(page.figure(&format!("card-{metric}")), text_of(&api["metrics"][metric]), "{metric} of {path}");
        }
        assert_eq!(page.figure("foot-position"), text_of(&api["as_of"]["position"]), "{path}");
        // Nothing lies before all time.
        let before = if path.contains("range=all") { "" } else { "&before=true" };
        let series = server.get_as(&token, &format!("/v1/overview/series?{query}{before}")).await.expect(200);
        for (chart, metrics, together) in [
            ("rewards-chart", &["spot_commission", "futures_commission"][..], "total_rewards"),
            ("volume-chart", &["total_volume", "spot_volume", "futures_volume"], "total_volume"),
            ("referrals-chart", &["total_referrals"], "total_referrals"),
        ] {
            let mut expected: Vec<String> = Vec::new();
            for (at, point) in series["points"].as_array().expect("points").iter().enumerate() {
                expected.extend(metrics.iter().map(|metric| text_of(&point[*metric])));
                let before = &series["before"]["points"][at];
                expected.extend((!before.is_null()).then(|| text_of(&before[together])));
            }
            assert_eq!(table_of(page.after_id(chart)), expected, "{chart} of {path}");
            let drawn = page.after_id(chart).split("</figure>").next().expect("a chart");
            assert_eq!(drawn.contains("class=\"before\""), !before.is_empty(), "{chart} of {path}");
            if !before.is_empty() {
                let compared = drawn.split("class=\"compared\"").nth(1).expect("what both came to");
                let then = attribute(compared, "data-value").expect("a figure");
                assert_eq!(then, text_of(&series["before"]["metrics"][together]), "{chart} of {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_change_is_against_as_many_days_before() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/?from=2026-03-04&to=2026-03-06").await;
    let card = page.after_id("card-total_referrals").split("</article>").next().expect("a card").to_owned();
    // Two registered from the 1st to the 3rd, nobody from the 4th to the 6th.
    assert!(card.contains("100.0%") && card.contains("less than"), "{card}");
    assert!(!browser.get("/?range=all").await.text().contains("Changes are against"));
}

#[tokio::test]
async fn a_wrong_range_is_said_beside_the_field() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    for (path, field) in [("/?from=2026-03-10&to=2026-03-01", "from"), ("/?from=2026-03-01&to=2026-02-30", "to")] {
        let page = browser.get(path).await;
        page.expect(400);
        let input = page.after_id(&format!("range-{field}"));
        assert!(input.split('>').next().is_some_and(|input| input.contains("aria-invalid=\"true\"")), "{path}");
        assert!(page.text().contains(&format!("id=\"range-{field}-error\"")), "{path}");
    }
    browser.get("/?range=for-ever").await.expect(400);
    browser.get("/?code=BETA").await.expect(404);
}

#[tokio::test]
async fn the_cards_that_are_chosen_are_remembered_in_order() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/?range=7d").await;
    let fields = [
        ("card[]", "traded"),
        ("place-traded", "2"),
        ("card[]", "shared_commission"),
        ("place-shared_commission", "1"),
        ("place-verified", "3"),
    ];
    let form = page.form("/overview/cards");
    let mut sent = form.hidden.clone();
    sent.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let kept = browser.post(&form.action, &sent).await;
    assert_eq!((kept.reply.status, kept.reply.header("location")), (303, "/?range=7d"));
    let cards = |html: &str| -> Vec<String> {
        html.split("id=\"card-").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    };
    let page = browser.get("/?range=7d").await;
    assert_eq!(cards(page.text()), ["shared_commission", "traded"]);
    // The first stands in large beside its course; the rewards' course is then among the others.
    let (first, others) = page.text().split_once("Over time").expect("both");
    assert!(first.contains("id=\"first-chart\"") && others.contains("id=\"rewards-chart\""));
    let page = browser.submit(&page, "/overview/cards", &[("reset", "yes")]).await;
    assert_eq!(cards(page.text()), METRICS);
    let (first, others) = page.text().split_once("Over time").expect("both");
    assert!(first.contains("id=\"rewards-chart\"") && !others.contains("id=\"rewards-chart\""));
}

#[tokio::test]
async fn it_shows_the_default_code_with_its_split_and_its_qr_code() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/").await;
    let code = server.get_as(&bearer("affiliate", Some(7)), "/v1/codes/ALPHA").await.expect(200);
    let html = page.after_id("default-code");
    let link = text_of(&code["link"]);
    assert!(html.contains("ALPHA") && html.contains(&format!("data-copy=\"{link}\"")));
    for rate in ["spot_rate", "spot_rebate_rate", "futures_rate", "futures_rebate_rate"] {
        assert!(html.contains(&format!("data-value=\"{}\"", text_of(&code[rate]))), "{rate}");
    }
    let svg = browser.get("/codes/ALPHA/qr.svg").await.reply;
    assert_eq!((svg.status, svg.header("content-type")), (200, "image/svg+xml"));
    let png = browser.get("/codes/ALPHA/qr.png").await.reply;
    assert!(png.body.starts_with(b"\x89PNG") && png.header("content-disposition").contains("ALPHA.png"));
}

#[tokio::test]
async fn a_page_of_the_past_says_so_and_offers_no_commands() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/?as_of=12").await;
    assert!(page.expect(200).text().contains("The past, as of"));
    assert!(!page.text().contains("Edit rates"));
    for link in page.links() {
        let keeps = link.contains("as_of=12") || link == "/?" || link == "/";
        assert!(keeps || link.starts_with("/assets"), "{link}");
    }
    browser.get("/?as_of=0").await.expect(400);
    browser.get("/?as_of=nonsense").await.expect(400);
}

#[tokio::test]
async fn who_reads_any_names_a_referrer_first() {
    let server = Server::with_tokens().await;
    for role in ["analyst", "operator", "service"] {
        let mut browser = Browser::signed_in(&server, role, None).await;
        assert!(browser.get("/").await.expect(200).text().contains("Whose?"));
        let page = browser.get("/?uid=7").await;
        assert!(page.expect(200).text().contains("You look at the data of referrer"));
        assert_eq!(page.text().contains("Edit rates"), role == "operator", "{role}");
        browser.get("/?uid=nobody").await.expect(400);
    }
}

#[tokio::test]
async fn the_programs_in_short_are_brought_in_from_a_page_of_their_own() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let place = browser.get("/").await.after_id("programs-short").to_owned();
    let page = browser.get(&attribute(&place, "data-load").expect("an address")).await;
    let short = page.expect(200).after_id("programs-short");
    // Both of silver's conditions are met but the volume of gold's is not.
    assert!(short.contains("Spot bonus") && short.contains("Next: "), "{short}");
}

#[tokio::test]
async fn a_range_that_holds_nothing_says_where_what_there_is_lies() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let empty = browser.get("/?uid=7&from=2026-01-01&to=2026-01-05").await;
    let notice = empty.expect(200).after_id("nothing-here").split("</div>").next().expect("a notice");
    assert!(notice.contains("Nothing lies in these days"), "{notice}");
    assert!(empty.links().contains(&"/?uid=7&range=all".to_owned()), "{:?}", empty.links());
    for path in ["/?uid=7", "/?uid=9999"] {
        assert!(!browser.get(path).await.expect(200).text().contains("nothing-here"), "{path}");
    }
}

#[tokio::test]
async fn what_changed_the_terms_stands_at_its_day_with_the_way_to_what_says_so() {
    let server = Server::with_tokens().await;
    let mut own = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = own.get("/?from=2026-02-20&to=2026-03-10").await;
    let list = page.expect(200).after_id("changes").split("</section>").next().expect("a list").to_owned();
    assert_eq!(list.matches("Campaign \u{201c}Trade more\u{201d} begins").count(), 2, "{list}");
    assert!(list.contains("href=\"/campaigns\"") && !list.contains("/operator/"), "{list}");
    // Both begin on one day: one mark in each chart.
    assert_eq!(page.text().matches("class=\"mark-flag\"").count(), 3);
    let day = page.text().split("<rect class=\"bucket\"").find(|rect| rect.contains("2026-03-01")).expect("a day");
    assert!(attribute(day, "data-mark").is_some_and(|says| says.contains("begins; Campaign")), "{day}");
    let page = own.get("/?from=2026-01-01&to=2026-01-31").await;
    let list = page.after_id("changes").split("</section>").next().expect("a list").to_owned();
    assert!(list.contains("Approved affiliate, base rates 40% of spot, 30% of futures fees"), "{list}");
    assert!(list.contains("Code ALPHA made: friends get 10% of spot, 5% of futures fees"), "{list}");
    assert!(list.contains("href=\"/account\"") && list.contains("href=\"/codes/ALPHA\""), "{list}");
    assert!(!own.get("/?from=2026-02-01&to=2026-02-10").await.text().contains("id=\"changes\""));
    // Who sees the ledger is led to the entries.
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/?uid=7&from=2026-01-01&to=2026-01-31").await;
    assert!(page.links().contains(&"/operator/entries/1?uid=7".to_owned()), "{:?}", page.links());
    assert!(operator.get("/operator/entries/1").await.expect(200).text().contains("referral.affiliate.v1"));
}
