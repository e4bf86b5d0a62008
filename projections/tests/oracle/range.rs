//! Ranges of whole UTC days, both ends included (SPEC 3), and the buckets of a series.

use schemas::{Day, Timestamp};
use serde_json::{Value, json};

use super::{Interval, Refusal};

/// A range of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub from: Day,
    pub to: Day,
}

impl Span {
    /// All time.
    pub(super) const ALL: Span = Span { from: Day(i32::MIN), to: Day(i32::MAX) };

    /// The range asked for. Without either end the last `days` up to today; with one, the other keeps the length, as
    /// far as there are dates of four digits.
    pub(super) fn asked(from: Option<Day>, to: Option<Day>, days: i32, today: Day) -> Result<Span, Refusal> {
        let date = |text| Day::parse(text).expect("a date");
        let to = to.or(from.map(|from| Day(from.0 + days - 1))).unwrap_or(today).min(date("9999-12-31"));
        let from = from.unwrap_or(Day(to.0 + 1 - days)).max(date("0000-01-01"));
        if from > to { Err(Refusal::FromAfterTo) } else { Ok(Span { from, to }) }
    }

    /// Whether a moment lies in it.
    pub(super) fn holds(self, time: Timestamp) -> bool {
        (self.from..=self.to).contains(&time.day())
    }

    /// Whether something happened, and in it.
    pub(super) fn holds_some(self, time: Option<Timestamp>) -> bool {
        time.is_some_and(|time| self.holds(time))
    }

    /// Its buckets in order; the first and the last may be cut by the range.
    pub(super) fn buckets(self, interval: Interval) -> Vec<Span> {
        let mut buckets: Vec<Span> = Vec::new();
        for day in (self.from.0..=self.to.0).map(Day) {
            match buckets.last_mut() {
                Some(bucket) if interval.start(bucket.from) == interval.start(day) => bucket.to = day,
                _ => buckets.push(Span { from: day, to: day }),
            }
        }
        buckets
    }

    /// The range as an answer repeats it.
    pub(super) fn shown(self) -> Value {
        json!({ "from": self.from, "to": self.to })
    }
}
