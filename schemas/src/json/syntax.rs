//! The syntax of an event's text: every value is checked, those that the contract names are kept.
//!
//! serde_json finds what is no JSON, a lone surrogate and a number beyond binary64, as long as every value is
//! really read; so values that nobody asks for go through [`Checked`] and never through `IgnoredAny`. Levels
//! and names that come twice are counted here.

mod checked;
mod values;

use std::fmt;

use checked::Checked;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use values::{Fields, Value};

use super::contract;
use super::limits::NESTING_LEVELS_MAX;
use super::slot::{SLOTS_MAX, Shape, Slot};
use crate::event::EventType;
use crate::rejection::{Reason, Rejection};

/// The attributes of the envelope that the contract names.
pub(super) const ENVELOPE: Shape =
    Shape { names: &["specversion", "type", "source", "id", "time", "data"], list: None };
pub(super) const SPECVERSION: usize = 0;
pub(super) const TYPE: usize = 1;
pub(super) const SOURCE: usize = 2;
pub(super) const ID: usize = 3;
pub(super) const TIME: usize = 4;
pub(super) const DATA: usize = 5;
const ATTRIBUTES: usize = 6;

/// What stood in an event: its envelope, and the fields of its `data`.
#[derive(Debug, Default)]
pub(super) struct EventSlots<'a> {
    /// The envelope's attributes, by [`ENVELOPE`].
    pub envelope: [Slot<'a>; ATTRIBUTES],
    /// The fields of `data`, by the shape of the event's own type; empty if that is not known.
    pub data: [Slot<'a>; SLOTS_MAX],
}

/// Reads the syntax of a whole event.
///
/// # Errors
/// `malformed`, with what is wrong and where.
pub(super) fn read_slots(text: &str) -> Result<EventSlots<'_>, Rejection> {
    let mut reading = Reading { slots: EventSlots::default(), known: None, data_before_type: false };
    read_once(text, &mut reading)?;
    // Which names of `data` count is known from the type only; where it stands behind, read once more.
    if reading.data_before_type
        && let Some(known) = own_type(&reading.slots.envelope)
    {
        reading = Reading { slots: EventSlots::default(), known: Some(known), data_before_type: false };
        read_once(text, &mut reading)?;
    }
    Ok(reading.slots)
}

fn read_once<'a>(text: &'a str, reading: &mut Reading<'a>) -> Result<(), Rejection> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = (&mut json).deserialize_map(reading).and_then(|()| json.end());
    read.map_err(|error| Rejection::new(Reason::Malformed, error.to_string()))
}

fn own_type(envelope: &[Slot<'_>]) -> Option<EventType> {
    if let Slot::Text(name) = &envelope[TYPE] { EventType::from_name(name) } else { None }
}

/// The event while it is read.
struct Reading<'a> {
    slots: EventSlots<'a>,
    /// The type, if it is known from an earlier reading.
    known: Option<EventType>,
    /// Whether `data` came while the type was not known.
    data_before_type: bool,
}

impl<'a> Visitor<'a> for &mut Reading<'a> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object, the event")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        let level = 1;
        let mut expected = 0;
        while let Some(index) = map.next_key_seed(Name { shape: &ENVELOPE, expected })? {
            let Some(index) = index else {
                map.next_value_seed(Checked { level: level + 1 })?;
                continue;
            };
            refuse_second(&self.slots.envelope, &ENVELOPE, index)?;
            let slot = if index == DATA {
                let known = self.known.or_else(|| own_type(&self.slots.envelope));
                let typed = self.slots.envelope[TYPE].is_there() || self.known.is_some();
                self.data_before_type = !typed;
                match known {
                    Some(known) => {
                        let shape = contract::shape_of(known);
                        map.next_value_seed(Fields { shape, level: level + 1, into: &mut self.slots.data })?
                    }
                    None => map.next_value_seed(Value::plain(level + 1))?,
                }
            } else {
                map.next_value_seed(Value::plain(level + 1))?
            };
            self.slots.envelope[index] = slot;
            expected = index + 1;
        }
        Ok(())
    }
}

impl Slot<'_> {
    fn is_there(&self) -> bool {
        !matches!(self, Slot::Absent)
    }
}

fn refuse_second<E: Error>(slots: &[Slot<'_>], shape: &Shape, index: usize) -> Result<(), E> {
    if slots[index].is_there() {
        return Err(E::custom(format_args!("the key {:?} comes twice", shape.names[index])));
    }
    Ok(())
}

fn refuse_deep<E: Error>(level: u8) -> Result<(), E> {
    if level > NESTING_LEVELS_MAX {
        return Err(E::custom(format_args!("more than {NESTING_LEVELS_MAX} levels of nesting")));
    }
    Ok(())
}

/// A key: its index in the shape, `None` if the shape does not name it.
struct Name {
    shape: &'static Shape,
    /// The index that comes next if the names stand in the contract's order.
    expected: usize,
}

impl<'a> DeserializeSeed<'a> for Name {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Option<usize>, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<usize>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Option<usize>, E> {
        let names = self.shape.names;
        if names.get(self.expected) == Some(&key) {
            return Ok(Some(self.expected));
        }
        Ok(names.iter().position(|name| *name == key))
    }
}
