//! The events as JSON Schemas (draft 2020-12), one a type, made from the same table that the reader reads by.
//!
//! A schema says less than the reader in these points, since a schema sees values and not their text: an
//! integer written `1.0` or `1e0`, a key twice, the levels of nesting, the bytes of the event; and it has no
//! clock, so that it can't tell how far a `time` lies from the arrival.

use serde_json::{Map, Value, json};

use crate::event::EventType;
use crate::json::contract::{FieldSchema, field_schemas, meaning};
use crate::json::limits::IDENTITY_CODE_POINTS_MAX;

/// The JSON Schema of a whole event of this type, envelope and `data`; keys in ascending order.
#[must_use]
pub fn json_schema(event_type: EventType) -> Value {
    let identity = |meaning: &str| json!({"type": "string", "minLength": 1, "maxLength": IDENTITY_CODE_POINTS_MAX, "description": meaning});
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:tributary:schema:{}", event_type.name()),
        "title": event_type.name(),
        "description": meaning(event_type),
        "type": "object",
        "required": ["specversion", "type", "source", "id", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "type": {"const": event_type.name()},
            "source": identity("Who says so; with the id and the uid or the name it is the event's identity."),
            "id": identity("The event's id, unique for its source and its uid or name."),
            "time": {
                "type": "string",
                "format": "date-time",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9](\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
                "description": "When it happened: RFC 3339, kept in UTC at microseconds; from 2000-01-01 to 24 hours after its arrival.",
            },
            "data": data_schema(event_type),
        },
    });
    schema.sort_all_objects();
    schema
}

/// The name of the schema's file in `schemas/json/`.
#[must_use]
pub fn file_name(event_type: EventType) -> String {
    format!("{}.json", event_type.name())
}

/// The schema as its file holds it.
#[must_use]
pub fn file_text(event_type: EventType) -> String {
    format!("{:#}\n", json_schema(event_type))
}

fn data_schema(event_type: EventType) -> Value {
    let fields = field_schemas(event_type);
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), property(event_type, field))).collect();
    let mut schema = json!({"type": "object", "required": required, "properties": properties});
    if event_type == EventType::Registration
        && let Some(parent) = fields.iter().find(|field| field.name == PARENT)
    {
        // What a major account says about a parent is ignored, so it is free there.
        let uid = parent.schema["oneOf"][0].clone();
        schema["if"] = json!({"properties": {"account_type": {"enum": ["sub", "other"]}}});
        schema["then"] = json!({"required": [PARENT], "properties": {PARENT: uid}});
    }
    schema
}

const PARENT: &str = "parent_uid";

fn property(event_type: EventType, field: &FieldSchema) -> Value {
    let is_parent = event_type == EventType::Registration && field.name == PARENT;
    let mut property = if is_parent { json!({}) } else { field.schema.clone() };
    property["description"] = field.meaning.into();
    property
}
