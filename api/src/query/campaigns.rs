//! The campaigns that are ongoing (SPEC 4.6).

use axum::extract::State;
use projections::views;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{Given, VISIBILITY, parameters};
use crate::problem::Problem;
use crate::views::{CampaignRow, List};

parameters! { CampaignsParameters: UID, VISIBILITY, LIMIT, CURSOR, AS_OF }

/// The campaigns that are ongoing.
///
/// # Errors
/// The refusal that the API gives.
pub fn campaigns(asked: &Asked<'_>) -> Result<views::List<views::CampaignRow>, Problem> {
    let given = Given::of(asked.parameters, CampaignsParameters::ALL)?;
    let uid = asked.caller.referrer(&given)?;
    Ok(asked.view.campaigns(uid, given.get(&VISIBILITY)?, &given.page()?)?)
}

/// The campaigns that are ongoing; exclusive ones only if the referrer is an approved affiliate.
#[utoipa::path(
    get, path = "/v1/campaigns", tag = "programs", params(CampaignsParameters),
    responses((status = 200, body = List<CampaignRow>), Refusals)
)]
pub(crate) async fn get_campaigns(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_about_referrer(asking, |asked, _| Answer::shown(campaigns(asked)?)).await
}
