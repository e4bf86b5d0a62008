//! Deeds: what one actor did in one commit. A command is one; so is what of a body of events came into a frame, however
//! many events it had. They lie in the frame, behind its records; what is held in memory of them is where ([`Deeds`](crate::Deeds)).

use std::ops::Range;

use schemas::{EventType, record};

use crate::actor::Actor;
use crate::fields::{Fields, put_varint};
use crate::position::Position;

/// What one actor did in one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// Who.
    pub actor: Actor,
    /// The positions of the events that were accepted of it; empty if none was.
    pub events: Range<Position>,
    /// Of which types these are.
    pub types: EventTypes,
    /// The numbers of the events that were newly quarantined of it; empty if none was.
    pub quarantined: Range<u64>,
    /// Which of the frame's acts were its own, counted from 0.
    pub(crate) acts: Range<u32>,
}

/// Types of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventTypes(u32);

impl EventTypes {
    /// Whether this type is among them.
    #[must_use]
    pub fn holds(self, event_type: EventType) -> bool {
        self.0 & 1 << record::number_of(event_type) != 0
    }

    /// Takes in the type of an event, of which this is the record.
    pub(crate) fn note(&mut self, of_record: &[u8]) {
        self.0 |= record::type_number(of_record).map_or(0, |number| 1 << number);
    }
}

impl Deed {
    /// How many rows it has in the list of deeds: one for each act, and one where it was none.
    #[must_use]
    pub fn rows(&self) -> u64 {
        (self.acts.len() as u64).max(1)
    }

    pub(crate) fn put(&self, frame: &OfFrame, out: &mut Vec<u8>) {
        let mut put = |range: Range<u64>, first: u64| {
            put_varint(out, if range.is_empty() { 0 } else { range.start - first });
            put_varint(out, range.end.saturating_sub(range.start));
        };
        put(self.events.clone(), frame.first_position);
        put(self.quarantined.clone(), frame.first_quarantine);
        put(u64::from(self.acts.start)..u64::from(self.acts.end), 0);
        put_varint(out, u64::from(self.types.0));
        self.actor.put(out);
    }

    pub(crate) fn take(fields: &mut Fields<'_>, frame: &OfFrame) -> Option<Deed> {
        let mut range = |first: u64| {
            let start = first.checked_add(fields.varint()?)?;
            Some(start..start.checked_add(fields.varint()?)?)
        };
        let (events, quarantined, acts) = (range(frame.first_position)?, range(frame.first_quarantine)?, range(0)?);
        let end = frame.first_position + u64::from(frame.event_count);
        (events.end <= end).then_some(Deed {
            events,
            quarantined,
            acts: u32::try_from(acts.start).ok()?..u32::try_from(acts.end).ok()?,
            types: EventTypes(u32::try_from(fields.varint()?).ok()?),
            actor: Actor::take(fields)?,
        })
    }
}

/// From where on a frame counts its events and what it newly quarantines, and how many events it has.
#[derive(Clone, Copy)]
pub(crate) struct OfFrame {
    pub(crate) first_position: Position,
    pub(crate) first_quarantine: u64,
    pub(crate) event_count: u32,
}
