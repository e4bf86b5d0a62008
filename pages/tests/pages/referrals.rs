//! The pages of `referrals`: the list with its filters and file, and one invitee.

use serde_json::Value;

use crate::browser::{Browser, Shown, attribute};
use crate::history::{EVENTS, event};
use crate::server::{Server, bearer};

/// The uids of the table's rows, in order.
fn uids(page: &str) -> Vec<String> {
    let table = page.split_once("id=\"referrals\"").map_or("", |(_, table)| table);
    let body = table.split_once("<tbody>").map_or("", |(_, body)| body);
    body.split("<th scope=\"row\">")
        .skip(1)
        .filter_map(|cell| Some(cell.split_once("\">")?.1.split_once('<')?.0.to_owned()))
        .collect()
}

/// The texts of the chips of the filters in force.
fn chips(page: &str) -> Vec<String> {
    let chips = page.split("<a class=\"chip\" ").skip(1);
    chips.filter_map(|chip| Some(chip.split_once('>')?.1.split_once('<')?.0.to_owned())).collect()
}

#[tokio::test]
async fn filters_combine_and_each_has_a_chip_that_takes_it_away() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let all = browser.get("/referrals?uid=7").await;
    assert_eq!(uids(all.expect(200).text()), ["101", "100"]);
    assert_eq!(chips(all.text()), Vec::<String>::new());
    let filter = "/referrals?uid=7&q=k%C3%B6ln&registered_from=2026-03-01&verified=true&deposited=true&traded=true&code=ALPHA&country=de,%20fr&commission_type=spot&vip=0&vip%5B%5D=1";
    let found = browser.get(filter).await;
    assert_eq!(uids(found.expect(200).text()), ["100"]);
    let expected = [
        "Uid or note: köln",
        "Registered from 2026-03-01",
        "VIP 0",
        "VIP 1",
        "Verified",
        "Deposited",
        "Traded",
        "Code ALPHA",
        "Country DE",
        "Country FR",
        "Covers spot",
    ];
    assert_eq!(chips(found.text()), expected);
    // Taking one away after the other leads back to all.
    let mut page = found;
    for left in (0..expected.len()).rev() {
        let chip = page.text().split("<a class=\"chip\" ").nth(1).expect("a chip").to_owned();
        page = browser.get(&attribute(&chip, "href").expect("a link")).await;
        assert_eq!(chips(page.expect(200).text()).len(), left);
    }
    assert_eq!(uids(page.text()), ["101", "100"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_filter_stands_beside_it() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    for (filter, at) in [
        ("registered_from=2026-02-30", "filter-registered_from-error"),
        ("country=XX1", "filter-country-error"),
        ("verified=maybe", "filter-verified-error"),
    ] {
        let page = browser.get(&format!("/referrals?uid=7&{filter}")).await;
        assert!(page.expect(400).after_id(at).starts_with(&format!("id=\"{at}\" role=\"alert\">expected")), "{filter}");
    }
    let page = browser.get("/referrals?uid=7&vip=21").await;
    assert!(page.expect(400).text().contains("expected levels from 0 to 20"));
    let page = browser.get("/referrals?uid=7&code=NONE").await;
    assert!(page.expect(404).text().contains("code NONE is not there"));
}

#[tokio::test]
async fn the_figures_are_those_of_the_api() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    // Every column.
    let page = browser.get("/referrals?uid=7").await;
    let columns = [
        "registered_at",
        "code",
        "country",
        "verified_at",
        "first_deposit_at",
        "first_trade_at",
        "commission",
        "rebate",
        "volume",
        "vip_level",
        "commission_type",
        "spot_rebate_rate",
        "futures_rebate_rate",
        "note",
    ];
    let mut fields = page.form("/referrals/columns").hidden;
    fields.extend(columns.map(|column| ("column[]".to_owned(), column.to_owned())));
    let action = page.form("/referrals/columns").action;
    let sent = browser.post(&action, &fields).await;
    assert_eq!(sent.reply.header("location"), "/referrals?uid=7");
    let page = browser.get("/referrals?uid=7&sort=uid&order=asc").await;
    let table = page.after_id("referrals");
    let api = server.get("/v1/referrals?uid=7&sort=uid&order=asc").await.expect(200);
    let rows: Vec<&str> = table.split("<tbody>").nth(1).expect("a body").split("<tr>").skip(1).collect();
    for (row, expected) in rows.iter().zip(api["rows"].as_array().expect("rows")) {
        for (cell, column) in row.split("<td").skip(1).zip(columns) {
            let cell = cell.split("</td>").next().unwrap_or_default();
            let value = &expected[column];
            let plain = if value.is_null() { String::new() } else { value.to_string() };
            let exact = value.as_str().map_or(plain, str::to_owned);
            match attribute(cell, "data-value") {
                Some(figure) => assert_eq!(figure, exact, "{column}"),
                None => assert!(cell.contains(&exact), "{column}: {exact} in {cell}"),
            }
        }
    }
    assert!(page.text().contains("aria-sort=\"ascending\""));
}

#[tokio::test]
async fn columns_that_were_chosen_are_remembered() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/referrals?uid=7").await;
    browser.submit(&page, "/referrals/columns", &[("column[]", "futures_rebate_rate")]).await;
    let page = browser.get("/referrals?uid=7").await;
    assert!(page.text().contains("sort=futures_rebate_rate"));
    assert!(!page.text().contains("sort=volume"));
    let page = browser.submit(&page, "/referrals/columns", &[("default", "true")]).await;
    assert!(page.text().contains("sort=volume") && !page.text().contains("sort=futures_rebate_rate"));
}

#[tokio::test]
async fn a_long_list_is_paged_to_its_end() {
    let server = Server::start().await;
    let more: Vec<String> = (200..260).map(|uid| crate::history::one_more(uid, "2026-03-05T00:00:00Z")).collect();
    server.post_events(&format!("[{}]", more.join(","))).await.expect(200);
    let mut browser = Browser::new(&server);
    let first = browser.get("/referrals?uid=7&country=DE").await;
    assert_eq!(uids(first.text()).len(), 25);
    assert!(!first.text().contains("First page"));
    let next = |page: &Shown| page.links().into_iter().find(|link| link.contains("cursor=")).expect("a next page");
    let second = browser.get(&next(&first)).await;
    assert_eq!(uids(second.text()).len(), 25);
    let third = browser.get(&next(&second)).await;
    assert_eq!(uids(third.text()).len(), 11);
    assert!(third.links().contains(&"/referrals?uid=7&country=DE".to_owned()), "the first page");
    let whole = browser.get("/referrals?uid=7&country=DE&limit=100").await;
    assert_eq!(uids(whole.text()).len(), 61);
}

#[tokio::test]
async fn what_is_filtered_is_saved_whole_and_begins_no_formula() {
    let server = Server::start().await;
    let more: Vec<String> = (200..800).map(|uid| crate::history::one_more(uid, "2026-03-05T00:00:00Z")).collect();
    server.post_events(&format!("[{}]", more.join(","))).await.expect(200);
    let note = serde_json::json!({"uid": 200, "note": "=HYPERLINK(\"x\",\"y\")\n"});
    server.post_events(&format!("[{}]", event("note", "n2", "2026-03-08T10:00:00Z", note))).await.expect(200);
    let mut browser = Browser::new(&server);
    let page = browser.get("/referrals?uid=7&country=DE&sort=volume").await;
    let link = |format: &str| {
        let found = page.links().into_iter().find(|link| link.contains(&format!("format={format}")));
        found.expect("a link to save")
    };
    let csv = browser.get(&link("csv")).await;
    assert_eq!(csv.reply.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.reply.header("content-disposition"), "attachment; filename=\"referrals-7.csv\"");
    assert_eq!(csv.reply.header("tributary-position"), (EVENTS + 601).to_string());
    assert!(csv.text().starts_with("uid,registered_at,code,country,"));
    assert!(csv.text().contains(",\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\n\""));
    let ndjson = browser.get(&link("ndjson")).await;
    let rows: Vec<Value> = ndjson.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(rows.len(), 601);
    let api = server.get("/v1/referrals?uid=7&country=DE&limit=500").await.expect(200);
    assert_eq!(rows[..500], api["rows"].as_array().expect("rows")[..]);
    browser.get("/referrals/export?uid=7&format=xlsx").await.expect(400);
}

#[tokio::test]
async fn an_invitee_has_its_row_and_its_trades_with_why() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/referrals/100?uid=7").await;
    let api = server.get("/v1/referrals/100?uid=7").await.expect(200);
    for (id, name) in [("invitee-commission", "commission"), ("invitee-rebate", "rebate"), ("invitee-volume", "volume")]
    {
        assert_eq!(page.expect(200).figure(id), api["referral"][name].as_str().expect("an amount"));
    }
    let text = page.text();
    for says in [
        "40% of the fee of 10.00 USD is 4.00 USD, of which the invitee gets 10% of the fee, 1.00 USD, and the referrer the rest, 3.00 USD.",
        "Nothing: it is stamped earlier than the registration.",
        "Taken back",
        ": bust",
        "Met in Köln",
    ] {
        assert!(text.contains(says), "{says}");
    }
    for trade in ["t0", "t1", "t2"] {
        let link = format!("/trades/explain?uid=7&invitee=100&source=%2Ftests&id={trade}");
        assert!(page.links().contains(&link), "{link} in {:?}", page.links());
    }
    // What its records come to is what the API's records come to.
    let rewards = server.get("/v1/rewards?uid=7&from=2026-02-01&to=2026-03-31").await.expect(200);
    let page = browser.get("/referrals/100?uid=7&from=2026-02-01&to=2026-03-31").await;
    assert_eq!(page.figure("invitee-range-commission"), "3");
    let records = page.after_id("invitee-records");
    for row in rewards["rows"].as_array().expect("rows") {
        for name in ["date", "fee_usd", "amount"] {
            assert!(records.contains(&format!("data-value=\"{}\"", row[name].as_str().expect("a text"))), "{row}");
        }
    }
    // A day leads to what was traded or taken back on it.
    let day = browser.get("/referrals/100?uid=7&from=2026-03-07&to=2026-03-07").await;
    assert_eq!(day.figure("invitee-range-commission"), "-2");
    assert!(day.after_id("invitee-trades").contains("id=t2") && !day.after_id("invitee-trades").contains("id=t1"));
    let wrong = browser.get("/referrals/100?uid=7&from=2026-03-07&to=2026-03-01").await;
    assert!(wrong.expect(400).after_id("range-from-error").contains("lies after"));
}

#[tokio::test]
async fn rates_are_set_from_now_on_and_the_history_says_by_whom() {
    let server = Server::with_tokens().await;
    let mut browser = browser_of(&server, 7).await;
    let page = browser.get("/referrals/100").await;
    assert!(page.after_id("rate-history").contains("href=\"/codes/ALPHA\""), "the code set the first");
    let set = browser
        .submit(&page, "/referrals/100/rebate", &[("spot_rebate_rate", "20"), ("futures_rebate_rate", "15%")])
        .await;
    assert!(set.expect(200).text().contains("The rates of 100 are set."));
    let history = set.after_id("rate-history");
    assert_eq!(attribute(history.split("<td").nth(1).expect("a cell"), "data-value").as_deref(), Some("0.2"));
    assert!(history.contains("referral.rebate.v1"));
    // What was earned before stays.
    assert_eq!(set.figure("invitee-commission"), "3");
    let row = &server.get_as(&bearer("affiliate", Some(7)), "/v1/referrals/100").await.expect(200)["referral"];
    assert_eq!((&row["spot_rebate_rate"], &row["futures_rebate_rate"]), (&"0.2".into(), &"0.15".into()));
}

#[tokio::test]
async fn a_refusal_stands_beside_the_field_and_what_was_entered_stays() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/referrals/100?uid=7").await;
    for (entered, status, says) in [
        ("50", 422, "lies above the base rate in force, 40%"),
        ("a lot", 422, "expected per cent from 0 to 100"),
        ("", 422, "expected per cent"),
    ] {
        let fields = [("spot_rebate_rate", entered), ("futures_rebate_rate", "10")];
        let refused = browser.submit(&page, "/referrals/100/rebate", &fields).await;
        assert!(refused.expect(status).after_id("rebate-spot_rebate_rate-error").contains(says), "{entered}");
        let field = refused.after_id("rebate-spot_rebate_rate");
        assert_eq!(attribute(field, "value").as_deref(), Some(entered));
    }
    let long = "é".repeat(201);
    let refused = browser.submit(&page, "/referrals/100/note", &[("note", &long)]).await;
    assert!(refused.expect(422).after_id("note-note-error").contains("at most 200 characters"));
    assert!(refused.text().contains(&long));
    assert_eq!(server.ledger.position(), EVENTS);
}

#[tokio::test]
async fn a_note_is_edited_from_the_list_and_leads_back_to_it() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let list = browser.get("/referrals?uid=7&sort=note").await;
    let edit = list.links().into_iter().find(|link| link.starts_with("/referrals/100/note")).expect("a link");
    let page = browser.get(&edit).await;
    assert!(page.expect(200).text().contains("\nMet in Köln</textarea>"));
    let sent = browser.submit_once(&page, "/referrals/100/note", &[("note", "two\r\nlines")]).await;
    assert_eq!((sent.reply.status, sent.reply.header("location")), (303, "/referrals?uid=7&sort=note"));
    assert_eq!(server.get("/v1/referrals/100?uid=7").await.expect(200)["referral"]["note"], "two\nlines");
    // Only a page of ours is led to.
    let sent = browser
        .submit_once(&page, "/referrals/100/note", &[("next", "//evil.example"), ("note", "x"), ("_key", "")])
        .await;
    assert_eq!(sent.reply.header("location"), "/referrals/100?uid=7");
}

#[tokio::test]
async fn an_affiliate_sees_its_own_invitees_only_and_analysts_change_nothing() {
    let server = Server::with_tokens().await;
    let mut seven = Browser::signed_in(&server, "affiliate", Some(7)).await;
    seven.get("/referrals/100").await.expect(200);
    seven.get("/referrals/102").await.expect(404);
    seven.get("/referrals/102/note").await.expect(404);
    for door in ["/referrals", "/referrals/102", "/referrals/export", "/referrals/102/note"] {
        seven.get(&format!("{door}?uid=8")).await.expect(403);
    }
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    let page = analyst.get("/referrals/100?uid=7").await;
    assert!(!page.expect(200).text().contains("id=\"rebate-") && !page.text().contains("id=\"note-note\""));
    let mut fields = analyst.get("/").await.form("/appearance").hidden;
    fields.extend(
        [("spot_rebate_rate", "0"), ("futures_rebate_rate", "0"), ("note", "x")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    for path in ["/referrals/100/rebate?uid=7", "/referrals/100/note?uid=7"] {
        analyst.post(path, &fields).await.expect(403);
        browser_of(&server, 8).await.post(path, &fields).await.expect(403);
    }
    assert_eq!(server.ledger.position(), EVENTS);
    // Without a seal nothing is taken, whoever sends it.
    seven.post("/referrals/100/note", &[("note".to_owned(), "x".to_owned())]).await.expect(403);
    assert_eq!(server.ledger.position(), EVENTS);
}

async fn browser_of(server: &Server, uid: u64) -> Browser<'_> {
    Browser::signed_in(server, "affiliate", Some(uid)).await
}

#[tokio::test]
async fn a_page_of_the_past_offers_no_commands() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let past = browser.get(&format!("/referrals/100?uid=7&as_of={EVENTS}")).await;
    assert!(!past.expect(200).text().contains("id=\"rebate-") && !past.text().contains("id=\"note-note\""));
    let list = browser.get(&format!("/referrals?uid=7&as_of={EVENTS}")).await;
    assert!(!list.text().contains("note-dialog"));
    assert!(list.links().iter().any(|link| link.starts_with("/referrals/100?uid=7&as_of=")));
    let before = browser.get("/referrals?uid=7&as_of=4").await;
    assert_eq!(uids(before.expect(200).text()), ["100"]);
}

#[tokio::test]
async fn hostile_text_shows_as_text() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let hostile = format!("</textarea><script>alert(1)</script>\"'\u{202e}{}", "😀".repeat(150));
    let page = browser.get("/referrals/100?uid=7").await;
    let kept = browser.submit(&page, "/referrals/100/note", &[("note", &hostile)]).await;
    assert!(kept.expect(200).text().contains("The note on 100 is saved."));
    let row = &server.get("/v1/referrals/100?uid=7").await.expect(200)["referral"];
    assert_eq!(row["note"], hostile);
    for path in ["/referrals?uid=7", "/referrals/100?uid=7", "/referrals/100/note?uid=7", "/codes/ALPHA?uid=7"] {
        let page = browser.get(path).await;
        assert!(!page.text().contains("<script>alert"), "{path}");
        assert!(page.text().contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{path}");
    }
    let search = browser.get("/referrals?uid=7&q=%3Cscript%3E%22").await;
    assert!(!search.expect(200).text().contains("<script>\""));
}
