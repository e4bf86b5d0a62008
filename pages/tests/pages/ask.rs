//! Ask the API: every question with its parameters, the answer that a program gets, and lines without a token.

use serde_json::Value;

use crate::browser::{Browser, attribute};
use crate::server::{Server, bearer};

#[tokio::test]
async fn every_question_of_the_table_is_there_and_can_be_asked() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let asked = questions_listed(&mut operator).await;
    assert_eq!(asked.len(), api::questions().len());
    for link in asked {
        let page = operator.get(&link).await;
        assert!(page.expect(200).text().contains("id=\"ask-form\""), "{link}");
        assert!(!page.text().contains("id=\"ask-answer\""), "{link}: nothing was asked yet");
    }
    operator.get("/operator/ask?question=nothing").await.expect(404);
}

async fn questions_listed(browser: &mut Browser<'_>) -> Vec<String> {
    let list = browser.get("/operator/ask").await;
    list.expect(200).links().into_iter().filter(|link| link.starts_with("/operator/ask?question=")).collect()
}

/// To whom the API would answer 403 whatever is asked, it is not offered; what is offered is not refused so.
#[tokio::test]
async fn only_what_a_role_may_ask_is_listed() {
    let server = Server::with_tokens().await;
    for role in ["analyst", "operator", "service", "auditor"] {
        let listed = questions_listed(&mut Browser::signed_in(&server, role, None).await).await;
        for question in api::questions() {
            let path = question.path.replace("{invitee}", "100").replace("{code}", "ALPHA");
            let path = path.replace("{position}", "1").replace("{id}", "1");
            let status = server.get_as(&bearer(role, None), &format!("/v1/{path}")).await.status;
            let link = format!("/operator/ask?question={}", question.path.replace('/', "%2F"));
            let link = link.replace('{', "%7B").replace('}', "%7D");
            assert_eq!(listed.contains(&link), status != 403, "{role}: {path} is {status}; {listed:?}");
        }
    }
}

#[tokio::test]
async fn the_answer_is_the_apis_and_its_rows_a_table() {
    let server = Server::with_tokens().await;
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    for (question, parameters, path) in [
        ("referrers", "&p-sort=uid&p-order=asc", "/v1/referrers?sort=uid&order=asc"),
        ("codes/{code}/referrals", "&p-code=ALPHA&p-uid=7", "/v1/codes/ALPHA/referrals?uid=7"),
        (
            "overview/series",
            "&p-uid=7&p-from=2026-03-04&p-to=2026-03-06",
            "/v1/overview/series?uid=7&from=2026-03-04&to=2026-03-06",
        ),
        (
            "trades/explain",
            "&p-invitee=100&p-source=%2Ftests&p-id=t1",
            "/v1/trades/explain?invitee=100&source=/tests&id=t1",
        ),
        ("account", "&p-uid=7&p-as_of=12", "/v1/account?uid=7&as_of=12"),
    ] {
        let address =
            format!("/operator/ask?question={}&ask=yes{parameters}", question.replace('{', "%7B").replace('}', "%7D"));
        let page = analyst.get(&address).await;
        let answer = page.expect(200).after_id("ask-answer").to_owned();
        let text = answer.split("<pre").nth(1).and_then(|pre| pre.split("<code>").nth(1)).expect("the answer as text");
        let text = text.split("</code>").next().expect("its end").replace("&quot;", "\"").replace("&amp;", "&");
        let shown: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let api = server.get_as(&bearer("analyst", None), path).await.expect(200);
        assert_eq!(shown, api, "{path}");
        if let Some(rows) = api["rows"].as_array().or(api["points"].as_array()) {
            let table = answer.split("id=\"answer-table\"").nth(1).and_then(|rest| rest.split("</table>").next());
            let body = table.and_then(|table| table.split("<tbody>").nth(1)).expect("a table");
            assert_eq!(body.matches("<tr>").count(), rows.len(), "{path}");
            let first = attribute(body, "data-value").expect("a cell");
            let expected = [&rows[0]["uid"], &rows[0]["date"]].into_iter().find(|value| !value.is_null()).expect("one");
            assert_eq!(first, expected.as_str().map_or_else(|| expected.to_string(), str::to_owned), "{path}");
        }
    }
}

#[tokio::test]
async fn a_refusal_stands_at_its_field_and_who_may_not_ask_is_told() {
    let server = Server::with_tokens().await;
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    let wrong = analyst.get("/operator/ask?question=referrals&ask=yes&p-uid=7&p-limit=0").await;
    let html = wrong.expect(200).text();
    assert!(html.contains("id=\"ask-limit-error\"") && html.contains("expected a number from 1 to 500"), "{html}");
    assert!(html.contains("value=\"0\""), "what was given stays");
    let shut = analyst.get("/operator/ask?question=status&ask=yes").await;
    assert!(shut.expect(200).after_id("ask-answer").contains(">403<"), "{}", shut.text());
    // What is missing in the path is asked for, not sent.
    let missing = analyst.get("/operator/ask?question=codes%2F%7Bcode%7D&ask=yes&p-uid=7").await;
    assert!(!missing.expect(200).text().contains("id=\"ask-answer\""));
    // A live feed would never end: it goes on in a shell.
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let feed = operator.get("/operator/ask?question=feed&ask=yes&p-limit=2&p-follow=true").await;
    let html = feed.expect(200).text();
    assert!(!html.contains("ask-follow") && html.contains("application/x-ndjson"), "{html}");
    assert!(html.contains("&quot;position&quot;:2") && !html.contains("&quot;position&quot;:3"), "{html}");
}

#[tokio::test]
async fn the_lines_bear_no_token_and_what_was_given() {
    let server = Server::with_tokens().await;
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    let token = bearer("analyst", None).trim_start_matches("Bearer ").to_owned();
    let page = analyst.get("/operator/ask?question=referrals&ask=yes&p-uid=7&p-q=it%27s+%24%28x%29").await;
    let html = page.expect(200).text().replace("&amp;", "&").replace("&quot;", "\"").replace("&#39;", "'");
    let address = format!("http://{}", server.address);
    let curl = format!("'{address}/v1/referrals?uid=7&q=it%27s%20%24%28x%29'");
    assert!(html.contains(&curl), "{curl} in {html}");
    assert!(html.contains("tributary query referrals uid=7 'q=it'\\''s $(x)' --url "), "{html}");
    assert!(html.contains("$TRIBUTARY_TOKEN") && !html.contains(&token));
    for (path, role, status) in [("/operator/ask", "affiliate", 403), ("/operator/ask", "service", 200)] {
        let mut browser = Browser::signed_in(&server, role, (role == "affiliate").then_some(7)).await;
        assert_eq!(browser.get(path).await.reply.status, status, "{role}");
    }
}
