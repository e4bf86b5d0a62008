//! `POST /v1/events`: one CloudEvent, a batch, or one a line, from operators and services, answered once all is durable;
//! or, as a dry run, what would become of them.

mod dry_run;
mod split;
mod submit;

pub use self::split::Layout;
pub(crate) use self::split::single;
pub use self::submit::submit;

use std::sync::Arc;

use axum::extract::{Request, State};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::ToSchema;

use crate::app::App;
use crate::asking::Asking;
use crate::body::{declared_length, is_encoded, receive};
use crate::caller::Privilege;
use crate::content_type::require_media_type;
use crate::openapi::CommandRefusals;
use crate::parameters::{DRY_RUN, Given, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::query::Answer;
use crate::views::{AmountChanges, AsOf, WhatIfRow};

parameters! { EventsParameters: DRY_RUN }

/// The most bytes that a body has (SPEC 4).
const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// What all bodies on their way may have together; who comes later waits.
const ALL_BODIES_BYTES_MAX: usize = 4 * BODY_BYTES_MAX;
const NDJSON: &str = "application/x-ndjson";
const MEDIA_TYPES: &[&str] = &["application/cloudevents+json", "application/cloudevents-batch+json", NDJSON];

/// What became of one event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventResult {
    /// `accepted`, `duplicate` or `quarantined`.
    pub outcome: &'static str,
    /// Where it stands, or the event that it repeats; null if it is quarantined.
    pub(crate) position: Option<u64>,
    /// Why it is quarantined; else null.
    reason: Option<&'static str>,
    /// The field that is wrong, if it is one.
    pub field: Option<String>,
    /// A sentence on what is wrong.
    pub detail: Option<String>,
}

/// What became of every event of a body.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PostedEvents {
    /// One for each event, in the order sent.
    results: Vec<EventResult>,
    /// Of a dry run alone: what the events would change, by referrer and of all time, ascending by uid; referrers without a
    /// difference are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<WhatIfRow>>,
    /// Of a dry run alone: the amounts of all referrers.
    #[serde(skip_serializing_if = "Option::is_none")]
    sum: Option<AmountChanges>,
    /// Of a dry run alone: the position behind which the events would stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<AsOf>,
}

impl PostedEvents {
    fn durable(results: Vec<EventResult>) -> PostedEvents {
        PostedEvents { results, changes: None, sum: None, as_of: None }
    }
}

/// Bounds the memory of all bodies on their way.
#[derive(Clone)]
struct PostedBudget {
    kibibytes: Arc<Semaphore>,
}

impl Default for PostedBudget {
    fn default() -> Self {
        PostedBudget { kibibytes: Arc::new(Semaphore::new(ALL_BODIES_BYTES_MAX / 1024)) }
    }
}

impl PostedBudget {
    /// Waits for room for a body of this length; for the largest where none is told.
    async fn acquire(&self, length: Option<u64>) -> Result<OwnedSemaphorePermit, Problem> {
        let bytes = length.map_or(BODY_BYTES_MAX, |length| length.min(BODY_BYTES_MAX as u64) as usize);
        // At most 32 Ki permits.
        let permits = (bytes / 1024 + 1) as u32;
        let closed = |error: tokio::sync::AcquireError| Problem::internal(&error);
        Arc::clone(&self.kibibytes).acquire_many_owned(permits).await.map_err(closed)
    }
}

/// Sends events in. Each is accepted, found to be a duplicate, or quarantined alone; the answer is 200 even if all
/// are quarantined. The body decides whether it is one event or a batch; as NDJSON it is one event a line, and lines of
/// white space only are none.
///
/// With `dry_run=true` nothing is appended, counted or kept: the answer tells what would become of each, and what they
/// would change.
#[utoipa::path(
    post, path = "/v1/events", tag = "operation", params(EventsParameters),
    request_body(
        content(
            (serde_json::Value = "application/cloudevents+json"),
            (Vec<serde_json::Value> = "application/cloudevents-batch+json"),
            (String = "application/x-ndjson"),
        ),
        description = "A CloudEvent in JSON, a list of them, or one a line; at most 32 MiB."
    ),
    responses((status = 200, body = PostedEvents), CommandRefusals)
)]
pub(crate) async fn post_events(State(app): State<App>, asking: Asking, request: Request) -> Result<Answer, Problem> {
    let (parts, body) = request.into_parts();
    asking.caller.require(Privilege::PostEvents)?;
    let given = Given::of(&asking.parameters, EventsParameters::ALL)?;
    let is_dry_run = given.get(&DRY_RUN)?.unwrap_or(false);
    require_media_type(&parts.headers, MEDIA_TYPES)?;
    let layout = if require_media_type(&parts.headers, &[NDJSON]).is_ok() { Layout::Lines } else { Layout::Json };
    let ledger = app.ledger()?.clone();
    if let Some(why) = ledger.closed_because().filter(|_| !is_dry_run) {
        return Err(Problem::new(ProblemKind::ReadOnly, why));
    }
    // What is compressed may come to as much as any.
    let length = declared_length(&parts.headers).filter(|_| !is_encoded(&parts.headers));
    let room = app.kept(PostedBudget::default).acquire(length).await?;
    let body = receive(&parts.headers, body, BODY_BYTES_MAX).await?;
    let origin = asking.caller.in_words();
    if is_dry_run {
        // It appends nothing, and takes what a long question does.
        let rehearsed = app.long_question(move || {
            let posted = dry_run::rehearse(&ledger, &body, layout, &origin)?;
            drop(room);
            Answer::json(&posted)
        });
        return rehearsed.await?;
    }
    let actor = app.actor(&asking.caller, &asking.came);
    app.write(move || {
        let results = submit::submit(&ledger, &body, layout, &origin, &actor)?;
        drop(room);
        Answer::json(&PostedEvents::durable(results))
    })
    .await?
}
