//! A moment as people write it: the API wants RFC 3339, and nobody writes that by hand.

use schemas::{Day, Timestamp};

/// What was written of when something begins to hold, as the API takes it: a day is its beginning, a time without a zone is
/// in UTC. A position, and whatever else it may be, stays as it is, for the API to take or refuse.
pub(super) fn as_the_api_takes_it(written: &str) -> String {
    let written = in_utc(written);
    if Day::parse(&written).is_some() { format!("{written}T00:00:00Z") } else { written }
}

/// What was written of the moment as of which something is told: a day stays one, which the API takes to its end.
pub(super) fn looked_back_from(written: &str) -> String {
    in_utc(written)
}

fn in_utc(written: &str) -> String {
    let written = written.trim();
    let Some(day) = written.get(..10).filter(|day| Day::parse(day).is_some()) else { return written.to_owned() };
    let rest = written.get(10..).unwrap_or_default();
    let time = rest.strip_prefix([' ', 'T', 't']).map(str::trim);
    let is_clock = |time: &str| time.bytes().all(|byte| byte.is_ascii_digit() || byte == b':' || byte == b'.');
    match time {
        Some(time) if is_clock(time) && time.len() == 5 => format!("{day}T{time}:00Z"),
        Some(time) if is_clock(time) && time.len() >= 8 => format!("{day}T{time}Z"),
        Some(time) => format!("{day}T{time}"),
        None => written.to_owned(),
    }
}

/// A moment as a field of date and time takes it: in UTC, to the minute, or to the second where it has some; of a date its
/// end. None for a position, and for what is no time.
pub(super) fn for_input(given: &str) -> Option<String> {
    let time = Timestamp::parse_last(given)?.to_string();
    let to_second = time.get(..19)?;
    Some(to_second.strip_suffix(":00").unwrap_or(to_second).to_owned())
}

/// What a field of date and time with this value steps by, in seconds; none where that is a minute, as it is by itself.
pub(super) fn step(value: Option<&str>) -> Option<&'static str> {
    value.is_some_and(|value| value.len() > "2026-04-03T00:00".len()).then_some("1")
}

/// Whether it is a position of the ledger.
pub(super) fn is_position(given: &str) -> bool {
    !given.is_empty() && given.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_may_be_written_as_people_do() {
        let table = [
            ("812", "812"),
            (" 812 ", "812"),
            ("2026-03-01", "2026-03-01T00:00:00Z"),
            ("2026-03-01 12:30", "2026-03-01T12:30:00Z"),
            ("2026-03-01T12:30", "2026-03-01T12:30:00Z"),
            ("2026-03-01 12:30:05.25", "2026-03-01T12:30:05.25Z"),
            ("2026-03-01T12:30:05", "2026-03-01T12:30:05Z"),
            ("2026-03-01T12:30:00Z", "2026-03-01T12:30:00Z"),
            ("2026-03-01 12:30:00+02:00", "2026-03-01T12:30:00+02:00"),
            ("2026-02-30", "2026-02-30"),
            ("yesterday", "yesterday"),
            ("2026-03-01x", "2026-03-01x"),
            ("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}"),
        ];
        for (written, taken) in table {
            assert_eq!(as_the_api_takes_it(written), taken, "{written}");
            // To look back from a day is to look back from its end.
            let to_look_back = if written == "2026-03-01" { written } else { taken };
            assert_eq!(looked_back_from(written), to_look_back, "{written}");
        }
    }

    #[test]
    fn a_field_of_date_and_time_holds_moments_alone() {
        assert_eq!(for_input("2026-04-03T00:00:00Z").as_deref(), Some("2026-04-03T00:00"));
        assert_eq!(for_input("2026-04-03T02:00:05.75+02:00").as_deref(), Some("2026-04-03T00:00:05"));
        assert_eq!((step(Some("2026-04-03T00:00")), step(None)), (None, None));
        assert_eq!(step(Some("2026-04-03T00:00:05")), Some("1"));
        assert_eq!(for_input("2026-04-03").as_deref(), Some("2026-04-03T23:59:59"));
        for none in ["812", "never", "2026-04", ""] {
            assert_eq!(for_input(none), None, "{none}");
        }
        assert!(is_position("812") && !is_position("") && !is_position("-1") && !is_position("2026-04-03"));
    }
}
