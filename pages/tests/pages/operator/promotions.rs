//! Offers and campaigns: listed by where they stand, made and changed by a form.

use serde_json::json;

use crate::browser::Browser;
use crate::server::{Server, bearer};

#[tokio::test]
async fn a_campaign_is_made_and_changed_and_referrers_see_it() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/campaigns/edit").await;
    let mut fields = [
        ("id", "a/b \"<c>\""),
        ("visibility", "public"),
        ("title", "<b>Trade</b> \u{202e}more"),
        ("description", "two\r\nlines"),
        ("url", "https://x.example"),
        ("starts", "2026-03-01"),
        ("ends", "2026-03-31"),
        ("time", ""),
    ];
    let made = operator.submit(&page, "/operator/campaigns/edit", &fields).await;
    let text = made.expect(200).text();
    assert!(text.contains("&lt;b&gt;Trade") && !text.contains("<b>Trade"));
    let campaigns = server.get_as(&bearer("operator", None), "/v1/campaigns?uid=8").await.expect(200);
    let held = campaigns["rows"].as_array().expect("rows").iter().find(|row| row["id"] == fields[0].1);
    assert_eq!(held.expect("the campaign")["description"], "two\nlines");
    let edit = made.links().into_iter().find(|link| link.contains("%3Cc%3E")).expect("a link to it");
    let page = operator.get(&edit).await;
    assert!(page.expect(200).text().contains("Change a campaign"));
    fields[6].1 = "2026-03-05";
    let changed = operator.submit(&page, "/operator/campaigns/edit", &fields).await;
    assert!(changed.after_id("over").contains("&lt;b&gt;Trade"), "its last day is past now");
}

#[tokio::test]
async fn a_wrong_date_is_refused_beside_its_field() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/campaigns/edit").await;
    let fields = [
        ("id", "x"),
        ("visibility", "public"),
        ("title", "x"),
        ("description", ""),
        ("url", ""),
        ("starts", "2026-02-30"),
        ("ends", "2026-03-31"),
    ];
    let refused = operator.submit(&page, "/operator/campaigns/edit", &fields).await;
    assert!(refused.expect(422).text().contains("id=\"campaign-starts-error\""));
    assert!(refused.text().contains("name=\"is_new\""), "its id can still be chosen");
}

#[tokio::test]
async fn an_offer_is_made_of_rows_that_buttons_add() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let before = server.ledger.position();
    let fields = |button: &'static str| {
        vec![
            ("do", button),
            ("id", "volume"),
            ("kind", "bonus"),
            ("title", "Volume"),
            ("url", ""),
            ("period", "month"),
            ("starts", ""),
            ("ends", "2026-12-31"),
            ("tier-0-name", "gold"),
            ("tier-0-reward", "1 BTC"),
            ("tier-0-0-metric", "total_volume"),
            ("tier-0-0-at-least", "1000.5"),
        ]
    };
    let page = operator.get("/operator/offers/edit").await;
    let grown = operator.submit(&page, "/operator/offers/edit", &fields("add-condition 0")).await;
    assert!(grown.expect(200).text().contains("name=\"tier-0-1-at-least\""));
    let grown = operator.submit(&grown, "/operator/offers/edit", &fields("add-tier")).await;
    assert!(grown.expect(200).text().contains("name=\"tier-1-name\""));
    assert!(grown.text().contains("value=\"1000.5\""), "what was entered stays");
    assert_eq!(server.ledger.position(), before, "nothing is appended before it is saved");
    let mut wrong = fields("save");
    wrong.extend([("tier-1-name", "silver"), ("tier-1-0-metric", "traded"), ("tier-1-0-at-least", "1.5")]);
    let refused = operator.submit(&grown, "/operator/offers/edit", &wrong).await;
    assert!(refused.expect(422).after_id("offer-tier-1-error").contains("at_least"), "{}", refused.text());
    wrong.last_mut().expect("a threshold").1 = "3";
    let saved = operator.submit(&refused, "/operator/offers/edit", &wrong).await;
    assert!(saved.expect(200).text().contains("The offer volume is set."));
    let offers = server.get_as(&bearer("operator", None), "/v1/offers?uid=8").await.expect(200);
    let offer = offers["rows"].as_array().expect("rows").iter().find(|row| row["id"] == "volume").expect("the offer");
    assert_eq!(offer["tiers"][0]["conditions"][0]["target"], "1000.5");
    assert_eq!(offer["tiers"][1]["conditions"][0]["target"], json!(3));
    assert_eq!(offer["tiers"][0]["conditions"].as_array().map(Vec::len), Some(1), "empty rows are left out");
}

#[tokio::test]
async fn an_offers_form_holds_what_the_offer_is() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/offers/edit?id=bonus").await;
    let form = page.expect(200).form("/operator/offers/edit").html;
    for part in [
        "value=\"Spot bonus\"",
        "name=\"affiliates_only\" value=\"1\" checked",
        "name=\"tier-0-reward\" type=\"text\" value=\"500 USD\"",
        "name=\"tier-1-1-at-least\" type=\"text\" inputmode=\"decimal\" value=\"1500\"",
        "<option value=\"total_referrals\" selected>",
        "<option value=\"month\" selected>",
    ] {
        assert!(form.contains(part), "{part} in {form}");
    }
    operator.get("/operator/offers/edit?id=none").await.expect(404);
}
