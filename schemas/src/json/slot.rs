//! What stood in a field: a JSON value whose syntax holds, not yet judged.

use std::borrow::Cow;

/// The most fields that the contract names in one object (an offer's `data`).
pub(super) const SLOTS_MAX: usize = 9;

/// The names an object of the contract has, and the one list of objects in it that is read, too.
#[derive(Debug)]
pub(super) struct Shape {
    /// The names, in the contract's order.
    pub names: &'static [&'static str],
    /// Which of them holds a list of objects, and their shape.
    pub list: Option<(usize, &'static Shape)>,
}

/// A JSON value as it stood in a field.
// NOTE: only `Text` may have three words; then the enum has no more than that, and a slot is written fast.
#[derive(Debug, Default)]
pub(super) enum Slot<'a> {
    /// The field is not there.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer without sign, point and exponent.
    Integer(u64),
    /// An integer with a minus sign, other than `-0`.
    Negative(i64),
    /// Any other number: with a point or an exponent, `-0`, or with more digits than a `u64` holds.
    OtherNumber,
    /// A text, borrowed if it was written without escapes.
    Text(Cow<'a, str>),
    /// A list; its elements are kept only where the shape asks for them.
    List(Box<[Slot<'a>]>),
    /// An object; its fields are kept only where the shape asks for them.
    Object(Option<Box<[Slot<'a>]>>),
}

impl Slot<'_> {
    /// What came, for people: kind and, where it is short, value.
    pub(super) fn describe(&self) -> String {
        match self {
            Slot::Absent => "nothing".into(),
            Slot::Null => "null".into(),
            Slot::Bool(value) => value.to_string(),
            Slot::Integer(value) => format!("the number {value}"),
            Slot::Negative(value) => format!("the number {value}"),
            Slot::OtherNumber => "a number that is not a plain integer".into(),
            Slot::Text(text) => describe_text(text),
            Slot::List(_) => "a list".into(),
            Slot::Object(_) => "an object".into(),
        }
    }
}

/// A text for people: in quotes and escaped, and cut where it is long.
fn describe_text(text: &str) -> String {
    const SHOWN_CODE_POINTS_MAX: usize = 60;
    match text.char_indices().nth(SHOWN_CODE_POINTS_MAX) {
        None => format!("the text {text:?}"),
        Some((end, _)) => format!("the text {:?}… of {} code points", &text[..end], text.chars().count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_as_small_as_a_text() {
        assert_eq!(size_of::<Slot<'_>>(), size_of::<Cow<'_, str>>());
    }
}
