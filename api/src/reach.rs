//! How the server is reached: through which proxies, under which public address, and from pages of which origins.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderValue, Uri};
use ipnet::{IpNet, Ipv4Net};

/// How the server is reached (`[http]` in the settings).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// What these say of a request in `X-Forwarded-Proto` and `X-Forwarded-Host`, and of where it comes from, is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Which header tells from where a request comes that a trusted proxy passes on.
    pub client_header: ClientHeader,
    /// Where browsers find it, if that is not where it listens.
    pub public_url: Option<PublicUrl>,
    /// Pages of these origins may ask the API from a browser.
    pub cors_origins: Vec<Origin>,
}

/// The header in which the proxies write from where a request comes. Only one is read: who asks could write the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientHeader {
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl Default for Reach {
    /// A proxy on this machine is trusted; there is no other address, and no other origin may ask.
    fn default() -> Self {
        let loopback = [
            IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)),
            IpNet::from(IpAddr::from(Ipv6Addr::LOCALHOST)),
        ];
        Reach {
            trusted_proxies: loopback.to_vec(),
            client_header: ClientHeader::XForwardedFor,
            public_url: None,
            cors_origins: Vec::new(),
        }
    }
}

impl Reach {
    /// Whether a proxy at this address is trusted.
    #[must_use]
    pub fn is_trusted(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted_proxies.iter().any(|net| net.contains(&address))
    }

    /// The path that the server stands below, without a `/` at its end: `""` where it stands at the root.
    #[must_use]
    pub fn base_path(&self) -> &str {
        self.public_url.as_ref().map_or("", PublicUrl::path)
    }
}

/// Reads the address of a proxy, or a net of them such as `10.0.0.0/8`.
#[must_use]
pub fn read_proxies(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Where browsers find the server, such as `https://ledger.example` or `https://exchange.example/ledger`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: Origin,
    path: String,
}

impl PublicUrl {
    /// Reads an address: `http` or `https`, a host, a port if need be, and a path if it stands below one.
    #[must_use]
    pub fn parse(text: &str) -> Option<PublicUrl> {
        let at = text.find("://")? + 3;
        let path_at = text.get(at..)?.find('/').map_or(text.len(), |slash| at + slash);
        let origin = Origin::parse(text.get(..path_at)?)?;
        let path = text.get(path_at..)?.trim_end_matches('/');
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~');
        let has_segments = path.split('/').skip(1).all(|segment| !matches!(segment, "" | "." | ".."));
        (path.bytes().all(is_plain) && has_segments).then(|| PublicUrl { origin, path: path.to_owned() })
    }

    /// Its origin.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Its path without a `/` at the end: `""` where it has none.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// An origin as a browser tells it: a scheme and a host, and a port if it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    is_https: bool,
    host: String,
    header: HeaderValue,
}

impl Origin {
    /// Reads an origin such as `https://console.example` or `http://localhost:3000`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Origin> {
        let uri: Uri = text.parse().ok().filter(|_| !text.contains(['@', '?', '#']) && !text.ends_with('/'))?;
        let is_https = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(_) | None => return None,
        };
        if uri.path() != "/" {
            return None;
        }
        let authority = uri.authority().filter(|authority| is_host(authority))?;
        let host = host_of(authority, is_https);
        let scheme = if is_https { "https" } else { "http" };
        let header = HeaderValue::try_from(format!("{scheme}://{host}")).ok()?;
        Some(Origin { is_https, host, header })
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether it is this host, with its port.
    #[must_use]
    pub fn is_of(&self, host: &Authority) -> bool {
        self.host == host_of(host, self.is_https)
    }

    /// As a text, such as `https://exchange.example`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // It was made of a text.
        self.header.to_str().unwrap_or_default()
    }

    /// As it stands in the header `Origin`.
    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }
}

/// Whether it is a name or an address, with a port or without.
fn is_host(authority: &Authority) -> bool {
    let host = authority.host();
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let is_address = host.starts_with('[') && host.ends_with(']');
    let has_port = authority.as_str().len() > host.len();
    !host.is_empty() && (is_name || is_address) && has_port == authority.port_u16().is_some()
}

/// A host in small letters, with its port where that is not the scheme's own.
fn host_of(authority: &Authority, is_https: bool) -> String {
    let own = if is_https { 443 } else { 80 };
    let host = authority.host().to_ascii_lowercase();
    match authority.port_u16() {
        Some(port) if port != own => format!("{host}:{port}"),
        Some(_) | None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_browsers_tell_them() {
        let header = |text: &str| Origin::parse(text).map(|origin| origin.header());
        for (text, told) in [
            ("https://a.example", "https://a.example"),
            ("https://A.example:443", "https://a.example"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(header(text), Some(HeaderValue::from_static(told)), "{text}");
        }
        for text in [
            "",
            "*",
            "null",
            "a.example",
            "https://",
            "https://a.example/",
            "https://a.example/x",
            "https://u@a.example",
            "ftp://a.example",
            "https://a.example?x",
            "https://*.example:x",
        ] {
            assert_eq!(header(text), None, "{text}");
        }
    }

    #[test]
    fn a_public_address_has_an_origin_and_maybe_a_path() {
        let read = |text: &str| PublicUrl::parse(text).map(|url| (url.origin().is_https(), url.path().to_owned()));
        assert_eq!(read("https://a.example"), Some((true, String::new())));
        assert_eq!(read("https://a.example/"), Some((true, String::new())));
        assert_eq!(read("http://a.lan:8080/x/ledger/"), Some((false, "/x/ledger".to_owned())));
        for text in [
            "",
            "a.example",
            "/ledger",
            "https://a.example//x",
            "https://a.example/../x",
            "https://a.example/x?y",
            "https://a.example/x#y",
            "https://a.example/x y",
            "https://a.example/é",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn proxies_are_addresses_or_nets_and_those_of_this_machine_are_trusted() {
        let reach = Reach::default();
        for (address, is_trusted) in
            [("127.0.0.1", true), ("127.3.2.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("10.0.0.1", false)]
        {
            assert_eq!(reach.is_trusted(address.parse().expect("an address")), is_trusted, "{address}");
        }
        for text in ["10.0.0.1", "10.0.0.0/8", "fd00::/8"] {
            assert!(read_proxies(text).is_some(), "{text}");
        }
        for text in ["", "proxy.example", "10.0.0.0/33", "*"] {
            assert!(read_proxies(text).is_none(), "{text}");
        }
    }
}
