//! New codes, and changes to one (SPEC 4.2).

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ingest::{Done, DoneDecision};
use projections::commands::Command;
use projections::query::Weighs;
use schemas::{Body, Event};

use super::{CommandParameters, CommandRequest, IdempotencyKey};
use crate::app::App;
use crate::asking::Asking;
use crate::body::{BodyFields, FUTURES_REBATE_RATE, IS_DEFAULT, NEW_CODE, NOTE, SAME_CODE, SPOT_REBATE_RATE, body};
use crate::openapi::CommandRefusals;
use crate::problem::{Problem, ProblemKind};
use crate::query::Answer;
use crate::scope::Scope;
use crate::views::CodeDetail;

body!(
    NewCodeBody, "A new code.",
    required: [SPOT_REBATE_RATE, FUTURES_REBATE_RATE], optional: [NEW_CODE, NOTE, IS_DEFAULT]
);
body!(
    CodeChangeBody, "What of a code is to change; the rest stays.",
    required: [], optional: [SPOT_REBATE_RATE, FUTURES_REBATE_RATE, NOTE, IS_DEFAULT, SAME_CODE]
);

/// Makes a code; without `code` one is made up. At most 20 a referrer.
#[utoipa::path(
    post, path = "/v1/codes", tag = "codes", params(CommandParameters, IdempotencyKey), request_body = NewCodeBody,
    responses(
        (status = 201, body = CodeDetail, headers(("Location" = String, description = "Where the code is."))),
        CommandRefusals
    )
)]
pub(crate) async fn post_code(State(app): State<App>, asking: Asking, request: Request) -> Result<Response, Problem> {
    let (asked, fields) = CommandRequest::receive(app, asking, request, NewCodeBody::SHAPE).await?;
    let done = asked.give(new_code(&fields)?).await?;
    let code = code_made(&asked.app, done).await?;
    // A code has only characters that stand in a path as they are.
    let mut location = format!("/v1/codes/{code}");
    if asked.names_uid {
        location.push_str(&format!("?uid={}", asked.uid));
    }
    let location = HeaderValue::try_from(location).map_err(|error| Problem::internal(&error))?;
    let answer = asked.code(code).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], answer).into_response())
}

/// Changes a code from now on: its rebates for who registers later, its note, whether it is the default.
#[utoipa::path(
    patch, path = "/v1/codes/{code}", tag = "codes",
    params(("code" = String, Path, description = "The code."), CommandParameters, IdempotencyKey),
    request_body = CodeChangeBody,
    responses((status = 200, body = CodeDetail), CommandRefusals)
)]
pub(crate) async fn patch_code(State(app): State<App>, asking: Asking, request: Request) -> Result<Answer, Problem> {
    let (asked, fields) = CommandRequest::receive(app, asking, request, CodeChangeBody::SHAPE).await?;
    let code = asked.path.first().to_owned();
    if fields.get(&SAME_CODE)?.is_some_and(|named| named != code) {
        let detail = "a code keeps its name: make another one";
        return Err(Problem::of_field(ProblemKind::BreaksRule, SAME_CODE.name, detail));
    }
    asked.give(code_change(code.clone(), &fields)?).await?;
    asked.code(code).await
}

/// The command that a [`NewCodeBody`] gives.
pub fn new_code(fields: &BodyFields) -> Result<Command, Problem> {
    Ok(Command::CreateCode {
        code: fields.get(&NEW_CODE)?,
        spot_rebate_rate: fields.require(&SPOT_REBATE_RATE)?,
        futures_rebate_rate: fields.require(&FUTURES_REBATE_RATE)?,
        note: fields.get(&NOTE)?.unwrap_or_default(),
        is_default: fields.get(&IS_DEFAULT)?.unwrap_or_default(),
    })
}

/// The command that a [`CodeChangeBody`] gives.
pub fn code_change(code: String, fields: &BodyFields) -> Result<Command, Problem> {
    Ok(Command::ChangeCode {
        code,
        spot_rebate_rate: fields.get(&SPOT_REBATE_RATE)?,
        futures_rebate_rate: fields.get(&FUTURES_REBATE_RATE)?,
        note: fields.get(&NOTE)?,
        is_default: fields.get(&IS_DEFAULT)?,
    })
}

/// Which code was made: now, or by the command of before that this one repeats.
pub async fn code_made(app: &App, done: Done) -> Result<String, Problem> {
    let event = match done {
        Done { event: Some(event), .. } => event,
        Done { decision: DoneDecision::Appended { position }, event: None }
        | Done { decision: DoneDecision::DoneBefore { position: Some(position) }, event: None } => {
            let entry = move |view: &projections::View<'_>, _: &ledger::LedgerReader| {
                let event = view.reader.event(position).map_err(|error| Problem::internal(&error))?;
                Ok(event.into_owned())
            };
            app.ask(entry).await?
        }
        Done { decision: DoneDecision::DoneBefore { position: None }, event: None } => {
            return Err(Problem::internal(&"a code was made before, by no entry"));
        }
    };
    match event {
        Event { body: Body::Code(code), .. } => Ok(code.code.into_owned()),
        other => Err(Problem::internal(&format!("{} made no code", other.event_type().name()))),
    }
}

impl CommandRequest {
    /// The code, as it is now.
    async fn code(&self, code: String) -> Result<Answer, Problem> {
        let uid = self.uid;
        let scope = Scope::Referrer(uid, Weighs::Invitees);
        self.app.ask_of(scope, move |view, _| Answer::shown(view.code(uid, &code)?)).await
    }
}
