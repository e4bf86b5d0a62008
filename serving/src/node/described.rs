//! The OpenAPI document of a serving node: of the API's, what it answers, by whom, and what it takes and tells besides.

use api::App;
use axum::http::Method;
use serde_json::{Map, Value, json};

use super::FROM_ROWS;
use super::forwarding::Way;

/// The document of a node.
pub(super) fn document(app: &App) -> Value {
    let mut document = api::described(app);
    document["info"]["description"] = Value::from(
        "A serving node of Tributary: it answers questions about a referrer from rows that ledgers publish to Cassandra, and asks \
         the ledgers, the shards, what rows do not tell. Money and rates are texts, days are UTC, times RFC 3339. Errors are \
         application/problem+json (RFC 9457); 421 is said of what all shards would have to answer together and nobody makes one.",
    );
    if let Some(paths) = document["paths"].as_object_mut() {
        paths.retain(|path, operations| {
            let Some(operations) = operations.as_object_mut() else { return false };
            operations.retain(|method, operation| tells_of(path, method, operation));
            !operations.is_empty()
        });
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        let of_ledger = schemas.remove("AsOf").unwrap_or_default();
        schemas.insert("AsOfLedger".to_owned(), of_ledger);
        schemas.insert("AsOfShards".to_owned(), as_of_shards());
        let either = ["AsOfShards", "AsOfLedger"].map(|name| json!({"$ref": format!("#/components/schemas/{name}")}));
        let meaning = "What the answer reflects: a position of each shard, or that of the one ledger that answered.";
        schemas.insert("AsOf".to_owned(), json!({"description": meaning, "oneOf": either}));
        schemas.insert("Ready".to_owned(), ready());
    }
    document
}

/// Tells of an operation how it is answered here; false where it is not.
fn tells_of(path: &str, method: &str, operation: &mut Value) -> bool {
    if !path.starts_with("/v1/") {
        if path == "/readyz"
            && let Some(operation) = operation.as_object_mut()
        {
            operation.remove("parameters");
            operation.insert("description".to_owned(), Value::from("Ready while the rows of all shards can be read."));
        }
        return true;
    }
    let Ok(method) = Method::try_from(method.to_uppercase().as_str()) else { return false };
    let Some(way) = Way::of(&method, path) else { return false };
    let Some(operation) = operation.as_object_mut() else { return false };
    let is_from_rows = method == Method::GET && FROM_ROWS.contains(&path);
    let told = match (is_from_rows, way) {
        (true, Way::All(_) | Way::Any) => {
            "Answered from rows; what these do not tell by all shards, of whose answers one is made."
        }
        (true, Way::One(_) | Way::Command | Way::Family | Way::Explained | Way::Export | Way::Alone) => {
            "Answered from rows; what these do not tell by the ledger, where there is one, or by the shard that is named."
        }
        (false, Way::All(_)) => "Answered by all shards: one answer is made of theirs.",
        (false, Way::Export) => {
            "Answered by all shards: one file is made of theirs, and `Tributary-Position` has a position of each, by commas."
        }
        (false, Way::Any) => "Answered by the first shard that answers: all say the same.",
        (false, Way::Family | Way::Explained) => "Answered by the shard that has the family.",
        (false, Way::One(_) | Way::Command) => {
            "Done by the shard that has the family, and known to the others soon after."
        }
        (false, Way::Alone) => "Answered by the ledger, where there is one, or by the shard that is named; else 421.",
    };
    let described =
        operation.get("description").and_then(Value::as_str).map_or_else(String::new, |text| format!("{text} "));
    operation.insert("description".to_owned(), Value::from(described + told));
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.push(shard());
        if is_from_rows {
            parameters.push(min_position());
        }
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        refuses(responses);
    }
    true
}

fn refuses(responses: &mut Map<String, Value>) {
    let schema = json!({"$ref": "#/components/schemas/Problem"});
    let problem = |description: &str| {
        json!({
            "description": description, "content": {"application/problem+json": {"schema": schema}},
        })
    };
    responses.insert("421".to_owned(), problem("Nobody answers it here: the detail says where the shards are"));
    responses
        .entry("503".to_owned())
        .or_insert_with(|| problem("Cassandra or a shard gives no answer, or shards do not say the same yet"));
}

fn shard() -> Value {
    json!({
        "name": "shard", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 0},
        "description": "The shard that is asked, by its number: its own answer is given back as it is.",
    })
}

fn min_position() -> Value {
    json!({
        "name": "min_position", "in": "query", "required": false, "schema": {"type": "string"}, "example": "812,700",
        "description": "Positions that the answer has to have reached, one a shard, by commas, as `as_of.positions` told them. \
            It is waited for up to five seconds.",
    })
}

fn as_of_shards() -> Value {
    let positions = json!({
        "type": "array", "items": {"type": "integer", "format": "int64", "minimum": 0},
        "description": "A position a shard, by its number.",
    });
    let event_time = json!({"type": ["string", "null"], "format": "date-time",
        "description": "The latest event time in any of them; null where there is none."});
    json!({
        "type": "object", "required": ["positions", "event_time"],
        "properties": {"positions": positions, "event_time": event_time},
    })
}

fn ready() -> Value {
    let positions = json!({"type": "array", "items": {"type": "integer", "format": "int64", "minimum": 0}});
    json!({
        "type": "object", "required": ["ready", "missing", "positions"],
        "properties": {"ready": {"type": "boolean"}, "missing": {"type": "array", "maxItems": 0}, "positions": positions},
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use api::Authenticator;
    use ingest::metrics::Metrics;

    use super::*;

    fn documented() -> Value {
        document(&App::new(Authenticator::open(), Arc::new(Metrics::new())))
    }

    /// The names of an operation's parameters in its query.
    fn names(document: &Value, path: &str, method: &str) -> BTreeSet<String> {
        let parameters = document["paths"][path][method]["parameters"].as_array().cloned().unwrap_or_default();
        let names = parameters.iter().filter(|parameter| parameter["in"] == "query");
        names.map(|parameter| parameter["name"].as_str().expect("a name").to_owned()).collect()
    }

    #[test]
    fn what_a_node_answers_stands_there_and_nothing_else_does() {
        let document = documented();
        let paths = document["paths"].as_object().expect("paths");
        for path in FROM_ROWS {
            let names = names(&document, path, "get");
            assert!(names.contains("shard") && names.contains("min_position"), "{path}: {names:?}");
        }
        for question in api::questions() {
            let path = format!("/v1/{}", question.path);
            assert!(paths[&path]["get"]["responses"]["421"].is_object(), "{path}");
            assert_eq!(names(&document, &path, "get").contains("min_position"), FROM_ROWS.contains(&&*path), "{path}");
        }
        assert!(names(&document, "/v1/codes", "post").contains("shard"));
        for absent in ["/v1/events", "/v1/ledger/frames", "/v1/tokens/revoke", "/v1/quarantine/{id}/discard"] {
            assert!(!paths.contains_key(absent), "{absent}");
        }
        for probe in ["/healthz", "/readyz", "/metrics", "/openapi.json"] {
            assert!(paths.contains_key(probe), "{probe}");
        }
    }

    #[test]
    fn every_reference_leads_to_a_schema() {
        fn references(value: &Value, found: &mut BTreeSet<String>) {
            match value {
                Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    fields.values().for_each(|field| references(field, found));
                }
                Value::Array(values) => values.iter().for_each(|value| references(value, found)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        let (document, mut found) = (documented(), BTreeSet::new());
        references(&document, &mut found);
        assert!(found.contains("#/components/schemas/AsOfShards"));
        for reference in found {
            let place = reference.strip_prefix('#').expect("a place in the document");
            assert!(document.pointer(place).is_some(), "{reference}");
        }
    }
}
