//! The cookies of a request, and those that an answer sets. None of them can be read by a script.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

/// How long a cookie that is remembered stays: 400 days, the longest that browsers take.
const REMEMBERED_SECONDS: u32 = 400 * 86_400;

/// When a browser sends a cookie along from a page of another site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SameSite {
    /// Never.
    Strict,
    /// When a link is followed.
    Lax,
}

/// The value of a cookie in a request; the first, if there are several.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(found, _)| *found == name).map(|(_, value)| value).next()
}

/// A `Set-Cookie` that is remembered. `None` if the value has what a cookie cannot hold.
pub(super) fn set(name: &str, value: &str, same_site: SameSite, is_secure: bool) -> Option<HeaderValue> {
    written(name, value, same_site, is_secure, REMEMBERED_SECONDS)
}

/// A `Set-Cookie` for the next page only.
pub(super) fn set_briefly(name: &str, value: &str, is_secure: bool) -> Option<HeaderValue> {
    written(name, value, SameSite::Strict, is_secure, 60)
}

/// A `Set-Cookie` for a way to another site and back, of ten minutes.
pub(super) fn set_for_a_way(name: &str, value: &str, is_secure: bool) -> Option<HeaderValue> {
    written(name, value, SameSite::Lax, is_secure, 600)
}

/// A `Set-Cookie` that makes the browser forget it.
pub(super) fn forget(name: &str, is_secure: bool) -> Option<HeaderValue> {
    written(name, "", SameSite::Strict, is_secure, 0)
}

/// Adds a cookie to an answer.
pub(super) fn add(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

fn written(name: &str, value: &str, same_site: SameSite, is_secure: bool, seconds: u32) -> Option<HeaderValue> {
    let is_cookie_octet = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
    if !value.bytes().all(is_cookie_octet) {
        return None;
    }
    let same_site = match same_site {
        SameSite::Strict => "Strict",
        SameSite::Lax => "Lax",
    };
    let secure = if is_secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("ab=1; b=2;c=3"));
        headers.append(header::COOKIE, HeaderValue::from_static("d=4=5; b=6"));
        let table =
            [("ab", Some("1")), ("b", Some("2")), ("c", Some("3")), ("d", Some("4=5")), ("a", None), ("B", None)];
        for (name, value) in table {
            assert_eq!(cookie(&headers, name), value, "{name}");
        }
    }

    #[test]
    fn a_value_that_would_end_the_cookie_is_not_set() {
        for value in ["a;b", "a\r\nSet-Cookie: x=y", "a b", "é", "\"", "\\"] {
            assert_eq!(set("n", value, SameSite::Lax, false), None, "{value:?}");
        }
        let strict = set("n", "v", SameSite::Strict, true).expect("a cookie");
        assert_eq!(strict, "n=v; Path=/; HttpOnly; SameSite=Strict; Max-Age=34560000; Secure");
    }
}
