//! Over which connection a request came, and whether that connection is served.

use std::net::SocketAddr;

use axum::extract::Request;
use axum::http::{Extensions, HeaderValue, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::connections::{Activity, Admission};
use crate::problem::{Problem, ProblemKind};
use crate::reserved::is_answered_there;

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// Plain HTTP, where that is spoken.
    Plain,
    /// HTTP over TLS.
    Tls,
    /// Plain HTTP, where TLS is to be spoken: nothing is answered but that.
    PlainToTls,
}

/// Borne by every request that came over a connection.
#[derive(Clone)]
pub(crate) struct Arrived {
    /// Who stands at the other end: the client, or a proxy.
    pub(crate) peer: SocketAddr,
    pub(crate) spoken: Spoken,
    pub(super) admission: Admission,
    pub(super) activity: Activity,
}

/// Tells the connection that a request on it bears a token which was taken: it is given more patience then.
pub fn recognize(extensions: &Extensions) {
    if let Some(arrived) = extensions.get::<Arrived>() {
        arrived.activity.recognize();
    }
}

/// Answers probes on every connection; refuses all else on one for which there is no place, and everything on one that
/// is not over TLS where that is to be spoken; and ends it then.
pub(super) async fn admit(request: Request, next: Next) -> Response {
    let arrived = request.extensions().get::<Arrived>();
    let admission = arrived.map_or(Admission::Served, |arrived| arrived.admission);
    let is_one_connection_a_request = request.version() < Version::HTTP_2;
    let is_plain_to_tls = arrived.is_some_and(|arrived| arrived.spoken == Spoken::PlainToTls);
    let refusal = match admission {
        _ if is_plain_to_tls => {
            let detail = "https is spoken here, and the request came over plain http: ask at an address that begins with https://";
            Some(Problem::new(ProblemKind::TlsNeeded, detail))
        }
        Admission::Served => return next.run(request).await,
        Admission::Full | Admission::TooManyOfAddress if is_answered_there(request.uri().path()) => None,
        Admission::Full => {
            let detail = "all connections are in use, and each is at work: try again later";
            Some(Problem::new(ProblemKind::Unavailable, detail))
        }
        Admission::TooManyOfAddress => {
            let detail = "this address has too many connections at work: use one for several requests, or end some";
            Some(Problem::new(ProblemKind::TooMany, detail))
        }
    };
    let mut response = match refusal {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    };
    if is_one_connection_a_request {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
