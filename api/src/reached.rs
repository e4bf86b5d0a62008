//! How one request reached the server: under which host, and whether the browser's way to it is over TLS. Told by the
//! settings first, then by a trusted proxy, then by the request itself.

use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, header};

use crate::reach::{Origin, Reach};
use crate::server::{Arrived, Spoken, is_loopback};

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The way from a browser to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Plain http within this machine, where nobody listens in.
    Loopback,
    /// https, up to this server or to a proxy.
    Tls,
    /// Plain http because the operator wants it so: `http.public_url` begins with `http://`.
    PlainByChoice,
    /// Plain http over a network, as a trusted proxy told.
    Plain,
    /// Nobody told: a proxy may end TLS, or none may be there.
    Untold,
}

impl Channel {
    /// Whether cookies have to be bound to https. Where it is not told what is spoken they are, so that no session
    /// ever goes over a network in the clear.
    #[must_use]
    pub fn binds_cookies_to_https(self) -> bool {
        match self {
            Channel::Loopback | Channel::PlainByChoice => false,
            Channel::Tls | Channel::Plain | Channel::Untold => true,
        }
    }
}

/// How a request reached the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    channel: Channel,
    host: Option<Authority>,
}

impl Reached {
    /// Reads it from a request.
    #[must_use]
    pub fn of(reach: &Reach, parts: &Parts) -> Reached {
        // What came over no connection, as in a test, came from nobody that could be trusted.
        let arrived = parts.extensions.get::<Arrived>();
        let peer = arrived.map(|arrived| arrived.peer.ip());
        let is_over_tls = arrived.is_some_and(|arrived| arrived.spoken == Spoken::Tls);
        let is_by_proxy = peer.is_some_and(|peer| reach.is_trusted(peer));
        let forwarded = |name: &HeaderName| if is_by_proxy { last_of(&parts.headers, name) } else { None };
        let told_host = last_of(&parts.headers, &header::HOST);
        let own_host = || parts.uri.authority().cloned().or_else(|| told_host?.parse().ok());
        let host = forwarded(&FORWARDED_HOST).and_then(|host| host.parse().ok()).or_else(own_host);
        let public = reach.public_url.as_ref().map(|url| url.origin());
        let public = public.filter(|public| host.as_ref().is_some_and(|host| public.is_of(host)));
        let is_here = host.as_ref().is_none_or(|host| is_loopback(host.as_str()));
        let channel = match (public.map(Origin::is_https), forwarded(&FORWARDED_PROTO)) {
            (Some(true), _) => Channel::Tls,
            // Of a proxy it is not known what is spoken before it, unless it says so.
            (_, None) if is_over_tls => Channel::Tls,
            (Some(false), _) => Channel::PlainByChoice,
            (None, Some(proto)) if proto.eq_ignore_ascii_case("https") => Channel::Tls,
            (None, _) if is_here => Channel::Loopback,
            (None, Some(proto)) if proto.eq_ignore_ascii_case("http") => Channel::Plain,
            (None, _) => Channel::Untold,
        };
        Reached { channel, host }
    }

    /// The way from the browser.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// The origin that browsers find the server under: as the settings say, or on this machine as it was asked for. `None`
    /// where only the request itself could tell, which anybody writes.
    #[must_use]
    pub fn origin(&self, reach: &Reach) -> Option<String> {
        let public = reach.public_url.as_ref().map(|url| url.origin().as_str().to_owned());
        let here = || self.host.as_ref().filter(|_| self.channel == Channel::Loopback);
        public.or_else(|| here().map(|host| format!("http://{host}")))
    }

    /// Whether a page of this origin, as the header `Origin` tells it, is one of this server's own.
    #[must_use]
    pub fn is_own(&self, reach: &Reach, origin: &str) -> bool {
        let Some(origin) = Origin::parse(origin) else { return false };
        let is_public = reach.public_url.as_ref().is_some_and(|url| *url.origin() == origin);
        is_public || self.host.as_ref().is_some_and(|host| origin.is_of(host))
    }
}

/// What the nearest proxy wrote: the last value, where several did.
fn last_of<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim).filter(|text| !text.is_empty())
}
