//! What was withheld because of a rule, and what was taken back. For who reads any referrer's data.

use axum::extract::State;
use projections::query::{ForgoneFilter, ForgoneKind, PageRequest, RangeRequest};
use projections::views;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::caller::Privilege;
use crate::openapi::Refusals;
use crate::parameters::{
    CODE, COUNTRY, Described, FORGONE_BY, FORGONE_UID, Given, REVERSAL_REASON, WITHHOLDING_REASONS, parameters,
};
use crate::problem::Problem;
use crate::views::{ForgoneSums, ForgoneTrades};

parameters! { WithheldParameters: FORGONE_UID, CODE, COUNTRY, WITHHOLDING_REASONS, FROM, TO, FORGONE_BY, LIMIT, CURSOR, AS_OF }
parameters! { WithheldTradesParameters: FORGONE_UID, CODE, COUNTRY, WITHHOLDING_REASONS, FROM, TO, LIMIT, CURSOR, AS_OF }
parameters! { ClawbacksParameters: FORGONE_UID, CODE, COUNTRY, REVERSAL_REASON, FROM, TO, FORGONE_BY, LIMIT, CURSOR, AS_OF }
parameters! { ClawbacksTradesParameters: FORGONE_UID, CODE, COUNTRY, REVERSAL_REASON, FROM, TO, LIMIT, CURSOR, AS_OF }

/// Which of both is asked for.
type ReadKind = fn(&Given<'_>) -> Result<ForgoneKind, Problem>;

const WITHHELD: ReadKind = |given| Ok(ForgoneKind::Withheld(given.get(&WITHHOLDING_REASONS)?));
const CLAWBACKS: ReadKind = |given| Ok(ForgoneKind::Clawbacks(given.get(&REVERSAL_REASON)?));

/// What both are asked with.
struct Wanted<'p> {
    given: Given<'p>,
    kind: ForgoneKind,
    filter: ForgoneFilter,
    range: RangeRequest,
    page: PageRequest,
}

impl<'p> Wanted<'p> {
    fn of(asked: &Asked<'p>, known: &'static [&'static dyn Described], kind: ReadKind) -> Result<Wanted<'p>, Problem> {
        asked.caller.require(Privilege::ReadAny)?;
        let given = Given::of(asked.parameters, known)?;
        let filter =
            ForgoneFilter { uid: given.get(&FORGONE_UID)?, code: given.get(&CODE)?, country: given.get(&COUNTRY)? };
        let (kind, range, page) = (kind(&given)?, given.range()?, given.page()?);
        Ok(Wanted { given, kind, filter, range, page })
    }
}

fn sums(
    asked: &Asked<'_>,
    known: &'static [&'static dyn Described],
    kind: ReadKind,
) -> Result<views::ForgoneSums, Problem> {
    let Wanted { given, kind, filter, range, page } = Wanted::of(asked, known, kind)?;
    let by = given.get(&FORGONE_BY)?.unwrap_or_default();
    Ok(asked.view.forgone(&kind, &filter, range, by, &page)?)
}

fn trades(
    asked: &Asked<'_>,
    known: &'static [&'static dyn Described],
    kind: ReadKind,
) -> Result<views::ForgoneTrades, Problem> {
    let Wanted { kind, filter, range, page, .. } = Wanted::of(asked, known, kind)?;
    Ok(asked.view.forgone_trades(&kind, &filter, range, &page)?)
}

/// What was withheld, by keys of one kind.
///
/// # Errors
/// The refusal that the API gives.
pub fn withheld(asked: &Asked<'_>) -> Result<views::ForgoneSums, Problem> {
    sums(asked, WithheldParameters::ALL, WITHHELD)
}

/// The trades that it was withheld of.
///
/// # Errors
/// The refusal that the API gives.
pub fn withheld_trades(asked: &Asked<'_>) -> Result<views::ForgoneTrades, Problem> {
    trades(asked, WithheldTradesParameters::ALL, WITHHELD)
}

/// What was taken back, by keys of one kind.
///
/// # Errors
/// The refusal that the API gives.
pub fn clawbacks(asked: &Asked<'_>) -> Result<views::ForgoneSums, Problem> {
    sums(asked, ClawbacksParameters::ALL, CLAWBACKS)
}

/// The trades that were taken back.
///
/// # Errors
/// The refusal that the API gives.
pub fn clawback_trades(asked: &Asked<'_>) -> Result<views::ForgoneTrades, Problem> {
    trades(asked, ClawbacksTradesParameters::ALL, CLAWBACKS)
}

/// What was withheld because of a rule in a range of UTC days, the last 7 by default: of each trade without commission by
/// whose code somebody would have earned, what it would have given by the rates in force, less what it gave; net of trades
/// that were taken back. By referrer, reason, code, country or day; the most first, days newest first. For analysts,
/// operators, services and auditors.
#[utoipa::path(
    get, path = "/v1/withheld", tag = "rewards", params(WithheldParameters),
    responses((status = 200, body = ForgoneSums), Refusals)
)]
pub(crate) async fn get_withheld(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer(asking, |asked, _| Answer::shown(withheld(asked)?)).await
}

/// The trades that something was withheld of in a range of UTC days, each with its one reason; the most first. A row with
/// a reversal takes one back on the reversal's day. For analysts, operators, services and auditors.
#[utoipa::path(
    get, path = "/v1/withheld/trades", tag = "rewards", params(WithheldTradesParameters),
    responses((status = 200, body = ForgoneTrades), Refusals)
)]
pub(crate) async fn get_withheld_trades(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer(asking, |asked, _| Answer::json(&asked.actors().forgone_trades(withheld_trades(asked)?)?)).await
}

/// What reversals took back of commission and rebates in a range of UTC days, the last 7 by default, each on the day of the
/// reversal: by referrer, the reversal's reason, code, country or day; the most first, days newest first. For analysts,
/// operators, services and auditors.
#[utoipa::path(
    get, path = "/v1/clawbacks", tag = "rewards", params(ClawbacksParameters),
    responses((status = 200, body = ForgoneSums), Refusals)
)]
pub(crate) async fn get_clawbacks(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer(asking, |asked, _| Answer::shown(clawbacks(asked)?)).await
}

/// The trades that reversals took something back of in a range of UTC days, each with its reversal; the most first. For
/// analysts, operators, services and auditors.
#[utoipa::path(
    get, path = "/v1/clawbacks/trades", tag = "rewards", params(ClawbacksTradesParameters),
    responses((status = 200, body = ForgoneTrades), Refusals)
)]
pub(crate) async fn get_clawback_trades(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer(asking, |asked, _| Answer::json(&asked.actors().forgone_trades(clawback_trades(asked)?)?)).await
}
