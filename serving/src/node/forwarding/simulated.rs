//! Shards that answer what a test says, by what they are asked: and what the node makes of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use api::parameters::read_query_string;
use api::{App, AskedOfAll, Asking, Authenticator, Caller, Came, PathNames, Problem, Scope};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Response};
use ingest::metrics::Metrics;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use super::passed::Passed;
use super::shard_client::ShardClient;
use super::shard_client::tests::measured;
use super::{Shards, exported, together};

/// What a shard was asked: the path, the parameters, and as of which moment at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) path: String,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) now: Option<String>,
}

impl Heard {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

/// A shard that answers by what it hears, which is kept.
pub(super) async fn shard(
    answer: impl Fn(&Heard) -> Response + Send + Sync + 'static,
) -> (String, Arc<Mutex<Vec<Heard>>>) {
    let (answer, heard) = (Arc::new(answer), Arc::new(Mutex::new(Vec::new())));
    let kept = Arc::clone(&heard);
    let router = Router::new().fallback(move |request: Request<Body>| {
        let (answer, kept) = (Arc::clone(&answer), Arc::clone(&kept));
        async move {
            let query = read_query_string(request.uri().query().unwrap_or_default()).expect("a query");
            let now = request.headers().get("tributary-now").map(|now| now.to_str().expect("a text").to_owned());
            let (path, parameters) = (request.uri().path().to_owned(), query.into_iter().collect());
            let heard = Heard { path, parameters, now };
            kept.lock().expect("no panic").push(heard.clone());
            answer(&heard)
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, heard)
}

pub(super) fn shown(body: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn of_request(target: &str) -> Result<(Passed, Asking, Vec<String>), Problem> {
    let (parts, ()) = axum::http::Request::get(target).body(()).expect("a request").into_parts();
    let passed = Passed::of(&parts, &Came::default(), Vec::new());
    let parameters = read_query_string(parts.uri.query().unwrap_or_default())?;
    let (caller, path, came) = (Caller::operator(), PathNames::none(), Came::default());
    let asking = Asking { caller, path, parameters, scope: Scope::Ledger, came, now_at_least: None };
    let segments = parts.uri.path().trim_start_matches("/v1/").split('/').map(str::to_owned).collect();
    Ok((passed, asking, segments))
}

/// What a node with shards at these addresses makes of their answers: the status, the headers and the body.
async fn asked(target: &str, addresses: &[&str]) -> Result<(u16, HeaderMap, String), Problem> {
    let (passed, asking, segments) = of_request(target)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let client = ShardClient::new(measured()).expect("a client");
    let shards = Shards(addresses.iter().map(|address| Some((*address).to_owned())).collect());
    let answered = match AskedOfAll::of(&segments) {
        Some(question) => together::together(&client, &shards, (&passed, &asking), question).await?,
        None => {
            let app = App::new(Authenticator::open(), Arc::new(Metrics::new()));
            exported::exported(&client, &shards, (&app, &passed, &asking)).await?
        }
    };
    let response = answered.expect("all have addresses");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    Ok((status, headers, String::from_utf8(body.to_vec()).expect("UTF-8")))
}

async fn json_of(target: &str, addresses: &[&str]) -> Value {
    let (status, _, body) = asked(target, addresses).await.expect("an answer");
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).expect("JSON")
}

fn metrics(rewards: &str, traded: u64) -> Map<String, Value> {
    let amounts =
        ["total_rewards", "spot_commission", "total_volume", "spot_volume"].map(|name| (name, json!(rewards)));
    let nothing = ["futures_commission", "shared_commission", "futures_volume"].map(|name| (name, json!("0")));
    let counts = ["total_referrals", "verified", "deposited", "first_time_trade", "traded"];
    let counts = counts.map(|name| (name, json!(traded)));
    let all = amounts.into_iter().chain(nothing).chain(counts);
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn with(mut fields: Map<String, Value>, name: &str, value: Value) -> Value {
    fields.insert(name.to_owned(), value);
    Value::Object(fields)
}

fn as_of(position: u64) -> Value {
    json!({"position": position, "event_time": "2026-03-01T00:00:00Z"})
}

fn list(rows: Vec<Value>, total: usize, next_cursor: Option<&str>, position: u64) -> Map<String, Value> {
    let days = [("from", json!("2026-01-01")), ("to", json!("2026-01-31"))];
    let rest = [("rows", Value::Array(rows)), ("total", json!(total)), ("next_cursor", json!(next_cursor))];
    let all = days.into_iter().chain(rest).chain([("as_of", as_of(position))]);
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn overview(day: &str, rewards: &str, traded: u64) -> Value {
    json!({"uid": 7, "from": "2026-01-01", "to": day, "code": null, "metrics": metrics(rewards, traded), "as_of": as_of(3)})
}

#[tokio::test]
async fn figures_of_the_past_add_up_as_of_the_day_of_the_shard_that_recorded_last() {
    // Each would count the days up to its own last entry; of one ledger they are those up to the last of all.
    let answer = |day: &'static str, rewards: &'static str| {
        move |heard: &Heard| shown(&overview(heard.now.as_deref().map_or(day, |now| &now[..10]), rewards, 2))
    };
    let (zero, asked_zero) = shard(answer("2026-02-28", "1.5")).await;
    let (one, asked_one) = shard(answer("2026-03-01", "-0.50000001")).await;
    let found = json_of("/v1/overview?uid=7&as_of=2026-03-02T00:00:00Z", &[&zero, &one]).await;
    assert_eq!((&found["to"], &found["metrics"]["traded"]), (&json!("2026-03-01"), &json!(4)));
    assert_eq!(found["metrics"]["total_rewards"], "0.99999999");
    assert_eq!(found["as_of"], json!({"positions": [3, 3], "event_time": "2026-03-01T00:00:00Z"}));
    for heard in [asked_zero, asked_one] {
        let heard = heard.lock().expect("no panic");
        let last = heard.last().expect("it was asked");
        assert_eq!(last.now.as_deref(), Some("2026-03-01T00:00:00Z"));
        assert_eq!(last.parameter("as_of"), Some("2026-03-02T00:00:00Z"));
    }
}

#[tokio::test]
async fn whichever_page_is_asked_for_all_rows_of_each_shard_are_looked_at() {
    let row = |country: &str, rewards: &str| with(metrics(rewards, 1), "country", json!(country));
    let of_one = |rows: Vec<Value>, position| {
        move |heard: &Heard| {
            let uid = heard.parameter("uid").and_then(|uid| uid.parse::<u64>().ok());
            shown(&with(list(rows.clone(), rows.len(), None, position), "uid", json!(uid)))
        }
    };
    let (zero, heard) = shard(of_one(vec![row("DE", "3"), row("FR", "2")], 5)).await;
    let (one, _) = shard(of_one(vec![row("FR", "2"), row("ZZ", "1")], 9)).await;
    let question = "/v1/countries?uid=7&limit=2&as_of=2026-02-02";
    let first = json_of(question, &[&zero, &one]).await;
    let named = |list: &Value| {
        let rows = list["rows"].as_array().expect("rows");
        rows.iter().map(|row| (row["country"].clone(), row["total_rewards"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(named(&first), [(json!("FR"), json!("4")), (json!("DE"), json!("3"))]);
    assert_eq!((&first["total"], &first["as_of"]["positions"]), (&json!(3), &json!([5, 9])));
    let cursor = first["next_cursor"].as_str().expect("another row");
    let second = json_of(&format!("/v1/countries?uid=7&limit=2&cursor={cursor}"), &[&zero, &one]).await;
    assert_eq!((named(&second), &second["next_cursor"]), (vec![(json!("ZZ"), json!("1"))], &Value::Null));
    let last = heard.lock().expect("no panic").last().cloned().expect("it was asked");
    let told = ["limit", "cursor", "as_of"].map(|name| last.parameter(name));
    assert_eq!(told, [Some("500"), None, Some("5")], "the cursor keeps where it stood");
    // A cursor of another moment is refused, and one that nobody gave.
    for wrong in [format!("{question}&cursor=none"), format!("/v1/countries?uid=8&cursor={cursor}")] {
        let problem = asked(&wrong, &[&zero, &one]).await.expect_err("a refusal");
        assert_eq!((problem.status(), problem.field.as_deref()), (400, Some("cursor")), "{wrong}");
    }
}

#[tokio::test]
async fn a_list_of_more_than_a_page_is_read_to_its_end_as_of_one_position() {
    let row = |uid: u64, rewards: &str| {
        let row = with(metrics(rewards, 1), "uid", json!(uid));
        let Value::Object(row) = row else { unreachable!("an object") };
        let Value::Object(row) = with(row, "status", json!("none")) else { unreachable!("an object") };
        with(row, "codes", json!(1))
    };
    let many = move |heard: &Heard| match (heard.parameter("as_of"), heard.parameter("cursor")) {
        (None, _) => shown(&Value::Object(list(vec![row(1, "1")], 1, Some("present"), 5))),
        (Some("5"), None) => shown(&Value::Object(list(vec![row(1, "1")], 2, Some("then"), 5))),
        (Some("5"), Some("then")) => shown(&Value::Object(list(vec![row(2, "5")], 2, None, 5))),
        _ => axum::http::StatusCode::NOT_FOUND.into_response(),
    };
    let (zero, heard) = shard(many).await;
    let (one, _) = shard(move |_| shown(&Value::Object(list(vec![row(1, "3")], 1, None, 9)))).await;
    let found = json_of("/v1/referrers?sort=total_rewards&order=desc", &[&zero, &one]).await;
    let rows: Vec<_> =
        found["rows"].as_array().expect("rows").iter().map(|row| (&row["uid"], &row["total_rewards"])).collect();
    assert_eq!(rows, [(&json!(2), &json!("5")), (&json!(1), &json!("4"))]);
    assert_eq!((&found["total"], &found["as_of"]["positions"]), (&json!(2), &json!([5, 9])));
    let heard = heard.lock().expect("no panic").clone();
    assert!(heard[0].now.is_none() && heard[1..].iter().all(|heard| heard.now.is_some()), "{heard:?}");
    assert_eq!(heard[2].parameter("from"), Some("2026-01-01"));
    // A standing that one knows otherwise is told.
    let other = move |_: &Heard| {
        let Value::Object(mut row) = row(1, "3") else { unreachable!("an object") };
        row.insert("status".to_owned(), json!("approved"));
        shown(&Value::Object(list(vec![Value::Object(row)], 1, None, 9)))
    };
    let (approved, _) = shard(other).await;
    let problem = asked("/v1/referrers", &[&one, &approved]).await.expect_err("they differ");
    assert!(problem.status() == 503 && problem.detail.contains("what holds of a referrer"), "{}", problem.detail);
}

#[tokio::test]
async fn cohorts_of_a_month_are_one_and_of_the_past_they_end_in_the_month_of_the_last_shard() {
    let cohort = |months: usize| {
        let month = json!({"traded": 1, "commission": "0.1", "rebate": "0.2", "volume": "30"});
        let fields =
            ["registered", "verified", "deposited", "first_time_trade"].map(|name| (name.to_owned(), json!(2)));
        with(fields.into_iter().collect(), "months", Value::Array(vec![month; months]))
    };
    let answer = |day: &'static str| {
        move |heard: &Heard| {
            if heard.path == "/v1/overview" {
                return shown(&overview(day, "0", 0));
            }
            let Value::Object(row) = cohort(if heard.now.is_some() { 3 } else { 2 }) else { unreachable!("an object") };
            let mut list = list(vec![with(row, "month", json!("2026-01"))], 1, None, 4);
            list.extend(
                [("uid", json!(7)), ("code", Value::Null), ("country", Value::Null)]
                    .map(|(name, value)| (name.to_owned(), value)),
            );
            shown(&Value::Object(list))
        }
    };
    let ((zero, _), (one, _)) = (shard(answer("2026-02-28")).await, shard(answer("2026-03-01")).await);
    for (question, months) in [("/v1/cohorts?uid=7", 2), ("/v1/cohorts?uid=7&as_of=2026-03-02", 3)] {
        let found = json_of(question, &[&zero, &one]).await;
        let row = &found["rows"][0];
        assert_eq!((&row["month"], &row["registered"]), (&json!("2026-01"), &json!(4)), "{question}");
        assert_eq!(row["months"].as_array().map(Vec::len), Some(months), "{question}");
        assert_eq!(row["months"][1], json!({"traded": 2, "commission": "0.2", "rebate": "0.4", "volume": "60"}));
    }
}

fn records(rows: &[(&str, u64, &str)]) -> String {
    let row = |(date, invitee, amount): &(&str, u64, &str)| {
        format!(
            "{{\"date\":\"{date}\",\"kind\":\"commission\",\"invitee_uid\":{invitee},\"product\":\"spot\",\"trades\":1,\
             \"fee_usd\":\"{amount}\",\"amount\":\"{amount}\"}}\n"
        )
    };
    rows.iter().map(row).collect()
}

fn file(position: &'static str, text: String) -> impl Fn(&Heard) -> Response + Send + Sync + 'static {
    move |heard: &Heard| {
        assert_eq!((heard.parameter("format"), heard.parameter("csv_bom")), (Some("ndjson"), None), "{heard:?}");
        ([("tributary-position", position), ("content-type", "application/x-ndjson")], text.clone()).into_response()
    }
}

#[tokio::test]
async fn the_files_of_all_shards_are_one_in_the_order_of_the_list() {
    let (zero, _) = shard(file("5", records(&[("2026-01-03", 9, "0.5"), ("2026-01-02", 2, "1")]))).await;
    let (one, _) = shard(file("9", records(&[("2026-01-03", 8, "2"), ("2026-01-02", 3, "1")]))).await;
    let (none, _) = shard(file("2", String::new())).await;
    let question = "/v1/rewards/export?uid=7&from=2026-01-01&to=2026-01-31";
    let (status, headers, text) =
        asked(&format!("{question}&format=ndjson"), &[&zero, &one, &none]).await.expect("a file");
    let all = [("2026-01-03", 8, "2"), ("2026-01-03", 9, "0.5"), ("2026-01-02", 2, "1"), ("2026-01-02", 3, "1")];
    assert_eq!((status, text.as_str()), (200, records(&all).as_str()));
    assert_eq!(headers["tributary-position"], "5,9,2");
    assert_eq!(
        headers["content-disposition"],
        "attachment; filename=\"rewards-7-commission-2026-01-01-2026-01-31.ndjson\""
    );
    let (_, headers, text) = asked(&format!("{question}&csv_bom=true"), &[&zero, &one, &none]).await.expect("a file");
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("\u{feff}date,kind,invitee_uid,product,trades,fee_usd,amount"));
    assert_eq!(lines.next(), Some("2026-01-03,commission,8,spot,1,2,2"));
    assert_eq!(lines.count(), 3);
}

#[tokio::test]
async fn a_file_with_what_is_no_record_or_is_in_two_of_them_is_none() {
    let own = [("2026-01-03", 9, "0.5"), ("2026-01-02", 2, "1")];
    let (zero, heard) = shard(file("5", records(&own))).await;
    let question = "/v1/rewards/export?uid=7&from=2026-01-01&to=2026-01-31";
    let problem = asked(question, &[&zero, &zero]).await.expect_err("one record of two shards");
    assert!(problem.status() == 503 && problem.detail.contains("two ledgers have a row"), "{}", problem.detail);
    assert_eq!(heard.lock().expect("no panic").len(), 2 * together::TRIES);
    let others = [("2026-01-03", 19, "0.5"), ("2026-01-02", 12, "1")];
    let turned = records(&[others[1], others[0]]);
    let cut = records(&others).trim_end().to_owned();
    let of_another_month = records(&[("2025-01-03", 9, "0.5")]);
    for text in [turned, cut, of_another_month, "{}\n".to_owned(), "\n".to_owned()] {
        let (strange, _) = shard(file("9", text.clone())).await;
        let problem = asked(question, &[&zero, &strange]).await.expect_err("none");
        assert!(problem.status() == 503 && problem.detail.contains("shard 1 at"), "{text}: {}", problem.detail);
    }
    let (refusing, _) = shard(|_| (axum::http::StatusCode::FORBIDDEN, "no").into_response()).await;
    assert_eq!(asked(question, &[&zero, &refusing]).await.expect("a refusal").0, 403);
    for wrong in ["&format=xls", "&form=1", "&format=ndjson&csv_bom=true", "&from=2026-02-01"] {
        let refused = asked(&format!("{question}{wrong}"), &[&zero, &zero]).await.expect_err("a refusal");
        assert_eq!(refused.status(), 400, "{wrong}");
    }
}
