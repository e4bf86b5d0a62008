//! How the text of a parameter is read. None is what it cannot be.

use schemas::Country;
use schemas::json::limits::VIP_LEVEL_MAX;

pub(super) fn any_text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Digits alone, without sign, and without zeros before them, as a uid is written.
pub(super) fn whole_number(text: &str) -> Option<usize> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    is_plain.then(|| text.parse().ok()).flatten()
}

pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

pub(super) fn vip_level(text: &str) -> Option<u8> {
    whole_number(text).and_then(|level| u8::try_from(level).ok()).filter(|level| *level <= VIP_LEVEL_MAX)
}

/// How often a leader has changed.
pub(super) fn epoch(text: &str) -> Option<u16> {
    whole_number(text).and_then(|epoch| u16::try_from(epoch).ok())
}

/// Whether a standby may call itself so: 1 to 64 letters, digits, and `.`, `_`, `-`.
#[must_use]
pub fn is_standby_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}

pub(super) fn country_or_unknown(text: &str) -> Option<Option<Country>> {
    if text == Country::UNKNOWN_TEXT { Some(None) } else { Country::parse(text).map(Some) }
}

/// Values with commas between them; none may be wrong.
pub(super) fn list<T>(text: &str, read: fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(read).collect()
}
