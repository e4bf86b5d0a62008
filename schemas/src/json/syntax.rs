//! The syntax of an event's text: every value is checked, those that the contract names are kept.
//!
//! serde_json finds what is no JSON, a lone surrogate and a number beyond binary64, as long as every value is
//! really read; so values that nobody asks for go through [`Checked`] and never through `IgnoredAny`. Levels
//! and names that come twice are counted here.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

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
    match &envelope[TYPE] {
        Slot::Text(name) => EventType::from_name(name),
        _ => None,
    }
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
                    None => map.next_value_seed(Value { keep: Keep::Nothing, level: level + 1 })?,
                }
            } else {
                map.next_value_seed(Value { keep: Keep::Nothing, level: level + 1 })?
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

/// What to keep of a list or an object.
#[derive(Clone, Copy)]
enum Keep {
    /// Only that it is one.
    Nothing,
    /// The elements of a list, which are objects of this shape.
    ListOf(&'static Shape),
    /// The fields of an object of this shape.
    ObjectOf(&'static Shape),
}

/// A value; `level` is the one that a list or an object has here.
struct Value {
    keep: Keep,
    level: u8,
}

impl<'a> DeserializeSeed<'a> for Value {
    type Value = Slot<'a>;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Slot<'a>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Value {
    type Value = Slot<'a>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Slot<'a>, E> {
        Ok(Slot::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Slot<'a>, E> {
        Ok(Slot::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Slot<'a>, E> {
        Ok(Slot::Integer(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Slot<'a>, E> {
        Ok(Slot::Negative(value))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Slot<'a>, E> {
        Ok(Slot::OtherNumber)
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Slot<'a>, E> {
        Ok(Slot::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Slot<'a>, E> {
        Ok(Slot::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<Slot<'a>, S::Error> {
        let level = self.level;
        let Keep::ListOf(shape) = self.keep else {
            Checked { level }.visit_seq(list)?;
            return Ok(Slot::List(Vec::new()));
        };
        refuse_deep(level)?;
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(Value { keep: Keep::ObjectOf(shape), level: level + 1 })? {
            elements.push(element);
        }
        Ok(Slot::List(elements))
    }

    fn visit_map<M: MapAccess<'a>>(self, map: M) -> Result<Slot<'a>, M::Error> {
        let level = self.level;
        let Keep::ObjectOf(shape) = self.keep else {
            Checked { level }.visit_map(map)?;
            return Ok(Slot::Object(None));
        };
        let mut slots: Box<[Slot<'a>]> = shape.names.iter().map(|_| Slot::Absent).collect();
        Fields { shape, level, into: &mut slots }.visit_map(map)?;
        Ok(Slot::Object(Some(slots)))
    }
}

/// A value whose fields, if it is an object, go into slots by its shape.
struct Fields<'s, 'a> {
    shape: &'static Shape,
    level: u8,
    into: &'s mut [Slot<'a>],
}

impl<'a> DeserializeSeed<'a> for Fields<'_, 'a> {
    type Value = Slot<'a>;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Slot<'a>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Fields<'_, 'a> {
    type Value = Slot<'a>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Slot<'a>, M::Error> {
        refuse_deep(self.level)?;
        let level = self.level + 1;
        let shape = self.shape;
        let mut expected = 0;
        while let Some(index) = map.next_key_seed(Name { shape, expected })? {
            let Some(index) = index else {
                map.next_value_seed(Checked { level })?;
                continue;
            };
            refuse_second(self.into, shape, index)?;
            let keep = match shape.list {
                Some((list, elements)) if list == index => Keep::ListOf(elements),
                Some(_) | None => Keep::Nothing,
            };
            self.into[index] = map.next_value_seed(Value { keep, level })?;
            expected = index + 1;
        }
        Ok(Slot::Object(None))
    }

    // Whatever else `data` may be is no object, and is told by its slot.

    fn visit_unit<E>(self) -> Result<Slot<'a>, E> {
        Ok(Slot::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Slot<'a>, E> {
        Ok(Slot::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Slot<'a>, E> {
        Ok(Slot::Integer(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Slot<'a>, E> {
        Ok(Slot::Negative(value))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Slot<'a>, E> {
        Ok(Slot::OtherNumber)
    }

    fn visit_str<E>(self, text: &str) -> Result<Slot<'a>, E> {
        Ok(Slot::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<S: SeqAccess<'a>>(self, list: S) -> Result<Slot<'a>, S::Error> {
        Checked { level: self.level }.visit_seq(list)?;
        Ok(Slot::List(Vec::new()))
    }
}

/// A value that nobody asks for: read whole and forgotten.
struct Checked {
    level: u8,
}

impl<'a> DeserializeSeed<'a> for Checked {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Checked {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<(), S::Error> {
        refuse_deep(self.level)?;
        while list.next_element_seed(Checked { level: self.level + 1 })?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        refuse_deep(self.level)?;
        while map.next_key_seed(Name { shape: &NO_NAMES, expected: 0 })?.is_some() {
            map.next_value_seed(Checked { level: self.level + 1 })?;
        }
        Ok(())
    }
}

/// The shape of an object whose fields nobody asks for.
const NO_NAMES: Shape = Shape { names: &[], list: None };
