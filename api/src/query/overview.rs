//! The metrics of a range, whole and in buckets (SPEC 3).

use axum::extract::State;
use projections::views;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{BEFORE, CODE, Given, INTERVAL, parameters};
use crate::problem::Problem;
use crate::views::{Overview, Series};

parameters! { OverviewParameters: UID_OR_ALL, FROM, TO, CODE, AS_OF }
parameters! { SeriesParameters: UID_OR_ALL, FROM, TO, CODE, INTERVAL, BEFORE, AS_OF }

/// The metrics of a range.
///
/// # Errors
/// The refusal that the API gives.
pub fn overview(asked: &Asked<'_>) -> Result<views::Overview, Problem> {
    let given = Given::of(asked.parameters, OverviewParameters::ALL)?;
    let uid = asked.caller.referrer_or_all(&given)?;
    let code = given.get(&CODE)?;
    Ok(asked.view.overview(uid, given.range()?, code.as_deref())?)
}

/// The metrics of a range, in buckets.
///
/// # Errors
/// The refusal that the API gives.
pub fn series(asked: &Asked<'_>) -> Result<views::Series, Problem> {
    let given = Given::of(asked.parameters, SeriesParameters::ALL)?;
    let uid = asked.caller.referrer_or_all(&given)?;
    let code = given.get(&CODE)?;
    let interval = given.get(&INTERVAL)?.unwrap_or_default();
    let (range, code) = (given.range()?, code.as_deref());
    match given.get(&BEFORE)?.unwrap_or_default() {
        true => Ok(asked.view.series_with_before(uid, range, code, interval)?),
        false => Ok(asked.view.series(uid, range, code, interval)?),
    }
}

/// The metrics of a referrer or one of its codes, or of all referrers together, of a range of UTC days: the last 30 by
/// default.
#[utoipa::path(
    get, path = "/v1/overview", tag = "performance", params(OverviewParameters),
    responses((status = 200, body = Overview), Refusals)
)]
pub(crate) async fn get_overview(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::shown(overview(asked)?)).await
}

/// The same metrics a day, week or month, each bucket exact; beside them those of the range before, if asked for.
#[utoipa::path(
    get, path = "/v1/overview/series", tag = "performance", params(SeriesParameters),
    responses((status = 200, body = Series), Refusals)
)]
pub(crate) async fn get_series(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::shown(series(asked)?)).await
}
