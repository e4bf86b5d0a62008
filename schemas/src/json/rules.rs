//! The rules that fields follow: how each is read, written and described. One rule serves every field of its kind.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde_json::{Value, json};

use super::limits::{VIP_LEVEL_MAX, WINDOW_DAYS_MAX, has_at_most};
use super::slot::Slot;
use crate::country::Country;
use crate::event::{
    AccountType, AffiliateStatus, KycStatus, Metric, OfferKind, Period, Product, Relationship, Uid, Visibility,
};
use crate::money::{AssetAmount, DecimalError, Rate, Usd};
use crate::time::Day;

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

/// An account's uid.
pub(super) struct UidRule;

impl Rule for UidRule {
    type Value<'a> = Uid;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Uid, Broken> {
        match slot {
            Slot::Integer(value) if (1..=Uid::MAX).contains(value) => Ok(Uid(*value)),
            _ => Err(Broken::expected(
                "a uid: an integer from 1 to 9007199254740991, written without point and exponent",
                slot,
            )),
        }
    }

    fn write(value: &Uid, out: &mut Vec<u8>) {
        write_display(value, out);
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": 1, "maximum": Uid::MAX})
    }
}

/// A VIP level.
pub(super) struct LevelRule;

impl Rule for LevelRule {
    type Value<'a> = u8;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<u8, Broken> {
        match slot {
            Slot::Integer(value) if *value <= u64::from(VIP_LEVEL_MAX) => Ok(*value as u8),
            _ => Err(Broken::expected("a VIP level: an integer from 0 to 20", slot)),
        }
    }

    fn write(value: &u8, out: &mut Vec<u8>) {
        write_display(value, out);
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": 0, "maximum": VIP_LEVEL_MAX})
    }
}

/// The length of a futures window.
pub(super) struct WindowRule;

impl Rule for WindowRule {
    type Value<'a> = u16;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<u16, Broken> {
        match slot {
            Slot::Integer(value) if *value <= u64::from(WINDOW_DAYS_MAX) => Ok(*value as u16),
            _ => Err(Broken::expected("days: an integer from 0 to 36500, or null", slot)),
        }
    }

    fn write(value: &u16, out: &mut Vec<u8>) {
        write_display(value, out);
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": 0, "maximum": WINDOW_DAYS_MAX})
    }
}

/// A text of `MIN` to `MAX` code points.
pub(super) struct TextRule<const MIN: usize, const MAX: usize>;

impl<const MIN: usize, const MAX: usize> Rule for TextRule<MIN, MAX> {
    type Value<'a> = Cow<'a, str>;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Cow<'a, str>, Broken> {
        match slot {
            // NOTE: MIN is 0 or 1, so that bytes tell as well as code points.
            Slot::Text(text) if text.len() >= MIN && has_at_most(text, MAX) => Ok(std::mem::take(text)),
            _ => Err(Broken::expected(&format!("a text of {MIN} to {MAX} code points"), slot)),
        }
    }

    fn write(value: &Cow<'_, str>, out: &mut Vec<u8>) {
        write_text(value, out);
    }

    fn schema() -> Value {
        if MIN == 0 {
            json!({"type": "string", "maxLength": MAX})
        } else {
            json!({"type": "string", "minLength": MIN, "maxLength": MAX})
        }
    }
}

/// A referral code.
pub(super) struct CodeRule;

impl Rule for CodeRule {
    type Value<'a> = Cow<'a, str>;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Cow<'a, str>, Broken> {
        match slot {
            Slot::Text(text) if is_code(text) => Ok(std::mem::take(text)),
            _ => Err(Broken::expected("a code: 3 to 20 of A-Z, 0-9 and _", slot)),
        }
    }

    fn write(value: &Cow<'_, str>, out: &mut Vec<u8>) {
        write_text(value, out);
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": "^[A-Z0-9_]{3,20}$"})
    }
}

/// Whether a text can be a referral code: 3 to 20 of `A-Z0-9_`.
#[must_use]
pub fn is_code(text: &str) -> bool {
    (3..=20).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The form of every amount and rate (SPEC 1), with at most so many decimals.
fn decimal_pattern(signed: bool, decimals_max: u32) -> String {
    let sign = if signed { "-?" } else { "" };
    format!("^{sign}(0|[1-9][0-9]*)(\\.[0-9]{{1,{decimals_max}}})?$")
}

/// An amount of USD; `SIGNED` ones may be negative.
pub(super) struct UsdRule<const SIGNED: bool>;

impl<const SIGNED: bool> Rule for UsdRule<SIGNED> {
    type Value<'a> = Usd;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Usd, Broken> {
        let what = if SIGNED { "USD as a text like \"12.5\"" } else { "USD as a text like \"12.5\", at least 0" };
        let Slot::Text(text) = slot else { return Err(Broken::expected(what, slot)) };
        match Usd::parse(text) {
            Ok(amount) if SIGNED || amount >= Usd::ZERO => Ok(amount),
            Ok(_) => Err(Broken::expected(what, slot)),
            Err(error) => Err(Broken::decimal(what, error, slot)),
        }
    }

    fn write(value: &Usd, out: &mut Vec<u8>) {
        write_quoted(value, out);
    }

    fn schema() -> Value {
        // Fifteen digits before the point keep the magnitude below 10^15; "-0" is 0.
        let pattern = if SIGNED {
            "^-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,8})?$"
        } else {
            "^(-0(\\.0{1,8})?|(0|[1-9][0-9]{0,14})(\\.[0-9]{1,8})?)$"
        };
        json!({"type": "string", "pattern": pattern})
    }
}

/// An amount of an asset; `SIGNED` ones may be negative.
pub(super) struct AssetAmountRule<const SIGNED: bool>;

impl<const SIGNED: bool> Rule for AssetAmountRule<SIGNED> {
    type Value<'a> = AssetAmount;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<AssetAmount, Broken> {
        let what = if SIGNED {
            "an amount of the asset as a text like \"0.0025\""
        } else {
            "an amount of the asset as a text like \"0.0025\", at least 0"
        };
        let Slot::Text(text) = slot else { return Err(Broken::expected(what, slot)) };
        match AssetAmount::parse(text) {
            Ok(amount) if SIGNED || amount.mantissa >= 0 => Ok(amount),
            Ok(_) => Err(Broken::expected(what, slot)),
            Err(error) => Err(Broken::decimal(what, error, slot)),
        }
    }

    fn write(value: &AssetAmount, out: &mut Vec<u8>) {
        write_quoted(value, out);
    }

    fn schema() -> Value {
        let pattern = if SIGNED {
            decimal_pattern(true, 18)
        } else {
            "^(-0(\\.0{1,18})?|(0|[1-9][0-9]*)(\\.[0-9]{1,18})?)$".to_owned()
        };
        // The length holds the digits to 28 together with a sign and a point, where there are any.
        json!({"type": "string", "pattern": pattern, "allOf": [{"pattern": "^-?([0-9]\\.?){1,28}$"}]})
    }
}

/// A rate in 0..1.
pub(super) struct RateRule;

impl Rule for RateRule {
    type Value<'a> = Rate;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Rate, Broken> {
        let what = "a rate from 0 to 1 as a text like \"0.25\"";
        let Slot::Text(text) = slot else { return Err(Broken::expected(what, slot)) };
        Rate::parse(text).map_err(|error| Broken::decimal(what, error, slot))
    }

    fn write(value: &Rate, out: &mut Vec<u8>) {
        write_quoted(value, out);
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": "^(-0(\\.0{1,6})?|0(\\.[0-9]{1,6})?|1(\\.0{1,6})?)$"})
    }
}

/// `true` or `false`.
pub(super) struct BoolRule;

impl Rule for BoolRule {
    type Value<'a> = bool;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<bool, Broken> {
        match slot {
            Slot::Bool(value) => Ok(*value),
            _ => Err(Broken::expected("true or false", slot)),
        }
    }

    fn write(value: &bool, out: &mut Vec<u8>) {
        write_display(value, out);
    }

    fn schema() -> Value {
        json!({"type": "boolean"})
    }
}

/// A country.
pub(super) struct CountryRule;

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
pub(super) struct DayRule;

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
pub(super) trait WireText: Copy + Sized + 'static {
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
pub(super) struct OneOf<T>(PhantomData<T>);

impl<T: WireText> Rule for OneOf<T> {
    type Value<'a> = T;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<T, Broken> {
        let value = match slot {
            Slot::Text(text) => T::of_text(text),
            _ => None,
        };
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

/// A field that may be null; absent means null.
pub(super) struct OrNull<R>(PhantomData<R>);

impl<R: Rule> Rule for OrNull<R> {
    type Value<'a> = Option<R::Value<'a>>;
    const REQUIRED: bool = false;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Option<R::Value<'a>>, Broken> {
        match slot {
            Slot::Absent | Slot::Null => Ok(None),
            _ => R::read(slot).map(Some),
        }
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
        match slot {
            Slot::Absent => R::read(&mut { R::DEFAULT }),
            _ => R::read(slot),
        }
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
