//! Events written as CloudEvents JSON: one form for one event, without white space, defaults and nulls written out.

use serde_json::Value;

use super::contract;
use super::envelope::SPECVERSION_TEXT;
use super::rules::write_text;
use crate::event::Event;

/// Appends the event in CloudEvents' JSON structured mode: one line, without line end.
pub fn write_event(event: &Event<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"specversion\":\"");
    out.extend_from_slice(SPECVERSION_TEXT.as_bytes());
    out.extend_from_slice(b"\",\"type\":\"");
    out.extend_from_slice(event.event_type().name().as_bytes());
    out.extend_from_slice(b"\",\"source\":");
    write_text(&event.source, out);
    out.extend_from_slice(b",\"id\":");
    write_text(&event.id, out);
    out.extend_from_slice(b",\"time\":\"");
    out.extend_from_slice(event.time.to_string().as_bytes());
    out.extend_from_slice(b"\",\"data\":");
    contract::write_body(&event.body, out);
    out.push(b'}');
}

/// Appends the event's `data` as a JSON object, every field in the contract's order.
pub fn write_data(event: &Event<'_>, out: &mut Vec<u8>) {
    contract::write_body(&event.body, out);
}

/// The event's `data` as a JSON value.
#[must_use]
pub fn data_value(event: &Event<'_>) -> Value {
    let mut text = Vec::new();
    write_data(event, &mut text);
    serde_json::from_slice(&text).unwrap_or_default()
}
