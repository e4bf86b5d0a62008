//! Applications, affiliates and the program's rules: what an operator sets holds, and is refused as the API refuses.

use serde_json::json;

use crate::browser::Browser;
use crate::history::event;
use crate::server::{Server, bearer};

async fn with_application(message: &str) -> Server {
    let server = Server::with_tokens().await;
    let applied = event("application", "a1", "2026-03-09T00:00:00Z", json!({"uid": 8, "message": message}));
    server.post_events(&format!("[{applied}]")).await.expect(200);
    server
}

async fn account(server: &Server, uid: u64) -> serde_json::Value {
    server.get_as(&bearer("operator", None), &format!("/v1/account?uid={uid}")).await.expect(200)
}

#[tokio::test]
async fn an_application_is_approved_with_its_rates_once() {
    let server = with_application("<script>alert(1)</script> \u{202e}please").await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/applications").await;
    let text = page.expect(200).text();
    assert!(
        text.contains("id=\"application-8\"") && text.contains("&lt;script&gt;") && !text.contains("<script>alert")
    );
    assert!(text.contains("value=\"20%\""), "the program's default rates are filled in");
    let rates = [("spot_rate", "35"), ("futures_rate", "25"), ("futures_window_days", "90")];
    let before = server.ledger.position();
    let done = operator.submit(&page, "/operator/applications", &rates).await;
    assert!(done.expect(200).text().contains("8 is an approved affiliate now."));
    assert!(done.text().contains("Nobody waits for an answer."));
    let standing = account(&server, 8).await;
    assert_eq!(standing["status"], "approved");
    assert_eq!((&standing["spot_rate"], &standing["futures_rate"]), (&json!("0.35"), &json!("0.25")));
    assert_eq!(standing["futures_window_days"], 90);
    // The same form once more, as by a double click.
    let again = operator.submit(&page, "/operator/applications", &rates).await;
    assert!(again.expect(200).text().contains("it was done once"));
    assert_eq!(server.ledger.position(), before + 1);
}

#[tokio::test]
async fn a_wrong_rate_is_refused_beside_its_field_and_nothing_is_quarantined() {
    let server = with_application("hello").await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/applications").await;
    for (field, value) in [("spot_rate", "150"), ("futures_rate", "a lot"), ("futures_window_days", "-1")] {
        let mut rates = [("spot_rate", "35"), ("futures_rate", "25"), ("futures_window_days", "")];
        rates.iter_mut().filter(|(name, _)| *name == field).for_each(|(_, given)| *given = value);
        let refused = operator.submit(&page, "/operator/applications", &rates).await;
        refused.expect(422);
        let id = format!("approve-8-{field}");
        let input = refused.after_id(&id);
        assert!(input.split('>').next().expect("an input").contains("aria-invalid=\"true\""), "{field}");
        assert!(input.contains(&format!("id=\"{id}-error\"")), "{field}");
        assert!(refused.text().contains(&format!("value=\"{value}\"")), "what was entered stays");
    }
    let status = server.get_as(&bearer("operator", None), "/v1/status").await.expect(200);
    assert!(status["quarantined"].as_object().expect("counts").values().all(|count| count == 0), "{status}");
    assert_eq!(account(&server, 8).await["status"], "none");
}

#[tokio::test]
async fn an_affiliate_is_suspended_and_its_history_tells() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let list = operator.get("/operator/affiliates").await;
    assert!(list.expect(200).text().contains("href=\"/operator/affiliates/7\""));
    let page = operator.get("/operator/affiliates?who=7").await;
    assert_eq!(page.reply.header("location"), "/operator/affiliates/7");
    let page = operator.get("/operator/affiliates/7").await;
    let fields = [
        ("status", "suspended"),
        ("spot_rate", "10"),
        ("futures_rate", "10"),
        ("futures_window_days", ""),
        ("time", ""),
    ];
    let done = operator.submit(&page, "/operator/affiliates/7", &fields).await;
    assert!(done.expect(200).text().contains("The standing of 7 is set."));
    assert_eq!(account(&server, 7).await["status"], "suspended");
    assert_eq!(done.after_id("history").split("</table>").next().expect("a table").matches("<tr>").count(), 3);
    let beyond = [fields[0], fields[1], fields[2], fields[3], ("time", "2026-04-01T00:00:00Z")];
    let refused = operator.submit(&done, "/operator/affiliates/7", &beyond).await;
    assert!(refused.expect(422).text().contains("id=\"standing-time-error\""));
    operator.get("/operator/affiliates/none").await.expect(404);
}

#[tokio::test]
async fn rules_hold_from_their_moment_on() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let page = operator.get("/operator/rules").await;
    assert!(page.expect(200).text().contains("No program event so far."));
    let rules = |time: &'static str, spot: &'static str| {
        [
            ("default_spot_rate", spot),
            ("default_futures_rate", "15"),
            ("default_futures_window_days", "30"),
            ("spot_vip_max", "4"),
            ("futures_vip_max", "3"),
            ("time", time),
        ]
    };
    let set = operator.submit(&page, "/operator/rules", &rules("", "25%")).await;
    assert!(set.expect(200).text().contains("The new rules are set."));
    assert_eq!(account(&server, 8).await["spot_rate"], "0.25");
    let ahead = operator.submit(&set, "/operator/rules", &rules("2026-03-11T00:00:00Z", "50")).await;
    assert!(ahead.expect(200).text().contains(">To come<"));
    assert_eq!(account(&server, 8).await["spot_rate"], "0.25", "not before its time");
    let wrong = operator.submit(&ahead, "/operator/rules", &rules("tomorrow", "50")).await;
    assert!(wrong.expect(422).text().contains("id=\"rules-time-error\""));
    // As a field of date and time sends it: in UTC, without saying so.
    let wrong = operator.submit(&ahead, "/operator/rules", &rules("2026-04-01T08:30", "50")).await;
    let html = wrong.expect(422).text();
    assert!(html.contains("id=\"rules-time-error\"") && html.contains("value=\"2026-04-01T08:30\""), "{html}");
    let picked = operator.submit(&ahead, "/operator/rules", &rules("2026-03-11T08:30", "50")).await;
    assert!(picked.expect(200).text().contains("data-value=\"2026-03-11T08:30:00Z\""), "{}", picked.text());
    let mut vip = rules("", "50");
    vip[3].1 = "21";
    let wrong = operator.submit(&ahead, "/operator/rules", &vip).await;
    assert!(wrong.expect(422).text().contains("id=\"rules-spot_vip_max-error\""));
}
