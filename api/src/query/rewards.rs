//! Records of rewards (SPEC 4.3).

use axum::extract::State;
use projections::views::{self, RewardKind};

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{Given, KIND, parameters};
use crate::problem::Problem;
use crate::views::Rewards;

parameters! { RewardsParameters: UID, KIND, FROM, TO, LIMIT, CURSOR, AS_OF }

/// A page of reward records.
///
/// # Errors
/// The refusal that the API gives.
pub fn rewards(asked: &Asked<'_>) -> Result<views::Rewards, Problem> {
    let given = Given::of(asked.parameters, RewardsParameters::ALL)?;
    let uid = asked.caller.referrer(&given)?;
    let kind = given.get(&KIND)?.unwrap_or(RewardKind::Commission);
    Ok(asked.view.rewards(uid, kind, given.range()?, &given.page()?)?)
}

/// What a user earned as a referrer, or got back of its own fees: a record a day, counterparty and product, newest
/// first; the last 7 UTC days by default.
#[utoipa::path(
    get, path = "/v1/rewards", tag = "rewards", params(RewardsParameters),
    responses((status = 200, body = Rewards), Refusals)
)]
pub(crate) async fn get_rewards(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::shown(rewards(asked)?)).await
}
