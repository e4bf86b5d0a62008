//! One trade explained (SPEC 4.4). To an affiliate only if it is its own: of its invitees, or made as an invitee.

use axum::extract::State;
use projections::views;
use schemas::Uid;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{Given, ID, INVITEE, SOURCE, UID, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::views::{Explained, TradeRules};

parameters! { ExplainParameters: INVITEE, SOURCE, ID, UID, AS_OF }

/// One trade, with what gave its amounts.
///
/// # Errors
/// The refusal that the API gives.
pub fn explain(asked: &Asked<'_>) -> Result<views::Explained, Problem> {
    let given = Given::of(asked.parameters, ExplainParameters::ALL)?;
    let (account, source, id) = (given.require(&INVITEE)?, given.require(&SOURCE)?, given.require(&ID)?);
    // A client may name the referrer in every question; a trade is found without.
    let named = given.get(&UID)?;
    if named.is_some() {
        asked.caller.referrer(&given)?;
    }
    let explained = asked.view.explain(account, &source, &id)?;
    match asked.caller.own_data_of().or(named) {
        Some(own) if !is_of(asked, &explained, own) => {
            Err(Problem::new(ProblemKind::NotFound, format!("trade {id} is not there, or not this referrer's")))
        }
        Some(_) | None => Ok(explained),
    }
}

/// What a trade was measured by, with the trade.
///
/// # Errors
/// The refusal that the API gives.
pub fn rules(asked: &Asked<'_>) -> Result<(views::Explained, views::TradeRules), Problem> {
    let explained = explain(asked)?;
    let rules = asked.view.trade_rules(explained.account_uid, explained.event.time)?;
    Ok((explained, rules))
}

/// Whether a trade is a user's own business: its invitee's (also before it registered), or its own.
fn is_of(asked: &Asked<'_>, explained: &views::Explained, own: Uid) -> bool {
    explained.account_uid == own
        || explained.invitee_uid.is_some_and(|invitee| invitee == own || asked.view.is_invitee_of(own, invitee))
}

/// One trade explained: its amounts as they stand, the rates in force with who set them, or why it earned nothing.
#[utoipa::path(
    get, path = "/v1/trades/explain", tag = "rewards", params(ExplainParameters),
    responses((status = 200, body = Explained), Refusals)
)]
pub(crate) async fn get_explained(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    let about = about(&asking);
    app.answer_about(asking, about, |asked, _| Answer::json(&asked.actors().explained(explain(asked)?)?)).await
}

/// What a trade was measured by: the rules in force at its time with who set them, the window, from when on the account counts.
#[utoipa::path(
    get, path = "/v1/trades/rules", tag = "rewards", params(ExplainParameters),
    responses((status = 200, body = TradeRules), Refusals)
)]
pub(crate) async fn get_trade_rules(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    let about = about(&asking);
    app.answer_about(asking, about, |asked, _| rules_shown(asked)).await
}

/// All that a trade's amounts hang on is in the excerpt about who made it, where no referrer is named.
fn about(asking: &Asking) -> Option<Uid> {
    let trader =
        || asking.parameters.iter().find(|(name, _)| name == INVITEE.name).and_then(|(_, uid)| Uid::parse(uid));
    asking.referrer().or_else(trader)
}

/// Its answer, written out.
pub(crate) fn rules_shown(asked: &Asked<'_>) -> Result<Answer, Problem> {
    let (explained, rules) = rules(asked)?;
    Answer::json(&asked.actors().trade_rules(explained, rules, asked.view.as_of())?)
}
