//! Tokens that are taken no more: an operator revokes one by its `jti`, and who looks after the platform lists them.

use axum::extract::{Request, State};
use projections::query::{read_cursor, write_cursor};
use schemas::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::asking::Asking;
use crate::auth::{JTI_BYTES_MAX, RevokeError, RevokedToken};
use crate::body::{ACT_REASON, BodyFields, EXPIRES_AT, JTI, TOKEN, body};
use crate::caller::Privilege;
use crate::commands::read_body;
use crate::openapi::{CommandRefusals, Refusals};
use crate::parameters::{CURSOR, Given, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::query::Answer;
use crate::views::{List, Shown};

parameters! { RevokeParameters: }
parameters! { RevokedParameters: LIMIT, CURSOR }

body!(
    RevokeBody,
    "The token itself, which some key here signed, or its `jti`; with a `jti` when it expires, without which it is revoked \
     for ever.",
    required: [],
    optional: [TOKEN, JTI, EXPIRES_AT, ACT_REASON]
);

/// A token that was revoked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevokedRow {
    /// Its `jti`.
    jti: String,
    /// When it would have expired, and goes from the list; null: never.
    expires_at: Option<Timestamp>,
    /// When it was revoked.
    revoked_at: Timestamp,
    /// By whom.
    by: String,
    /// Why; may be empty.
    reason: String,
}

impl From<RevokedToken> for RevokedRow {
    fn from(token: RevokedToken) -> RevokedRow {
        let RevokedToken { jti, expires, at, by, why } = token;
        RevokedRow { jti, expires_at: expires.map(moment_of), revoked_at: Timestamp(at), by, reason: why }
    }
}

/// A second as a moment. One that no time of four digits reaches is the last that does.
fn moment_of(seconds: i64) -> Timestamp {
    let last = Timestamp::parse("9999-12-31T23:59:59Z").map_or(i64::MAX, |last| last.0);
    Timestamp(seconds.saturating_mul(1_000_000).clamp(0, last))
}

/// Revokes a token: from now on it is refused with 401, after a start too. What is revoked stays so until the token would
/// have expired; at most 100,000 are kept. A token without a `jti` cannot be revoked: the key that signed it can be
/// exchanged.
#[utoipa::path(
    post, path = "/v1/tokens/revoke", tag = "access", params(RevokeParameters), request_body = RevokeBody,
    responses((status = 200, body = RevokedRow), CommandRefusals)
)]
pub(crate) async fn post_revoke(State(app): State<App>, asking: Asking, request: Request) -> Result<Answer, Problem> {
    asking.caller.require(Privilege::RevokeTokens)?;
    Given::of(&asking.parameters, RevokeParameters::ALL)?;
    let (parts, body) = request.into_parts();
    let fields = read_body(&parts.headers, body, RevokeBody::SHAPE).await?;
    let why = fields.get(&ACT_REASON)?.unwrap_or_default();
    let (jti, expires) = named(&app, &fields)?;
    if app.ledger()?.is_read_only() {
        return Err(Problem::new(ProblemKind::ReadOnly, "the daemon that writes the ledger revokes tokens, too"));
    }
    let now = app.moment();
    let token = RevokedToken { jti, expires, at: now.0, by: asking.caller.with_name(), why };
    let revoked = app.revoked();
    let row = app.write(move || revoked.revoke(token, now).map_err(refusal)).await??;
    tracing::info!(jti = row.jti, by = row.by, "a token was revoked");
    Answer::json(&RevokedRow::from(row))
}

/// Which token a body names, and when it expires.
fn named(app: &App, fields: &BodyFields) -> Result<(String, Option<i64>), Problem> {
    let breaks = |field: &str, detail: &str| Problem::of_field(ProblemKind::BreaksRule, field, detail);
    let expires_at = fields.get(&EXPIRES_AT)?;
    match (fields.get(&TOKEN)?, fields.get(&JTI)?) {
        (None, None) => {
            Err(Problem::of_field(ProblemKind::InvalidBody, JTI.name, "expected a jti, or a token; both are missing"))
        }
        (Some(_), Some(_)) => Err(breaks(JTI.name, "a token names its own jti: leave one of both out")),
        (Some(_), None) if expires_at.is_some() => {
            Err(breaks(EXPIRES_AT.name, "a token says by itself when it expires: leave it out"))
        }
        (Some(token), None) => {
            let not_ours = |problem: Problem| breaks(TOKEN.name, &problem.detail);
            let (jti, expires) = app.authenticator().name_of(&token).map_err(not_ours)?;
            let jti = jti.filter(|jti| (1..=JTI_BYTES_MAX).contains(&jti.len()));
            let nameless = "it has no jti of 1 to 256 bytes, so it cannot be revoked: exchange the key that signed it";
            Ok((jti.ok_or_else(|| breaks(TOKEN.name, nameless))?, expires))
        }
        // What has begun is revoked for the whole second.
        (None, Some(jti)) => Ok((jti, expires_at.map(|at| at.0.div_euclid(1_000_000).saturating_add(1)))),
    }
}

fn refusal(error: RevokeError) -> Problem {
    match error {
        RevokeError::Full => Problem::new(ProblemKind::Full, error.to_string()),
        RevokeError::NowhereToKeep => Problem::new(ProblemKind::Unavailable, error.to_string()),
        RevokeError::Write { .. } => Problem::internal(&error),
    }
}

/// The tokens that are revoked and have not expired, by their `jti`.
#[utoipa::path(
    get, path = "/v1/tokens/revoked", tag = "access", params(RevokedParameters),
    responses((status = 200, body = List<RevokedRow>), Refusals)
)]
pub(crate) async fn get_revoked(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    asking.caller.require(Privilege::SeeOperation)?;
    let request = Given::of(&asking.parameters, RevokedParameters::ALL)?.page()?;
    let refused = || {
        let detail = "not a cursor that this list gave, or not whole: give `next_cursor` as it stands in the answer";
        Problem::of_field(ProblemKind::InvalidParameter, CURSOR.name, detail)
    };
    let after = |text: &str| read_cursor::<(String, String)>(text).filter(|(list, _)| list == LIST);
    let after = request.cursor.as_deref().map(|text| after(text).ok_or_else(refused)).transpose()?;
    let as_of = app.ledger()?.read(|view| view.as_of());
    let after = after.map(|(_, jti)| jti);
    let (mut found, total) = app.revoked().after(after.as_deref(), request.limit + 1, app.moment());
    let has_more = found.len() > request.limit;
    found.truncate(request.limit);
    let next_cursor = found.last().filter(|_| has_more).map(|last| write_cursor(&(LIST, &last.jti)));
    let rows = found.into_iter().map(RevokedRow::from).collect();
    Answer::json(&List { rows, total: total as u64, next_cursor, as_of: as_of.shown() })
}

/// The list that a cursor belongs to.
const LIST: &str = "revoked tokens";
