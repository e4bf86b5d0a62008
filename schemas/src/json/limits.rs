//! The limits of an event's text, and of the texts in it (SPEC 1).

use crate::rejection::{Reason, Rejection};

/// The most bytes an event's own JSON text may have, without line end.
pub const EVENT_BYTES_MAX: usize = 1_048_576;
/// The most levels of nesting; the event itself is the first.
pub const NESTING_LEVELS_MAX: u8 = 100;
/// The most code points of `source`, `id` and the `id` of an offer or a campaign.
pub const IDENTITY_CODE_POINTS_MAX: usize = 256;
/// The most code points of a note.
pub const NOTE_CODE_POINTS_MAX: usize = 200;
/// The most code points of any other text.
pub const TEXT_CODE_POINTS_MAX: usize = 2_000;
/// The highest VIP level.
pub const VIP_LEVEL_MAX: u8 = 20;
/// The longest futures window, in days.
pub const WINDOW_DAYS_MAX: u16 = 36_500;
/// How far beyond its arrival an event's `time` may lie, in microseconds.
pub const AHEAD_OF_ARRIVAL_MICROS_MAX: i64 = 24 * 3_600 * 1_000_000;

/// The event's own text: without the line end behind it, as text.
///
/// # Errors
/// `too_large`, or `malformed` if it is not UTF-8 or begins with a byte order mark.
pub(super) fn own_text(text: &[u8]) -> Result<&str, Rejection> {
    let text = text.strip_suffix(b"\n").map_or(text, |line| line.strip_suffix(b"\r").unwrap_or(line));
    if text.len() > EVENT_BYTES_MAX {
        let detail = format!("the event has {} bytes, at most {EVENT_BYTES_MAX} are allowed", text.len());
        return Err(Rejection::new(Reason::TooLarge, detail));
    }
    let text = std::str::from_utf8(text).map_err(|error| {
        Rejection::new(Reason::Malformed, format!("not UTF-8 from byte {} on", error.valid_up_to()))
    })?;
    if text.starts_with('\u{feff}') {
        return Err(Rejection::new(Reason::Malformed, "begins with a byte order mark"));
    }
    Ok(text)
}

/// Whether a text has at most `max` code points; the count is only made where bytes alone do not tell.
pub(super) fn has_at_most(text: &str, max: usize) -> bool {
    text.len() <= max || text.chars().count() <= max
}
