//! Keeps web pages of others away from a server that takes anyone for an operator.
//!
//! Such a server listens on loopback only, but a browser on the machine runs pages from anywhere. A page that asks
//! under a name of its own that leads to loopback is known by the host it asks for; one that posts across is known
//! by its origin. Where tokens are needed neither helps a page: a browser sends no token by itself.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::problem::{Problem, ProblemKind};
use crate::reach::Origin;

pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    if app.is_open_to_anyone()
        && let Err(problem) =
            check(request.uri(), request.headers(), request.method().is_safe(), &app.http().reach.cors_origins)
    {
        return problem.into_response();
    }
    next.run(request).await
}

fn check(uri: &Uri, headers: &HeaderMap, is_safe: bool, listed: &[Origin]) -> Result<(), Problem> {
    let told = headers.get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let host = uri.authority().map(|authority| authority.as_str()).or(told);
    if !host.is_none_or(is_loopback) {
        let detail = "no key is set here, so only requests to localhost or a loopback address are taken";
        return Err(Problem::of_field(ProblemKind::Misdirected, header::HOST.as_str(), detail));
    }
    let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    let origin_host = origin.map(|origin| origin.split_once("://").map_or(origin, |(_, host)| host));
    let is_listed = origin.is_some_and(|origin| listed.iter().any(|listed| listed.header() == origin));
    if !is_safe && origin_host.is_some() && origin_host != host && !is_listed {
        let detail = "no key is set here, so pages of other origins may not change anything";
        return Err(Problem::of_field(ProblemKind::NotAllowed, header::ORIGIN.as_str(), detail));
    }
    Ok(())
}

/// Whether a host with or without a port is this machine's loopback.
pub fn is_loopback(host: &str) -> bool {
    let without_port = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    let name = without_port.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(without_port);
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_loopback_hosts_are_taken_and_only_their_own_pages_change_anything() {
        let may = |host: &'static str, origin: Option<&'static str>, is_safe: bool| {
            let origin = origin.map(|origin| (header::ORIGIN, origin));
            let headers = [Some((header::HOST, host)), origin].into_iter().flatten();
            let headers = headers.map(|(name, value): (HeaderName, _)| (name, HeaderValue::from_static(value)));
            check(&Uri::from_static("/v1/codes"), &headers.collect(), is_safe, &[]).map_err(|problem| problem.status())
        };
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "127.8.9.1", "[::1]:8080", "[::1]", "::1"] {
            assert_eq!(may(host, None, false), Ok(()), "{host}");
        }
        for host in
            ["", "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0"]
        {
            assert_eq!(may(host, None, true), Err(421), "{host}");
        }
        assert_eq!(may("localhost:8080", Some("http://localhost:8080"), false), Ok(()));
        assert_eq!(may("localhost:8080", Some("http://evil.example"), false), Err(403));
        assert_eq!(may("localhost:8080", Some("http://localhost:9090"), false), Err(403));
        assert_eq!(may("localhost:8080", Some("null"), false), Err(403));
        assert_eq!(may("localhost:8080", Some("http://evil.example"), true), Ok(()));
        assert_eq!(check(&Uri::from_static("/"), &HeaderMap::new(), false, &[]), Ok(()));
    }
}
