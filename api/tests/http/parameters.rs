//! What the OpenAPI document says of a parameter is what the server takes: each parameter of each operation is walked
//! with values that may be meant well or not, and judged by the document's schema and by the server.

use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::documented::{document, operations};
use crate::server::{Reply, Server, full};

/// Values that some parameter takes, and values that somebody may try.
const VALUES: &[&str] = &[
    "",
    " ",
    "0",
    "1",
    "7",
    "10",
    "100",
    "500",
    "501",
    "10000",
    "10001",
    "007",
    "+7",
    "-1",
    "7.0",
    "1e3",
    "7 ",
    "NaN",
    "9007199254740991",
    "9007199254740992",
    "18446744073709551615",
    "18446744073709551616",
    "true",
    "false",
    "TRUE",
    "yes",
    "null",
    "2026-03-01",
    "2026-3-1",
    "2026-02-30",
    "20260301",
    "0000-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-03-01T00:00:00Z",
    "2026-03-01t00:00:00z",
    "2026-03-10T12:00:00.5+02:00",
    "2026-03-01 00:00:00Z",
    "2026-03-01T24:00:00Z",
    "2026-03-01T23:59:60Z",
    "2026-03-01T00:00:00",
    "2026-03-01T00:00Z",
    "2026-03-01T00:00:00.Z",
    "2026-02-30T00:00:00Z",
    "asc",
    "desc",
    "ASC",
    "day",
    "week",
    "year",
    "spot",
    "futures",
    "both",
    "csv",
    "parquet",
    "CSV",
    "commission",
    "shared",
    "public",
    "exclusive",
    "uid",
    "note",
    "registered_at",
    "Volume",
    "total",
    "referrer",
    "DE",
    "DE,ZZ",
    "de",
    "QQ",
    "XX",
    "XK",
    "DE,",
    ",",
    "1,2",
    "1, 2",
    "20,21",
    "1;2",
    "referral.trade.v1",
    "referral.trade.v1,referral.note.v1",
    "trade",
    "ALPHA",
    "t1",
    "/tests",
    "a,b",
    "\u{0}",
    "é",
    "\u{1f600}",
    "<b>",
    "%",
    "x y",
    "malformed",
    "open",
    "discarded",
];

/// What a value may still be refused for, which no schema can tell: by name, the value and why.
fn is_beyond_a_schema(name: &str, value: &str) -> bool {
    match name {
        // Only the list that gave it knows its cursors.
        "cursor" => !value.is_empty(),
        // The ledger ends, and begins, somewhere.
        // A range may end before it begins.
        "from" | "to" => value.len() == 10,
        "as_of" | "until" => value.parse::<u128>().is_ok_and(|position| position > 19) || is_a_moment(value),
        _ => false,
    }
}

/// Whether it is a date or a time.
fn is_a_moment(value: &str) -> bool {
    (value.len() > 19 && value.contains(':')) || (value.len() == 10 && value.contains('-'))
}

/// What a parameter is given in a query string, as its schema means it.
fn as_the_schema_means(schema: &Value, text: &str) -> Value {
    if schema["type"] == "array" {
        return Value::Array(text.split(',').map(|part| as_the_schema_means(&schema["items"], part)).collect());
    }
    let is_whole =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let alternatives = schema["anyOf"].as_array().or(schema["oneOf"].as_array());
    let may_be = |kind: &str| {
        schema["type"] == kind || alternatives.is_some_and(|all| all.iter().any(|one| one["type"] == kind))
    };
    match text {
        "true" | "false" if may_be("boolean") => json!(text == "true"),
        _ if is_whole && may_be("integer") => serde_json::from_str(text).expect("a number"),
        _ => json!(text),
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Asks with one value of one parameter, and what else has to be there.
async fn asked(server: &Server, method: &str, path: &str, operation: &Value, name: &str, value: &str) -> Reply {
    let mut query = vec![format!("{name}={}", encoded(value))];
    for other in operation["parameters"].as_array().into_iter().flatten().filter(|other| other["in"] == "query") {
        let filled = match other["name"].as_str().expect("a name") {
            same if same == name => continue,
            "uid" if path != "/v1/feed" => "uid=7",
            "invitee" => "invitee=100",
            "source" => "source=/tests",
            "id" => "id=t1",
            "name" => "name=t1",
            "date" => "date=2026-03-04",
            "counterparty" => "counterparty=100",
            "product" => "product=spot",
            "as_of" if other["required"] == true => "as_of=1",
            "after" if path.ends_with("frames") => {
                query.push(format!("after={}", ledger::FrameCursor::START.hex()));
                continue;
            }
            _ => continue,
        };
        query.push(filled.to_owned());
    }
    let ends_it = path.ends_with("step-down") && value.parse::<u16>().is_ok_and(|epoch| epoch > 0);
    // The server would take nothing more.
    if ends_it && value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0') {
        return Reply { status: 200, headers: Default::default(), body: "{}".into() };
    }
    let path = path.replace("{invitee}", "100").replace("{code}", "ALPHA").replace("{id}", "spring");
    let path = path.replace("{number}", "1").replace("{position}", "1").replace("{file}", "x");
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
    let request = server.request(method, &format!("{path}?{}", query.join("&")));
    // What is wrong with the body is another matter.
    let request = request.header(header::CONTENT_TYPE, "text/plain");
    if path == "/v1/feed" && name == "follow" && value == "true" {
        let response = server.open(request.body(full("")).expect("a request")).await;
        return Reply { status: response.status().as_u16(), headers: response.headers().clone(), body: "{}".into() };
    }
    server.send(request.body(full("")).expect("a request")).await
}

#[tokio::test]
async fn the_schema_of_a_parameter_and_the_server_take_the_same() {
    let server = Server::start().await;
    let document = document(&server).await;
    let mut count = 0;
    let mut differing = Vec::new();
    for (path, method, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "query") {
            let name = parameter["name"].as_str().expect("a name");
            let mut schema = parameter["schema"].clone();
            schema["components"] = document["components"].clone();
            let validator =
                jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema that is one");
            for value in VALUES {
                let is_valid = validator.is_valid(&as_the_schema_means(&parameter["schema"], value));
                let reply = asked(&server, &method, &path, operation, name, value).await;
                assert!(reply.status < 500, "{method} {path} {name}={value:?}: {}", reply.status);
                let is_refused = reply.status == 400 && reply.json()["field"] == name;
                count += 1;
                if is_valid == is_refused && !(is_valid && is_beyond_a_schema(name, value)) {
                    let says = if is_valid { "takes" } else { "refuses" };
                    differing.push(format!(
                        "{method} {path} {name}={value:?}: the schema {says} it, the server answers {}",
                        reply.status
                    ));
                }
            }
        }
    }
    assert!(differing.is_empty(), "{} of {count}:\n{}", differing.len(), differing.join("\n"));
    assert!(count > 5_000, "{count}");
}

#[tokio::test]
async fn every_command_says_that_it_may_be_repeated_and_whom_it_is_for() {
    let server = Server::start().await;
    let document = document(&server).await;
    let mut commands = 0;
    for (path, method, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let of_name = |name: &str| parameters.iter().find(|one| one["name"] == name).cloned();
        // A link is made anew each time, and appends nothing.
        let is_command = method != "get" && path != "/v1/sign-in-links" && of_name("uid").is_some();
        assert_eq!(of_name("Idempotency-Key").is_some(), is_command, "{method} {path}");
        let Some(key) = of_name("Idempotency-Key") else { continue };
        commands += 1;
        assert_eq!((&key["in"], &key["required"]), (&json!("header"), &json!(false)), "{method} {path}");
        let validator = jsonschema::validator_for(&key["schema"]).expect("a schema");
        let longest = "k".repeat(255);
        for (value, is_taken) in [
            ("a-1_~!", true),
            (&longest, true),
            ("", false),
            ("a b", false),
            ("é", false),
            (&format!("{longest}k"), false),
        ] {
            assert_eq!(validator.is_valid(&json!(value)), is_taken, "{value:?}");
        }
        let uid = of_name("uid").expect("a uid");
        assert!(uid["description"].as_str().is_some_and(|text| text.contains("has to name one")), "{uid}");
    }
    assert!(commands >= 6, "{commands}");
}
