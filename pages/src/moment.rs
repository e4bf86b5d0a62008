//! A moment as people write it: the API wants RFC 3339, and nobody writes that by hand.

use schemas::Day;

/// What was written, as the API takes it: a day is its beginning, a time without a zone is in UTC. A position, and
/// whatever else it may be, stays as it is, for the API to take or refuse.
pub(super) fn as_the_api_takes_it(written: &str) -> String {
    let written = written.trim();
    let Some(day) = written.get(..10).filter(|day| Day::parse(day).is_some()) else { return written.to_owned() };
    let rest = written.get(10..).unwrap_or_default();
    let time = rest.strip_prefix([' ', 'T', 't']).map(str::trim);
    let is_clock = |time: &str| time.bytes().all(|byte| byte.is_ascii_digit() || byte == b':' || byte == b'.');
    match time {
        None if rest.is_empty() => format!("{day}T00:00:00Z"),
        Some(time) if is_clock(time) && time.len() == 5 => format!("{day}T{time}:00Z"),
        Some(time) if is_clock(time) && time.len() >= 8 => format!("{day}T{time}Z"),
        Some(time) => format!("{day}T{time}"),
        None => written.to_owned(),
    }
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
            ("2026-03-01T12:30:00Z", "2026-03-01T12:30:00Z"),
            ("2026-03-01 12:30:00+02:00", "2026-03-01T12:30:00+02:00"),
            ("2026-02-30", "2026-02-30"),
            ("yesterday", "yesterday"),
            ("2026-03-01x", "2026-03-01x"),
            ("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}"),
        ];
        for (written, taken) in table {
            assert_eq!(as_the_api_takes_it(written), taken, "{written}");
        }
    }
}
