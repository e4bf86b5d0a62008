//! A referrer's standing, its base rates and their history.

use axum::extract::State;
use projections::views;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{Given, parameters};
use crate::problem::Problem;
use crate::views::Account;

parameters! { AccountParameters: UID, AS_OF }

/// A referrer's standing and base rates.
///
/// # Errors
/// The refusal that the API gives.
pub fn account(asked: &Asked<'_>) -> Result<views::Account, Problem> {
    let given = Given::of(asked.parameters, AccountParameters::ALL)?;
    let uid = asked.caller.referrer(&given)?;
    Ok(asked.view.account_standing(uid)?)
}

/// The referrer's standing, its base rates in force with their history, and its default code.
#[utoipa::path(
    get, path = "/v1/account", tag = "account", params(AccountParameters),
    responses((status = 200, body = Account), Refusals)
)]
pub(crate) async fn get_account(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::json(&asked.actors().account(account(asked)?)?)).await
}
