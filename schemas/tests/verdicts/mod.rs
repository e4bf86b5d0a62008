//! What the reader makes of a text, as the tests of hostile input ask it.

#![allow(dead_code, reason = "each test file uses its own part")]

use schemas::json::read_event;
use schemas::testing::{Sample, sample};
use schemas::{EventType, Reason, Timestamp};

/// The moment at which every event of these tests arrives.
pub fn arrived() -> Timestamp {
    Timestamp::parse("2026-03-01T09:31:00Z").expect("a time")
}

/// The reason and the field of a refused text; `None` if it is an event.
pub fn verdict(text: &[u8]) -> Option<(Reason, Option<String>)> {
    read_event(text, arrived()).err().map(|rejection| (rejection.reason, rejection.field))
}

/// The text is refused as a whole, with this reason.
#[track_caller]
pub fn assert_reason(text: impl AsRef<[u8]>, reason: Reason) {
    let text = text.as_ref();
    let shown = String::from_utf8_lossy(&text[..text.len().min(400)]);
    assert_eq!(verdict(text), Some((reason, None)), "{shown}");
}

/// The text is refused for this field.
#[track_caller]
pub fn assert_field(text: &str, field: &str) {
    assert_eq!(verdict(text.as_bytes()), Some((Reason::InvalidField, Some(field.to_owned()))), "{text}");
}

/// The text is an event.
#[track_caller]
pub fn assert_accepted(text: impl AsRef<[u8]>) {
    let text = text.as_ref();
    let shown = String::from_utf8_lossy(&text[..text.len().min(400)]);
    assert_eq!(verdict(text), None, "{shown}");
}

/// The shortest sample.
pub fn kyc() -> Sample {
    sample(EventType::Kyc)
}
