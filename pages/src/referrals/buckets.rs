//! Days of a range in buckets that a chart can show: days, weeks, months or years, as the range is long.

use projections::query::DateRange;
use schemas::{Day, Usd};

use super::super::charts::Bucket;
use crate::words::words;

/// So many buckets at most.
const BUCKETS_MAX: i32 = 100;

/// How long a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Day,
    Week,
    Month,
    Year,
}

impl Length {
    /// The last day of the bucket that a day lies in.
    fn last_day(self, day: Day) -> Day {
        match self {
            Length::Day => day,
            Length::Week => day.week_end(),
            Length::Month => day.month_end(),
            Length::Year => day.year_end(),
        }
    }
}

/// A range cut into buckets; the first may begin, and the last end, within its week, month or year.
pub(super) struct Buckets {
    length: Length,
    /// The first day of each within the range, ascending.
    begins: Vec<Day>,
}

impl Buckets {
    pub(super) fn of(range: DateRange) -> Buckets {
        let days = range.to.0 - range.from.0 + 1;
        let length = match days {
            ..=BUCKETS_MAX => Length::Day,
            _ if days <= BUCKETS_MAX * 7 => Length::Week,
            _ if days <= BUCKETS_MAX * 31 => Length::Month,
            _ => Length::Year,
        };
        let mut begins = vec![range.from];
        let mut last = length.last_day(range.from);
        while last < range.to {
            let begin = last.plus(1);
            begins.push(begin);
            last = length.last_day(begin);
        }
        Buckets { length, begins }
    }

    /// What a bucket is.
    pub(super) fn in_words(&self) -> &'static str {
        match self.length {
            Length::Day => words!("referrals-bucket-day"),
            Length::Week => words!("referrals-bucket-week"),
            Length::Month => words!("referrals-bucket-month"),
            Length::Year => words!("referrals-bucket-year"),
        }
    }

    pub(super) fn names(&self) -> Vec<Bucket> {
        let name = |day: &Day| {
            let name = day.to_string();
            let short = match self.length {
                Length::Day | Length::Week => name.get(5..),
                Length::Month => name.get(..7),
                Length::Year => name.get(..4),
            };
            Bucket { short: short.unwrap_or(&name).to_owned(), name }
        };
        self.begins.iter().map(name).collect()
    }

    /// The amounts of each bucket added up.
    pub(super) fn sums(&self, dated: impl Iterator<Item = (Day, Usd)>) -> Vec<Usd> {
        let mut sums = vec![Usd::ZERO; self.begins.len()];
        for (day, amount) in dated {
            let at = self.begins.partition_point(|begin| *begin <= day);
            if let Some(sum) = at.checked_sub(1).and_then(|at| sums.get_mut(at)) {
                *sum += amount;
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_into_days_weeks_or_months_and_nothing_is_lost() {
        let day = |text| Day::parse(text).expect("a day");
        let table = [
            ("2026-03-01", "2026-03-01", 1, "2026-03-01"),
            ("2026-03-01", "2026-04-30", 61, "2026-04-30"),
            ("2026-01-07", "2026-06-30", 26, "2026-06-29"),
            ("2020-01-15", "2026-03-02", 75, "2026-03-01"),
            ("2010-05-15", "2026-03-02", 17, "2026-01-01"),
            ("9999-12-01", "9999-12-31", 31, "9999-12-31"),
            ("9998-12-31", "9999-12-31", 53, "9999-12-27"),
            ("0000-01-01", "0009-01-01", 10, "0009-01-01"),
        ];
        for (from, to, count, last) in table {
            let range = DateRange { from: day(from), to: day(to) };
            let buckets = Buckets::of(range);
            assert_eq!(buckets.begins.len(), count, "{from} {to}");
            assert_eq!(buckets.begins.last(), Some(&day(last)), "{from} {to}");
            let days = range.to.0 - range.from.0 + 1;
            let each = (0..days).map(|at| (range.from.plus(at), Usd(1)));
            let sums = buckets.sums(each);
            assert_eq!(sums.iter().map(|sum| sum.0).sum::<i128>(), i128::from(days));
            assert!(sums.iter().all(|sum| sum.0 > 0), "each has a day");
        }
    }
}
