//! The questions of SPEC 4, without their transport: the HTTP handlers and `tributary query` give the same answers.
//!
//! Each question is a file: its parameters, its answer from a [`View`], and its handler, which adds nothing.

pub mod account;
pub(crate) mod actors;
pub mod audit;
pub mod campaigns;
pub mod changes;
pub mod codes;
pub mod cohorts;
pub mod countries;
pub mod explain;
pub mod forgone;
pub mod intake;
pub mod offers;
pub mod overview;
pub mod quarantine;
pub mod referrals;
pub mod referrers;
pub mod restatement;
pub mod rewards;
pub mod search;
pub(crate) mod status;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ledger::LedgerReader;
use projections::{QueryError, View};
use schemas::{Timestamp, Uid};
use serde::Serialize;

pub use self::actors::WhoDid;
use crate::caller::Caller;
use crate::problem::{Problem, ProblemKind};
use crate::views::Shown;

/// What a question is answered from, who asks, and with which parameters.
pub struct Asked<'a> {
    /// The state that is asked.
    pub view: &'a View<'a>,
    /// The entries behind it.
    pub ledger: &'a LedgerReader,
    /// Who these are of.
    pub who: &'a dyn WhoDid,
    /// Who asks.
    pub caller: &'a Caller,
    /// The parameters, decoded.
    pub parameters: &'a [(String, String)],
    /// The present, also where the view is of the past.
    pub present: Timestamp,
}

impl Asked<'_> {
    /// Refuses an affiliate that is not approved what is only for those that are.
    fn require_approved(&self, what: &str) -> Result<(), Problem> {
        if self.caller.own_data_of().is_none_or(|own| self.view.is_approved_affiliate(own)) {
            return Ok(());
        }
        let detail = format!("{what} are for approved affiliates: apply with POST /v1/account/apply");
        Err(Problem::new(ProblemKind::NotAllowed, detail))
    }
}

/// The answer to a question, written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its media type.
    pub media_type: &'static str,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer of the projections, in the shape that the API gives it.
    pub(crate) fn shown(answer: impl Shown) -> Result<Answer, Problem> {
        Answer::json(&answer.shown())
    }

    /// An answer in JSON.
    pub(crate) fn json(answer: &impl Serialize) -> Result<Answer, Problem> {
        let body = serde_json::to_vec(answer).map_err(|error| Problem::internal(&error))?;
        Ok(Answer { media_type: "application/json", body })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let media_type = HeaderValue::from_static(self.media_type);
        ([(header::CONTENT_TYPE, media_type)], self.body).into_response()
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Problem {
        match error {
            QueryError::NotFound { .. } => Problem::new(ProblemKind::NotFound, error.to_string()),
            QueryError::Invalid { field, detail } => Problem::of_field(ProblemKind::InvalidParameter, field, detail),
            QueryError::Read(error) => Problem::internal(&error),
        }
    }
}

/// An invitee named in a path. What cannot be one is not there.
pub fn invitee_of_path(text: &str) -> Result<Uid, Problem> {
    Uid::parse(text).ok_or_else(|| Problem::new(ProblemKind::NotFound, format!("there is no invitee {text}")))
}
