//! `GET /v1/changes`, and the range before a series: figures by hand over the history of the tests.

use serde_json::{Value, json};

use crate::history::event;
use crate::server::{Server, bearer};

/// What each row is: its day, its kind, and what it names.
fn told(answer: &Value) -> Vec<(String, String, Value)> {
    let rows = answer["rows"].as_array().expect("rows").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let named = |row: &Value| if row["code"].is_null() { row["campaign_id"].clone() } else { row["code"].clone() };
    rows.map(|row| (text(&row["date"]), text(&row["kind"]), named(row))).collect()
}

fn code(id: &str, time: &str, spot: &str, note: &str) -> String {
    let data = json!({
        "code": "ALPHA", "owner_uid": 7, "spot_rebate_rate": spot, "futures_rebate_rate": "0.05", "note": note,
        "is_default": true,
    });
    event("code", id, time, data)
}

#[tokio::test]
async fn what_changed_the_terms_is_told_with_what_was_before_and_what_changed_nothing_is_not() {
    let server = Server::with_tokens().await;
    let token = bearer("operator", None);
    let more = [
        code("noted", "2026-03-02T00:00:00Z", "0.1", "another note"),
        code("more", "2026-03-03T12:00:00Z", "0.2", "another note"),
        code("to come", "2026-03-11T00:00:00Z", "0.3", "another note"),
    ];
    server.post_events(&format!("[{}]", more.join(","))).await.expect(200);
    let ask = async |query: &str| server.get_as(&token, &format!("/v1/changes?{query}")).await.expect(200);
    let row = |date: &str, kind: &str, named: Value| (date.to_owned(), kind.to_owned(), named);
    let standing = row("2026-01-01", "standing", Value::Null);
    let made = row("2026-01-02", "code", json!("ALPHA"));
    let starts = ["spring", "inner"].map(|id| row("2026-03-01", "campaign_starts", json!(id)));
    let raised = row("2026-03-03", "code", json!("ALPHA"));
    let all = ask("uid=7&from=2026-01-01&to=2026-12-31").await;
    let expected = vec![standing, made, starts[0].clone(), starts[1].clone(), raised.clone()];
    assert_eq!(told(&all), expected, "what is to come is not told");
    assert_eq!(all["total"], 5);
    let change = &all["rows"][4];
    assert_eq!(change["before"], json!({"spot_rate": "0.1", "futures_rate": "0.05"}));
    assert_eq!(change["after"], json!({"spot_rate": "0.2", "futures_rate": "0.05"}));
    assert_eq!((&change["event"]["id"], &change["event"]["source"]), (&json!("more"), &json!("/tests")));
    assert_eq!((&all["rows"][0]["before"], &all["rows"][0]["after"]["status"]), (&Value::Null, &json!("approved")));
    // The last 30 days where nothing is said; of 8 what everybody sees.
    assert_eq!(told(&ask("uid=7").await), [starts[0].clone(), starts[1].clone(), raised]);
    assert_eq!(told(&ask("uid=8").await), [starts[0].clone()]);
    assert_eq!(told(&ask("").await), starts, "of all referrers together, what is about all");
    assert_eq!(told(&ask("code=BETA&from=2026-01-01&to=2026-01-31").await), [row("2026-01-02", "code", json!("BETA"))]);
    assert_eq!(told(&ask("uid=7&as_of=16").await), [starts[0].clone()], "as it was known then");
    // An affiliate does not learn who did what is not its own doing.
    let own = server.get_as(&bearer("affiliate", Some(7)), "/v1/changes").await.expect(200);
    assert_eq!(own["rows"][2]["event"]["actor"], Value::Null);
    assert_ne!(change["event"]["actor"], Value::Null);
}

#[tokio::test]
async fn the_range_before_is_as_long_and_in_buckets_of_as_many_days() {
    let server = Server::start().await;
    let ask = async |path: &str| server.get(path).await.expect(200);
    let series = ask("/v1/overview/series?uid=7&from=2026-03-05&to=2026-03-08&before=true").await;
    let before = &series["before"];
    assert_eq!((&before["from"], &before["to"]), (&json!("2026-03-01"), &json!("2026-03-04")));
    assert_eq!(before["metrics"], ask("/v1/overview?uid=7&from=2026-03-01&to=2026-03-04").await["metrics"]);
    assert_eq!(before["metrics"]["total_rewards"], "3");
    let rewards: Vec<&Value> =
        before["points"].as_array().expect("points").iter().map(|point| &point["total_rewards"]).collect();
    assert_eq!(rewards, ["0", "0", "0", "3"]);
    assert!(ask("/v1/overview/series?uid=7&before=false").await.get("before").is_none());
    // Months of another length have another number of days: a bucket has those of its own.
    let months = ask("/v1/overview/series?uid=7&from=2026-03-01&to=2026-04-30&interval=month&before=true").await;
    for (point, from, to) in [(0, "2025-12-30", "2026-01-29"), (1, "2026-01-30", "2026-02-28")] {
        let bucket = &months["before"]["points"][point];
        assert_eq!(bucket["date"], from);
        let whole = ask(&format!("/v1/overview?uid=7&from={from}&to={to}")).await;
        assert_eq!(bucket["total_volume"], whole["metrics"]["total_volume"]);
    }
    let first = ask("/v1/overview/series?uid=7&from=0000-01-01&to=0000-01-02&before=true").await;
    assert!(first.get("before").is_none(), "there are no dates for it");
}
