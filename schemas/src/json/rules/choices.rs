//! The rules of values out of a closed set: truth values, countries, days, the texts of an enum.

use std::marker::PhantomData;

use serde_json::{Value, json};

use super::super::slot::Slot;
use super::{Broken, Rule, write_display, write_quoted};
use crate::country::Country;
use crate::event::{
    AccountType, AffiliateStatus, KycStatus, Metric, OfferKind, Period, Product, Relationship, Visibility,
};
use crate::time::Day;

/// `true` or `false`.
pub(in crate::json) struct BoolRule;

impl Rule for BoolRule {
    type Value<'a> = bool;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<bool, Broken> {
        let Slot::Bool(value) = slot else { return Err(Broken::expected("true or false", slot)) };
        Ok(*value)
    }

    fn write(value: &bool, out: &mut Vec<u8>) {
        write_display(value, out);
    }

    fn schema() -> Value {
        json!({"type": "boolean"})
    }
}

/// A country.
pub(in crate::json) struct CountryRule;

impl Rule for CountryRule {
    type Value<'a> = Country;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Country, Broken> {
        let what = "an assigned ISO 3166-1 alpha-2 code, \"XK\" or null";
        let Slot::Text(text) = slot else { return Err(Broken::expected(what, slot)) };
        Country::parse(text).ok_or_else(|| Broken::expected(what, slot))
    }

    fn write(value: &Country, out: &mut Vec<u8>) {
        write_quoted(value, out);
    }

    fn schema() -> Value {
        json!({"type": "string", "enum": Country::all().map(|country| country.to_string()).collect::<Vec<_>>()})
    }
}

/// A UTC day.
pub(in crate::json) struct DayRule;

impl Rule for DayRule {
    type Value<'a> = Day;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Day, Broken> {
        let what = "a date like \"2026-03-01\"";
        let Slot::Text(text) = slot else { return Err(Broken::expected(what, slot)) };
        Day::parse(text).ok_or_else(|| Broken::expected(what, slot))
    }

    fn write(value: &Day, out: &mut Vec<u8>) {
        write_quoted(value, out);
    }

    fn schema() -> Value {
        json!({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
    }
}

/// An enum whose values have a text on the wire.
pub(in crate::json) trait WireText: Copy + Sized + 'static {
    /// All values.
    const ALL: &'static [Self];
    /// The text of a value.
    fn text(self) -> &'static str;
    /// The value of a text.
    fn of_text(text: &str) -> Option<Self>;
}

macro_rules! wire_text {
    ($($name:ident)*) => {$(
        impl WireText for $name {
            const ALL: &'static [$name] = $name::ALL;
            fn text(self) -> &'static str { self.as_str() }
            fn of_text(text: &str) -> Option<$name> { $name::parse(text) }
        }
    )*};
}

wire_text! { AccountType Relationship KycStatus Product AffiliateStatus OfferKind Period Visibility Metric }

/// One of the texts of an enum.
pub(in crate::json) struct OneOf<T>(PhantomData<T>);

impl<T: WireText> Rule for OneOf<T> {
    type Value<'a> = T;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<T, Broken> {
        let value = if let Slot::Text(text) = slot { T::of_text(text) } else { None };
        value.ok_or_else(|| {
            let texts: Vec<String> = T::ALL.iter().map(|value| format!("\"{}\"", value.text())).collect();
            Broken::expected(&format!("one of {}", texts.join(", ")), slot)
        })
    }

    fn write(value: &T, out: &mut Vec<u8>) {
        write_quoted(value.text(), out);
    }

    fn schema() -> Value {
        json!({"type": "string", "enum": T::ALL.iter().map(|value| value.text()).collect::<Vec<_>>()})
    }
}
