//! What guards the forms: only a form that this server gave to this browser, for the token it is signed in with, is
//! taken back, and only from a page of this very origin.
//!
//! The seal of a form is a keyed hash of what the browser's cookies say. The key lives as long as the process, so
//! that nothing has to be kept; where there is no ledger, and any of several such processes may be asked, it is made of
//! the secret that they share.

use api::{Problem, ProblemKind, Reach, Reached};
use axum::http::header;
use axum::http::request::Parts;

use super::visitor::Visitor;
use crate::words::words;

/// What forms are sealed with: another one in every process, unless several are to take each other's.
pub(crate) struct FormKey([u8; 32]);

impl FormKey {
    pub(crate) fn random() -> FormKey {
        FormKey(rand::random())
    }

    /// The key of all processes that have this one.
    pub(crate) fn of(key: [u8; 32]) -> FormKey {
        FormKey(key)
    }

    fn hash(&self, visitor: &Visitor) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        // The name has a fixed length, so no two pairs are written the same.
        hasher.update(visitor.name.as_bytes());
        hasher.update(visitor.token.as_deref().unwrap_or_default().as_bytes());
        hasher.finalize()
    }

    /// The seal of a browser's forms. It is written another way each time: pages are compressed, and from their lengths
    /// a text that is always the same could be guessed letter by letter.
    pub(super) fn seal(&self, visitor: &Visitor) -> String {
        let mask = blake3::Hash::from_bytes(rand::random());
        format!("{mask}{}", masked(self.hash(visitor), mask))
    }

    /// Refuses a form that was not given to this browser.
    pub(super) fn check(&self, visitor: &Visitor, seal: Option<&str>) -> Result<(), Problem> {
        // Hashes are compared in constant time.
        let is_ours = seal.and_then(read) == Some(self.hash(visitor));
        if is_ours && !visitor.is_new {
            return Ok(());
        }
        if visitor.is_new
            && let Some(why) = visitor.why_no_session()
        {
            return Err(Problem::new(ProblemKind::NotAllowed, words!("problems-no-cookie", why = why)));
        }
        Err(Problem::new(ProblemKind::NotAllowed, words!("problems-form-out-of-date")))
    }
}

/// The hash that a seal was written from.
fn read(seal: &str) -> Option<blake3::Hash> {
    let (mask, hidden) = seal.split_at_checked(2 * blake3::OUT_LEN)?;
    Some(masked(blake3::Hash::from_hex(hidden).ok()?, blake3::Hash::from_hex(mask).ok()?))
}

/// A hash hidden by another, or shown again by it.
fn masked(hash: blake3::Hash, mask: blake3::Hash) -> blake3::Hash {
    let mut bytes = *hash.as_bytes();
    bytes.iter_mut().zip(mask.as_bytes()).for_each(|(byte, mask)| *byte ^= mask);
    blake3::Hash::from_bytes(bytes)
}

/// Refuses what a page of another origin sends.
pub(super) fn check_origin(reach: &Reach, parts: &Parts) -> Result<(), Problem> {
    let text = |name| parts.headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or_default());
    let refused = || Problem::new(ProblemKind::NotAllowed, words!("problems-other-sites"));
    if text(header::HeaderName::from_static("sec-fetch-site"))
        .is_some_and(|site| !matches!(site, "same-origin" | "none"))
    {
        return Err(refused());
    }
    match text(header::ORIGIN) {
        Some(origin) if !Reached::of(reach, parts).is_own(reach, origin) => Err(refused()),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use api::{Channel, PublicUrl};
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};

    use super::*;

    fn visitor(name: char, token: Option<&str>) -> Visitor {
        let cookies = format!("tributary_visitor={}", name.to_string().repeat(32));
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&cookies).expect("a cookie"))]);
        Visitor { token: token.map(str::to_owned), ..Visitor::of(&headers, Channel::Loopback) }
    }

    #[test]
    fn a_form_is_taken_from_the_browser_and_session_it_was_given_to() {
        let key = FormKey::random();
        let given = visitor('a', Some("one"));
        let seal = key.seal(&given);
        assert!(key.check(&given, Some(&seal)).is_ok());
        let again = key.seal(&given);
        assert!(key.check(&given, Some(&again)).is_ok() && again != seal, "it is never written twice the same way");
        let cut = &seal[1..];
        let refused = [
            (visitor('a', Some("two")), Some(&*seal)),
            (visitor('a', None), Some(&seal)),
            (visitor('b', Some("one")), Some(&seal)),
            (Visitor { is_new: true, ..given.clone() }, Some(&seal)),
            (given.clone(), None),
            (given.clone(), Some("")),
            (given.clone(), Some(cut)),
        ];
        for (visitor, seal) in refused {
            assert_eq!(key.check(&visitor, seal).map_err(|problem| problem.status()), Err(403), "{seal:?}");
        }
        assert!(FormKey::random().check(&given, Some(&seal)).is_err(), "another process has another key");
    }

    #[test]
    fn only_pages_of_this_origin_send_forms() {
        let may = |pairs: &[(&'static str, &'static str)]| {
            let pairs =
                pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            let (mut parts, ()) = Request::new(()).into_parts();
            parts.headers = pairs.collect();
            let public_url = PublicUrl::parse("https://exchange.example/ledger");
            check_origin(&Reach { public_url, ..Reach::default() }, &parts).is_ok()
        };
        let host = ("host", "localhost:8080");
        for taken in [
            &[host][..],
            &[host, ("origin", "http://localhost:8080")],
            &[host, ("sec-fetch-site", "same-origin"), ("origin", "http://localhost:8080")],
            &[host, ("sec-fetch-site", "none")],
            // Where browsers find it, whatever a proxy made of the host.
            &[host, ("origin", "https://exchange.example")],
        ] {
            assert!(may(taken), "{taken:?}");
        }
        for refused in [
            &[host, ("origin", "http://evil.example")][..],
            &[host, ("origin", "null")],
            &[host, ("origin", "http://exchange.example")],
            &[host, ("origin", "http://evil.example"), ("x-forwarded-host", "evil.example")],
            &[host, ("origin", "http://localhost:9090")],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("sec-fetch-site", "cross-site"), ("origin", "http://localhost:8080")],
        ] {
            assert!(!may(refused), "{refused:?}");
        }
    }
}
