//! Everybody's numbers (SPEC 7): each metric summed over the referrers, one by one, and the list of referrers.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{AffiliateStatus, Country, Day, Metric, Uid};
use serde_json::{Map, Value, json};

use super::hint::{Asked, days_held, hinted};
use super::metrics::{self, Figure, SHOWN};
use super::portrait::Portrait;
use super::range::Span;
use super::{Answer, Interval, Known, Refusal, with};

/// What the portraits of some referrers' invitees come to, metric by metric, added up referrer by referrer.
fn summed(referrers: &[Vec<Portrait<'_>>], span: Span) -> Map<String, Value> {
    let sum = |metric: Metric| {
        let figures = referrers.iter().map(|invitees| metrics::figure(metric, invitees, span));
        let sum = figures.reduce(|one, other| match (one, other) {
            (Figure::Count(one), Figure::Count(other)) => Figure::Count(one + other),
            (Figure::Usd(one), Figure::Usd(other)) => Figure::Usd(one + other),
            (Figure::Count(_), Figure::Usd(_)) | (Figure::Usd(_), Figure::Count(_)) => unreachable!("one metric"),
        });
        sum.unwrap_or_else(|| metrics::figure(metric, &[], span))
    };
    SHOWN.iter().map(|metric| (metric.as_str().to_owned(), sum(*metric).shown())).collect()
}

/// An answer about all of these, with its hint.
fn hinted_for(everybody: Vec<Vec<Portrait<'_>>>, answer: Value, asked: Asked, span: Span) -> Value {
    let invitees: Vec<Portrait<'_>> = everybody.into_iter().flatten().collect();
    hinted(answer, asked, !metrics::any(&invitees, span), days_held(&invitees))
}

fn units(metric: Metric, invitees: &[Portrait<'_>], span: Span) -> i128 {
    match metrics::figure(metric, invitees, span) {
        Figure::Usd(units) => units,
        Figure::Count(count) => i128::from(count),
    }
}

impl<'a> Known<'a> {
    /// Everyone who owns a code: the account in its events, or that one's major account.
    fn owners(&self) -> BTreeSet<Uid> {
        self.code_states().filter_map(|(_, state)| self.owner(&state.code)).collect()
    }

    /// How many codes stand in a referrer's list.
    fn codes_listed(&self, uid: Uid) -> usize {
        let codes: BTreeSet<&str> = self.code_states().map(|(_, state)| &*state.code).collect();
        codes.into_iter().filter(|code| self.must_own(uid, Some(code)).is_ok()).count()
    }

    /// The invitees of each referrer; of one code alone, if one is named, which has to be there.
    pub(super) fn of_everybody(&self, code: Option<&str>) -> Result<Vec<Vec<Portrait<'a>>>, Refusal> {
        if let Some(code) = code {
            let mut states = self.code_states().filter(|(_, state)| state.code == code);
            if !states.any(|(entry, _)| self.is_past(entry)) {
                return Err(Refusal::NotFound);
            }
        }
        Ok(self.owners().into_iter().map(|uid| self.portraits(uid, code)).collect())
    }

    /// `GET /v1/overview` without a uid.
    pub fn everybodys_overview(&self, from: Option<Day>, to: Option<Day>, code: Option<&str>) -> Answer {
        let span = self.span(from, to)?;
        let everybody = self.of_everybody(code)?;
        let metrics = summed(&everybody, span);
        let answer = json!({ "uid": null, "code": code, "metrics": metrics, "as_of": self.as_of() });
        Ok(hinted_for(everybody, with(answer, span.shown()), (from, to), span))
    }

    /// `GET /v1/overview/series` without a uid.
    pub fn everybodys_series(
        &self,
        from: Option<Day>,
        to: Option<Day>,
        code: Option<&str>,
        interval: Interval,
    ) -> Answer {
        let span = self.span(from, to)?;
        let everybody = self.of_everybody(code)?;
        let point = |bucket: Span| with(json!({ "date": bucket.from }), Value::Object(summed(&everybody, bucket)));
        let points: Vec<Value> = span.buckets(interval).into_iter().map(point).collect();
        let answer = json!({
            "uid": null, "code": code, "interval": interval.as_str(), "points": points, "as_of": self.as_of(),
        });
        Ok(hinted_for(everybody, with(answer, span.shown()), (from, to), span))
    }

    /// `GET /v1/countries` without a uid.
    pub fn everybodys_countries(&self, from: Option<Day>, to: Option<Day>) -> Answer {
        let span = self.span(from, to)?;
        let mut by_country: BTreeMap<Option<Country>, Vec<Portrait<'_>>> = BTreeMap::new();
        let everybody = self.of_everybody(None)?;
        for invitee in everybody.iter().flatten().cloned() {
            by_country.entry(invitee.registration.country).or_default().push(invitee);
        }
        let mut rows: Vec<(i128, String, Value)> = Vec::new();
        for (country, invitees) in by_country {
            let name = country.map_or("ZZ".to_owned(), |country| country.to_string());
            let row = with(json!({ "country": name }), Value::Object(metrics::shown(&invitees, span)));
            if metrics::any(&invitees, span) {
                rows.push((units(Metric::TotalRewards, &invitees, span), name, row));
            }
        }
        rows.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        let answer = self.list(rows.into_iter().map(|(_, _, row)| row).collect());
        let answer = with(with(answer, span.shown()), json!({ "uid": null }));
        Ok(hinted_for(everybody, answer, (from, to), span))
    }

    /// `GET /v1/referrers`, sorted by a column.
    pub fn referrers(&self, from: Option<Day>, to: Option<Day>, sort: &str, descending: bool) -> Answer {
        let span = self.span(from, to)?;
        let mut rows: Vec<((i128, String), Uid, Value)> = Vec::new();
        for uid in self.owners() {
            let invitees = self.portraits(uid, None);
            if !metrics::any(&invitees, span) {
                continue;
            }
            let status = self.base(uid, self.now).status.map_or("none", AffiliateStatus::as_str);
            let codes = self.codes_listed(uid);
            let value = match SHOWN.iter().find(|metric| metric.as_str() == sort) {
                Some(metric) => (units(*metric, &invitees, span), String::new()),
                None if sort == "status" => (0, status.to_owned()),
                None if sort == "codes" => (codes as i128, String::new()),
                None => (i128::from(uid.0), String::new()),
            };
            let row = json!({ "uid": uid, "status": status, "codes": codes });
            rows.push((value, uid, with(row, Value::Object(metrics::shown(&invitees, span)))));
        }
        rows.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
        if descending {
            rows.reverse();
        }
        let answer = with(self.list(rows.into_iter().map(|(_, _, row)| row).collect()), span.shown());
        Ok(hinted_for(self.of_everybody(None)?, answer, (from, to), span))
    }
}
