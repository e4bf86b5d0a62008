//! Codes: the list, one, and who registered with it (SPEC 4.2).

use axum::extract::State;
use projections::query::CodeSplit;
use projections::views;

use super::{Answer, Asked, referrals};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{Given, parameters};
use crate::problem::Problem;
use crate::views::{AccountCodes, CodeDetail, CodeRow, List, ReferralRow, Shown};

parameters! { CodesParameters: UID, LIMIT, CURSOR, AS_OF }
parameters! { CodeParameters: UID, AS_OF }
parameters! { AccountCodesParameters: UID, AS_OF }
parameters! {
    CodeReferralsParameters: UID, Q, REGISTERED_FROM, REGISTERED_TO, VIP, VERIFIED, DEPOSITED, TRADED, COUNTRY,
    COMMISSION_TYPE, SORT, ORDER, LIMIT, CURSOR, AS_OF
}

/// The codes of a referrer.
///
/// # Errors
/// The refusal that the API gives.
pub fn codes(asked: &Asked<'_>) -> Result<views::List<views::CodeRow>, Problem> {
    let given = Given::of(asked.parameters, CodesParameters::ALL)?;
    let uid = asked.caller.referrer(&given)?;
    Ok(asked.view.codes(uid, &given.page()?)?)
}

/// One code of a referrer, with its history.
///
/// # Errors
/// The refusal that the API gives.
pub fn code(asked: &Asked<'_>, code: &str) -> Result<views::CodeDetail, Problem> {
    let given = Given::of(asked.parameters, CodeParameters::ALL)?;
    let uid = asked.caller.referrer(&given)?;
    Ok(asked.view.code(uid, code)?)
}

/// How the fees that each of a referrer's codes brings are split, by code, and what that reflects: the same whoever registered.
///
/// # Errors
/// The refusal that the API gives.
pub fn splits(asked: &Asked<'_>) -> Result<(Vec<CodeSplit>, views::AsOf), Problem> {
    let uid = asked.caller.referrer(&Given::of(asked.parameters, AccountCodesParameters::ALL)?)?;
    let names = asked.view.code_names(uid);
    let splits = names.iter().map(|code| asked.view.code_split(uid, code)).collect::<Result<_, _>>()?;
    Ok((splits, asked.view.as_of()))
}

/// A page of who registered with a code.
///
/// # Errors
/// The refusal that the API gives.
pub fn code_referrals(asked: &Asked<'_>, code: &str) -> Result<views::List<views::ReferralRow>, Problem> {
    let given = Given::of(asked.parameters, CodeReferralsParameters::ALL)?;
    referrals::filtered(asked, &given, Some(code.to_owned()))
}

/// The referrer's codes, by code.
#[utoipa::path(
    get, path = "/v1/codes", tag = "codes", params(CodesParameters),
    responses((status = 200, body = List<CodeRow>), Refusals)
)]
pub(crate) async fn get_codes(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::shown(codes(asked)?)).await
}

/// One of the referrer's codes.
#[utoipa::path(
    get, path = "/v1/codes/{code}", tag = "codes",
    params(("code" = String, Path, description = "The code."), CodeParameters),
    responses((status = 200, body = CodeDetail), Refusals)
)]
pub(crate) async fn get_code(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, path| Answer::shown(code(asked, path.first())?)).await
}

/// The invitees that registered with a code, with what each earned.
#[utoipa::path(
    get, path = "/v1/codes/{code}/referrals", tag = "codes",
    params(("code" = String, Path, description = "The code."), CodeReferralsParameters),
    responses((status = 200, body = List<ReferralRow>), Refusals)
)]
pub(crate) async fn get_code_referrals(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, path| Answer::shown(code_referrals(asked, path.first())?)).await
}

/// The referrer's codes in short, by code: how the fees that each brings are split now, and what to share.
#[utoipa::path(
    get, path = "/v1/account/codes", tag = "account", params(AccountCodesParameters),
    responses((status = 200, body = AccountCodes), Refusals)
)]
pub(crate) async fn get_account_codes(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| splits_shown(asked)).await
}

/// Its answer, written out.
pub(crate) fn splits_shown(asked: &Asked<'_>) -> Result<Answer, Problem> {
    let uid = asked.caller.referrer(&Given::of(asked.parameters, AccountCodesParameters::ALL)?)?;
    let (splits, as_of) = splits(asked)?;
    Answer::json(&AccountCodes { uid, rows: splits.shown(), as_of: as_of.shown() })
}
