//! The overview, its series and its countries (SPEC 3, 4, 4.5).

use schemas::{Country, Day, Metric, Uid};
use serde_json::{Value, json};

use super::hint::{days_held, hinted};
use super::metrics::{self, Figure};
use super::range::Span;
use super::{Answer, Known, Refusal, with};

/// How long a bucket of a series is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// A day.
    Day,
    /// From Monday.
    Week,
    /// A calendar month.
    Month,
}

impl Interval {
    /// The text in a query.
    pub fn as_str(self) -> &'static str {
        match self {
            Interval::Day => "day",
            Interval::Week => "week",
            Interval::Month => "month",
        }
    }

    /// The first day of the whole bucket that a day lies in.
    pub(super) fn start(self, day: Day) -> Day {
        match self {
            Interval::Day => day,
            // 1970-01-01 was a Thursday.
            Interval::Week => day.plus(-(day.0 + 3).rem_euclid(7)),
            Interval::Month => day.month_start(),
        }
    }
}

const DEFAULT_DAYS: i32 = 30;

impl Known<'_> {
    pub(super) fn span(&self, from: Option<Day>, to: Option<Day>) -> Result<Span, Refusal> {
        Span::asked(from, to, DEFAULT_DAYS, self.now.day())
    }

    /// `GET /v1/overview`.
    pub fn overview(&self, uid: Uid, from: Option<Day>, to: Option<Day>, code: Option<&str>) -> Answer {
        let span = self.span(from, to)?;
        self.must_own(uid, code)?;
        let invitees = self.portraits(uid, code);
        let metrics = metrics::shown(&invitees, span);
        let answer = json!({ "uid": uid, "code": code, "metrics": metrics, "as_of": self.as_of() });
        let is_empty = !metrics::any(&invitees, span);
        Ok(hinted(with(answer, span.shown()), (from, to), is_empty, days_held(&invitees)))
    }

    /// `GET /v1/overview/series`.
    pub fn series(
        &self,
        uid: Uid,
        from: Option<Day>,
        to: Option<Day>,
        code: Option<&str>,
        interval: Interval,
    ) -> Answer {
        let span = self.span(from, to)?;
        self.must_own(uid, code)?;
        let invitees = self.portraits(uid, code);
        let point =
            |bucket: Span| with(json!({ "date": bucket.from }), Value::Object(metrics::shown(&invitees, bucket)));
        let points: Vec<Value> = span.buckets(interval).into_iter().map(point).collect();
        let answer = json!({
            "uid": uid, "code": code, "interval": interval.as_str(), "points": points, "as_of": self.as_of(),
        });
        let is_empty = !metrics::any(&invitees, span);
        Ok(hinted(with(answer, span.shown()), (from, to), is_empty, days_held(&invitees)))
    }

    /// `GET /v1/overview/series` with `before=true`.
    pub fn series_with_before(
        &self,
        uid: Uid,
        (from, to): (Option<Day>, Option<Day>),
        code: Option<&str>,
        interval: Interval,
    ) -> Answer {
        let series = self.series(uid, from, to, code, interval)?;
        let span = self.span(from, to)?;
        let days = span.to.0 - span.from.0 + 1;
        let back = |span: Span| Span { from: Day(span.from.0 - days), to: Day(span.to.0 - days) };
        if back(span).from < Day::parse("0000-01-01").expect("a date") {
            return Ok(series);
        }
        let invitees = self.portraits(uid, code);
        let point =
            |bucket: Span| with(json!({ "date": bucket.from }), Value::Object(metrics::shown(&invitees, bucket)));
        let points: Vec<Value> = span.buckets(interval).into_iter().map(|bucket| point(back(bucket))).collect();
        let before = json!({ "metrics": metrics::shown(&invitees, back(span)), "points": points });
        Ok(with(series, json!({ "before": with(before, back(span).shown()) })))
    }

    /// `GET /v1/countries`: a row for each country with anything in the range, most rewards first.
    pub fn countries(&self, uid: Uid, from: Option<Day>, to: Option<Day>) -> Answer {
        let span = self.span(from, to)?;
        let invitees = self.portraits(uid, None);
        let mut rows: Vec<(i128, String, Value)> = Vec::new();
        for country in Country::all().map(Some).chain([None]) {
            let here: Vec<_> =
                invitees.iter().filter(|invitee| invitee.registration.country == country).cloned().collect();
            if !metrics::any(&here, span) {
                continue;
            }
            let name = country.map_or("ZZ".to_owned(), |country| country.to_string());
            let rewards = match metrics::figure(Metric::TotalRewards, &here, span) {
                Figure::Usd(units) => units,
                Figure::Count(_) => unreachable!("rewards are USD"),
            };
            let row = with(json!({ "country": name }), Value::Object(metrics::shown(&here, span)));
            rows.push((rewards, name, row));
        }
        rows.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        let is_empty = rows.is_empty();
        let answer = self.list(rows.into_iter().map(|(_, _, row)| row).collect());
        let answer = with(with(answer, span.shown()), json!({ "uid": uid }));
        Ok(hinted(answer, (from, to), is_empty, days_held(&invitees)))
    }
}
