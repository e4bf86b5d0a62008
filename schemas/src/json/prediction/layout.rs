//! A layout: the pieces between the values of an event, and where each value goes.

use std::borrow::Cow;

use super::super::slot::Slot;
use super::super::syntax::{DATA, EventSlots};
use crate::event::EventType;

/// How the events of one type by one producer are laid out.
#[derive(Debug)]
pub(super) struct Layout {
    /// The type, which is part of a piece.
    pub event_type: EventType,
    /// The values in the order of the text, each with the piece before it.
    pub values: Vec<Value>,
    /// What stands behind the last value, to the end.
    pub tail: Box<str>,
}

/// A value and the piece before it.
#[derive(Debug)]
pub(super) struct Value {
    /// What stands between the value before and this one, quotes included.
    pub before: Box<str>,
    /// How it is written.
    pub kind: Kind,
    /// Where it goes.
    pub place: Place,
}

/// How a value is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A text; its quotes belong to the pieces.
    Text,
    /// An integer without sign, point and exponent.
    Integer,
}

/// Where a value goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// To the attribute of the envelope with this index.
    Envelope(usize),
    /// To the field of `data` with this index.
    Data(usize),
    /// Nowhere: nobody asks for it.
    Nowhere,
}

impl Layout {
    /// Puts the values of a text into the slots, if the text is laid out like this. If it is not, the slots
    /// are as good as empty.
    pub(super) fn fill<'a>(&self, text: &'a str, slots: &mut EventSlots<'a>) -> Option<EventType> {
        // The first piece tells most layouts apart, before any slot is touched.
        let first = self.values.first()?;
        if !begins_with(text.as_bytes(), first.before.as_bytes()) {
            return None;
        }
        if self.fill_from(text, slots).is_none() {
            *slots = EventSlots::default();
            return None;
        }
        slots.envelope[DATA] = Slot::Object(None);
        Some(self.event_type)
    }

    fn fill_from<'a>(&self, text: &'a str, slots: &mut EventSlots<'a>) -> Option<()> {
        let mut rest = text;
        for value in &self.values {
            if !begins_with(rest.as_bytes(), value.before.as_bytes()) {
                return None;
            }
            rest = rest.get(value.before.len()..)?;
            let slot = match value.place {
                Place::Envelope(index) => slots.envelope.get_mut(index)?,
                Place::Data(index) => slots.data.get_mut(index)?,
                Place::Nowhere => &mut Slot::Absent,
            };
            let length = match value.kind {
                Kind::Text => {
                    let length = plain_length(rest.as_bytes())?;
                    put(slot, Slot::Text(Cow::Borrowed(rest.get(..length)?)));
                    length
                }
                Kind::Integer => {
                    let (integer, length) = plain_integer(rest.as_bytes())?;
                    put(slot, Slot::Integer(integer));
                    length
                }
            };
            rest = rest.get(length..)?;
        }
        (*rest == *self.tail).then_some(())
    }
}

/// Writes a slot; what stood there owns nothing, so nothing is dropped.
#[inline]
fn put<'a>(slot: &mut Slot<'a>, value: Slot<'a>) {
    std::mem::forget(std::mem::replace(slot, value));
}

/// Whether a text begins with a piece. Pieces are short, most of them shorter than a call of the library's comparison
/// takes: those are compared by their first and their last bytes, which overlap.
#[inline]
fn begins_with(text: &[u8], piece: &[u8]) -> bool {
    fn both_ends<const WIDTH: usize>(text: &[u8], piece: &[u8]) -> bool {
        text.first_chunk::<WIDTH>() == piece.first_chunk() && text.last_chunk::<WIDTH>() == piece.last_chunk()
    }
    let Some(text) = text.get(..piece.len()) else { return false };
    match piece.len() {
        8..=16 => both_ends::<8>(text, piece),
        17..=32 => both_ends::<16>(text, piece),
        _ => text == piece,
    }
}

/// How many bytes stand before the next quote; `None` if a backslash or a control character comes first, or no quote.
fn plain_length(text: &[u8]) -> Option<usize> {
    const EVERY: u64 = u64::MAX / 255;
    const HIGH_BITS: u64 = EVERY << 7;
    let has = |word: u64, byte: u8| {
        let zero_where_equal = word ^ (EVERY * u64::from(byte));
        zero_where_equal.wrapping_sub(EVERY) & !zero_where_equal
    };
    let mut at = 0;
    // Eight bytes at a time. A borrow can only raise a false alarm above a true one, and the lowest one counts.
    while let Some(Ok(bytes)) = text.get(at..at + 8).map(<[u8; 8]>::try_from) {
        let word = u64::from_le_bytes(bytes);
        let control = word.wrapping_sub(EVERY * 0x20) & !word;
        let found = (control | has(word, b'"') | has(word, b'\\')) & HIGH_BITS;
        if found != 0 {
            at += found.trailing_zeros() as usize / 8;
            return (text.get(at) == Some(&b'"')).then_some(at);
        }
        at += 8;
    }
    let rest = text.get(at..)?;
    let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
    (rest.get(length) == Some(&b'"')).then_some(at + length)
}

/// The integer that a text begins with, and its length; `None` if there is none, it has a leading zero, or more
/// digits than a `u64` holds for sure.
fn plain_integer(text: &[u8]) -> Option<(u64, usize)> {
    const DIGITS_MAX: usize = 19;
    let mut value = 0u64;
    let mut length = 0;
    while let Some(digit) = text.get(length).filter(|byte| byte.is_ascii_digit()) {
        if length == DIGITS_MAX {
            return None;
        }
        value = value * 10 + u64::from(digit - b'0');
        length += 1;
    }
    let has_leading_zero = length > 1 && text.first() == Some(&b'0');
    (length > 0 && !has_leading_zero).then_some((value, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_text_ends_at_its_quote_and_has_nothing_to_unescape() {
        for length in 0..40 {
            let plain = "é€~ \u{7f}!".chars().cycle().take(length).collect::<String>();
            assert_eq!(plain_length(format!("{plain}\",\"next\":\"").as_bytes()), Some(plain.len()));
            assert_eq!(plain_length(format!("{plain}\"").as_bytes()), Some(plain.len()));
            assert_eq!(plain_length(plain.as_bytes()), None);
            for other in ['\\', '\0', '\n', '\u{1f}'] {
                assert_eq!(plain_length(format!("{plain}{other}\",\"next\":\"").as_bytes()), None);
                assert_eq!(plain_length(format!("{plain}\"{other}\",\"next\":\"").as_bytes()), Some(plain.len()));
            }
        }
    }

    #[test]
    fn a_text_begins_with_a_piece_where_every_byte_of_it_is_there() {
        let piece: Vec<u8> = (0..80).collect();
        for length in 0..=piece.len() {
            let piece = &piece[..length];
            let text = [piece, b"more"].concat();
            assert!(begins_with(&text, piece) && begins_with(piece, piece), "{length}");
            for at in 0..length {
                let mut other = text.clone();
                other[at] ^= 1;
                assert!(!begins_with(&other, piece), "{length}, but for the byte at {at}");
                assert!(!begins_with(&piece[..at], piece), "{length}, of which {at} are there");
            }
        }
    }

    #[test]
    fn a_plain_integer_has_no_sign_and_no_leading_zero() {
        for (text, value) in [
            ("0}", Some((0, 1))),
            ("7", Some((7, 1))),
            ("70012,", Some((70012, 5))),
            ("9999999999999999999", Some((9_999_999_999_999_999_999, 19))),
            ("10000000000000000000", None),
            ("", None),
            ("-1", None),
            ("01", None),
            ("00", None),
            ("x", None),
        ] {
            assert_eq!(plain_integer(text.as_bytes()), value, "{text}");
        }
    }
}
