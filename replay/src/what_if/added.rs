//! The events that are put in: validated as any event, and held against the edited set.

use ledger::{EventReader, ReadError};
use projections::State;
use schemas::{Body, Event, Reason, Rejection, StreamKey, Timestamp, json::read_event};

use super::rules::{AddEdit, Rules};
use super::tree::quoted;

/// The source of every added event.
const SOURCE: &str = "/tributary/what-if";

/// Why an added event does not fit in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("add {number}: {reason}: {detail}")]
pub struct Misfit {
    /// Its number among the adds, from 1.
    pub number: u64,
    /// A reason of quarantine, or `duplicate`.
    pub reason: &'static str,
    /// The field that is wrong, if it is one.
    pub field: Option<String>,
    /// A sentence on what is wrong.
    pub detail: String,
}

impl Misfit {
    fn of(number: u64, rejection: Rejection) -> Misfit {
        Misfit { number, reason: rejection.reason.as_str(), field: rejection.field, detail: rejection.detail }
    }
}

/// Why the added events are not there.
pub(super) enum AddedError {
    Misfit(Misfit),
    Read(ReadError),
}

impl From<ReadError> for AddedError {
    fn from(error: ReadError) -> AddedError {
        AddedError::Read(error)
    }
}

/// The added events, each of which fits in with the entries that are kept and the adds before it. The state is that
/// of all entries, so whatever the set holds can be found through it.
pub(super) fn added(
    rules: &Rules,
    arrived: Timestamp,
    state: &State,
    reader: &dyn EventReader,
) -> Result<Vec<Event<'static>>, AddedError> {
    let mut events: Vec<Event<'static>> = Vec::with_capacity(rules.adds.len());
    let kept = Kept { rules, state, reader };
    for (add, number) in rules.adds.iter().zip(1..) {
        let text = event_text(add, number);
        let event = read_event(text.as_bytes(), arrived)
            .map_err(|rejection| AddedError::Misfit(Misfit::of(number, rejection)))?;
        if let Some(duplicate) = kept.duplicate(&event)? {
            let detail = format!("position {duplicate} has this identity");
            return Err(AddedError::Misfit(Misfit { number, reason: "duplicate", field: None, detail }));
        }
        let contradicted = match contradicted_add(&event, &events) {
            Some(rejection) => Some(rejection),
            None => kept.contradicted(&event)?,
        };
        if let Some(rejection) = contradicted {
            return Err(AddedError::Misfit(Misfit::of(number, rejection)));
        }
        events.push(event.into_owned());
    }
    Ok(events)
}

fn event_text(add: &AddEdit, number: u64) -> String {
    let AddEdit { event_type, time, data } = add;
    let (event_type, time) = (quoted(event_type), quoted(time));
    format!(
        r#"{{"specversion":"1.0","type":{event_type},"source":"{SOURCE}","id":"{number}","time":{time},"data":{data}}}"#
    )
}

/// Which of the adds before it an added event contradicts. Their identities differ by their numbers.
fn contradicted_add(event: &Event<'_>, earlier: &[Event<'_>]) -> Option<Rejection> {
    earlier.iter().zip(1u64..).find_map(|(other, number)| match (&event.body, &other.body) {
        (Body::Registration(data), Body::Registration(other)) if data.uid == other.uid => {
            Some(registered_already(data.uid, &format!("by add {number}")))
        }
        (Body::Code(data), Body::Code(other)) if data.code == other.code && data.owner_uid != other.owner_uid => {
            Some(owned_already(&data.code, other.owner_uid, &format!("by add {number}")))
        }
        _ => None,
    })
}

fn registered_already(uid: schemas::Uid, by: &str) -> Rejection {
    Rejection::of_field(Reason::Conflict, "uid", format!("uid {uid} is registered already, {by}"))
}

fn owned_already(code: &str, owner: schemas::Uid, by: &str) -> Rejection {
    Rejection::of_field(Reason::Conflict, "owner_uid", format!("code {code} is owned by uid {owner}, {by}"))
}

/// The entries that are kept.
struct Kept<'a> {
    rules: &'a Rules,
    state: &'a State,
    reader: &'a dyn EventReader,
}

impl Kept<'_> {
    /// The entry that has the identity of an added event.
    fn duplicate(&self, event: &Event<'_>) -> Result<Option<ledger::Position>, ReadError> {
        let found = self.state.index().find(event.stream(), &event.source, &event.id, self.reader)?;
        let Some(position) = found else { return Ok(None) };
        Ok((!self.rules.drops(&self.reader.event(position)?)).then_some(position))
    }

    /// Which entry an added event contradicts.
    fn contradicted(&self, event: &Event<'_>) -> Result<Option<Rejection>, ReadError> {
        match &event.body {
            Body::Registration(data) => {
                let Some(position) = self.state.registration_position(data.uid) else { return Ok(None) };
                let is_kept = !self.rules.drops(&self.reader.event(position)?);
                Ok(is_kept.then(|| registered_already(data.uid, &format!("by position {position}"))))
            }
            Body::Code(data) => {
                for position in self.state.index().stream_positions(StreamKey::Name(&data.code)) {
                    let entry = self.reader.event(position)?;
                    if let Body::Code(other) = &entry.body
                        && !self.rules.drops(&entry)
                    {
                        // All that were accepted of one code have one owner.
                        let is_other = other.owner_uid != data.owner_uid;
                        let by = format!("by position {position}");
                        return Ok(is_other.then(|| owned_already(&data.code, other.owner_uid, &by)));
                    }
                }
                Ok(None)
            }
            Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Trade(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Affiliate(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => Ok(None),
        }
    }
}
