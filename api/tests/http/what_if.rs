//! What-ifs as jobs (SPEC 6).

use std::time::Duration;

use api::Authenticator;
use axum::http::{Method, header};
use ledger::MemoryStorage;
use serde_json::{Value, json};

use crate::history::EVENTS;
use crate::server::{Reply, Server, bearer, full};

const TOML: &str = "application/toml";
const JSON: &str = "application/json";

/// The default spot rate is 0.3: t4 comes to 0.9 instead of 0.6, and 8 earns 0.75 instead of 0.45.
const HIGHER: &str = r#"
[[add]]
type = "referral.program.v1"
time = "2026-01-01T00:00:00Z"
data = { default_spot_rate = "0.3", default_futures_rate = "0.1", spot_vip_max = 2, futures_vip_max = 1 }
"#;

async fn post(server: &Server, query: &str, media_type: &str, rules: &str) -> Reply {
    server.command_with(Method::POST, &format!("/v1/what-if{query}"), rules, &[("content-type", media_type)]).await
}

/// Asks until it is over.
async fn over(server: &Server, path: &str) -> Value {
    let asking = async {
        loop {
            let job = server.get(path).await.expect(200);
            let progress = job["progress"].as_f64().expect("a number");
            assert!((0.0..=1.0).contains(&progress), "{job}");
            if job["state"] != "running" {
                return job;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asking).await.expect("it is over one day")
}

/// Begins one, and waits until it is over.
async fn worked(server: &Server, query: &str, rules: &str) -> Value {
    let begun = post(server, query, TOML, rules).await;
    assert_eq!(begun.expect(202)["state"], "running");
    over(server, begun.header("location")).await
}

#[tokio::test]
async fn a_job_is_begun_and_found_where_its_location_says_until_it_is_done() {
    let server = Server::start().await;
    let done = worked(&server, "?by=referrer&from=2026-03-01", HIGHER).await;
    let row = json!({
        "key": 8, "commission_before": "0.45", "commission_after": "0.75", "commission_difference": "0.3",
        "rebate_before": "0.15", "rebate_after": "0.15", "rebate_difference": "0",
        "total_before": "0.6", "total_after": "0.9", "total_difference": "0.3",
    });
    let sum = json!({
        "commission_before": "3.45", "commission_after": "3.75", "commission_difference": "0.3",
        "rebate_before": "1.15", "rebate_after": "1.15", "rebate_difference": "0",
        "total_before": "4.6", "total_after": "4.9", "total_difference": "0.3",
    });
    assert_eq!((&done["state"], &done["progress"]), (&json!("done"), &json!(1.0)));
    assert_eq!((&done["rows"], &done["sum"]), (&json!([row]), &sum));
    let asked = [&done["by"], &done["from"], &done["to"], &done["all"], &done["as_of"]["position"]];
    assert_eq!(
        asked.map(Clone::clone),
        [json!("referrer"), json!("2026-03-01"), json!(null), json!(false), json!(EVENTS)]
    );
    // The ledger is as it was.
    let overview = server.get("/v1/overview?uid=8&from=2026-03-01").await.expect(200);
    assert_eq!(
        (&overview["metrics"]["total_rewards"], &overview["as_of"]["position"]),
        (&json!("0.45"), &json!(EVENTS))
    );
}

#[tokio::test]
async fn json_says_what_toml_says_and_all_shows_what_does_not_differ() {
    let server = Server::start().await;
    let json = json!({"add": [{
        "type": "referral.program.v1", "time": "2026-01-01T00:00:00Z",
        "data": {
            "default_spot_rate": "0.3", "default_futures_rate": "0.1", "default_futures_window_days": null,
            "spot_vip_max": 2, "futures_vip_max": 1,
        },
    }]});
    let begun = post(&server, "?by=day&all=true", JSON, &json.to_string()).await;
    begun.expect(202);
    let of_json = over(&server, begun.header("location")).await;
    let of_toml = worked(&server, "?by=day&all=true", HIGHER).await;
    assert_eq!((&of_json["rows"], &of_json["sum"]), (&of_toml["rows"], &of_toml["sum"]));
    let keys: Vec<&Value> = of_toml["rows"].as_array().expect("rows").iter().map(|row| &row["key"]).collect();
    assert_eq!(keys, ["2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07"]);
    assert_ne!(of_json["id"], of_toml["id"]);
    let empty = worked(&server, "?by=day", "").await;
    assert_eq!((&empty["rows"], &empty["sum"]["total_difference"]), (&json!([]), &json!("0")));
}

#[tokio::test]
async fn until_edits_the_ledger_as_it_was() {
    let server = Server::start().await;
    // Up to t3: nothing is taken back, and 102 has not traded.
    for until in ["12", "2026-03-10T12:30:00Z"] {
        let done = worked(&server, &format!("?until={until}"), HIGHER).await;
        let before = if until == "12" { ["5", "0"] } else { ["3.45", "0.3"] };
        let sum = &done["sum"];
        assert_eq!([&sum["commission_before"], &sum["commission_difference"]], before, "{done}");
    }
    // The arrival is the moment when that position was recorded.
    let late = HIGHER.replace("2026-01-01T00:00:00Z", "2026-03-11T12:30:00Z");
    let failed = worked(&server, "?until=12", &late).await;
    assert_eq!((&failed["state"], &failed["field"]), (&json!("failed"), &json!("time")));
    for until in ["0", "20", "soon", "2026-01-01T00:00:00Z"] {
        post(&server, &format!("?until={until}"), TOML, HIGHER).await.expect_problem(400, Some("until"));
    }
}

#[tokio::test]
async fn an_add_that_does_not_fit_in_makes_the_job_fail() {
    let server = Server::start().await;
    let code = "[[add]]\ntype = \"referral.code.v1\"\ntime = \"2026-01-01T00:00:00Z\"\n\
        data = { code = \"BETA\", owner_uid = 7, spot_rebate_rate = \"0\", futures_rebate_rate = \"0\" }\n";
    for (rules, number, reason, field) in [
        (HIGHER.to_owned() + code, 2, "conflict", json!("owner_uid")),
        (HIGHER.replace("\"0.3\"", "\"3\""), 1, "invalid_field", json!("default_spot_rate")),
        (HIGHER.replace("program", "programme"), 1, "unknown_type", json!(null)),
    ] {
        let job = worked(&server, "", &rules).await;
        assert_eq!((&job["state"], &job["number"], &job["reason"]), (&json!("failed"), &json!(number), &json!(reason)));
        assert_eq!(job.get("field"), Some(&field), "{job}");
        assert!(job["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{job}");
        assert!(job.get("rows").is_none());
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_line_and_its_edit() {
    let server = Server::start().await;
    let refused = post(&server, "", TOML, &HIGHER.replace("time =", "when =")).await;
    refused.expect_problem(400, Some("time"));
    assert_eq!(refused.json()["detail"], "line 2, add 1: `time` is missing: when it happened");
    for (query, media_type, rules, status, field) in [
        ("", TOML, "[[drop]]", 400, Some("type")),
        ("", TOML, "{}", 400, None),
        ("", JSON, "", 400, None),
        ("", JSON, r#"{"drops":[]}"#, 400, Some("drops")),
        ("", "text/plain", HIGHER, 415, Some("content-type")),
        ("?by=uid", TOML, HIGHER, 400, Some("by")),
        ("?all=1", TOML, HIGHER, 400, Some("all")),
        ("?from=2026-03-02&to=2026-03-01", TOML, HIGHER, 400, Some("from")),
        ("?uid=7", TOML, HIGHER, 400, Some("uid")),
    ] {
        post(&server, query, media_type, rules).await.expect_problem(status, field);
    }
    let large = format!("# {}", "x".repeat(4 << 20));
    post(&server, "", TOML, &large).await.expect_problem(413, None);
    server.get("/v1/what-if/none").await.expect_problem(404, None);
}

#[tokio::test]
async fn analysts_and_operators_ask_and_others_do_not() {
    let server =
        Server::on(MemoryStorage::new(), Authenticator::new(Some(crate::server::SECRET), None).expect("keys")).await;
    for (role, may) in
        [("affiliate", false), ("service", false), ("auditor", false), ("analyst", true), ("operator", true)]
    {
        let token = bearer(role, Some(7));
        let request = server.request(Method::POST, "/v1/what-if").header(header::CONTENT_TYPE, TOML);
        let request = request.header(header::AUTHORIZATION, &token).body(full("")).expect("a request");
        let begun = server.send(request).await;
        assert_eq!(begun.status, if may { 202 } else { 403 }, "{role}");
        let path = if may { begun.header("location") } else { "/v1/what-if/none" };
        // An auditor reads what others asked.
        let other = if role == "auditor" { 404 } else { 403 };
        assert_eq!(server.get_as(&token, path).await.status, if may { 200 } else { other }, "{role}");
        if may {
            assert_eq!(server.get_as(&bearer("auditor", None), path).await.status, 200);
        }
    }
}

#[tokio::test]
async fn two_at_once_and_events_beside_them_disturb_nobody() {
    let server = Server::start().await;
    let (one, two) = (post(&server, "?by=code", TOML, HIGHER).await, post(&server, "?by=code", TOML, HIGHER).await);
    server.post_events(&format!("[{}]", crate::history::one_more(103, "2026-03-09T00:00:00Z"))).await.expect(200);
    let (one, two) = (over(&server, one.header("location")).await, over(&server, two.header("location")).await);
    for job in [&one, &two] {
        assert_eq!((&job["state"], &job["rows"][0]["key"]), (&json!("done"), &json!("BETA")), "{job}");
    }
    assert_eq!(one["rows"], two["rows"]);
}
