//! What-ifs as jobs (SPEC 6): `POST /v1/what-if` begins one, `GET /v1/what-if/{id}` tells how far it is, and then what
//! it came to.
//!
//! One is under way at a time, on a thread of low priority beside everything else; a few wait for their turn, and a
//! few that are over are kept for a while.

mod jobs;
mod running;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use projections::query::AmountsAsked;
use replay::AsOf;
use replay::what_if::{Rules, RulesError, WhatIf};

use crate::app::App;
use crate::as_of::position_of;
use crate::asking::Asking;
use crate::body::{looks_like, receive};
use crate::caller::Privilege;
use crate::content_type::require_media_type;
use crate::openapi::{BodyRefusals, Refusals};
use crate::parameters::{ALL, BY, FROM, Given, UNTIL, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::query::Answer;
use crate::views::WhatIfJob;

use jobs::{Job, WhatIfJobs};
use running::Assignment;

parameters! { WhatIfParameters: BY, FROM, TO, UNTIL, ALL }
parameters! { JobParameters: }

/// The most bytes that rules have.
const RULES_BYTES_MAX: usize = 4 * 1024 * 1024;
const TOML: &str = "application/toml";
const JSON: &str = "application/json";

/// Begins a what-if: what referrers and invitees would have earned, had some events not been there, or others. The
/// ledger is not touched. Of what is begun at most 8 wait for their turn; what is over is kept for an hour, the
/// latest 64 of it and 64 MiB.
#[utoipa::path(
    post, path = "/v1/what-if", tag = "history", params(WhatIfParameters),
    request_body(
        content((String = "application/toml"), (serde_json::Value = "application/json")),
        description = "The edits: a list `drop` and a list `add`, as TOML or the same structure as JSON; at most 4 MiB."
    ),
    responses(
        (
            status = 202, body = WhatIfJob, description = "It is begun.",
            headers(("Location" = String, description = "Where it is told how far it is."))
        ),
        BodyRefusals
    )
)]
pub(crate) async fn post_what_if(
    State(app): State<App>,
    asking: Asking,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    asking.caller.require(Privilege::WhatIf)?;
    let wanted = wanted(&asking.parameters)?;
    require_media_type(&parts.headers, &[TOML, JSON])?;
    let is_toml = require_media_type(&parts.headers, &[TOML]).is_ok();
    app.ledger()?;
    let body = receive(&parts.headers, body, RULES_BYTES_MAX).await?;
    let job = begin(&app, wanted, read_rules(&body, is_toml)?).await?;
    let location = format!("{}/v1/what-if/{}", app.http().reach.base_path(), job.id());
    let location = HeaderValue::try_from(location).map_err(|error| Problem::internal(&error))?;
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], job.begun()?).into_response())
}

/// What the parameters of a what-if say.
pub struct Wanted {
    amounts: AmountsAsked,
    until: Option<AsOf>,
    all: bool,
}

/// Reads the parameters of a what-if.
pub fn wanted(parameters: &[(String, String)]) -> Result<Wanted, Problem> {
    let given = Given::of(parameters, WhatIfParameters::ALL)?;
    let (days, until) = (given.range()?, given.get(&UNTIL)?);
    let (by, all) = (given.get(&BY)?.unwrap_or_default(), given.get(&ALL)?.unwrap_or_default());
    if let (Some(from), Some(to)) = (days.from, days.to)
        && from > to
    {
        let detail = format!("from ({from}) lies after to ({to})");
        return Err(Problem::of_field(ProblemKind::InvalidParameter, FROM.name, detail));
    }
    Ok(Wanted { amounts: AmountsAsked { by, days }, until, all })
}

/// Begins a what-if, or has it wait for its turn.
pub async fn begin(app: &App, wanted: Wanted, rules: Rules) -> Result<Arc<Job>, Problem> {
    let ledger = app.ledger()?.clone();
    let Wanted { amounts, until, all } = wanted;
    let asked = WhatIf { rules, amounts, all };
    let (jobs, stopping) = (app.kept(WhatIfJobs::default), app.stopping());
    app.write(move || {
        let until = until.map(|moment| position_of(&ledger, moment, UNTIL.name)).transpose()?;
        jobs.begin(Assignment { asked, until, ledger, stopping })
    })
    .await?
}

/// A what-if that is known.
pub fn find(app: &App, id: &str) -> Result<Arc<Job>, Problem> {
    let none = || {
        let detail = "there is no such what-if, or not any more: results are kept for an hour";
        Problem::new(ProblemKind::NotFound, detail)
    };
    app.kept(WhatIfJobs::default).find(id, app.ledger()?.now()).ok_or_else(none)
}

/// Reads rules, as TOML or as JSON.
pub fn read_rules(body: &[u8], is_toml: bool) -> Result<Rules, Problem> {
    if let Some(looks) = looks_like(body) {
        return Err(Problem::new(ProblemKind::InvalidBody, format!("the rules are no text: {looks}")));
    }
    let no_text = |error| Problem::new(ProblemKind::InvalidBody, format!("the rules are not UTF-8: {error}"));
    let text = std::str::from_utf8(body).map_err(no_text)?;
    let rules = if is_toml { Rules::of_toml(text) } else { Rules::of_json(text) };
    Ok(rules?)
}

impl From<RulesError> for Problem {
    fn from(error: RulesError) -> Problem {
        let detail = error.to_string();
        Problem { field: error.field, ..Problem::new(ProblemKind::InvalidBody, detail) }
    }
}

/// How far a what-if is; once it is done, the rows and their sum.
#[utoipa::path(
    get, path = "/v1/what-if/{id}", tag = "history",
    params(("id" = String, Path, description = "As the header Location named it."), JobParameters),
    responses((status = 200, body = WhatIfJob), Refusals)
)]
pub(crate) async fn get_what_if(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    asking.caller.require(Privilege::ReadWhatIf)?;
    Given::of(&asking.parameters, JobParameters::ALL)?;
    find(&app, asking.path.first())?.answer()
}
