//! What pages show beside the answers of questions: a ledger's state tells it at once; without one it follows from answers.

use api::parameters::{AS_OF, CODE, Given, UID};
use api::{Problem, ProblemKind, question};
use ingest::{Clock, SystemClock};
use projections::query::CodeSplit;
use projections::views::{Metrics, Series};
use schemas::{Day, Timestamp, Uid};

use super::{Reading, Source};

/// The first day that anything can be of: that of the earliest time that an event may have.
pub(crate) fn earliest() -> Day {
    Timestamp::EVENT_MIN.day()
}

impl Reading<'_> {
    /// The UTC day of the moment that the page is of.
    pub(crate) fn today(&self) -> Result<Day, Problem> {
        match (&self.source, &self.as_of) {
            (Source::Here(asked), _) => Ok(asked.view.now.day()),
            (Source::Elsewhere(_), None) => Ok(SystemClock::new().now().day()),
            // The last day of a range that nobody gave is that of the moment.
            (Source::Elsewhere(_), Some(_)) if self.require_referrer().is_ok() => {
                Ok(self.ask(&[], question::overview())?.to)
            }
            (Source::Elsewhere(_), Some(_)) => Ok(self.ask_without_uid(&[], question::overview())?.to),
        }
    }

    /// The referrer's codes in force, by code.
    pub(crate) fn code_names(&self, referrer: Uid) -> Result<Vec<String>, Problem> {
        if let Source::Here(asked) = &self.source {
            return Ok(asked.view.code_names(referrer));
        }
        Ok(self.ask(&[], question::code_splits())?.into_iter().map(|split| split.code).collect())
    }

    /// How the fees that a code of the referrer's brings are split.
    pub(crate) fn code_split(&self, referrer: Uid, code: &str) -> Result<CodeSplit, Problem> {
        if let Source::Here(asked) = &self.source {
            return Ok(asked.view.code_split(referrer, code)?);
        }
        let splits = self.ask(&[], question::code_splits())?;
        let none = || Problem::new(ProblemKind::NotFound, format!("there is no code {code}"));
        splits.into_iter().find(|split| split.code == code).ok_or_else(none)
    }

    /// The first and the last day with anything in it.
    pub(crate) fn ask_held(&self, code: Option<&str>) -> Result<Option<(Day, Day)>, Problem> {
        if !self.is_here() {
            return self.days_with_anything(|parameters| {
                let parameters: Vec<_> = parameters.iter().copied().chain([("code", code)]).collect();
                self.ask(&parameters, question::series())
            });
        }
        self.ask_here(&[("code", code)], |asked| {
            let given = Given::of(asked.parameters, &[&UID, &CODE, &AS_OF])?;
            let uid = asked.caller.referrer(&given)?;
            let held = asked.view.days_held(uid, given.get(&CODE)?.as_deref())?;
            Ok(held.map(|range| (range.from, range.to)))
        })
    }

    /// The same of all referrers together.
    pub(crate) fn ask_held_by_anybody(&self) -> Result<Option<(Day, Day)>, Problem> {
        if self.is_here() {
            let held = self.here()?.view.days_held(None, None)?;
            return Ok(held.map(|range| (range.from, range.to)));
        }
        self.days_with_anything(|parameters| self.ask_without_uid(parameters, question::series()))
    }

    /// The first and the last day of which any figure is another than 0: by months first, and then the days of two of them.
    fn days_with_anything(
        &self,
        series: impl Fn(&[(&str, Option<&str>)]) -> Result<Series, Problem>,
    ) -> Result<Option<(Day, Day)>, Problem> {
        let ask = |from: Day, to: Day, interval: &str| {
            let (from, to) = (from.to_string(), to.to_string());
            series(&[("from", Some(&from)), ("to", Some(&to)), ("interval", Some(interval))])
        };
        let ends = |series: &Series| {
            let mut held = series.points.iter().filter(|point| point.metrics != Metrics::default());
            let first = held.next()?.date;
            Some((first, held.next_back().map_or(first, |point| point.date)))
        };
        // An event may be stamped a day ahead.
        let Some((first, last)) = ends(&ask(earliest(), self.today()?.plus(1), "month")?) else { return Ok(None) };
        let month = |day: Day| ask(day.month_start(), day.month_plus(1).plus(-1), "day");
        let from = ends(&month(first)?).map_or(first, |(from, _)| from);
        let to = ends(&month(last)?).map_or(last, |(_, to)| to);
        Ok(Some((from, to)))
    }
}
