//! Every referrer with anything in a range (SPEC 7). For who reads any referrer's data.

use axum::extract::State;
use projections::query::{Order, ReferrerSort};
use projections::views;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::caller::Privilege;
use crate::openapi::Refusals;
use crate::parameters::{Given, ORDER, REFERRER_SORT, parameters};
use crate::problem::Problem;
use crate::views::Referrers;

parameters! { ReferrersParameters: FROM, TO, REFERRER_SORT, ORDER, LIMIT, CURSOR, AS_OF }

/// Every owner of a code with anything in a range.
///
/// # Errors
/// The refusal that the API gives.
pub fn referrers(asked: &Asked<'_>) -> Result<views::Referrers, Problem> {
    asked.caller.require(Privilege::ReadAny)?;
    let given = Given::of(asked.parameters, ReferrersParameters::ALL)?;
    let sort: ReferrerSort = given.get(&REFERRER_SORT)?.unwrap_or_default();
    let order: Order = given.get(&ORDER)?.unwrap_or_default();
    Ok(asked.view.referrer_list(given.range()?, sort, order, &given.page()?)?)
}

/// Every owner of a code with anything in a range of UTC days, the last 30 by default; most rewards first. For
/// analysts, operators and services.
#[utoipa::path(
    get, path = "/v1/referrers", tag = "performance", params(ReferrersParameters),
    responses((status = 200, body = Referrers), Refusals)
)]
pub(crate) async fn get_referrers(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer(asking, |asked, _| Answer::shown(referrers(asked)?)).await
}
