//! How a request came: from which address, as far as the server can tell, and under which id. It is told to the client,
//! to the log and, of what the request did, to the ledger; no answer hangs on it.

use std::net::IpAddr;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ingest::traces::TraceParent;
use ledger::Actor;

use crate::app::App;
use crate::caller::Caller;
use crate::reach::Reach;
use crate::server::arrived::Arrived;

/// The header by which a client or a proxy names a request, and an answer tells that name.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

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
        let peer = parts.extensions.get::<Arrived>().map(|arrived| arrived.peer.ip());
        let address = peer.map(|peer| client_address(reach, peer, &parts.headers));
        let known = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
        Came { address, request_id: Some(known.unwrap_or_else(|| RequestId::of(&parts.headers).0)) }
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

/// Where a request comes from: what trusted proxies say of it in `X-Forwarded-For`, from the nearest on, up to the first
/// address that is no trusted proxy's. Behind what is no address nothing is believed.
pub(crate) fn client_address(reach: &Reach, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut address = peer.to_canonical();
    let values: Vec<_> = headers.get_all(&FORWARDED_FOR).iter().rev().filter_map(|value| value.to_str().ok()).collect();
    for told in values.iter().flat_map(|value| value.rsplit(',')) {
        if !reach.is_trusted(address) {
            break;
        }
        match read_address(told.trim()) {
            Some(told) => address = told,
            None => break,
        }
    }
    address
}

/// An address, with a port or without one.
fn read_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
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

    #[test]
    fn an_address_is_the_first_that_no_trusted_proxy_has() {
        let reach = Reach {
            trusted_proxies: ["127.0.0.0/8", "10.0.0.0/8"].map(|net| net.parse().expect("a net")).to_vec(),
            ..Reach::default()
        };
        let of = |peer: &str, told: &[&str]| {
            let name = FORWARDED_FOR;
            let told: Vec<_> = told.iter().map(|value| (&name, *value)).collect();
            client_address(&reach, peer.parse().expect("an address"), &headers(&told)).to_string()
        };
        // Who is no trusted proxy is not believed.
        assert_eq!(of("203.0.113.1", &["198.51.100.2"]), "203.0.113.1");
        assert_eq!(of("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(of("127.0.0.1", &["198.51.100.2"]), "198.51.100.2");
        // What a client wrote before its proxy did is not believed either.
        assert_eq!(of("127.0.0.1", &["1.2.3.4, 198.51.100.2, 10.0.0.9"]), "198.51.100.2");
        assert_eq!(of("127.0.0.1", &["1.2.3.4", "198.51.100.2", "10.0.0.9"]), "198.51.100.2");
        assert_eq!(of("127.0.0.1", &["1.2.3.4, unknown, 10.0.0.9"]), "10.0.0.9");
        assert_eq!(of("::ffff:127.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(of("127.0.0.1", &["198.51.100.2:4711"]), "198.51.100.2");
        assert_eq!(of("127.0.0.1", &["[2001:db8::7]"]), "2001:db8::7");
    }
}
