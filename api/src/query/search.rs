//! What bears a name, for who sees the whole ledger: and one of its entries.

use axum::extract::State;
use projections::views;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::caller::Privilege;
use crate::openapi::Refusals;
use crate::parameters::{Given, LOOKED_FOR, UPTO, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::views::{EntryDetail, Search};

parameters! { SearchParameters: LOOKED_FOR, UPTO }
parameters! { EntryParameters: }

/// What bears a name.
///
/// # Errors
/// The refusal that the API gives.
pub fn search(asked: &Asked<'_>) -> Result<views::Search, Problem> {
    asked.caller.require(Privilege::ReadFeed)?;
    let given = Given::of(asked.parameters, SearchParameters::ALL)?;
    let looked_for = given.require(&LOOKED_FOR)?;
    Ok(asked.view.search(&looked_for, given.get(&UPTO)?)?)
}

/// The entry at a position.
///
/// # Errors
/// The refusal that the API gives.
pub fn entry(asked: &Asked<'_>, position: &str) -> Result<views::EntryDetail, Problem> {
    asked.caller.require(Privilege::ReadFeed)?;
    Given::of(asked.parameters, EntryParameters::ALL)?;
    let not_there = || Problem::new(ProblemKind::NotFound, format!("there is no entry {position}"));
    let is_number = position.bytes().all(|byte| byte.is_ascii_digit());
    let position = position.parse().ok().filter(|_| is_number).ok_or_else(not_there)?;
    Ok(asked.view.entry(position)?)
}

/// What bears a name: an account by its uid, a code, a campaign, an offer, an entry by its position, a trade or any other
/// event by its id, also with its source before it. For the id of an event the latest 50,000 entries are looked at, of an
/// account where its uid stands first; the answer says from where on to look further.
#[utoipa::path(
    get, path = "/v1/search", tag = "operation", params(SearchParameters),
    responses((status = 200, body = Search), Refusals)
)]
pub(crate) async fn get_search(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_now(asking, |asked, _| Answer::json(&asked.actors().search(search(asked)?)?)).await
}

/// One entry of the ledger: its event, who it is of, and the first 200 of the postings it gave.
#[utoipa::path(
    get, path = "/v1/entries/{position}", tag = "operation",
    params(("position" = u64, Path, description = "Its position, from 1."), EntryParameters),
    responses((status = 200, body = EntryDetail), Refusals)
)]
pub(crate) async fn get_entry(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_now(asking, |asked, path| Answer::json(&asked.actors().entry(entry(asked, path.first())?)?)).await
}
