//! The offers that run, with a referrer's progress (SPEC 4.6).

use axum::extract::State;
use projections::views;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{Given, parameters};
use crate::problem::Problem;
use crate::views::{List, OfferRow};

parameters! { OffersParameters: UID, LIMIT, CURSOR, AS_OF }

/// The offers that run.
///
/// # Errors
/// The refusal that the API gives.
pub fn offers(asked: &Asked<'_>) -> Result<views::List<views::OfferRow>, Problem> {
    let given = Given::of(asked.parameters, OffersParameters::ALL)?;
    let uid = asked.caller.referrer(&given)?;
    Ok(asked.view.offers(uid, &given.page()?)?)
}

/// The offers that run today, with the referrer's progress over the running period.
#[utoipa::path(
    get, path = "/v1/offers", tag = "programs", params(OffersParameters),
    responses((status = 200, body = List<OfferRow>), Refusals)
)]
pub(crate) async fn get_offers(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::shown(offers(asked)?)).await
}
