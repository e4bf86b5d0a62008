//! Through which proxy a server is asked, as the variables of the surroundings say it: `http_proxy`, `https_proxy`,
//! `all_proxy` and `no_proxy`, in small letters or large. What listens on this machine is never asked through one: a
//! proxy would ask itself.

use std::net::IpAddr;

use anyhow::{Context, anyhow};
use ureq::Proxy;
use ureq::http::Uri;

use crate::exit::Failure;

/// A proxy, and what named it.
pub(crate) struct NamedProxy {
    pub(crate) proxy: Proxy,
    variable: String,
}

impl NamedProxy {
    /// The proxy that the surroundings name for an address, if it is to be asked through one.
    ///
    /// # Errors
    /// If the variable names none, which is bad usage.
    pub(crate) fn of_surroundings(address: &str) -> Result<Option<NamedProxy>, Failure> {
        NamedProxy::of(address, |name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn of(address: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Option<NamedProxy>, Failure> {
        let uri: Uri =
            address.parse().with_context(|| format!("--url: \"{address}\" is no address")).map_err(Failure::usage)?;
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let either = |name: &str| {
            [name.to_owned(), name.to_ascii_uppercase()].into_iter().find_map(|name| Some((variable(&name)?, name)))
        };
        if is_loopback(host) || either("no_proxy").is_some_and(|(exempt, _)| is_exempt(host, &exempt)) {
            return Ok(None);
        }
        let own = if uri.scheme_str() == Some("https") { "https_proxy" } else { "http_proxy" };
        let Some((value, variable)) = either(own).or_else(|| either("all_proxy")) else { return Ok(None) };
        // NOTE: the value may hold a password, and is not said.
        let proxy = Proxy::new(&value)
            .map_err(|error| Failure::usage(anyhow!("{variable} names no proxy that can be used: {error}")))?;
        Ok(Some(NamedProxy { proxy, variable }))
    }

    /// What it is called where it is told of.
    pub(crate) fn name(&self) -> String {
        format!("the proxy {}:{}, which {} names", self.proxy.host(), self.proxy.port(), self.variable)
    }
}

fn is_loopback(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let is_name = name == "localhost" || name.ends_with(".localhost");
    is_name || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Whether a list of hosts, domains and networks holds a host, as curl reads it: a domain stands for all within it,
/// and `*` for everything.
fn is_exempt(host: &str, list: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let mut parts = list.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
    parts.any(|part| {
        let part = part.trim_end_matches('.').to_ascii_lowercase();
        let domain = part.trim_start_matches('*').trim_start_matches('.');
        if part == "*" {
            return true;
        }
        match (host.parse::<IpAddr>(), domain.split_once('/')) {
            (Ok(address), Some((network, bits))) => is_within(address, network, bits),
            (Ok(address), None) => domain.trim_matches(['[', ']']).parse() == Ok(address),
            (Err(_), _) => host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        }
    })
}

fn is_within(address: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    let (differing, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => (u128::from(address.to_bits() ^ network.to_bits()), 32),
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits() ^ network.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    bits <= width && differing.checked_shr(width - bits).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proxy of an address where these variables are set.
    fn proxy(address: &str, variables: &[(&str, &str)]) -> Option<String> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        NamedProxy::of(address, variable).expect("a proxy or none").map(|proxy| proxy.name())
    }

    #[test]
    fn the_scheme_chooses_the_variable_and_what_is_here_is_asked_without_one() {
        let all = [("http_proxy", "http://p:1"), ("HTTPS_PROXY", "http://u:secret@s"), ("all_proxy", "http://a:3")];
        for (address, variables, expected) in [
            ("http://ledger.lan/", &all[..], Some("the proxy p:1, which http_proxy names")),
            ("https://ledger.lan", &all[..], Some("the proxy s:80, which HTTPS_PROXY names")),
            ("https://ledger.lan", &all[..1], None),
            ("http://ledger.lan", &all[2..], Some("the proxy a:3, which all_proxy names")),
            ("http://127.0.0.1:8080", &all[..], None),
            ("http://127.9.9.9", &all[..], None),
            ("http://[::1]:8080", &all[..], None),
            ("http://[::ffff:127.0.0.1]", &all[..], None),
            ("http://LocalHost:8080", &all[..], None),
            ("http://a.localhost", &all[..], None),
            ("http://localhost.lan", &all[..], Some("the proxy p:1, which http_proxy names")),
        ] {
            assert_eq!(proxy(address, variables).as_deref(), expected, "{address}");
        }
        assert!(NamedProxy::of("http://ledger.lan", |_| Some("http://".to_owned())).is_err());
    }

    #[test]
    fn a_list_of_hosts_domains_and_networks_is_asked_without_a_proxy() {
        for (host, list, expected) in [
            ("ledger.lan", "ledger.lan", true),
            ("ledger.lan", "lan", true),
            ("ledger.lan", ".lan", true),
            ("ledger.lan", "*.lan", true),
            ("ledger.lan", "other, LEDGER.lan.", true),
            ("ledger.lan", "*", true),
            ("ledger.lan", "edger.lan", false),
            ("ledger.lan", "", false),
            ("ledger.lan", ",", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.0.0.0/8", true),
            ("10.1.2.3", "0.0.0.0/0", true),
            ("10.1.2.3", "10.1.2.2/32", false),
            ("10.1.2.3", "10.0.0.0/33", false),
            ("10.1.2.3", "2.3", false),
            ("fd00::7", "fd00::/8", true),
            ("fd00::7", "[fd00::7]", true),
            ("fd00::7", "10.0.0.0/8", false),
        ] {
            assert_eq!(is_exempt(host, list), expected, "{host} in {list:?}");
        }
    }
}
