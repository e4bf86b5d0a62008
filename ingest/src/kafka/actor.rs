//! Who gave the command that a message comes from, in a header of it. An event does not say it: whoever sends it, an event is
//! the same.

use std::net::IpAddr;

use ledger::Actor;
use rdkafka::message::{BorrowedMessage, Header, OwnedHeaders};
use serde::{Deserialize, Serialize};

use super::headers::header;

/// The header of a message that says who gave the command it comes from, as JSON. It is believed in the topics of
/// [`KafkaOptions::actors_in`](super::KafkaOptions::actors_in) alone; a router passes none on.
pub const ACTOR_HEADER: &str = "tributary-actor";

/// So long it may be: longer than any token that names somebody. What is longer names nobody.
const BYTES_MAX: usize = 64 * 1024;

/// An actor as the header has it.
#[derive(Deserialize, Serialize)]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<String>,
    role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// The headers of a message that say this in [`ACTOR_HEADER`].
#[must_use]
pub fn actor_headers(actor: &Actor) -> OwnedHeaders {
    OwnedHeaders::new().insert(Header { key: ACTOR_HEADER, value: Some(&written(actor)) })
}

fn written(actor: &Actor) -> Vec<u8> {
    let Actor { who, role, address, request_id } = actor.clone();
    // Texts and an address always serialize.
    serde_json::to_vec(&Written { who, role, address, request_id }).unwrap_or_default()
}

/// Who a message says that its command is of.
pub(super) fn actor_of(message: &BorrowedMessage<'_>) -> Option<Actor> {
    read(header(message, ACTOR_HEADER)?)
}

/// None where it is no such header: the event counts all the same.
fn read(value: &[u8]) -> Option<Actor> {
    if value.len() > BYTES_MAX {
        return None;
    }
    let Written { who, role, address, request_id } = serde_json::from_slice(value).ok()?;
    // Neither is known where it is empty.
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    Some(Actor { who: some(who), role, address, request_id: some(request_id) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gave_a_command_comes_back_from_its_header() {
        for address in [None, Some("203.0.113.7"), Some("2001:db8::7")] {
            for text in [None, Some("7 \"é\"")] {
                let text = text.map(str::to_owned);
                let address = address.map(|address| address.parse().expect("an address"));
                let actor = Actor { who: text.clone(), role: "operator".into(), address, request_id: text };
                assert_eq!(read(&written(&actor)), Some(actor));
            }
        }
    }

    #[test]
    fn a_header_that_is_none_names_nobody() {
        let long = format!(r#"{{"role":"{}"}}"#, "r".repeat(BYTES_MAX));
        for value in ["", "operator", "{}", r#"{"role":7}"#, r#"{"role":"r","address":"here"}"#, &long] {
            assert_eq!(read(value.as_bytes()), None, "{value}");
        }
        let empty = read(br#"{"who":"","role":"r","request_id":""}"#).expect("an actor");
        assert_eq!((empty.who, empty.request_id), (None, None));
    }
}
