//! Ranges of whole UTC days (SPEC 3): both ends included, the last 30 days by default.

use schemas::{Day, Timestamp};

use super::QueryError;

/// A range of days as asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RangeRequest {
    /// The first day, if given.
    pub from: Option<Day>,
    /// The last day, if given.
    pub to: Option<Day>,
}

/// A range of days, `from` not after `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

impl RangeRequest {
    /// Fills in what was not given: a range of `days` days that ends today, or that keeps that length as far as dates
    /// can be written.
    ///
    /// # Errors
    /// If `from` lies after `to`.
    pub fn resolve(self, now: Timestamp, days: i32) -> Result<DateRange, QueryError> {
        let (from, to) = match (self.from, self.to) {
            (Some(from), Some(to)) => (from, to),
            (Some(from), None) => (from, from.plus(days - 1)),
            (None, Some(to)) => (to.plus(1 - days), to),
            (None, None) => (now.day().plus(1 - days), now.day()),
        };
        if from > to {
            let detail = format!("from ({from}) lies after to ({to})");
            return Err(QueryError::Invalid { field: "from", detail });
        }
        Ok(DateRange { from, to })
    }

    /// The range in whole calendar months: those that `from` and `to` lie in. Where one is given the other keeps the length
    /// of so many months, and without either they are the last ones, with that of now (SPEC 7, cohorts).
    ///
    /// # Errors
    /// If `from`, as it was given, lies after `to`.
    pub fn resolve_months(self, now: Timestamp, months: i32) -> Result<DateRange, QueryError> {
        let DateRange { from, to } = self.resolve(now, 1)?;
        let (from, to) = match (self.from, self.to) {
            (Some(_), Some(_)) => (from, to),
            (Some(_), None) => (from, from.month_plus(months - 1)),
            (None, Some(_) | None) => (to.month_plus(1 - months), to),
        };
        Ok(DateRange { from: from.month_start(), to: to.month_end() })
    }

    /// The range without an end where none was given: everything, if neither was (SPEC 6, exports).
    ///
    /// # Errors
    /// If `from` lies after `to`.
    pub fn open(self) -> Result<DateRange, QueryError> {
        let (from, to) = (self.from.unwrap_or(Day::FIRST), self.to.unwrap_or(Day::LAST));
        RangeRequest { from: Some(from), to: Some(to) }.resolve(Timestamp::default(), 1)
    }
}

impl DateRange {
    /// The range before, which is as long and ends on the day before; none where dates do not go back so far.
    #[must_use]
    pub fn before(self) -> Option<DateRange> {
        self.earlier(self.to.0 - self.from.0 + 1)
    }

    /// So many days earlier, if there are dates for it.
    pub(super) fn earlier(self, days: i32) -> Option<DateRange> {
        let from = Day(self.from.0.checked_sub(days)?);
        (from >= Day::FIRST).then(|| DateRange { from, to: self.to.plus(-days) })
    }

    /// Whether a day lies in it.
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_before_is_as_long_or_there_is_none() {
        let day = |text| Day::parse(text).expect("a day");
        for (from, to, expected) in [
            ("2026-03-01", "2026-03-31", Some(("2026-01-29", "2026-02-28"))),
            ("0000-01-02", "0000-01-02", Some(("0000-01-01", "0000-01-01"))),
            ("0000-01-02", "0000-01-03", None),
            ("0000-01-01", "9999-12-31", None),
        ] {
            let before = DateRange { from: day(from), to: day(to) }.before();
            assert_eq!(before, expected.map(|(from, to)| DateRange { from: day(from), to: day(to) }), "{from} {to}");
        }
    }

    #[test]
    fn months_are_whole_and_twelve_of_them_where_an_end_is_not_given() {
        let day = |text| Day::parse(text).expect("a day");
        let now = day("2026-03-10").start();
        for (from, to, first, last) in [
            (None, None, "2025-04-01", "2026-03-31"),
            (Some("2026-02-10"), None, "2026-02-01", "2027-01-31"),
            (None, Some("2024-02-10"), "2023-03-01", "2024-02-29"),
            (Some("2026-01-31"), Some("2026-02-01"), "2026-01-01", "2026-02-28"),
            (Some("9999-06-01"), None, "9999-06-01", "9999-12-31"),
            (None, Some("0000-03-31"), "0000-01-01", "0000-03-31"),
        ] {
            let range = RangeRequest { from: from.map(day), to: to.map(day) };
            let resolved = range.resolve_months(now, 12).expect("a range");
            assert_eq!(resolved, DateRange { from: day(first), to: day(last) }, "{range:?}");
        }
        // Of one month, and refused all the same.
        let turned = RangeRequest { from: Some(day("2026-03-02")), to: Some(day("2026-03-01")) };
        assert!(matches!(turned.resolve_months(now, 12), Err(QueryError::Invalid { field: "from", .. })));
    }
}
