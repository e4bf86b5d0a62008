//! The rules of integers. Each is written without sign, point and exponent, as the contract asks of a uid.

use serde_json::{Value, json};

use super::super::limits::{VIP_LEVEL_MAX, WINDOW_DAYS_MAX};
use super::super::slot::Slot;
use super::{Broken, Rule, write_display};
use crate::event::Uid;

/// An account's uid.
pub(in crate::json) struct UidRule;

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
pub(in crate::json) struct LevelRule;

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
pub(in crate::json) struct WindowRule;

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
