//! Overview, series and countries: cells added up.

use std::collections::BTreeMap;
use std::hint::black_box;

use schemas::{Country, Day, Uid};

use super::page::{Order, PageRequest, Place, SortValue, Sorting, page};
use super::{DateRange, QueryError, RangeRequest, View};
use crate::codes::CodeId;
use crate::history::PRESENT;
use crate::views::{Countries, CountryRow, Metrics, Overview, Point, Series, SeriesBefore};

/// The days of a range where nothing is said (SPEC 3).
pub const RANGE_DAYS: i32 = 30;
/// Countries: most rewards first, then by country.
pub(super) const SORTING: Sorting = Sorting { value: Order::Descending, keys: Order::Ascending };
/// The most buckets a series can have.
const POINTS_MAX: usize = 10_000;

/// The length of a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interval {
    /// A day.
    #[default]
    Day,
    /// A week, from Monday.
    Week,
    /// A month.
    Month,
}

impl Interval {
    /// The interval of a text in a query.
    #[must_use]
    pub fn parse(text: &str) -> Option<Interval> {
        match text {
            "day" => Some(Interval::Day),
            "week" => Some(Interval::Week),
            "month" => Some(Interval::Month),
            _ => None,
        }
    }

    /// The text in a query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Interval::Day => "day",
            Interval::Week => "week",
            Interval::Month => "month",
        }
    }

    /// The last day of the bucket that a day lies in.
    fn last_day(self, day: Day) -> Day {
        match self {
            Interval::Day => day,
            Interval::Week => day.week_end(),
            Interval::Month => day.month_end(),
        }
    }

    /// The buckets of a range in order: the first may begin, and the last end, within its week or month. None where
    /// there are more than [`POINTS_MAX`].
    fn buckets(self, range: DateRange) -> Option<Vec<DateRange>> {
        let mut buckets: Vec<DateRange> = Vec::new();
        let mut from = range.from;
        while buckets.len() < POINTS_MAX {
            let to = self.last_day(from).min(range.to);
            buckets.push(DateRange { from, to });
            if to == range.to {
                return Some(buckets);
            }
            from = to.plus(1);
        }
        None
    }
}

impl View<'_> {
    /// `GET /v1/overview`: the metrics of SPEC 3 of a referrer, or of one of its codes; of all referrers together, or of
    /// any code, where none is named (SPEC 7).
    ///
    /// # Errors
    /// If the code is not the referrer's, or not there, or the range ends before it begins.
    pub fn overview(
        &self,
        uid: impl Into<Option<Uid>>,
        range: RangeRequest,
        code: Option<&str>,
    ) -> Result<Overview, QueryError> {
        let (uid, asked) = (uid.into(), range);
        let range = asked.resolve(self.now, RANGE_DAYS)?;
        let codes = self.codes_asked(uid, code)?;
        let metrics = self.sum(&codes, range);
        let hint = self.hint(asked, range, metrics == Metrics::default(), (uid, code))?;
        let code = code.map(str::to_owned);
        Ok(Overview { uid, from: range.from, to: range.to, code, metrics, hint, as_of: self.as_of() })
    }

    /// `GET /v1/overview/series`: the same metrics a bucket.
    ///
    /// # Errors
    /// As [`View::overview`], and if the range has more than 10,000 buckets.
    pub fn series(
        &self,
        uid: impl Into<Option<Uid>>,
        range: RangeRequest,
        code: Option<&str>,
        interval: Interval,
    ) -> Result<Series, QueryError> {
        let (uid, asked) = (uid.into(), range);
        let range = asked.resolve(self.now, RANGE_DAYS)?;
        let codes = self.codes_asked(uid, code)?;
        let buckets = interval.buckets(range).ok_or_else(|| {
            let detail = format!("more than {POINTS_MAX} buckets: ask for a shorter range or a longer interval");
            QueryError::Invalid { field: "interval", detail }
        })?;
        let points = self.points(&codes, &buckets);
        let is_empty = points.iter().all(|point| point.metrics == Metrics::default());
        let hint = self.hint(asked, range, is_empty, (uid, code))?;
        Ok(Series {
            uid,
            from: range.from,
            to: range.to,
            code: code.map(str::to_owned),
            interval: interval.as_str(),
            points,
            before: None,
            hint,
            as_of: self.as_of(),
        })
    }

    /// The same, and beside it the range before: each of its buckets holds the days that lie before those of a bucket of
    /// the series by the length of the range, so that both have as many days. It costs a series and an overview more.
    ///
    /// # Errors
    /// As [`View::series`].
    pub fn series_with_before(
        &self,
        uid: impl Into<Option<Uid>>,
        range: RangeRequest,
        code: Option<&str>,
        interval: Interval,
    ) -> Result<Series, QueryError> {
        let uid = uid.into();
        let mut series = self.series(uid, range, code, interval)?;
        let range = DateRange { from: series.from, to: series.to };
        let Some(before) = range.before() else { return Ok(series) };
        let days = range.from.0 - before.from.0;
        let buckets = interval.buckets(range).unwrap_or_default();
        let earlier: Vec<DateRange> = buckets.iter().filter_map(|bucket| bucket.earlier(days)).collect();
        let codes = self.codes_asked(uid, code)?;
        let (metrics, points) = (self.sum(&codes, before), self.points(&codes, &earlier));
        series.before = Some(SeriesBefore { from: before.from, to: before.to, metrics, points });
        Ok(series)
    }

    /// The figures of these codes in each of these ranges, which follow each other and do not overlap.
    fn points(&self, codes: &[CodeId], buckets: &[DateRange]) -> Vec<Point> {
        let mut sums = vec![Metrics::default(); buckets.len()];
        for code in codes {
            for (_, slice) in &self.state.codes.get(*code).slices {
                // Of ten thousand buckets a slice has to do with those of its own days.
                let Some((first, last)) = slice.days() else { continue };
                let begin = buckets.partition_point(|bucket| bucket.to < first);
                let end = buckets.partition_point(|bucket| bucket.from <= last).max(begin);
                let own = buckets[begin..end].iter().zip(&mut sums[begin..end]);
                slice.add_series(own.map(|(bucket, sum)| (bucket.from, bucket.to, sum)));
            }
        }
        buckets.iter().zip(sums).map(|(bucket, metrics)| Point { date: bucket.from, metrics }).collect()
    }

    /// `GET /v1/countries`: the metrics a country, most rewards first; of all referrers together where none is named.
    ///
    /// # Errors
    /// If the range ends before it begins, or the cursor is not this list's.
    pub fn countries(
        &self,
        uid: impl Into<Option<Uid>>,
        range: RangeRequest,
        request: &PageRequest,
    ) -> Result<Countries, QueryError> {
        let (uid, asked) = (uid.into(), range);
        let range = asked.resolve(self.now, RANGE_DAYS)?;
        let mut countries: BTreeMap<Option<Country>, Metrics> = BTreeMap::new();
        for code in self.codes_asked(uid, None)? {
            for (country, slice) in &self.state.codes.get(code).slices {
                slice.add_metrics(range.from, range.to, countries.entry(*country).or_default());
            }
        }
        let rows =
            countries.into_iter().filter(|(_, metrics)| *metrics != Metrics::default()).map(|(country, metrics)| {
                let country = country.map_or_else(|| Country::UNKNOWN_TEXT.to_owned(), |country| country.to_string());
                let row = CountryRow { country, metrics };
                (place_of(&row), row)
            });
        let list = page(rows, SORTING, request, &question(uid, range), self, Ok)?;
        let hint = self.hint(asked, range, list.total == 0, (uid, None))?;
        Ok(Countries { uid, from: range.from, to: range.to, hint, list })
    }

    /// The first and the last UTC day with anything in it, of a referrer or of one of its codes; none if there is
    /// nothing yet.
    ///
    /// # Errors
    /// If the code is not the referrer's.
    pub fn days_held(&self, uid: impl Into<Option<Uid>>, code: Option<&str>) -> Result<Option<DateRange>, QueryError> {
        let mut held: Option<DateRange> = None;
        for code in self.codes_asked(uid.into(), code)? {
            for (_, slice) in &self.state.codes.get(code).slices {
                let Some((from, to)) = slice.days_with_anything() else { continue };
                let known = held.get_or_insert(DateRange { from, to });
                *known = DateRange { from: known.from.min(from), to: known.to.max(to) };
            }
        }
        Ok(held)
    }

    /// The codes a question is about: one of the referrer's that is in force, or all that are its; where no referrer is
    /// named any that is in force, or all that are anybody's.
    pub(super) fn codes_asked(&self, uid: Option<Uid>, code: Option<&str>) -> Result<Vec<CodeId>, QueryError> {
        match (uid, code) {
            (Some(uid), Some(code)) => Ok(vec![self.code_in_force(uid, code)?]),
            (Some(uid), None) => {
                Ok(self.account(uid).map_or_else(Vec::new, |account| self.state.codes_of(account, PRESENT)))
            }
            (None, Some(code)) => Ok(vec![self.code_of_anybody(code)?]),
            (None, None) => {
                let codes = self.state.codes.iter().map(|(code, _)| code);
                Ok(codes.filter(|code| self.state.code_owner(*code, PRESENT).is_some()).collect())
            }
        }
    }

    pub(super) fn sum(&self, codes: &[CodeId], range: DateRange) -> Metrics {
        let mut metrics = Metrics::default();
        for code in codes {
            let slices = &self.state.codes.get(*code).slices;
            // Looked at together first, so that the waits for memory overlap.
            for (_, slice) in slices {
                black_box(slice.last_sum());
            }
            for (_, slice) in slices {
                slice.add_metrics(range.from, range.to, &mut metrics);
            }
        }
        metrics
    }
}

/// A country's place in their list.
pub(super) fn place_of(row: &CountryRow) -> Place {
    let keys = vec![SortValue::Text(row.country.clone())];
    Place { value: Some(SortValue::Number(row.metrics.total_rewards.0)), keys }
}

/// What a cursor of countries belongs to.
pub(super) fn question(uid: Option<Uid>, range: DateRange) -> impl std::fmt::Debug {
    ("countries", uid, range)
}
