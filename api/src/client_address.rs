//! From which address a request comes: the one at the other end of its connection, or, where that is a trusted proxy, what
//! the proxy says of it. Whoever asks writes such headers too, so of several addresses only those count that a trusted
//! proxy wrote: the last ones, up to the first that is no trusted proxy.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};

use crate::reach::{ClientHeader, Reach};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of who asks, with who stands at the other end of the connection.
pub(crate) fn client_address(reach: &Reach, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let mut found = peer.to_canonical();
    if !reach.is_trusted(peer) {
        return found;
    }
    let (name, read): (_, fn(&str) -> Option<IpAddr>) = match reach.client_header {
        ClientHeader::XForwardedFor => (X_FORWARDED_FOR, read_node),
        ClientHeader::Forwarded => (header::FORWARDED, read_forwarded),
    };
    let values: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect();
    for element in values.iter().rev().flat_map(|value| value.rsplit(',')) {
        // What cannot be read hides who wrote it: it counts as the proxy's that let it through.
        let Some(address) = read(element.trim()) else { break };
        found = address;
        if !reach.is_trusted(address) {
            break;
        }
    }
    found.to_canonical()
}

/// The address of an element of `Forwarded` (RFC 7239), such as `for="[2001:db8::7]:4711";proto=https`.
fn read_forwarded(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, node) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    read_node(node.trim().trim_matches('"'))
}

/// An address, with a port or without.
fn read_node(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(bare).or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::reach::read_proxies;

    fn found(client_header: ClientHeader, peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let trusted_proxies = ["127.0.0.1", "10.0.0.0/8"].map(|net| read_proxies(net).expect("a net")).to_vec();
        let reach = Reach { trusted_proxies, client_header, ..Reach::default() };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        client_address(&reach, &map, peer.parse().expect("an address")).to_string()
    }

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        let x = |peer, value| found(ClientHeader::XForwardedFor, peer, &[("x-forwarded-for", value)]);
        assert_eq!(x("127.0.0.1", "192.0.2.7"), "192.0.2.7");
        assert_eq!(x("127.0.0.1", "192.0.2.7, 10.1.2.3"), "192.0.2.7", "a proxy before the proxy");
        assert_eq!(x("127.0.0.1", "1.1.1.1, 192.0.2.7, 10.1.2.3"), "192.0.2.7", "what the client wrote is before it");
        assert_eq!(x("192.0.2.9", "192.0.2.7"), "192.0.2.9", "who is no proxy speaks for itself alone");
        assert_eq!(x("::ffff:127.0.0.1", "[2001:db8::1]:443"), "2001:db8::1");
        assert_eq!(x("127.0.0.1", "2001:db8::1"), "2001:db8::1");
        assert_eq!(x("127.0.0.1", "192.0.2.7:1234"), "192.0.2.7");
        assert_eq!(x("127.0.0.1", "192.0.2.7, unknown"), "127.0.0.1");
        assert_eq!(x("127.0.0.1", "10.0.0.1, 10.0.0.2"), "10.0.0.1", "where all are proxies, the first");
        assert_eq!(x("127.0.0.1", ""), "127.0.0.1");
        assert_eq!(x("127.0.0.1", "1.2.3.4, unknown, 10.0.0.9"), "10.0.0.9");
        assert_eq!(x("127.0.0.1", "[2001:db8::7]"), "2001:db8::7");
        assert_eq!(x("::ffff:203.0.113.1", "198.51.100.2"), "203.0.113.1");
        assert_eq!(found(ClientHeader::XForwardedFor, "127.0.0.1", &[]), "127.0.0.1");
        let several = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(found(ClientHeader::XForwardedFor, "127.0.0.1", &several), "192.0.2.7");
    }

    #[test]
    fn the_header_that_the_proxy_does_not_write_is_the_clients_own_and_not_read() {
        let both = [("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=192.0.2.8")];
        assert_eq!(found(ClientHeader::XForwardedFor, "127.0.0.1", &both), "192.0.2.7");
        assert_eq!(found(ClientHeader::Forwarded, "127.0.0.1", &both), "192.0.2.8");
        for (value, address) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("proto=https; for=192.0.2.43, for=10.0.0.1", "192.0.2.43"),
            ("for=192.0.2.43, for=_hidden", "127.0.0.1"),
            ("proto=https", "127.0.0.1"),
        ] {
            assert_eq!(found(ClientHeader::Forwarded, "127.0.0.1", &[("forwarded", value)]), address, "{value}");
        }
    }
}
