//! Moments and days, in UTC. A moment is kept at microseconds; a day is a whole UTC day (SPEC 1 and 3).
//!
//! The calendar is chrono's. What is done for each event, reading its time and finding its day, is done here by hand, and
//! held to chrono by test (`docs/decisions/0014-calendar.md`).

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Weekday};
use serde::{Serialize, Serializer};

/// Microseconds in a day.
pub const DAY_MICROS: i64 = 86_400_000_000;

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A UTC day: days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Timestamp {
    /// The earliest `time` an event may have: 2000-01-01T00:00:00Z (SPEC 1).
    pub const EVENT_MIN: Timestamp = Timestamp(946_684_800_000_000);

    /// Reads RFC 3339: any offset, lower-case `t` and `z` allowed, no second 60; digits beyond
    /// microseconds are cut. `None` if it is anything else, or if its offset leads out of the years that can be
    /// written.
    #[must_use]
    pub fn parse(text: &str) -> Option<Timestamp> {
        let bytes = text.as_bytes();
        if bytes.len() < 20 {
            return None;
        }
        let is_shaped = matches!(bytes[10], b'T' | b't') && bytes[13] == b':' && bytes[16] == b':';
        if !is_shaped {
            return None;
        }
        let date = date_of(&bytes[..10])?;
        let number = |from: usize, to: usize| number_of(&bytes[from..to]);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let mut at = 19;
        let mut micros = 0i64;
        if bytes[at] == b'.' {
            at += 1;
            let first = at;
            let mut unit = 100_000;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                micros += i64::from(bytes[at] - b'0') * unit;
                unit /= 10;
                at += 1;
            }
            if at == first {
                return None;
            }
        }
        let offset_minutes = match bytes.get(at)? {
            b'Z' | b'z' if bytes.len() == at + 1 => 0,
            sign @ (b'+' | b'-') if bytes.len() == at + 6 && bytes[at + 3] == b':' => {
                let (hours, minutes) = (number(at + 1, at + 3)?, number(at + 4, at + 6)?);
                if hours > 23 || minutes > 59 {
                    return None;
                }
                let minutes = i64::from(hours * 60 + minutes);
                if *sign == b'-' { -minutes } else { minutes }
            }
            _ => return None,
        };
        let seconds = i64::from(hour * 3600 + minute * 60 + second) - offset_minutes * 60;
        let time = Timestamp(Day::from_date(date).start().0 + seconds * 1_000_000 + micros);
        (Day::FIRST..=Day::LAST).contains(&time.day()).then_some(time)
    }

    /// Reads the beginning of something: RFC 3339, or a date, which is the first moment of that day in UTC.
    #[must_use]
    pub fn parse_first(text: &str) -> Option<Timestamp> {
        Timestamp::parse(text).or_else(|| Day::parse(text).map(Day::start))
    }

    /// Reads the end of something, or the moment as of which something is told: RFC 3339, or a date, which is the last
    /// moment of that day in UTC. What is so up to it is so for the whole day.
    #[must_use]
    pub fn parse_last(text: &str) -> Option<Timestamp> {
        Timestamp::parse(text).or_else(|| Day::parse(text).map(Day::last))
    }

    /// The UTC day it lies in.
    #[must_use]
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(DAY_MICROS) as i32)
    }

    /// The same moment, `days` later.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Timestamp {
        Timestamp(self.0 + days * DAY_MICROS)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC; the fraction only where there is one, without trailing zeros.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Those that chrono cannot hold lie 262 000 years away.
        let Some(at) = DateTime::from_timestamp_micros(self.0) else { return write!(out, "{} µs", self.0) };
        let text = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let text = text.trim_end_matches('Z');
        // chrono writes a fraction of three, six or nine digits.
        out.write_str(if text.contains('.') { text.trim_end_matches('0') } else { text })?;
        out.write_str("Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Day {
    /// The first day that `YYYY-MM-DD` can write: 0000-01-01.
    pub const FIRST: Day = Day(-719_528);
    /// The last one: 9999-12-31.
    pub const LAST: Day = Day(2_932_896);

    /// Reads `YYYY-MM-DD`; `None` if it is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Day> {
        date_of(text.as_bytes()).map(Day::from_date)
    }

    /// The day of a calendar date.
    #[must_use]
    pub fn from_date(date: NaiveDate) -> Day {
        Day(date.to_epoch_days())
    }

    /// The calendar date.
    ///
    /// # Panics
    /// Beyond the year 262 000, which no event reaches.
    #[must_use]
    pub fn to_date(self) -> NaiveDate {
        NaiveDate::from_epoch_days(self.0).expect("within chrono's range")
    }

    /// Its first moment.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp(i64::from(self.0) * DAY_MICROS)
    }

    /// Its last moment, at the precision that moments have.
    #[must_use]
    pub fn last(self) -> Timestamp {
        Timestamp(self.end().0 - 1)
    }

    /// The first moment of the day after.
    #[must_use]
    pub fn end(self) -> Timestamp {
        Day(self.0 + 1).start()
    }

    /// The day `days` later, or earlier if negative; [`Day::FIRST`] or [`Day::LAST`] where that lies beyond them.
    #[must_use]
    pub fn plus(self, days: i32) -> Day {
        Day(self.0.saturating_add(days).clamp(Day::FIRST.0, Day::LAST.0))
    }

    /// The Sunday of its week.
    #[must_use]
    pub fn week_end(self) -> Day {
        self.of_date(|date| date.week(Weekday::Mon).checked_last_day())
    }

    /// The last day of its month.
    #[must_use]
    pub fn month_end(self) -> Day {
        self.month_start().last_of_months(1)
    }

    /// The first day of its month.
    #[must_use]
    pub fn month_start(self) -> Day {
        self.of_date(|date| date.with_day(1))
    }

    /// The first day of the month that lies so many months after its own, or before it if negative; [`Day::FIRST`] or
    /// [`Day::LAST`] where that lies beyond them.
    #[must_use]
    pub fn month_plus(self, months: i32) -> Day {
        let by = chrono::Months::new(months.unsigned_abs());
        self.month_start().of_date(
            |date| {
                if months < 0 { date.checked_sub_months(by) } else { date.checked_add_months(by) }
            },
        )
    }

    /// How many calendar months its month lies after that of another day; below 0 if before it.
    #[must_use]
    pub fn months_since(self, other: Day) -> i32 {
        let month = |day: Day| {
            let date = day.to_date();
            // A year has few enough digits.
            date.year() * 12 + date.month0() as i32
        };
        month(self) - month(other)
    }

    /// The first day of its quarter.
    #[must_use]
    pub fn quarter_start(self) -> Day {
        self.of_date(|date| date.with_day(1)?.with_month((date.quarter() - 1) * 3 + 1))
    }

    /// The last day of its year.
    #[must_use]
    pub fn year_end(self) -> Day {
        self.of_date(|date| date.with_month(12)?.with_day(31))
    }

    /// The last day of the month that begins `months` after this first day of a month, less one.
    #[must_use]
    pub fn last_of_months(self, months: u32) -> Day {
        self.of_date(|date| date.checked_add_months(chrono::Months::new(months))?.pred_opt())
    }

    /// Another day, found in the calendar; [`Day::FIRST`] or [`Day::LAST`] where that lies beyond them.
    fn of_date(self, other: impl FnOnce(NaiveDate) -> Option<NaiveDate>) -> Day {
        other(self.to_date()).map_or(self, Day::from_date).clamp(Day::FIRST, Day::LAST)
    }
}

/// Reads `YYYY-MM-DD`.
fn date_of(bytes: &[u8]) -> Option<NaiveDate> {
    let is_shaped = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
    let number = |from: usize, to: usize| number_of(&bytes[from..to]);
    is_shaped.then(|| NaiveDate::from_ymd_opt(number(0, 4)? as i32, number(5, 7)?, number(8, 10)?)).flatten()
}

/// Reads digits, and nothing else.
fn number_of(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_date().fmt(out)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_day_from_the_first_moment_to_the_last() {
        let told = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let (first, last) = (|text| told(Timestamp::parse_first(text)), |text| told(Timestamp::parse_last(text)));
        assert_eq!(first("2024-02-29").as_deref(), Some("2024-02-29T00:00:00Z"));
        assert_eq!(last("2024-02-29").as_deref(), Some("2024-02-29T23:59:59.999999Z"));
        assert_eq!(last("9999-12-31").as_deref(), Some("9999-12-31T23:59:59.999999Z"));
        for read in [Timestamp::parse_first, Timestamp::parse_last] {
            assert_eq!(told(read("2026-03-01T01:00:00+01:00")).as_deref(), Some("2026-03-01T00:00:00Z"));
            for none in ["", "2026-02-29", "2026-3-1", "2026-03", "01.03.2026", "2026-03-01T00:00:00", "2026-03-01 "] {
                assert_eq!(read(none), None, "{none:?}");
            }
        }
    }

    #[test]
    fn months_are_counted_by_the_calendar() {
        let day = |text| Day::parse(text).expect("a day");
        for (from, months, first) in [
            ("2026-03-31", 0, "2026-03-01"),
            ("2026-03-31", 11, "2027-02-01"),
            ("2026-03-31", -3, "2025-12-01"),
            ("0000-02-29", -2, "0000-01-01"),
            ("9999-11-30", 2, "9999-12-31"),
        ] {
            assert_eq!(day(from).month_plus(months), day(first), "{from} {months}");
        }
        assert_eq!(day("2027-01-01").months_since(day("2026-12-31")), 1);
        assert_eq!(day("2025-12-31").months_since(day("2026-12-01")), -12);
    }

    #[test]
    fn a_time_is_rfc_3339_kept_in_utc_at_microseconds() {
        for (text, shown) in [
            ("2026-03-01T09:30:00.123456Z", "2026-03-01T09:30:00.123456Z"),
            ("2026-03-01t09:30:00z", "2026-03-01T09:30:00Z"),
            ("2026-03-01T09:30:00.1234569Z", "2026-03-01T09:30:00.123456Z"),
            ("2026-03-01T00:30:00+01:00", "2026-02-28T23:30:00Z"),
            ("2026-03-01T00:30:00-00:30", "2026-03-01T01:00:00Z"),
            ("2024-02-29T23:59:59.500Z", "2024-02-29T23:59:59.5Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"),
        ] {
            assert_eq!(Timestamp::parse(text).map(|time| time.to_string()), Some(shown.into()), "{text}");
        }
        for text in [
            "",
            "2026-03-01",
            "2026-03-01T09:30:60Z",
            "2026-03-01T24:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-03-01T09:30:00",
            "2026-03-01T09:30:00.Z",
            "2026-03-01 09:30:00Z",
            "2026-03-01T09:30:00+0100",
            "2026-03-01T09:30:00+24:00",
            "2026-3-01T09:30:00Z ",
            "+026-03-01T09:30:00Z",
            "2026-03-01T09:30:00ZZ",
            "2026-03-01T09:30Z0000",
            // In UTC it lies in the year 10000, or in the one before 0000.
            "9999-12-31T23:59:59-00:01",
            "0000-01-01T00:00:00+00:01",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_weeks_months_and_quarters_begin_where_the_calendar_says() {
        let day = Day::parse("2026-11-25").expect("a date");
        assert_eq!(day.week_end().to_string(), "2026-11-29");
        assert_eq!(day.month_start().to_string(), "2026-11-01");
        assert_eq!(day.quarter_start().to_string(), "2026-10-01");
        assert_eq!(day.year_end().to_string(), "2026-12-31");
        assert_eq!(day.quarter_start().last_of_months(3).to_string(), "2026-12-31");
        assert_eq!(day.start().day(), day);
        assert_eq!(Timestamp(-1).day(), Day(-1));
    }

    #[test]
    fn no_day_is_counted_beyond_those_that_can_be_written() {
        assert_eq!((Day::FIRST.to_string(), Day::LAST.to_string()), ("0000-01-01".into(), "9999-12-31".into()));
        for (day, days, expected) in [
            (Day::LAST, 1, Day::LAST),
            (Day::LAST, i32::MAX, Day::LAST),
            (Day::FIRST, -1, Day::FIRST),
            (Day::FIRST, i32::MIN, Day::FIRST),
            (Day::LAST, -1, Day(Day::LAST.0 - 1)),
        ] {
            assert_eq!(day.plus(days), expected, "{day} {days}");
        }
        // 0000-01-01 is a Saturday, 9999-12-31 a Friday.
        assert_eq!(Day::FIRST.week_end(), Day::FIRST.plus(1));
        assert_eq!(Day::LAST.week_end(), Day::LAST);
        assert_eq!((Day::FIRST.month_end(), Day::LAST.month_end()), (Day::FIRST.plus(30), Day::LAST));
        assert_eq!(Day::LAST.quarter_start().last_of_months(3), Day::LAST);
    }
}
