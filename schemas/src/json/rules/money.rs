//! The rules of amounts and rates: decimals written as texts, never as numbers.

use serde_json::{Value, json};

use super::super::slot::Slot;
use super::{Broken, Rule, write_quoted};
use crate::money::{AssetAmount, Rate, Usd};

/// An amount of USD; `SIGNED` ones may be negative.
pub(in crate::json) struct UsdRule<const SIGNED: bool>;

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
pub(in crate::json) struct AssetAmountRule<const SIGNED: bool>;

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
            Ok(amount) if SIGNED || !amount.is_negative() => Ok(amount),
            Ok(_) => Err(Broken::expected(what, slot)),
            Err(error) => Err(Broken::decimal(what, error, slot)),
        }
    }

    fn write(value: &AssetAmount, out: &mut Vec<u8>) {
        write_quoted(value, out);
    }

    fn schema() -> Value {
        let pattern = if SIGNED {
            "^-?(0|[1-9][0-9]*)(\\.[0-9]{1,18})?$"
        } else {
            "^(-0(\\.0{1,18})?|(0|[1-9][0-9]*)(\\.[0-9]{1,18})?)$"
        };
        // The second pattern holds the digits to 28 together with a sign and a point, where there are any.
        json!({"type": "string", "pattern": pattern, "allOf": [{"pattern": "^-?([0-9]\\.?){1,28}$"}]})
    }
}

/// A rate in 0..1.
pub(in crate::json) struct RateRule;

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
