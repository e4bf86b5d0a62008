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
    /// Whether a day lies in it.
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }
}
