//! The host that a request names: exactly one, where HTTP/1.1 or 2 is spoken (RFC 9112, section 3.2; RFC 9113,
//! section 8.3.1). Two that differ are how one server is told one thing and the proxy before it another.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::arrived::Arrived;
use crate::problem::{Problem, ProblemKind};

pub(super) async fn name_one(request: Request, next: Next) -> Response {
    // What came over no connection, as in a test of the router, was written by nobody.
    if request.extensions().get::<Arrived>().is_some()
        && let Err(problem) = check(request.version(), request.uri(), request.headers())
    {
        return problem.into_response();
    }
    next.run(request).await
}

fn check(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let refused = |detail: &str| Problem::of_field(ProblemKind::InvalidHeader, header::HOST.as_str(), detail);
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (_, Some(_)) => Err(refused("there are several Host headers: send one")),
        (None, None) if version == Version::HTTP_11 => Err(refused("there is no Host header: HTTP/1.1 wants one")),
        (None, None) if version == Version::HTTP_2 && uri.authority().is_none() => {
            Err(refused("no host is named: HTTP/2 wants :authority"))
        }
        (None, None) => Ok(()),
        (Some(host), None) => {
            let host = read(host).ok_or_else(|| refused("the Host header is no host with an optional port"))?;
            match uri.authority() {
                Some(authority) if version == Version::HTTP_2 && *authority != host => {
                    Err(refused(":authority and the Host header name two hosts"))
                }
                Some(_) | None => Ok(()),
            }
        }
    }
}

/// A host with an optional port.
fn read(host: &HeaderValue) -> Option<Authority> {
    let text = host.to_str().ok().filter(|text| !text.contains('@'))?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_exactly_one_host() {
        let status = |version, uri: &'static str, hosts: &[&'static str]| {
            let hosts = hosts.iter().map(|host| (header::HOST, HeaderValue::from_static(host)));
            check(version, &Uri::from_static(uri), &hosts.collect()).map_err(|problem| problem.status())
        };
        use Version as V;
        for (version, uri, hosts) in [
            (V::HTTP_11, "/", &["localhost"][..]),
            (V::HTTP_11, "/", &["[::1]:8080"]),
            (V::HTTP_11, "http://a.example/", &["b.example"]),
            (V::HTTP_10, "/", &[]),
            (V::HTTP_2, "http://a.example/", &[]),
            (V::HTTP_2, "http://a.example/", &["A.example"]),
            (V::HTTP_2, "/", &["a.example"]),
        ] {
            assert_eq!(status(version, uri, hosts), Ok(()), "{version:?} {uri} {hosts:?}");
        }
        for (version, uri, hosts) in [
            (V::HTTP_11, "/", &[][..]),
            (V::HTTP_11, "/", &[""]),
            (V::HTTP_11, "/", &["a b"]),
            (V::HTTP_11, "/", &["user@localhost"]),
            (V::HTTP_11, "/", &["localhost/path"]),
            (V::HTTP_11, "/", &["localhost", "localhost"]),
            (V::HTTP_10, "/", &["localhost", "evil.example"]),
            (V::HTTP_2, "/", &[]),
            (V::HTTP_2, "http://a.example/", &["b.example"]),
        ] {
            assert_eq!(status(version, uri, hosts), Err(400), "{version:?} {uri} {hosts:?}");
        }
    }
}
