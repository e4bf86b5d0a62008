//! JSON with its keys in the order in which they stand and its numbers as they are written, which a table's
//! columns need.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON value, one level deep: what stands in it is read when it is asked for.
#[derive(Debug)]
pub(super) enum Json {
    Null,
    /// `true`, `false` or a number, as written.
    Plain(String),
    Text(String),
    /// A list, as written, and its members.
    List(String, Vec<Box<RawValue>>),
    Object(Vec<(String, Box<RawValue>)>),
}

impl Json {
    /// Reads the outermost level of a text.
    pub(super) fn read(text: &str) -> Result<Json, serde_json::Error> {
        let text = text.trim_start();
        match text.bytes().next() {
            Some(b'{') => serde_json::from_str::<Fields>(text).map(|fields| Json::Object(fields.0)),
            Some(b'[') => serde_json::from_str(text).map(|members| Json::List(text.trim_end().to_owned(), members)),
            Some(b'"') => serde_json::from_str(text).map(Json::Text),
            Some(b'n') => serde_json::from_str::<()>(text).map(|()| Json::Null),
            _ => serde_json::from_str::<Box<RawValue>>(text).map(|value| Json::Plain(value.get().to_owned())),
        }
    }

    /// The same without a field.
    pub(super) fn without(mut self, name: &str) -> Json {
        if let Json::Object(fields) = &mut self {
            fields.retain(|(field, _)| field != name);
        }
        self
    }

    /// The value of a field, if this is an object that has it.
    pub(super) fn field(&self, name: &str) -> Option<&RawValue> {
        match self {
            Json::Object(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| &**value),
            Json::Null | Json::Plain(_) | Json::Text(_) | Json::List(..) => None,
        }
    }
}

/// The fields of an object, in order.
struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
