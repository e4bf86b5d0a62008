//! Days of a range in buckets that a chart can show: days, weeks, months or years, as the range is long.

use projections::query::DateRange;
use schemas::{Day, Usd};

use super::super::charts::Bucket;

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
        let mut begins = Vec::new();
        let mut at = range.from;
        while at <= range.to {
            begins.push(at);
            at = match length {
                Length::Day => at.plus(1),
                Length::Week => at.week_start().plus(7),
                Length::Month => at.month_start().last_of_months(1).plus(1),
                Length::Year => year_start(at).last_of_months(12).plus(1),
            };
        }
        Buckets { length, begins }
    }

    /// What a bucket is.
    pub(super) fn in_words(&self) -> &'static str {
        match self.length {
            Length::Day => "UTC day",
            Length::Week => "week from Monday",
            Length::Month => "UTC month",
            Length::Year => "UTC year",
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

/// The first day of a day's year.
fn year_start(day: Day) -> Day {
    let quarter = day.quarter_start();
    // A quarter and a day earlier lies in the quarter before, until that is another year's.
    let before = quarter.plus(-1).quarter_start();
    if before.to_string().get(..4) == day.to_string().get(..4) { year_start(before) } else { quarter }
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
