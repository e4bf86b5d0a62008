//! The OpenAPI document: valid, and of exactly what is served.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::Value;

use crate::server::{Server, full};

pub async fn document(server: &Server) -> Value {
    let reply = server.get("/openapi.json").await;
    assert_eq!(reply.header("content-type"), "application/json");
    reply.expect(200)
}

pub fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &'_ Value)| {
        let path = path.clone();
        let item = item.as_object().expect("an item").clone();
        item.into_iter().map(|(method, _)| (path.clone(), method)).collect::<Vec<_>>()
    };
    let all: Vec<(String, String)> = paths.iter().flat_map(of_path).collect();
    all.into_iter().map(|(path, method)| (path.clone(), method.clone(), &document["paths"][&path][&method])).collect()
}

#[tokio::test]
async fn it_is_openapi_3_1_and_every_reference_leads_somewhere() {
    let server = Server::start().await;
    let document = document(&server).await;
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.contains("#/components/schemas/Problem"));
    for reference in references {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        assert!(ids.insert(operation["operationId"].as_str().map(str::to_owned)), "{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
        let named: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path");
        assert_eq!(
            in_path.map(|parameter| parameter["name"].as_str().expect("a name")).collect::<BTreeSet<_>>(),
            named
        );
    }
}

fn collect_references(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                references.insert(reference.clone());
            }
            fields.values().for_each(|field| collect_references(field, references));
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect_references(element, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The table in the contract, and what stands beside it.
const CONTRACT: &[&str] = &[
    "get /v1/overview",
    "get /v1/overview/series",
    "get /v1/changes",
    "get /v1/countries",
    "get /v1/cohorts",
    "get /v1/referrers",
    "get /v1/withheld",
    "get /v1/withheld/trades",
    "get /v1/clawbacks",
    "get /v1/clawbacks/trades",
    "get /v1/referrals",
    "get /v1/referrals/{invitee}",
    "get /v1/referrals/{invitee}/history",
    "put /v1/referrals/{invitee}/note",
    "put /v1/referrals/{invitee}/rebate",
    "get /v1/codes",
    "post /v1/codes",
    "get /v1/codes/{code}",
    "patch /v1/codes/{code}",
    "get /v1/codes/{code}/referrals",
    "get /v1/rewards",
    "get /v1/rewards/trades",
    "get /v1/rewards/export",
    "get /v1/restatement",
    "get /v1/trades/explain",
    "get /v1/trades/rules",
    "get /v1/account",
    "get /v1/account/application",
    "get /v1/account/codes",
    "post /v1/account/apply",
    "get /v1/offers",
    "get /v1/campaigns",
    "post /v1/campaigns/{id}/join",
    "post /v1/events",
    "get /v1/feed",
    "get /v1/intake",
    "get /v1/search",
    "get /v1/entries/{position}",
    "get /v1/ledger/segments",
    "get /v1/ledger/segments/{number}",
    "get /v1/ledger/checkpoint",
    "get /v1/ledger/checkpoint/{file}",
    "get /v1/ledger/frames",
    "post /v1/ledger/promote",
    "post /v1/ledger/step-down",
    "get /v1/quarantine",
    "get /v1/quarantine/{id}",
    "post /v1/quarantine/{id}/redrive",
    "post /v1/quarantine/{id}/discard",
    "post /v1/quarantine/{id}/replace",
    "get /v1/audit",
    "get /v1/status",
    "post /v1/what-if",
    "get /v1/what-if/{id}",
    "post /v1/tokens/revoke",
    "get /v1/tokens/revoked",
    "post /v1/sign-in-links",
    "get /healthz",
    "get /readyz",
    "get /metrics",
    "get /openapi.json",
];

#[tokio::test]
async fn what_is_documented_is_served_and_is_what_the_contract_names() {
    let server = Server::start().await;
    server.post_events("[5]").await.expect(200);
    let document = document(&server).await;
    let documented: BTreeSet<String> =
        operations(&document).iter().map(|(path, method, _)| format!("{method} {path}")).collect();
    assert_eq!(documented, CONTRACT.iter().map(|line| (*line).to_owned()).collect());
    for (path, method, _) in operations(&document) {
        if path == "/v1/what-if/{id}" {
            // There is none before one is begun.
            server.get("/v1/what-if/none").await.expect_problem(404, None);
            continue;
        }
        let filled = path
            .replace("quarantine/{id}", "quarantine/1")
            .replace("{invitee}", "100")
            .replace("{code}", "ALPHA")
            .replace("{number}", "1")
            .replace("{position}", "1")
            .replace("{id}", "spring");
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
        let reply = server.send(server.request(method.clone(), &filled).body(full("")).expect("a request")).await;
        assert!(![404, 405, 500].contains(&reply.status), "{method} {path}: {} {}", reply.status, reply.text());
    }
}

#[tokio::test]
async fn every_parameter_that_is_documented_is_taken() {
    let server = Server::start().await;
    let document = document(&server).await;
    for (path, method, operation) in operations(&document).into_iter().filter(|(_, method, _)| method == "get") {
        let path = path.replace("{invitee}", "100").replace("{code}", "ALPHA").replace("{number}", "1");
        let path = path.replace("{position}", "1");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] != "query" {
                continue;
            }
            let name = parameter["name"].as_str().expect("a name");
            let reply = server.get(&format!("{path}?{name}=%00")).await;
            let said = reply.text();
            assert!(!said.contains("there is no such parameter"), "{method} {path} {name}: {said}");
        }
        let unknown = server.get(&format!("{path}?unheard_of=1")).await;
        if path.starts_with("/v1/") {
            unknown.expect_problem(400, Some("unheard_of"));
        }
    }
}

/// Answers have the fields that the document says, and no others.
#[tokio::test]
async fn answers_have_the_documented_fields() {
    let server = Server::start().await;
    // Of 9 there is something, and nothing in the last thirty days.
    server.post_events(&crate::history::long_ago()).await.expect(200);
    server.post_events("[5]").await.expect(200);
    let document = document(&server).await;
    for path in [
        "/v1/overview?uid=7",
        "/v1/overview/series?uid=7",
        "/v1/countries?uid=7&from=2026-03-01",
        "/v1/overview?uid=9",
        "/v1/overview/series?uid=9",
        "/v1/countries?uid=9",
        "/v1/restatement?uid=9&as_of=0",
        "/v1/overview",
        "/v1/overview/series?interval=month",
        "/v1/overview/series?uid=7&interval=week&before=true",
        "/v1/changes?uid=7",
        "/v1/search?name=100",
        "/v1/search?name=alpha",
        "/v1/search?name=spring",
        "/v1/search?name=t1",
        "/v1/entries/9",
        "/v1/intake",
        "/v1/changes?code=ALPHA",
        "/v1/countries",
        "/v1/cohorts?uid=7",
        "/v1/cohorts?code=BETA&country=FR,ZZ",
        "/v1/referrers",
        "/v1/withheld?by=reason&country=FR,ZZ&reason=vip_level",
        "/v1/withheld/trades?from=2026-01-01",
        "/v1/clawbacks",
        "/v1/clawbacks/trades?uid=7&reason=bust",
        "/v1/referrals?uid=7",
        "/v1/referrals/100?uid=7",
        "/v1/referrals/100/history?uid=7&from=2026-01-01&limit=2",
        "/v1/codes?uid=7",
        "/v1/codes/ALPHA?uid=7",
        "/v1/codes/ALPHA/referrals?uid=7",
        "/v1/rewards?uid=7",
        "/v1/restatement?uid=7&as_of=10",
        "/v1/trades/explain?invitee=100&source=/tests&id=t2",
        "/v1/trades/rules?invitee=100&source=/tests&id=t2",
        "/v1/account/application?uid=8",
        "/v1/account/codes?uid=7",
        "/v1/rewards/trades?uid=7&date=2026-03-04&counterparty=100&product=spot",
        "/v1/account?uid=7",
        "/v1/offers?uid=7",
        "/v1/campaigns?uid=7",
        "/v1/quarantine",
        "/v1/quarantine/1",
        "/v1/ledger/segments",
        "/v1/ledger/checkpoint",
        "/v1/status",
        "/readyz",
        "/healthz",
    ] {
        let template =
            path.split('?').next().unwrap_or_default().replace("/100", "/{invitee}").replace("ALPHA", "{code}");
        let template = template.replace("quarantine/1", "quarantine/{id}").replace("entries/9", "entries/{position}");
        let schema = &document["paths"][&template]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{template}");
        check(&document, schema, &server.get(path).await.expect(200), path);
    }
    let schema = &document["paths"]["/v1/events"]["post"]["responses"]["200"]["content"]["application/json"]["schema"];
    let lines = [("content-type", "application/x-ndjson")];
    let one = crate::history::one_more(905, "2026-03-09T00:00:00Z");
    for path in ["/v1/events?dry_run=true", "/v1/events"] {
        let posted = server.command_with(Method::POST, path, &format!("{one}\n5\n"), &lines).await.expect(200);
        check(&document, schema, &posted, path);
        assert_eq!(posted.get("changes").is_some(), path.contains("dry_run"), "{path}");
    }
    let problem = server.get("/v1/account").await.expect(400);
    let schema = serde_json::json!({"$ref": "#/components/schemas/Problem"});
    check(&document, &schema, &problem, "a problem");
}

#[tokio::test]
async fn how_the_ledger_refuses_is_documented_where_it_can() {
    let server = Server::start().await;
    for (path, method, operation) in operations(&document(&server).await) {
        let appends = method != "get" && path != "/v1/what-if" && path != "/v1/sign-in-links";
        let is_told = |status: &str| operation["responses"][status]["content"]["application/problem+json"].is_object();
        assert_eq!(is_told("507"), appends, "{method} {path}");
        assert!(!appends || (is_told("404") && is_told("413")), "{method} {path}");
    }
}

/// The answer is valid by its schema, and has no field besides.
fn check(document: &Value, schema: &Value, answer: &Value, at: &str) {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&whole).expect("a schema");
    let errors: Vec<String> =
        validator.iter_errors(answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{at}: {errors:?}");
    check_fields(document, schema, answer, at);
}

/// Every field of the answer is among the properties of its schema.
fn check_fields(document: &Value, schema: &Value, answer: &Value, at: &str) {
    let parts = parts(document, schema);
    match answer {
        Value::Object(fields) => {
            let mut properties = serde_json::Map::new();
            let mut is_free = false;
            for part in &parts {
                properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
                is_free |= part.get("properties").is_none() || part.get("additionalProperties").is_some();
            }
            for (name, value) in fields {
                match properties.get(name) {
                    Some(property) => check_fields(document, property, value, &format!("{at}.{name}")),
                    None => assert!(is_free, "{at}.{name} is not documented"),
                }
            }
        }
        Value::Array(elements) => {
            let items = parts.iter().find_map(|part| part.get("items"));
            let items = items.unwrap_or_else(|| panic!("{at} is documented as a list"));
            elements.iter().for_each(|element| check_fields(document, items, element, &format!("{at}[]")));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A schema in the parts that it is made of, references followed.
fn parts(document: &Value, schema: &Value) -> Vec<Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).expect("a target");
        return parts(document, target);
    }
    let composed = ["allOf", "oneOf", "anyOf"].into_iter().find_map(|name| schema[name].as_array());
    match composed {
        Some(schemas) => schemas.iter().flat_map(|schema| parts(document, schema)).collect(),
        None => vec![schema.clone()],
    }
}
