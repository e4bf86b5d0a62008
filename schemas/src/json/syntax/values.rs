//! Values that are kept: what stood in a field, and the fields of an object.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::super::slot::{Shape, Slot};
use super::checked::Checked;
use super::{Name, refuse_deep, refuse_second};

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
pub(super) struct Value {
    keep: Keep,
    level: u8,
}

impl Value {
    /// A value of which only the kind matters, if it is a list or an object.
    pub(super) fn plain(level: u8) -> Value {
        Value { keep: Keep::Nothing, level }
    }
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
            return Ok(Slot::List(Box::default()));
        };
        refuse_deep(level)?;
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(Value { keep: Keep::ObjectOf(shape), level: level + 1 })? {
            elements.push(element);
        }
        Ok(Slot::List(elements.into()))
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
pub(super) struct Fields<'s, 'a> {
    pub shape: &'static Shape,
    pub level: u8,
    pub into: &'s mut [Slot<'a>],
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
        Ok(Slot::List(Box::default()))
    }
}
