//! What-if in the browser: the API's job, its errors beside the editor, its figures to the last digit.

use serde_json::Value;

use crate::browser::{Browser, Shown, attribute};
use crate::server::{Server, bearer};

const EDITOR: &str = "/operator/what-if";
const OTHER_RATE: &str = "[[drop]]\r\ntype = \"referral.affiliate.v1\"\r\nuid = 7\r\n\r\n[[add]]\r\n\
    type = \"referral.affiliate.v1\"\r\ntime = \"2020-01-01T00:00:00Z\"\r\n\
    data = { uid = 7, status = \"approved\", spot_rate = \"0.5\", futures_rate = \"0.3\" }\r\n";

/// Sends rules, and looks again until the job is over.
async fn ask(browser: &mut Browser<'_>, rules: &str, by: &str) -> (Shown, String) {
    let page = browser.get(EDITOR).await;
    let fields = [("rules", rules), ("by", by), ("from", ""), ("to", ""), ("until", ""), ("do", "ask")];
    let sent = browser.submit_once(&page, EDITOR, &fields).await;
    assert_eq!(sent.reply.status, 303, "{}", sent.text());
    let address = sent.reply.header("location").to_owned();
    loop {
        let shown = browser.get(&address).await;
        shown.expect(200);
        if !shown.text().contains("Look again") {
            return (shown, address);
        }
    }
}

#[tokio::test]
async fn the_difference_is_the_apis_to_the_last_digit() {
    let server = Server::with_tokens().await;
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    for by in ["total", "referrer", "code", "day"] {
        let (shown, address) = ask(&mut analyst, OTHER_RATE, by).await;
        let id = address.rsplit('/').next().expect("an id");
        let api = server.get_as(&bearer("analyst", None), &format!("/v1/what-if/{id}")).await.expect(200);
        assert_eq!(api["state"], "done");
        assert_eq!(api["sum"]["commission_difference"], "1", "0.1 more of t1's fee of 10");
        let mut figures = Vec::new();
        let rows = api["rows"].as_array().expect("rows");
        for row in rows.iter().chain([&api["sum"]]) {
            for what in ["commission", "rebate", "total"] {
                for when in ["before", "after", "difference"] {
                    figures.push(row[format!("{what}_{when}")].as_str().expect("an amount").to_owned());
                }
            }
        }
        let table = shown.after_id("what-if-rows").split("</table>").next().expect("a table").to_owned();
        let told: Vec<String> =
            table.split("<span class=\"fig\"").skip(1).filter_map(|figure| attribute(figure, "data-value")).collect();
        assert_eq!(told, figures, "{by}");
        assert_eq!(shown.text().contains("id=\"differences\""), by != "total", "{by}");
        analyst.get(&format!("{address}?page=0")).await.expect(400);
    }
}

#[tokio::test]
async fn rules_that_cannot_be_read_are_told_beside_the_editor_with_their_line() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get(EDITOR).await;
    let rules =
        "[[drop]]\r\ntype = \"referral.vip.v1\"\r\n\r\n[[add]]\r\ntype = \"referral.vip.v1\"\r\nwhen = \"<b>\"\r\n";
    let refused = operator.submit(&page, EDITOR, &[("rules", rules), ("by", "total"), ("do", "ask")]).await;
    let error = refused.expect(400).after_id("what-if-rules-error").split("</p>").next().expect("an error").to_owned();
    assert!(error.contains("line 6") || error.contains("line 4"), "{error}");
    assert!(error.contains("add 1"), "{error}");
    assert!(refused.text().contains("aria-describedby=\"what-if-rules-hint what-if-rules-error\""));
    assert!(refused.text().contains("data-line="), "the line stands there as it is");
    assert!(refused.text().contains("when = &quot;&lt;b&gt;&quot;"), "what was entered stays");
}

#[tokio::test]
async fn a_wrong_parameter_is_told_beside_its_field() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get(EDITOR).await;
    for (field, value) in [("until", "sometime"), ("until", "999"), ("from", "2026-02-30"), ("by", "colour")] {
        let fields = [("rules", ""), ("by", "total"), ("do", "ask")];
        let mut fields: Vec<(&str, &str)> = fields.into_iter().filter(|(name, _)| *name != field).collect();
        fields.push((field, value));
        let refused = operator.submit(&page, EDITOR, &fields).await;
        refused.expect(400);
        refused.after_id(&format!("what-if-{field}-error"));
    }
}

#[tokio::test]
async fn a_ready_made_edit_is_put_below_the_rules_and_nothing_is_begun() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get(EDITOR).await;
    let grown = operator.submit(&page, EDITOR, &[("rules", "# mine"), ("do", "insert no-reversals")]).await;
    let area = grown.expect(200).after_id("what-if-rules").split("</textarea>").next().expect("an area").to_owned();
    assert!(area.contains("# mine\n\n# As if no trade") && area.contains("referral.reversal.v1"), "{area}");
}

#[tokio::test]
async fn an_added_event_that_does_not_fit_is_named() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let rules = "[[add]]\ntype = \"referral.affiliate.v1\"\ntime = \"2020-01-01T00:00:00Z\"\n\
                 data = { uid = 7, status = \"approved\", spot_rate = \"2\", futures_rate = \"0.3\" }\n";
    let (shown, _) = ask(&mut operator, rules, "total").await;
    assert!(shown.text().contains("The added event number <strong>1</strong> does not fit in."), "{}", shown.text());
    assert!(shown.text().contains("<code>spot_rate</code>"));
}

#[tokio::test]
async fn rules_that_change_nothing_say_so() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let (shown, address) = ask(&mut operator, "", "referrer").await;
    assert!(shown.text().contains("These rules make no difference."));
    // Whoever may ask can look at the result.
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    analyst.get(&address).await.expect(200);
    let answer: Value = server.get_as(&bearer("operator", None), "/v1/status").await.expect(200);
    assert_eq!(answer["accepted"], 19, "the ledger is not touched");
}

#[tokio::test]
async fn only_operators_and_analysts_ask_what_if() {
    let server = Server::with_tokens().await;
    for (role, uid) in [("affiliate", Some(7)), ("service", None)] {
        let mut browser = Browser::signed_in(&server, role, uid).await;
        browser.get(EDITOR).await.expect(403);
        browser.get("/operator/what-if/1-1").await.expect(403);
    }
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    assert!(analyst.get(EDITOR).await.expect(200).links().contains(&EDITOR.to_owned()), "it is in the menu");
    analyst.get("/operator/what-if/none").await.expect(404);
}
