//! What the OpenAPI document says of every endpoint: how it refuses, and how a bearer signs in.

use std::collections::BTreeMap;

use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};
use utoipa::{IntoResponses, Modify};

use crate::problem::{PROBLEM_JSON, ProblemKind};

/// How a question is refused.
pub(crate) struct Refusals;

/// How what bears a body is refused.
pub(crate) struct BodyRefusals;

/// How a command is refused, and all else that appends to the ledger: by the ledger too.
pub(crate) struct CommandRefusals;

type Responses = BTreeMap<String, RefOr<utoipa::openapi::Response>>;

fn problems(kinds: &[ProblemKind]) -> Responses {
    let mut responses = Responses::new();
    for kind in kinds {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new().description(kind.title()).content(PROBLEM_JSON, content).build();
        responses.insert(kind.status().as_str().to_owned(), RefOr::T(response));
    }
    responses
}

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        use ProblemKind::{Internal, InvalidParameter, NotAllowed, NotFound, NotSignedIn, TooMany, Unavailable};
        problems(&[InvalidParameter, NotSignedIn, NotAllowed, NotFound, TooMany, Internal, Unavailable])
    }
}

impl IntoResponses for BodyRefusals {
    fn responses() -> Responses {
        use ProblemKind::{BreaksRule, Conflict, InvalidBody, Slow, TooLarge, UnsupportedMediaType};
        let mut responses = Refusals::responses();
        responses.extend(problems(&[InvalidBody, Slow, Conflict, TooLarge, UnsupportedMediaType, BreaksRule]));
        responses
    }
}

impl IntoResponses for CommandRefusals {
    fn responses() -> Responses {
        let mut responses = BodyRefusals::responses();
        responses.extend(problems(&[ProblemKind::Full]));
        responses
    }
}

/// Adds how a bearer signs in.
pub(crate) struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "Claims: sub (the uid, as text) and role (affiliate, analyst, operator, service or auditor), or those that \
                 the daemon is set to read. Signed HS256, EdDSA, ES256 or RS256, as the daemon is set. Not needed where no key is set: the daemon listens on loopback only then.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}
