//! What an answer from rows reflects: a position a shard, in the place of a ledger's one.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::reading::AsOf;

/// The fields of an answer in their order, as they are written.
struct Fields<'a>(Vec<(String, Field<'a>)>);

enum Field<'a> {
    AsItIs(&'a RawValue),
    AsOf(AsOfShards<'a>),
}

#[derive(Clone, Copy, Serialize)]
struct AsOfShards<'a> {
    positions: &'a [u64],
    event_time: Option<schemas::Timestamp>,
}

/// The same answer with these positions in `as_of`.
pub(super) fn with_positions(body: &[u8], as_of: &AsOf) -> Result<Vec<u8>, serde_json::Error> {
    let mut fields: Fields<'_> = serde_json::from_slice(body)?;
    let shards = AsOfShards { positions: &as_of.positions, event_time: as_of.event_time };
    for (_, field) in fields.0.iter_mut().filter(|(name, _)| name == "as_of") {
        *field = Field::AsOf(shards);
    }
    serde_json::to_vec(&fields)
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Fields<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an answer")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    fields.push((name, Field::AsItIs(value)));
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Read)
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, field) in &self.0 {
            match field {
                Field::AsItIs(value) => map.serialize_entry(name, value)?,
                Field::AsOf(as_of) => map.serialize_entry(name, as_of)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_else_is_as_it_was_down_to_the_order() {
        let body = br#"{"uid":7,"b":"1.50","a":[1,{"as_of":1}],"as_of":{"position":0,"event_time":null}}"#;
        let as_of = AsOf { positions: vec![812, 700], event_time: schemas::Timestamp::parse("2026-03-01T00:00:00Z") };
        let written = with_positions(body, &as_of).expect("JSON");
        let expected = concat!(
            r#"{"uid":7,"b":"1.50","a":[1,{"as_of":1}],"#,
            r#""as_of":{"positions":[812,700],"event_time":"2026-03-01T00:00:00Z"}}"#
        );
        assert_eq!(String::from_utf8(written).expect("UTF-8"), expected);
    }
}
