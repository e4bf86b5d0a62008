//! Who gave the command that a message comes from, in a header of it. An event does not say it: whoever sends it, an event is
//! the same.

use std::net::IpAddr;

use ledger::Actor;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use serde::{Deserialize, Serialize};

/// The header of a message that says who gave the command it comes from, as JSON. It is believed in the topics of
/// [`KafkaOptions::actors_in`](super::KafkaOptions::actors_in) alone; a router passes none on.
pub const ACTOR_HEADER: &str = "tributary-actor";

/// Among so many headers it is looked for, and so long it may be; what is beyond names nobody.
const HEADERS_MAX: usize = 64;
const BYTES_MAX: usize = 4_096;

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

/// The value of [`ACTOR_HEADER`] that says this.
#[must_use]
pub fn actor_header(actor: &Actor) -> Vec<u8> {
    let Actor { who, role, address, request_id } = actor.clone();
    // Texts and an address always serialize.
    serde_json::to_vec(&Written { who, role, address, request_id }).unwrap_or_default()
}

/// Who a message says that its command is of: of several headers, the last one counts.
pub(super) fn actor_of(message: &BorrowedMessage<'_>) -> Option<Actor> {
    let headers = message.headers()?.iter().take(HEADERS_MAX);
    read(headers.filter(|header| header.key == ACTOR_HEADER).last()?.value?)
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
                assert_eq!(read(&actor_header(&actor)), Some(actor));
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
