//! How a request came: from which address, as far as the server can tell, and under which id. It is told to the client,
//! to the log and, of what the request did, to the ledger; no answer hangs on it.

use std::net::IpAddr;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ingest::traces::TraceParent;
use ledger::Actor;

use crate::app::App;
use crate::caller::Caller;
use crate::client_address::client_address;
use crate::reach::Reach;
use crate::server::arrived::Arrived;
use crate::within::Within;

/// The header by which a client or a proxy names a request, and an answer tells that name.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A longer id is none: it would stand in the ledger for ever.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// How a request came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// From where: the client, as far as trusted proxies tell it; else who stands at the other end of the connection.
    pub(crate) address: Option<IpAddr>,
    /// The request's id; none of what was asked without HTTP.
    pub(crate) request_id: Option<String>,
}

impl Came {
    /// Reads it from a request.
    #[must_use]
    pub fn of(reach: &Reach, parts: &Parts) -> Came {
        if let Some(within) = parts.extensions.get::<Within>() {
            return within.came.clone();
        }
        let peer = parts.extensions.get::<Arrived>().map(|arrived| arrived.peer.ip());
        let address = peer.map(|peer| client_address(reach, &parts.headers, peer));
        let known = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
        Came { address, request_id: Some(known.unwrap_or_else(|| RequestId::of(&parts.headers).0)) }
    }

    /// From where; none of what was asked without HTTP.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The request's id; none of what was asked without HTTP.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl App {
    /// Who gives a command, sends events in or decides on quarantined ones, as the ledger keeps it.
    #[must_use]
    pub fn actor(&self, caller: &Caller, came: &Came) -> Actor {
        Actor {
            who: caller.name(),
            role: caller.role().as_str().to_owned(),
            address: came.address.filter(|_| self.http().keeps_addresses),
            request_id: came.request_id.clone(),
        }
    }
}

/// The id of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(pub(crate) String);

impl RequestId {
    /// The id that the request bears: `X-Request-Id` if it is 1 to 128 letters, digits and `-_.:/+=@`, else the trace of
    /// a well-formed `traceparent` (W3C Trace Context); else one that is made up.
    pub(crate) fn of(headers: &HeaderMap) -> RequestId {
        let named = one(headers, &REQUEST_ID).filter(|text| is_id(text)).map(str::to_owned);
        let named = named.or_else(|| trace_parent(headers).map(|parent| parent.trace()));
        RequestId(named.unwrap_or_else(|| format!("{:032x}", rand::random::<u128>())))
    }
}

fn is_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(&byte);
    (1..=REQUEST_ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_plain)
}

/// The trace that a request belongs to, where a well-formed `traceparent` (W3C Trace Context) names one.
pub(crate) fn trace_parent(headers: &HeaderMap) -> Option<TraceParent> {
    TraceParent::read(one(headers, &TRACEPARENT)?)
}

/// The value of a header that is there once.
fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(given: &[(&HeaderName, &str)]) -> HeaderMap {
        given.iter().map(|(name, value)| ((*name).clone(), HeaderValue::from_str(value).expect("a value"))).collect()
    }

    #[test]
    fn a_request_keeps_the_id_that_it_bears_if_that_is_short_and_plain() {
        const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let of = |given: &[(&HeaderName, &str)]| RequestId::of(&headers(given)).0;
        assert_eq!(of(&[(&REQUEST_ID, "a-1_b.c:d/e+f=g@h")]), "a-1_b.c:d/e+f=g@h");
        assert_eq!(of(&[(&REQUEST_ID, "a"), (&TRACEPARENT, TRACE)]), "a");
        assert_eq!(of(&[(&TRACEPARENT, TRACE)]), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(of(&[(&REQUEST_ID, "no spaces"), (&TRACEPARENT, TRACE)]), "0af7651916cd43dd8448eb211c80319c");
        let longest = "a".repeat(REQUEST_ID_BYTES_MAX);
        assert_eq!(of(&[(&REQUEST_ID, &longest)]), longest);
        for wrong in [format!("{longest}a"), String::new(), "<script>".into()] {
            let made = of(&[(&REQUEST_ID, &wrong)]);
            assert!(made.len() == 32 && made != of(&[]), "{wrong:?} gives {made}");
        }
        assert_eq!(of(&[(&REQUEST_ID, "a"), (&REQUEST_ID, "b")]).len(), 32, "two are none");
        let wrong = "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01";
        assert_ne!(of(&[(&TRACEPARENT, wrong)]), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(trace_parent(&headers(&[(&TRACEPARENT, TRACE), (&TRACEPARENT, TRACE)])), None, "two are none");
    }
}
