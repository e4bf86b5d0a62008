//! Joining a campaign (SPEC 4.6).

use axum::extract::{Request, State};
use projections::commands::Command;
use projections::query::Weighs;

use super::{CommandParameters, CommandRequest, IdempotencyKey};
use crate::app::App;
use crate::asking::Asking;
use crate::body::{CAMPAIGN_ID, body};
use crate::openapi::CommandRefusals;
use crate::problem::{Problem, ProblemKind};
use crate::query::Answer;
use crate::scope::Scope;
use crate::views::CampaignRow;

body!(JoinBody, "Nothing: the path says all. It may be left out.", optional: [CAMPAIGN_ID], may be absent);

/// Joins a campaign that the list shows. Joining twice changes nothing and answers the same.
#[utoipa::path(
    post, path = "/v1/campaigns/{id}/join", tag = "programs",
    params(("id" = String, Path, description = "The campaign."), CommandParameters, IdempotencyKey),
    request_body(content = Option<JoinBody>),
    responses((status = 200, body = CampaignRow), CommandRefusals)
)]
pub(crate) async fn post_join(State(app): State<App>, asking: Asking, request: Request) -> Result<Answer, Problem> {
    let (asked, fields) = CommandRequest::receive(app, asking, request, JoinBody::SHAPE).await?;
    let campaign_id = asked.path.first().to_owned();
    if fields.get(&CAMPAIGN_ID)?.is_some_and(|named| named != campaign_id) {
        let detail = "it is not the campaign of the path";
        return Err(Problem::of_field(ProblemKind::BreaksRule, CAMPAIGN_ID.name, detail));
    }
    asked.give(Command::JoinCampaign { campaign_id: campaign_id.clone() }).await?;
    let uid = asked.uid;
    let scope = Scope::Referrer(uid, Weighs::Codes);
    asked.app.ask_of(scope, move |view, _| Answer::shown(view.campaign(uid, &campaign_id)?)).await
}
