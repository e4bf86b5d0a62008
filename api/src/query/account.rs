//! A referrer's standing, its base rates and their history.

use axum::extract::State;
use projections::views;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{Given, parameters};
use crate::problem::Problem;
use crate::views::{Account, Application, Shown};

parameters! { AccountParameters: UID, AS_OF }
parameters! { ApplicationParameters: UID, AS_OF }

/// A referrer's standing and base rates.
///
/// # Errors
/// The refusal that the API gives.
pub fn account(asked: &Asked<'_>) -> Result<views::Account, Problem> {
    let given = Given::of(asked.parameters, AccountParameters::ALL)?;
    let uid = asked.caller.referrer(&given)?;
    Ok(asked.view.account_standing(uid)?)
}

/// Since when a user waits for an answer to its application to become an affiliate.
///
/// # Errors
/// The refusal that the API gives.
pub fn application(asked: &Asked<'_>) -> Result<Application, Problem> {
    let uid = asked.caller.referrer(&Given::of(asked.parameters, ApplicationParameters::ALL)?)?;
    let waiting_since = asked.view.application_waiting_since(uid);
    Ok(Application { uid, waiting_since, as_of: asked.view.as_of().shown() })
}

/// The referrer's standing, its base rates in force with their history, and its default code.
#[utoipa::path(
    get, path = "/v1/account", tag = "account", params(AccountParameters),
    responses((status = 200, body = Account), Refusals)
)]
pub(crate) async fn get_account(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::json(&asked.actors().account(account(asked)?)?)).await
}

/// Since when the user waits for an answer to its application to become an affiliate, if it does.
#[utoipa::path(
    get, path = "/v1/account/application", tag = "account", params(ApplicationParameters),
    responses((status = 200, body = Application), Refusals)
)]
pub(crate) async fn get_application(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::json(&application(asked)?)).await
}
