//! The pages of `codes`: the list, a new one, and one code.

use serde_json::json;

use crate::browser::{Browser, attribute};
use crate::history::EVENTS;
use crate::server::{Server, bearer};

#[tokio::test]
async fn the_list_is_that_of_the_api_and_says_how_many_there_are() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/codes?uid=7").await;
    assert_eq!(attribute(page.expect(200).after_id("codes-used"), "value").as_deref(), Some("1"));
    let api = server.get("/v1/codes?uid=7").await.expect(200)["rows"][0].clone();
    let table = page.after_id("codes");
    for name in ["created_at", "commission", "spot_rate", "spot_rebate_rate", "futures_rate", "futures_rebate_rate"] {
        let exact = format!("data-value=\"{}\"", api[name].as_str().expect("a text"));
        assert!(table.contains(&exact), "{name}: {exact}");
    }
    assert!(table.contains(&format!("data-copy=\"{}\"", api["link"].as_str().expect("a link"))));
}

#[tokio::test]
async fn a_code_is_made_and_its_split_edited_and_an_earlier_invitee_keeps_its_rate() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/codes/new").await;
    let fields = [("code", "GAMMA_1"), ("spot_rebate_rate", "10"), ("futures_rebate_rate", "5%"), ("note", "podcast")];
    let made = browser.submit(&page, "/codes", &fields).await;
    assert!(made.expect(200).text().contains("The code GAMMA_1 is made."));
    let page = browser.get("/codes/ALPHA").await;
    let changed = browser
        .submit(
            &page,
            "/codes/ALPHA",
            &[("spot_rebate_rate", "0.25"), ("futures_rebate_rate", "0.05"), ("note", "main"), ("is_default", "true")],
        )
        .await;
    assert!(changed.expect(200).text().contains("The changes of ALPHA are saved."));
    let own = bearer("affiliate", Some(7));
    let code = server.get_as(&own, "/v1/codes/ALPHA").await.expect(200);
    assert_eq!((&code["spot_rebate_rate"], &code["is_default"]), (&json!("0.25"), &json!(true)));
    let row = &server.get_as(&own, "/v1/referrals/101").await.expect(200)["referral"];
    assert_eq!(row["spot_rebate_rate"], "0.1");
}

#[tokio::test]
async fn only_what_was_changed_is_sent() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    // The base rate falls below what was agreed: the note can still be changed.
    let affiliate = json!({"uid": 7, "status": "approved", "spot_rate": "0.05", "futures_rate": "0.05", "futures_window_days": null});
    let less = crate::history::event("affiliate", "less", "2026-03-09T00:00:00Z", affiliate);
    server.post_events(&format!("[{less}]")).await.expect(200);
    let page = browser.get("/codes/ALPHA?uid=7").await;
    let same = [("spot_rebate_rate", "10%"), ("futures_rebate_rate", "0.05"), ("is_default", "true")];
    let noted = browser.submit(&page, "/codes/ALPHA", &[&same[..], &[("note", "new")]].concat()).await;
    noted.expect(200);
    let code = server.get("/v1/codes/ALPHA?uid=7").await.expect(200);
    assert_eq!((&code["note"], &code["spot_rebate_rate"]), (&json!("new"), &json!("0.1")));
    // Not checked any more: no default.
    let page = browser.get("/codes/ALPHA?uid=7").await;
    browser
        .submit(&page, "/codes/ALPHA", &[("spot_rebate_rate", "10"), ("futures_rebate_rate", "5"), ("note", "new")])
        .await
        .expect(200);
    assert_eq!(server.get("/v1/codes/ALPHA?uid=7").await.expect(200)["is_default"], false);
}

#[tokio::test]
async fn refusals_stand_beside_their_fields() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/codes/new?uid=7").await;
    let table = [
        ("code", "BETA", 409, "the code BETA is taken"),
        ("code", "no", 422, "expected a code: 3 to 20 of A-Z, 0-9 and _"),
        ("spot_rebate_rate", "41", 422, "a rebate of 41% lies above the base rate in force, 40%"),
        ("spot_rebate_rate", "0.4", 422, "0.4 could mean 0.4% or 40%"),
        ("futures_rebate_rate", "1", 422, "1 could mean 1% or 100%"),
        ("futures_rebate_rate", "1,5", 422, "expected per cent from 0 to 100"),
    ];
    for (name, entered, status, says) in table {
        let right = [("code", "GAMMA"), ("spot_rebate_rate", "0"), ("futures_rebate_rate", "0"), ("note", "kept")];
        let mut fields: Vec<(&str, &str)> = right.into_iter().filter(|(other, _)| *other != name).collect();
        fields.push((name, entered));
        let refused = browser.submit(&page, "/codes", &fields).await;
        assert!(refused.expect(status).after_id(&format!("new-code-{name}-error")).contains(says), "{name}={entered}");
        assert_eq!(attribute(refused.after_id(&format!("new-code-{name}")), "value").as_deref(), Some(entered));
        assert!(refused.text().contains("\nkept</textarea>"));
    }
    let page = browser.get("/codes/ALPHA?uid=7").await;
    let refused = browser
        .submit(&page, "/codes/ALPHA", &[("spot_rebate_rate", "90"), ("futures_rebate_rate", "0.05"), ("note", "main")])
        .await;
    assert!(refused.expect(422).after_id("code-spot_rebate_rate-error").contains("lies above"));
    assert_eq!(server.ledger.position(), EVENTS);
}

#[tokio::test]
async fn the_preview_says_what_both_get_without_a_script_and_makes_nothing() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/codes/new?uid=7").await;
    let fields = [("preview", "true"), ("spot_rebate_rate", "12.5"), ("futures_rebate_rate", "31%")];
    let shown = browser.submit(&page, "/codes", &fields).await;
    let preview = shown.expect(200).after_id("new-code-preview");
    let cells: Vec<Option<String>> =
        preview.split("<td").skip(1).take(4).map(|cell| attribute(cell, "data-value")).collect();
    // 40% of 100 is split; 31% is above the base rate of futures.
    let expected = ["27.5", "12.5", "", ""];
    assert_eq!(cells, expected.map(|text| Some(text.to_owned())));
    assert_eq!(server.ledger.position(), EVENTS);
}

#[tokio::test]
async fn at_twenty_codes_no_more_is_offered_and_a_form_that_was_open_is_refused() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let open = browser.get("/codes/new?uid=7").await;
    for _ in 1..20 {
        let body = json!({"spot_rebate_rate": "0", "futures_rebate_rate": "0"});
        server.command(axum::http::Method::POST, "/v1/codes?uid=7", &body).await.expect(201);
    }
    let page = browser.get("/codes?uid=7").await;
    assert!(page.text().contains("no more can be made") && !page.text().contains("Add new"));
    let refused = browser.submit(&open, "/codes", &[("spot_rebate_rate", "0"), ("futures_rebate_rate", "0")]).await;
    assert!(refused.expect(409).text().contains("20 codes, the most there can be"));
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_code() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/codes/new?uid=7").await;
    let fields = [("spot_rebate_rate", "0"), ("futures_rebate_rate", "0")];
    let first = browser.submit_once(&page, "/codes", &fields).await;
    let second = browser.submit_once(&page, "/codes", &fields).await;
    assert_eq!(first.reply.status, 303);
    assert_eq!(first.reply.header("location"), second.reply.header("location"));
    assert_eq!(server.get("/v1/codes?uid=7").await.expect(200)["total"], 2);
}

#[tokio::test]
async fn one_code_has_its_link_its_qr_code_and_its_invitees() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/codes/ALPHA?uid=7").await;
    let api = server.get("/v1/codes/ALPHA?uid=7").await.expect(200);
    assert_eq!(page.expect(200).figure("code-commission"), api["commission"].as_str().expect("an amount"));
    assert!(page.text().contains("<svg class=\"qr\""));
    for link in
        ["/codes/ALPHA/qr.svg?uid=7", "/codes/ALPHA/qr.png?uid=7", "/referrals/100?uid=7", "/referrals/101?uid=7"]
    {
        assert!(page.links().contains(&link.to_owned()), "{link}");
    }
}

#[tokio::test]
async fn another_ones_code_is_not_there_and_analysts_make_none() {
    let server = Server::with_tokens().await;
    let mut seven = Browser::signed_in(&server, "affiliate", Some(7)).await;
    seven.get("/codes/BETA").await.expect(404);
    for door in ["/codes?uid=8", "/codes/BETA?uid=8", "/codes/BETA/qr.svg?uid=8"] {
        seven.get(door).await.expect(403);
    }
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    let page = analyst.get("/codes?uid=7").await;
    assert!(!page.expect(200).text().contains("Add new"));
    analyst.get("/codes/new?uid=7").await.expect(403);
    let mut fields = page.form("/appearance").hidden;
    fields.extend(
        [("spot_rebate_rate", "0"), ("futures_rebate_rate", "0")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    for path in ["/codes?uid=7", "/codes/ALPHA?uid=7"] {
        analyst.post(path, &fields).await.expect(403);
    }
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/codes?uid=8").await;
    let made = operator
        .submit(&page, "/codes", &[("code", "FOR_EIGHT"), ("spot_rebate_rate", "0"), ("futures_rebate_rate", "0")])
        .await;
    assert!(made.expect(200).text().contains("The code FOR_EIGHT is made."));
    let past = operator.get(&format!("/codes/ALPHA?uid=7&as_of={EVENTS}")).await;
    assert!(!past.expect(200).text().contains("id=\"code-note\""));
}
