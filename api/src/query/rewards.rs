//! Records of rewards (SPEC 4.3).

use axum::extract::State;
use projections::query::RewardTrade;
use projections::views::{self, RewardKind};

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{COUNTERPARTY, DATE, Given, KIND, PRODUCT, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::views::{RewardTrades, Rewards, Shown};

parameters! { RewardsParameters: UID, KIND, FROM, TO, LIMIT, CURSOR, AS_OF }
parameters! { RewardTradesParameters: UID, KIND, DATE, COUNTERPARTY, PRODUCT, AS_OF }

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

/// The trades that a record is made of, and what that reflects.
///
/// # Errors
/// The refusal that the API gives; also where there is no such record.
pub fn reward_trades(asked: &Asked<'_>) -> Result<(Vec<RewardTrade>, views::AsOf), Problem> {
    let given = Given::of(asked.parameters, RewardTradesParameters::ALL)?;
    let uid = asked.caller.referrer(&given)?;
    let kind = given.get(&KIND)?.unwrap_or(RewardKind::Commission);
    let (date, counterparty) = (given.require(&DATE)?, given.require(&COUNTERPARTY)?);
    let trades = asked.view.reward_trades(uid, kind, date, counterparty, given.require(&PRODUCT)?)?;
    if trades.is_empty() {
        return Err(Problem::new(ProblemKind::NotFound, "there is no such record"));
    }
    Ok((trades, asked.view.as_of()))
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

/// The trades that a record of rewards is made of, by their times, and the taking back of trades; together they come to the
/// record's fee and amount.
#[utoipa::path(
    get, path = "/v1/rewards/trades", tag = "rewards", params(RewardTradesParameters),
    responses((status = 200, body = RewardTrades), Refusals)
)]
pub(crate) async fn get_reward_trades(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| trades_shown(asked)).await
}

/// Its answer, written out.
pub(crate) fn trades_shown(asked: &Asked<'_>) -> Result<Answer, Problem> {
    let uid = asked.caller.referrer(&Given::of(asked.parameters, RewardTradesParameters::ALL)?)?;
    let (trades, as_of) = reward_trades(asked)?;
    Answer::json(&RewardTrades { uid, rows: trades.shown(), as_of: as_of.shown() })
}
