//! A referrer's note on an invitee, and the rates that it gives it.

use axum::extract::{Request, State};
use projections::commands::Command;
use projections::query::Weighs;
use schemas::Uid;

use super::{CommandParameters, CommandRequest, IdempotencyKey};
use crate::app::App;
use crate::asking::Asking;
use crate::body::{BodyFields, FUTURES_REBATE_RATE, NOTE, SPOT_REBATE_RATE, body};
use crate::openapi::CommandRefusals;
use crate::problem::Problem;
use crate::query::{Answer, invitee_of_path};
use crate::scope::Scope;
use crate::views::ReferralRow;

body!(NoteBody, "A note on an invitee.", required: [NOTE], optional: []);
body!(RebateBody, "What an invitee gets of its fees.", required: [SPOT_REBATE_RATE, FUTURES_REBATE_RATE], optional: []);

/// Sets the note on an invitee; an empty one wipes what was there.
#[utoipa::path(
    put, path = "/v1/referrals/{invitee}/note", tag = "referrals",
    params(("invitee" = Uid, Path, description = "The invitee."), CommandParameters, IdempotencyKey),
    request_body = NoteBody,
    responses((status = 200, body = ReferralRow), CommandRefusals)
)]
pub(crate) async fn put_note(State(app): State<App>, asking: Asking, request: Request) -> Result<Answer, Problem> {
    let (asked, fields) = CommandRequest::receive(app, asking, request, NoteBody::SHAPE).await?;
    let command = note_on(&fields)?;
    let invitee = invitee_of_path(asked.path.first())?;
    asked.give(command(invitee)).await?;
    asked.row(invitee).await
}

/// Sets the rebate rates of an invitee, from now on.
#[utoipa::path(
    put, path = "/v1/referrals/{invitee}/rebate", tag = "referrals",
    params(("invitee" = Uid, Path, description = "The invitee."), CommandParameters, IdempotencyKey),
    request_body = RebateBody,
    responses((status = 200, body = ReferralRow), CommandRefusals)
)]
pub(crate) async fn put_rebate(State(app): State<App>, asking: Asking, request: Request) -> Result<Answer, Problem> {
    let (asked, fields) = CommandRequest::receive(app, asking, request, RebateBody::SHAPE).await?;
    let command = rebate_of(&fields)?;
    let invitee = invitee_of_path(asked.path.first())?;
    asked.give(command(invitee)).await?;
    asked.row(invitee).await
}

/// The command that a [`NoteBody`] gives, for an invitee: the body is judged before the path.
pub fn note_on(fields: &BodyFields) -> Result<impl FnOnce(Uid) -> Command + use<>, Problem> {
    let note = fields.require(&NOTE)?;
    Ok(move |invitee| Command::SetNote { invitee, note })
}

/// The command that a [`RebateBody`] gives, for an invitee.
pub fn rebate_of(fields: &BodyFields) -> Result<impl FnOnce(Uid) -> Command + use<>, Problem> {
    let spot_rebate_rate = fields.require(&SPOT_REBATE_RATE)?;
    let futures_rebate_rate = fields.require(&FUTURES_REBATE_RATE)?;
    Ok(move |invitee| Command::SetRebate { invitee, spot_rebate_rate, futures_rebate_rate })
}

impl CommandRequest {
    /// The referral's row, as it is now.
    async fn row(&self, invitee: Uid) -> Result<Answer, Problem> {
        let uid = self.uid;
        let scope = Scope::Referrer(uid, Weighs::Events);
        self.app.ask_of(scope, move |view, _| Answer::shown(view.referral(uid, invitee)?.referral)).await
    }
}
