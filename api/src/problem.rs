//! Refusals as `application/problem+json` (RFC 9457): one closed list of kinds, so that none gives another status.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::missing::MissingPart;

/// Declares the kinds once: variant, name in `type`, status, title.
macro_rules! kinds {
    ($($variant:ident = $name:literal, $status:ident, $title:literal;)*) => {
        /// What is wrong with a request, or with us.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemKind { $(#[doc = $title] $variant,)* }

        impl ProblemKind {
            /// All kinds.
            pub const ALL: &'static [ProblemKind] = &[$(ProblemKind::$variant,)*];

            /// A stable URI reference that names it.
            #[must_use]
            pub fn uri(self) -> &'static str {
                match self { $(ProblemKind::$variant => concat!("/problems/", $name),)* }
            }

            /// A short sentence, the same for all of a kind.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(ProblemKind::$variant => $title,)* }
            }

            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> StatusCode {
                match self { $(ProblemKind::$variant => StatusCode::$status,)* }
            }
        }
    };
}

kinds! {
    InvalidParameter = "invalid-parameter", BAD_REQUEST, "A parameter is wrong";
    InvalidBody = "invalid-body", BAD_REQUEST, "The body is not what is expected";
    InvalidHeader = "invalid-header", BAD_REQUEST, "A header is wrong";
    InvalidPath = "invalid-path", BAD_REQUEST, "The path cannot be read";
    TlsNeeded = "tls-needed", BAD_REQUEST, "Plain http is spoken where https is";
    NotSignedIn = "not-signed-in", UNAUTHORIZED, "A valid bearer token is needed";
    NotAllowed = "not-allowed", FORBIDDEN, "This is not for the bearer of this token";
    ReadOnly = "read-only", FORBIDDEN, "The ledger is only read here";
    NotFound = "not-found", NOT_FOUND, "Not found";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "The path does not take this method";
    Slow = "request-timeout", REQUEST_TIMEOUT, "The request took too long to arrive";
    Conflict = "conflict", CONFLICT, "It contradicts what there is";
    TooLarge = "content-too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body has another content type";
    Misdirected = "misdirected-request", MISDIRECTED_REQUEST, "The request is meant for another host";
    TooMany = "too-many-requests", TOO_MANY_REQUESTS, "Too much at a time";
    BreaksRule = "breaks-rule", UNPROCESSABLE_ENTITY, "A value breaks a rule";
    Internal = "internal-error", INTERNAL_SERVER_ERROR, "Something went wrong here";
    Full = "ledger-full", INSUFFICIENT_STORAGE, "The ledger has no room";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not at the moment";
}

/// A refusal: its kind, a sentence on this case, and the field it is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", kind.title())]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// What is wrong in this case, and what to do.
    pub detail: String,
    /// The bare name of the parameter, field or header that is wrong.
    pub field: Option<String>,
    /// What is missing for it to be ready; empty where that is not the matter.
    pub missing: Vec<MissingPart>,
    /// Headers that the answer bears besides.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// A refusal as it stands in the answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDetails<'p> {
    /// A stable URI reference that names the kind of problem.
    #[serde(rename = "type")]
    uri: &'static str,
    /// A short sentence, the same for all problems of a type.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong in this case, and what to do.
    detail: &'p str,
    /// The bare name of the parameter, field or header that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'p str>,
    /// What is missing for it to be ready; only where that is asked.
    #[serde(skip_serializing_if = "<[MissingPart]>::is_empty")]
    missing: &'p [MissingPart],
}

/// The media type of problems.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

impl Problem {
    /// A problem with the request as a whole.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Problem {
        Problem { kind, detail: detail.into(), field: None, missing: Vec::new(), headers: Vec::new() }
    }

    /// A problem with one parameter, field or header.
    #[must_use]
    pub fn of_field(kind: ProblemKind, field: impl Into<String>, detail: impl Into<String>) -> Problem {
        Problem { field: Some(field.into()), ..Problem::new(kind, detail) }
    }

    /// The same, with a header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.headers.push((name, value));
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.kind.status().as_u16()
    }

    /// A failure of ours: the cause goes to the log, and not to who asked.
    pub fn internal(cause: &dyn std::fmt::Display) -> Problem {
        tracing::error!(%cause, "a request failed");
        Problem::new(ProblemKind::Internal, "the request failed; the log of the daemon says why")
    }

    /// Reads a refusal as it stands in an answer: what it is about, and why. None where it is no such answer.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Problem> {
        let read: serde_json::Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str| read.get(name)?.as_str().map(str::to_owned);
        let uri = text("type")?;
        let kind = ProblemKind::ALL.iter().copied().find(|kind| kind.uri() == uri)?;
        Some(Problem { field: text("field"), ..Problem::new(kind, text("detail")?) })
    }

    pub(crate) fn details(&self) -> ProblemDetails<'_> {
        ProblemDetails {
            uri: self.kind.uri(),
            title: self.kind.title(),
            status: self.status(),
            detail: &self.detail,
            field: self.field.as_deref(),
            missing: &self.missing,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Texts, a number and a list of texts always serialize.
        let body = serde_json::to_vec(&self.details()).unwrap_or_default();
        let mut response = (self.kind.status(), [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        let tells_when = self.headers.iter().any(|(name, _)| name == header::RETRY_AFTER);
        if matches!(self.kind, ProblemKind::Unavailable | ProblemKind::TooMany) && !tells_when {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        for (name, value) in &self.headers {
            response.headers_mut().append(name, value.clone());
        }
        // The pages tell the same refusal as a page.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_has_a_uri_of_its_own_and_a_status_that_refuses() {
        let uris: BTreeSet<&str> = ProblemKind::ALL.iter().map(|kind| kind.uri()).collect();
        assert_eq!(uris.len(), ProblemKind::ALL.len());
        for kind in ProblemKind::ALL {
            assert!(kind.status().is_client_error() || kind.status().is_server_error(), "{kind:?}");
        }
    }

    #[test]
    fn a_problem_is_written_as_rfc_9457_says() {
        let problem = Problem::of_field(ProblemKind::InvalidParameter, "limit", "expected 1 to 500");
        let written = serde_json::to_value(problem.details()).expect("JSON");
        let expected = serde_json::json!({
            "type": "/problems/invalid-parameter", "title": "A parameter is wrong", "status": 400,
            "detail": "expected 1 to 500", "field": "limit",
        });
        assert_eq!(written, expected);
    }

    #[test]
    fn a_problem_that_was_written_is_read_as_it_was() {
        let of_field = Problem::of_field(ProblemKind::InvalidParameter, "limit", "expected 1 to 500");
        let whole = Problem::new(ProblemKind::Misdirected, "ask \"shard 0\"");
        for problem in [of_field, whole] {
            let written = serde_json::to_vec(&problem.details()).expect("JSON");
            assert_eq!(Problem::read(&written), Some(problem));
        }
        for none in ["", "{}", r#"{"type":"/problems/none-such","detail":"d"}"#, r#"{"type":"/problems/slow"}"#] {
            assert_eq!(Problem::read(none.as_bytes()), None, "{none}");
        }
    }
}
