//! The rules of texts.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::super::limits::has_at_most;
use super::super::slot::Slot;
use super::{Broken, Rule, write_text};

/// A text of `MIN` to `MAX` code points.
pub(in crate::json) struct TextRule<const MIN: usize, const MAX: usize>;

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
pub(in crate::json) struct CodeRule;

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
