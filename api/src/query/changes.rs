//! What changed the terms on which amounts are made, day by day.

use axum::extract::State;
use projections::views;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{CODE, Given, parameters};
use crate::problem::Problem;
use crate::views::Changes;

parameters! { ChangesParameters: UID_OR_ALL, FROM, TO, CODE, LIMIT, CURSOR, AS_OF }

/// What changed the terms in a range of days.
///
/// # Errors
/// The refusal that the API gives.
pub fn changes(asked: &Asked<'_>) -> Result<views::Changes, Problem> {
    let given = Given::of(asked.parameters, ChangesParameters::ALL)?;
    let uid = asked.caller.referrer_or_all(&given)?;
    let code = given.get(&CODE)?;
    Ok(asked.view.changes(uid, given.range()?, code.as_deref(), &given.page()?)?)
}

/// What changed the terms on which amounts are made, from which day on and by which event: a referrer's standing and base
/// rates, the rebates of its codes, the program's rules; and the first and the last days of campaigns. Of a range of UTC
/// days, the last 30 by default. What repeats the terms before is left out. Without `uid`, what is about all referrers.
#[utoipa::path(
    get, path = "/v1/changes", tag = "performance", params(ChangesParameters),
    responses((status = 200, body = Changes), Refusals)
)]
pub(crate) async fn get_changes(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::json(&asked.actors().changes(changes(asked)?)?)).await
}
