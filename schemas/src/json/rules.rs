//! The rules that fields follow: how each is read, written and described. One rule serves every field of its kind.

mod choices;
mod integers;
mod money;
mod texts;

use std::borrow::Cow;
use std::marker::PhantomData;

use serde_json::{Value, json};

pub(super) use choices::{BoolRule, CountryRule, DayRule, OneOf};
pub(super) use integers::{LevelRule, UidRule, WindowRule};
pub(super) use money::{AssetAmountRule, RateRule, UsdRule};
pub use texts::is_code;
pub(super) use texts::{CodeRule, TextRule};

use super::slot::Slot;
use crate::event::Relationship;
use crate::money::DecimalError;

/// Why a value does not follow its rule.
#[derive(Debug)]
pub(super) struct Broken {
    /// What was expected, and what came.
    pub detail: String,
}

impl Broken {
    #[cold]
    pub(super) fn expected(what: &str, slot: &Slot<'_>) -> Broken {
        Broken { detail: format!("expected {what}; came {}", slot.describe()) }
    }

    #[cold]
    fn decimal(what: &str, error: DecimalError, slot: &Slot<'_>) -> Broken {
        Broken { detail: format!("expected {what}; came {}: {error}", slot.describe()) }
    }
}

/// The rule of a field.
pub(super) trait Rule {
    /// What the field holds once it is read.
    type Value<'a>;
    /// Whether the field must be there.
    const REQUIRED: bool = true;

    /// Reads the value, and takes it out of its slot.
    fn read<'a>(slot: &mut Slot<'a>) -> Result<Self::Value<'a>, Broken>;
    /// Writes the value as JSON.
    fn write(value: &Self::Value<'_>, out: &mut Vec<u8>);
    /// The rule as JSON Schema.
    fn schema() -> Value;
}

/// Writes a value that is no text, or a text without anything to escape, through its `Display`.
fn write_display(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    use std::io::Write;
    write!(out, "{value}").expect("a Vec takes every byte");
}

fn write_quoted(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    out.push(b'"');
    write_display(value, out);
    out.push(b'"');
}

pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("a Vec takes every byte, and a text is always JSON");
}

/// A field that may be null; absent means null.
pub(super) struct OrNull<R>(PhantomData<R>);

impl<R: Rule> Rule for OrNull<R> {
    type Value<'a> = Option<R::Value<'a>>;
    const REQUIRED: bool = false;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Option<R::Value<'a>>, Broken> {
        if matches!(slot, Slot::Absent | Slot::Null) { Ok(None) } else { R::read(slot).map(Some) }
    }

    fn write(value: &Option<R::Value<'_>>, out: &mut Vec<u8>) {
        match value {
            Some(value) => R::write(value, out),
            None => out.extend_from_slice(b"null"),
        }
    }

    fn schema() -> Value {
        json!({"oneOf": [R::schema(), {"type": "null"}], "default": null})
    }
}

/// What stands in a field that is left out.
pub(super) trait HasDefault: Rule {
    /// The default, as it would be written.
    const DEFAULT: Slot<'static>;
}

impl<const MAX: usize> HasDefault for TextRule<0, MAX> {
    const DEFAULT: Slot<'static> = Slot::Text(Cow::Borrowed(""));
}

impl HasDefault for BoolRule {
    const DEFAULT: Slot<'static> = Slot::Bool(false);
}

impl HasDefault for OneOf<Relationship> {
    const DEFAULT: Slot<'static> = Slot::Text(Cow::Borrowed("both"));
}

/// A field that may be left out, but not be null.
pub(super) struct OrDefault<R>(PhantomData<R>);

impl<R: HasDefault> Rule for OrDefault<R> {
    type Value<'a> = R::Value<'a>;
    const REQUIRED: bool = false;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<R::Value<'a>, Broken> {
        if matches!(slot, Slot::Absent) { R::read(&mut { R::DEFAULT }) } else { R::read(slot) }
    }

    fn write(value: &R::Value<'_>, out: &mut Vec<u8>) {
        R::write(value, out);
    }

    fn schema() -> Value {
        let mut schema = R::schema();
        schema["default"] = match R::DEFAULT {
            Slot::Text(text) => Value::from(text),
            Slot::Bool(value) => Value::from(value),
            Slot::Integer(value) => Value::from(value),
            Slot::Negative(value) => Value::from(value),
            Slot::Absent | Slot::Null | Slot::OtherNumber | Slot::List(_) | Slot::Object(_) => Value::Null,
        };
        schema
    }
}
