//! Applying to become an affiliate.

use axum::extract::{Request, State};
use ledger::LedgerReader;
use projections::View;
use projections::commands::Command;
use projections::query::Weighs;

use super::{CommandParameters, CommandRequest, IdempotencyKey};
use crate::app::App;
use crate::asking::Asking;
use crate::body::{MESSAGE, body};
use crate::openapi::CommandRefusals;
use crate::problem::Problem;
use crate::query::Answer;
use crate::query::actors::Actors;
use crate::scope::Scope;
use crate::views::Account;

body!(ApplicationBody, "What an applicant writes.", required: [MESSAGE], optional: []);

/// Applies to become an affiliate.
#[utoipa::path(
    post, path = "/v1/account/apply", tag = "account", params(CommandParameters, IdempotencyKey), request_body = ApplicationBody,
    responses((status = 200, body = Account), CommandRefusals)
)]
pub(crate) async fn post_application(
    State(app): State<App>,
    asking: Asking,
    request: Request,
) -> Result<Answer, Problem> {
    let (asked, fields) = CommandRequest::receive(app, asking, request, ApplicationBody::SHAPE).await?;
    asked.give(Command::Apply { message: fields.require(&MESSAGE)? }).await?;
    let uid = asked.uid;
    let scope = Scope::Referrer(uid, Weighs::Codes);
    let caller = asked.caller.clone();
    let account = move |view: &View<'_>, ledger: &LedgerReader| {
        Answer::json(&Actors { who: ledger, caller: &caller }.account(view.account_standing(uid)?)?)
    };
    asked.app.ask_of(scope, account).await
}
