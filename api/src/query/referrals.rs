//! The referral list and one invitee (SPEC 4.1).

use axum::extract::State;
use projections::query::{Order, PageRequest, ReferralFilter, ReferralSort};
use projections::views;
use schemas::Uid;

use super::{Answer, Asked, invitee_of_path};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{
    CODE, COMMISSION_TYPE, COUNTRY, DEPOSITED, Given, LIMIT, ORDER, Q, REGISTERED_FROM, REGISTERED_TO, SORT, TRADED,
    VERIFIED, VIP, parameters,
};
use crate::problem::Problem;
use crate::views::{List, ReferralDetail, ReferralHistory, ReferralRow};

parameters! {
    ReferralsParameters: UID, Q, REGISTERED_FROM, REGISTERED_TO, VIP, VERIFIED, DEPOSITED, TRADED, CODE, COUNTRY,
    COMMISSION_TYPE, SORT, ORDER, LIMIT, CURSOR, AS_OF
}
parameters! { ReferralParameters: UID, AS_OF }
parameters! { ReferralHistoryParameters: UID, FROM, TO, LIMIT, AS_OF }

/// One invitee looked at closely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteeHistory {
    /// What it brought in a range of days, with its latest trades there.
    pub range: views::InviteeRange,
    /// Its rebate rates up to now, by time.
    pub agreed: Vec<views::AgreedRates>,
    /// What that reflects.
    pub as_of: views::AsOf,
}

/// A page of a referrer's invitees.
///
/// # Errors
/// The refusal that the API gives.
pub fn referrals(asked: &Asked<'_>) -> Result<views::List<views::ReferralRow>, Problem> {
    let given = Given::of(asked.parameters, ReferralsParameters::ALL)?;
    let code = given.get(&CODE)?;
    filtered(asked, &given, code)
}

/// The list by what was given, of one code or of all.
pub fn filtered(
    asked: &Asked<'_>,
    given: &Given<'_>,
    code: Option<String>,
) -> Result<views::List<views::ReferralRow>, Problem> {
    let uid = asked.caller.referrer(given)?;
    let filter = filter(given, code)?;
    let (sort, order) = sorted_by(given)?;
    Ok(asked.view.referrals(uid, &filter, sort, order, &given.page()?)?)
}

/// The column and the direction that were given.
pub(crate) fn sorted_by(given: &Given<'_>) -> Result<(ReferralSort, Order), Problem> {
    Ok((given.get(&SORT)?.unwrap_or_default(), given.get(&ORDER)?.unwrap_or_default()))
}

/// The filter that was given, of one code or of all.
pub fn filter(given: &Given<'_>, code: Option<String>) -> Result<ReferralFilter, Problem> {
    Ok(ReferralFilter {
        q: given.get(&Q)?,
        registered_from: given.get(&REGISTERED_FROM)?,
        registered_to: given.get(&REGISTERED_TO)?,
        vip: given.get(&VIP)?,
        verified: given.get(&VERIFIED)?,
        deposited: given.get(&DEPOSITED)?,
        traded: given.get(&TRADED)?,
        code,
        country: given.get(&COUNTRY)?,
        commission_type: given.get(&COMMISSION_TYPE)?,
    })
}

/// Rows of the list from after a cursor on, at most so many, newest registration first: an order in which paging
/// misses and repeats none while events arrive. For an export, whose pages may be longer than the API's.
pub fn newest_after(
    asked: &Asked<'_>,
    cursor: Option<String>,
    limit: usize,
) -> Result<views::List<views::ReferralRow>, Problem> {
    let given = Given::of(asked.parameters, ReferralsParameters::ALL)?;
    let uid = asked.caller.referrer(&given)?;
    let filter = filter(&given, given.get(&CODE)?)?;
    let page = PageRequest { limit, cursor };
    Ok(asked.view.referrals(uid, &filter, ReferralSort::RegisteredAt, Order::Descending, &page)?)
}

/// One invitee.
///
/// # Errors
/// The refusal that the API gives.
pub fn referral(asked: &Asked<'_>, invitee: &str) -> Result<views::ReferralDetail, Problem> {
    let given = Given::of(asked.parameters, ReferralParameters::ALL)?;
    let uid = asked.caller.referrer(&given)?;
    Ok(asked.view.referral(uid, invitee_of_path(invitee)?)?)
}

/// One invitee in a range of days.
///
/// # Errors
/// The refusal that the API gives.
pub fn history(asked: &Asked<'_>, invitee: &str) -> Result<InviteeHistory, Problem> {
    let given = Given::of(asked.parameters, ReferralHistoryParameters::ALL)?;
    let (uid, invitee) = (asked.caller.referrer(&given)?, invitee_of_path(invitee)?);
    let trades_max = given.get(&LIMIT)?.unwrap_or(PageRequest::default().limit);
    let range = asked.view.invitee_range(uid, invitee, given.range()?, trades_max)?;
    Ok(InviteeHistory { range, agreed: asked.view.agreed_rates(uid, invitee)?, as_of: asked.view.as_of() })
}

/// The invitees of a referrer. Filters combine freely; any column sorts.
#[utoipa::path(
    get, path = "/v1/referrals", tag = "referrals", params(ReferralsParameters),
    responses((status = 200, body = List<ReferralRow>), Refusals)
)]
pub(crate) async fn get_referrals(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::shown(referrals(asked)?)).await
}

/// One invitee: its row, and its latest 20 trades with those of its sub-accounts, each explained.
#[utoipa::path(
    get, path = "/v1/referrals/{invitee}", tag = "referrals",
    params(("invitee" = Uid, Path, description = "The invitee."), ReferralParameters),
    responses((status = 200, body = ReferralDetail), Refusals)
)]
pub(crate) async fn get_referral(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, path| {
        Answer::json(&asked.actors().referral_detail(referral(asked, path.first())?)?)
    })
    .await
}

/// One invitee in a range of UTC days, the last 30 by default: what it and its sub-accounts brought, a record a day and product;
/// their latest trades there, each explained; and how its rebate rates came about.
#[utoipa::path(
    get, path = "/v1/referrals/{invitee}/history", tag = "referrals",
    params(("invitee" = Uid, Path, description = "The invitee."), ReferralHistoryParameters),
    responses((status = 200, body = ReferralHistory), Refusals)
)]
pub(crate) async fn get_referral_history(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, path| history_shown(asked, path.first())).await
}

/// Its answer, written out.
pub(crate) fn history_shown(asked: &Asked<'_>, invitee: &str) -> Result<Answer, Problem> {
    let InviteeHistory { range, agreed, as_of } = history(asked, invitee)?;
    Answer::json(&asked.actors().referral_history(invitee_of_path(invitee)?, (range, agreed), as_of)?)
}
