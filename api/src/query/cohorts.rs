//! Invitees by the month of their registration (SPEC 7). For affiliates that are approved, and for who reads any.

use axum::extract::State;
use projections::query::CohortFilter;
use projections::views;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{CODE, COUNTRY, Given, parameters};
use crate::problem::Problem;
use crate::views::Cohorts;

parameters! { CohortsParameters: UID_OR_ALL, CODE, COUNTRY, FROM, TO, LIMIT, CURSOR, AS_OF }

/// The invitees of a range of months, by the month of their registration.
///
/// # Errors
/// The refusal that the API gives.
pub fn cohorts(asked: &Asked<'_>) -> Result<views::Cohorts, Problem> {
    let given = Given::of(asked.parameters, CohortsParameters::ALL)?;
    let uid = asked.caller.referrer_or_all(&given)?;
    asked.require_approved("cohorts")?;
    let filter = CohortFilter { code: given.get(&CODE)?, country: given.get(&COUNTRY)? };
    Ok(asked.view.cohorts(uid, &filter, given.range()?, &given.page()?)?)
}

/// The invitees of a referrer, or of all referrers together, by the UTC month of their registration: what has become of
/// them by now, and what each calendar month brought. The range is widened to whole months, the last 12 by default;
/// months without a registration are left out. For affiliates if approved.
#[utoipa::path(
    get, path = "/v1/cohorts", tag = "performance", params(CohortsParameters),
    responses((status = 200, body = Cohorts), Refusals)
)]
pub(crate) async fn get_cohorts(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::shown(cohorts(asked)?)).await
}
