//! Answers that tell figures: overviews, series, countries, referrers, cohorts.

use projections::query::Interval;
use projections::views::{
    CohortMonth, CohortRow, Cohorts, Countries, CountryRow, Hint, Metrics, Overview, Point, ReferrerRow, Referrers,
    Series, SeriesBefore, Standing,
};
use schemas::{Day, Uid};
use serde_json::Value;

use super::{Fields, Read};

/// The answer of `GET /v1/overview`.
pub(crate) fn overview(mut fields: Fields) -> Read<Overview> {
    Some(Overview {
        uid: uid_or_null(&fields)?,
        from: fields.day("from")?,
        to: fields.day("to")?,
        code: fields.text_or_null("code", |text| Some(text.to_owned()))?,
        metrics: metrics(&fields.object("metrics")?)?,
        hint: hint(&mut fields)?,
        as_of: fields.as_of()?,
    })
}

/// The answer of `GET /v1/overview/series`.
pub(crate) fn series(mut fields: Fields) -> Read<Series> {
    Some(Series {
        uid: uid_or_null(&fields)?,
        from: fields.day("from")?,
        to: fields.day("to")?,
        code: fields.text_or_null("code", |text| Some(text.to_owned()))?,
        interval: fields.text("interval", Interval::parse)?.as_str(),
        points: fields.rows("points", point)?,
        before: before(&mut fields)?,
        hint: hint(&mut fields)?,
        as_of: fields.as_of()?,
    })
}

fn before(fields: &mut Fields) -> Read<Option<SeriesBefore>> {
    if fields.is_absent("before") {
        return Some(None);
    }
    let mut before = fields.object("before")?;
    Some(Some(SeriesBefore {
        from: before.day("from")?,
        to: before.day("to")?,
        metrics: metrics(&before.object("metrics")?)?,
        points: before.rows("points", point)?,
    }))
}

fn point(fields: Fields) -> Read<Point> {
    Some(Point { date: fields.day("date")?, metrics: metrics(&fields)? })
}

/// The answer of `GET /v1/countries`.
pub(crate) fn countries(mut fields: Fields) -> Read<Countries> {
    Some(Countries {
        uid: uid_or_null(&fields)?,
        from: fields.day("from")?,
        to: fields.day("to")?,
        hint: hint(&mut fields)?,
        list: fields.list(|row| Some(CountryRow { country: row.owned("country")?, metrics: metrics(&row)? }))?,
    })
}

/// The answer of `GET /v1/referrers`.
pub(crate) fn referrers(mut fields: Fields) -> Read<Referrers> {
    Some(Referrers {
        from: fields.day("from")?,
        to: fields.day("to")?,
        hint: hint(&mut fields)?,
        list: fields.list(referrer)?,
    })
}

fn referrer(row: Fields) -> Read<ReferrerRow> {
    Some(ReferrerRow {
        uid: row.uid("uid")?,
        status: row.text("status", Standing::parse)?,
        codes: row.count("codes")?,
        metrics: metrics(&row)?,
    })
}

/// The answer of `GET /v1/cohorts`.
pub(crate) fn cohorts(mut fields: Fields) -> Read<Cohorts> {
    Some(Cohorts {
        uid: uid_or_null(&fields)?,
        code: fields.text_or_null("code", |text| Some(text.to_owned()))?,
        country: texts_or_null(fields.field("country")?)?,
        from: fields.day("from")?,
        to: fields.day("to")?,
        list: fields.list(cohort)?,
    })
}

fn cohort(mut row: Fields) -> Read<CohortRow> {
    Some(CohortRow {
        month: row.text("month", |month| Day::parse(&format!("{month}-01")))?,
        registered: row.count("registered")?,
        verified: row.count("verified")?,
        deposited: row.count("deposited")?,
        first_time_trade: row.count("first_time_trade")?,
        months: row.rows("months", |month| {
            Some(CohortMonth {
                traded: month.count("traded")?,
                commission: month.usd("commission")?,
                rebate: month.usd("rebate")?,
                volume: month.usd("volume")?,
            })
        })?,
    })
}

fn texts_or_null(value: &Value) -> Read<Option<Vec<String>>> {
    match value {
        Value::Null => Some(None),
        Value::Array(texts) => {
            texts.iter().map(|text| text.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>().map(Some)
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
    }
}

pub(super) fn uid_or_null(fields: &Fields) -> Read<Option<Uid>> {
    if fields.field("uid")?.is_null() { Some(None) } else { fields.uid("uid").map(Some) }
}

/// What is said beside figures; absent in most answers.
pub(super) fn hint(fields: &mut Fields) -> Read<Option<Hint>> {
    if fields.is_absent("hint") {
        return Some(None);
    }
    let hint = fields.object("hint")?;
    Some(Some(Hint { detail: hint.owned("detail")?, from: hint.day("from")?, to: hint.day("to")? }))
}

fn metrics(fields: &Fields) -> Read<Metrics> {
    Some(Metrics {
        total_rewards: fields.usd("total_rewards")?,
        spot_commission: fields.usd("spot_commission")?,
        futures_commission: fields.usd("futures_commission")?,
        shared_commission: fields.usd("shared_commission")?,
        total_referrals: fields.count("total_referrals")?,
        verified: fields.count("verified")?,
        deposited: fields.count("deposited")?,
        first_time_trade: fields.count("first_time_trade")?,
        traded: fields.count("traded")?,
        spot_volume: fields.usd("spot_volume")?,
        futures_volume: fields.usd("futures_volume")?,
        total_volume: fields.usd("total_volume")?,
    })
}
