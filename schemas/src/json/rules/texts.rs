//! The rules of texts.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::super::limits::has_at_most;
use super::super::slot::Slot;
use super::{Broken, Rule, write_text};

/// Takes a text out of its slot, if it is one and as it should be.
#[inline]
fn take_text<'a>(slot: &mut Slot<'a>, is_right: impl FnOnce(&str) -> bool) -> Option<Cow<'a, str>> {
    if let Slot::Text(text) = slot { is_right(text).then(|| std::mem::take(text)) } else { None }
}

/// A text of `MIN` to `MAX` code points.
pub(in crate::json) struct TextRule<const MIN: usize, const MAX: usize>;

impl<const MIN: usize, const MAX: usize> Rule for TextRule<MIN, MAX> {
    type Value<'a> = Cow<'a, str>;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Cow<'a, str>, Broken> {
        // NOTE: MIN is 0 or 1, so that bytes tell as well as code points.
        let taken = take_text(slot, |text| text.len() >= MIN && has_at_most(text, MAX));
        taken.ok_or_else(|| Broken::expected(&format!("a text of {MIN} to {MAX} code points"), slot))
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
        take_text(slot, is_code).ok_or_else(|| Broken::expected("a code: 3 to 20 of A-Z, 0-9 and _", slot))
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
