//! The body of a command: a JSON object with declared fields. What is missing or of the wrong type is 400; what
//! has its type and breaks a rule is 422. Other fields are ignored, as in events.

mod encoding;
mod fields;
mod looks_like;
mod receive;

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

pub use fields::*;
pub(crate) use looks_like::looks_like;
pub use receive::receive;
pub(crate) use receive::{declared_length, is_encoded};

use crate::problem::{Problem, ProblemKind};

/// A field of a body.
pub struct Field<T> {
    /// Its name in the object.
    pub name: &'static str,
    /// Its JSON type, to go on after "expected".
    pub(crate) json_type: JsonType,
    /// What a value has to be, to go on after "expected".
    pub(crate) expected: &'static str,
    pub(crate) read: fn(&Value) -> Option<T>,
    pub(crate) schema: fn() -> RefOr<Schema>,
}

/// The JSON types that fields have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonType {
    Text,
    Bool,
}

impl JsonType {
    fn is_of(self, value: &Value) -> bool {
        match self {
            JsonType::Text => value.is_string(),
            JsonType::Bool => value.is_boolean(),
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            JsonType::Text => "a text",
            JsonType::Bool => "true or false",
        }
    }
}

/// A field of any kind.
pub(crate) trait DescribedField: Sync {
    fn name(&self) -> &'static str;
    fn json_type(&self) -> JsonType;
    fn schema(&self) -> RefOr<Schema>;
}

impl<T> DescribedField for Field<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn json_type(&self) -> JsonType {
        self.json_type
    }

    fn schema(&self) -> RefOr<Schema> {
        (self.schema)()
    }
}

/// Which fields a body has.
#[derive(Clone, Copy)]
pub struct Shape {
    pub(crate) required: &'static [&'static dyn DescribedField],
    pub(crate) optional: &'static [&'static dyn DescribedField],
    /// Whether no body at all stands for an empty object.
    pub(crate) may_be_absent: bool,
}

impl Shape {
    /// The shape as the OpenAPI document has it.
    pub(crate) fn schema(self, description: &str) -> RefOr<Schema> {
        let mut object = ObjectBuilder::new().schema_type(Type::Object).description(Some(description));
        for field in self.required.iter().chain(self.optional) {
            object = object.property(field.name(), field.schema());
        }
        for field in self.required {
            object = object.required(field.name());
        }
        RefOr::T(Schema::Object(object.build()))
    }
}

/// Declares the body of a command: for reading it and for the OpenAPI document.
macro_rules! body {
    ($name:ident, $meaning:literal, required: [$($required:ident),*], optional: [$($optional:ident),*]) => {
        crate::body::body!(@ $name, $meaning, [$($required),*], [$($optional),*], false);
    };
    ($name:ident, $meaning:literal, optional: [$($optional:ident),*], may be absent) => {
        crate::body::body!(@ $name, $meaning, [], [$($optional),*], true);
    };
    (@ $name:ident, $meaning:literal, [$($required:ident),*], [$($optional:ident),*], $may_be_absent:literal) => {
        #[doc = $meaning]
        pub struct $name;

        impl $name {
            /// Which fields it has.
            pub const SHAPE: crate::body::Shape = crate::body::Shape {
                required: &[$(&crate::body::$required),*],
                optional: &[$(&crate::body::$optional),*],
                may_be_absent: $may_be_absent,
            };
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $name::SHAPE.schema($meaning)
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

pub(crate) use body;

/// The fields that a body has, of the types declared.
#[derive(Debug)]
pub struct BodyFields(Vec<(String, Value)>);

impl BodyFields {
    /// Reads a body: 400 if it is no JSON object, or lacks a field, or has one of the wrong type.
    pub fn read(text: &[u8], shape: Shape) -> Result<BodyFields, Problem> {
        let mut read = serde_json::Deserializer::from_slice(text);
        let fields = BodyFields::deserialize(&mut read).and_then(|fields| read.end().map(|()| fields));
        let not_json = |error: serde_json::Error| {
            let why = looks_like(text).map_or_else(|| error.to_string(), str::to_owned);
            Problem::new(ProblemKind::InvalidBody, format!("the body has to be a JSON object: {why}"))
        };
        let BodyFields(fields) = fields.map_err(not_json)?;
        let required = shape.required.iter().map(|field| (field, true));
        let optional = shape.optional.iter().map(|field| (field, false));
        for (field, is_required) in required.chain(optional) {
            let expected = field.json_type();
            let mut found = fields.iter().filter(|(name, _)| name == field.name()).map(|(_, value)| value);
            let wrong = match (found.next(), found.next()) {
                (None, _) if is_required => "it is missing",
                (Some(value), None) if !expected.is_of(value) => "something else came",
                (_, Some(_)) => "it is given twice",
                (None | Some(_), None) => continue,
            };
            let detail = format!("expected {}; {wrong}", expected.in_words());
            return Err(Problem::of_field(ProblemKind::InvalidBody, field.name(), detail));
        }
        Ok(BodyFields(fields))
    }

    /// A field's value, if it is there: 422 if it breaks its rule.
    pub fn get<T>(&self, field: &Field<T>) -> Result<Option<T>, Problem> {
        let Some((_, value)) = self.0.iter().find(|(name, _)| name == field.name) else { return Ok(None) };
        let broken = || Problem::of_field(ProblemKind::BreaksRule, field.name, format!("expected {}", field.expected));
        (field.read)(value).map(Some).ok_or_else(broken)
    }

    /// The value of a required field.
    pub fn require<T>(&self, field: &Field<T>) -> Result<T, Problem> {
        // Reading the body has found it missing before.
        let missing = || Problem::of_field(ProblemKind::InvalidBody, field.name, "it is missing");
        self.get(field)?.ok_or_else(missing)
    }
}

impl<'de> Deserialize<'de> for BodyFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BodyFields, D::Error> {
        /// Collects every field, so that one given twice is seen.
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = BodyFields;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<BodyFields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(BodyFields(fields))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use schemas::Rate;

    use super::*;

    body!(TestBody, "A body.", required: [SPOT_REBATE_RATE], optional: [NOTE, IS_DEFAULT]);

    #[test]
    fn a_body_that_is_no_object_lacks_a_field_or_has_a_wrong_type_is_400() {
        for (text, field) in [
            ("", None),
            ("{", None),
            ("[]", None),
            ("null", None),
            ("\"a\"", None),
            ("{}{}", None),
            ("\u{feff}{}", None),
            (r#"{"note": "\ud800"}"#, None),
            (r#"{"other": 1e400}"#, None),
            ("{}", Some("spot_rebate_rate")),
            (r#"{"spot_rebate_rate": 0.1}"#, Some("spot_rebate_rate")),
            (r#"{"spot_rebate_rate": null}"#, Some("spot_rebate_rate")),
            (r#"{"spot_rebate_rate": "0.1", "spot_rebate_rate": "0.1"}"#, Some("spot_rebate_rate")),
            (r#"{"spot_rebate_rate": "0.1", "note": null}"#, Some("note")),
            (r#"{"spot_rebate_rate": "2", "is_default": "true"}"#, Some("is_default")),
        ] {
            let problem = BodyFields::read(text.as_bytes(), TestBody::SHAPE).expect_err(text);
            assert_eq!((problem.status(), problem.field.as_deref()), (400, field), "{text}");
        }
        assert_eq!(BodyFields::read(b"{\"\xff\": 1}", TestBody::SHAPE).expect_err("not UTF-8").status(), 400);
        let deep = "[".repeat(100_000);
        assert_eq!(BodyFields::read(deep.as_bytes(), TestBody::SHAPE).expect_err("deep").status(), 400);
    }

    #[test]
    fn a_value_that_breaks_its_rule_is_422_and_other_fields_are_ignored() {
        let read = |text: &str| BodyFields::read(text.as_bytes(), TestBody::SHAPE).expect("typed");
        let fields = read(r#"{"spot_rebate_rate": "0.1", "uid": [], "uid": 1, "owner_uid": 3}"#);
        assert_eq!(fields.require(&SPOT_REBATE_RATE), Ok(Rate(100_000)));
        assert_eq!(fields.get(&NOTE), Ok(None));
        for rate in ["1.1", "-0.1", "0.1234567", ".1", "abc", ""] {
            let problem = read(&format!(r#"{{"spot_rebate_rate": "{rate}"}}"#)).require(&SPOT_REBATE_RATE);
            let problem = problem.expect_err(rate);
            assert_eq!((problem.status(), problem.field.as_deref()), (422, Some("spot_rebate_rate")), "{rate}");
        }
        for (length, is_taken) in [(200, true), (201, false)] {
            let fields = read(&format!(r#"{{"spot_rebate_rate": "0", "note": "{}"}}"#, "é".repeat(length)));
            assert_eq!(fields.get(&NOTE).is_ok(), is_taken, "{length}");
        }
    }
}
