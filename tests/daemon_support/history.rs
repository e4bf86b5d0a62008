//! The lines of a seeded workload, and which of them share an order.

use schemas::json::read_event;
use schemas::{StreamKey, Timestamp};
use workload::Workload;

/// The moment that histories lead up to: long past, so that no line depends on when the test runs.
pub fn end() -> Timestamp {
    Timestamp::parse("2025-06-30T00:00:00Z").expect("a time")
}

/// The lines of a history in which much is awkward.
pub fn hostile(seed: u64, events: u64) -> Vec<Vec<u8>> {
    Workload::hostile(seed, events, end()).lines().collect()
}

/// Lines as a file has them.
pub fn text(lines: &[impl AsRef<[u8]>]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_ref(), b"\n"]).flatten().copied().collect()
}

/// Whether a line is an event: lines of white space are none.
pub fn is_event(line: &[u8]) -> bool {
    !line.trim_ascii().is_empty()
}

/// The key of a line as a message: the uid, else the code or the id. Events with one key keep their order, and only
/// such can share an identity or contradict each other; so the same set is accepted whatever the order of the keys.
pub fn key(line: &[u8]) -> Option<String> {
    match read_event(line, end()).as_ref().map(|event| event.stream()) {
        Ok(StreamKey::Account(uid)) => Some(uid.0.to_string()),
        Ok(StreamKey::Name(name)) => Some(name.to_owned()),
        Ok(StreamKey::Platform) => Some("platform".to_owned()),
        Err(_) => None,
    }
}
