//! The JSON Schemas say what the reader does, and their files say what the code does.

use std::path::Path;

use jsonschema::{Draft, Validator};
use proptest::prelude::*;
use schemas::json::write_event;
use schemas::json_schema::{file_name, file_text, json_schema};
use schemas::testing::{event_of, sample, wrong_fields};
use schemas::{EventType, Timestamp};
use serde_json::Value;

fn validator(event_type: EventType) -> Validator {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&json_schema(event_type))
        .expect("a schema of draft 2020-12")
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn the_files_are_what_the_types_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("json");
    let again = "run `cargo run -p tributary-schemas --example write_json_schemas`";
    for event_type in EventType::ALL {
        let file = std::fs::read_to_string(folder.join(file_name(*event_type))).unwrap_or_default();
        assert_eq!(file, file_text(*event_type), "{} is out of date: {again}", file_name(*event_type));
    }
    let files = std::fs::read_dir(&folder).expect("the folder of the schemas").count();
    assert_eq!(files, EventType::ALL.len(), "a file of no type: {again}");
}

#[test]
fn each_sample_is_valid_by_its_own_schema_and_by_no_other() {
    for event_type in EventType::ALL {
        let event = value(&sample(*event_type).text());
        for other in EventType::ALL {
            assert_eq!(validator(*other).is_valid(&event), other == event_type, "{event_type:?} by {other:?}");
        }
    }
}

#[test]
fn what_the_reader_refuses_in_a_field_the_schema_refuses_too() {
    for event_type in EventType::ALL {
        let validator = validator(*event_type);
        for wrong in wrong_fields().iter().filter(|wrong| wrong.event_type == *event_type && wrong.schema_sees) {
            let text = wrong.sample.text();
            assert!(!validator.is_valid(&value(&text)), "{event_type:?} with {} {:?}", wrong.field, wrong.json);
        }
    }
}

#[test]
fn what_the_reader_refuses_in_the_envelope_the_schema_refuses_too() {
    let validator = validator(EventType::Kyc);
    let long = format!("\"{}\"", "é".repeat(257));
    for (attribute, json) in [
        ("specversion", None),
        ("specversion", Some("\"0.3\"")),
        ("specversion", Some("1.0")),
        ("type", None),
        ("type", Some("\"referral.nothing.v1\"")),
        ("source", None),
        ("source", Some("\"\"")),
        ("source", Some(&*long)),
        ("id", None),
        ("id", Some("7")),
        ("id", Some(&*long)),
        ("time", None),
        ("time", Some("1772357400")),
        ("time", Some("\"2026-03-01\"")),
        ("time", Some("\"2026-03-01T09:30:60Z\"")),
        ("time", Some("\"2026-03-01 09:30:00Z\"")),
        ("time", Some("\"2026-02-29T09:30:00Z\"")),
        ("time", Some("\"2026-03-01T09:30:00\"")),
    ] {
        let text = sample(EventType::Kyc).with_attribute(attribute, json).text();
        assert!(!validator.is_valid(&value(&text)), "{attribute} {json:?}");
    }
}

proptest! {
    #[test]
    fn any_valid_event_is_valid_by_its_schema(
        event in prop::sample::select(EventType::ALL).prop_flat_map(|event_type| {
            event_of(event_type, Timestamp::parse("2026-03-02T00:00:00Z").expect("a time"))
        })
    ) {
        let mut text = Vec::new();
        write_event(&event, &mut text);
        let text = String::from_utf8(text).expect("JSON is UTF-8");
        let schema = validator(event.event_type());
        if let Err(error) = schema.validate(&value(&text)) {
            prop_assert!(false, "{error}: {text}");
        }
    }
}
