//! The metrics by country of the invitees (SPEC 4.5). For affiliates that are approved, and for who reads any.

use axum::extract::State;
use projections::views;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{Given, parameters};
use crate::problem::Problem;
use crate::views::Countries;

parameters! { CountriesParameters: UID_OR_ALL, FROM, TO, LIMIT, CURSOR, AS_OF }

/// The metrics of a range, by country.
///
/// # Errors
/// The refusal that the API gives.
pub fn countries(asked: &Asked<'_>) -> Result<views::Countries, Problem> {
    let given = Given::of(asked.parameters, CountriesParameters::ALL)?;
    let uid = asked.caller.referrer_or_all(&given)?;
    asked.require_approved("countries")?;
    Ok(asked.view.countries(uid, given.range()?, &given.page()?)?)
}

/// The metrics a country of the invitees, or of those of all referrers together, of a range of UTC days; most rewards
/// first. For affiliates if approved.
#[utoipa::path(
    get, path = "/v1/countries", tag = "performance", params(CountriesParameters),
    responses((status = 200, body = Countries), Refusals)
)]
pub(crate) async fn get_countries(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::shown(countries(asked)?)).await
}
