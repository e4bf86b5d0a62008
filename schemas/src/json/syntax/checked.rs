//! Values that nobody asks for. They are read as the others are, so that nothing in them goes unseen.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::super::slot::Shape;
use super::{Name, refuse_deep};

/// A value that nobody asks for: read whole and forgotten.
pub(super) struct Checked {
    pub level: u8,
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
