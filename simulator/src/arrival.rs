//! What arrives from the topic or by a request, read once.

use schemas::{Event, Reason, Timestamp};

/// What arrives: an event, or what is none with the reason.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arrival {
    pub(crate) raw: Vec<u8>,
    /// Where it comes from, in words.
    pub(crate) origin: String,
    pub(crate) read: Result<Event<'static>, Reason>,
}

impl Arrival {
    /// A text that arrives at a moment.
    pub(crate) fn of(raw: &[u8], origin: String, at: Timestamp) -> Arrival {
        let read = schemas::json::read_event(raw, at);
        Arrival { raw: raw.to_vec(), origin, read: read.map(Event::into_owned).map_err(|rejection| rejection.reason) }
    }
}
