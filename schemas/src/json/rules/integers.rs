//! The rules of integers. Each is written without sign, point and exponent, as the contract asks of a uid.

use serde_json::{Value, json};

use super::super::limits::{VIP_LEVEL_MAX, WINDOW_DAYS_MAX};
use super::super::slot::Slot;
use super::{Broken, Rule, write_display};
use crate::event::Uid;

fn integer_upto(most: u64, slot: &Slot<'_>) -> Option<u64> {
    if let Slot::Integer(value) = slot { Some(*value).filter(|value| *value <= most) } else { None }
}

/// An account's uid.
pub(in crate::json) struct UidRule;

impl Rule for UidRule {
    type Value<'a> = Uid;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Uid, Broken> {
        let what = "a uid: an integer from 1 to 9007199254740991, written without point and exponent";
        integer_upto(Uid::MAX, slot).filter(|uid| *uid > 0).map(Uid).ok_or_else(|| Broken::expected(what, slot))
    }

    fn write(value: &Uid, out: &mut Vec<u8>) {
        write_display(value, out);
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": 1, "maximum": Uid::MAX})
    }
}

/// A VIP level.
pub(in crate::json) struct LevelRule;

impl Rule for LevelRule {
    type Value<'a> = u8;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<u8, Broken> {
        let level = integer_upto(VIP_LEVEL_MAX.into(), slot).map(|level| level as u8);
        level.ok_or_else(|| Broken::expected("a VIP level: an integer from 0 to 20", slot))
    }

    fn write(value: &u8, out: &mut Vec<u8>) {
        write_display(value, out);
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": 0, "maximum": VIP_LEVEL_MAX})
    }
}

/// The length of a futures window.
pub(in crate::json) struct WindowRule;

impl Rule for WindowRule {
    type Value<'a> = u16;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<u16, Broken> {
        let days = integer_upto(WINDOW_DAYS_MAX.into(), slot).map(|days| days as u16);
        days.ok_or_else(|| Broken::expected("days: an integer from 0 to 36500, or null", slot))
    }

    fn write(value: &u16, out: &mut Vec<u8>) {
        write_display(value, out);
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": 0, "maximum": WINDOW_DAYS_MAX})
    }
}
