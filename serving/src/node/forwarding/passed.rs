//! What of a request is passed on to a shard.

use api::{Came, NOW_HEADER, Problem, ProblemKind};
use axum::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, IF_NONE_MATCH, RANGE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use bytes::Bytes;
use schemas::Timestamp;

/// The parameter that names a shard.
pub(super) const SHARD: &str = "shard";
/// A ledger is never behind what it has published, so that it has reached any position that was told of it.
const MIN_POSITION: &str = "min_position";

pub(super) const CURSOR: &str = "cursor";

/// Of the caller's headers, these: nothing that is about the connection, and nothing that the node itself is shown.
const HEADERS: [HeaderName; 10] = [
    AUTHORIZATION,
    ACCEPT,
    ACCEPT_LANGUAGE,
    CONTENT_TYPE,
    CONTENT_ENCODING,
    IF_NONE_MATCH,
    RANGE,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("traceparent"),
];

/// A request as shards are asked it.
pub(super) struct Passed {
    pub(super) method: Method,
    /// As it was given, with its escapes.
    pub(super) path: String,
    /// Without what is said to the node itself.
    pub(super) query: Option<String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Passed {
    pub(super) fn of(parts: &Parts, came: &Came, body: Vec<u8>) -> Passed {
        let mut headers = HeaderMap::new();
        for name in HEADERS {
            for value in parts.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        let address = came.address().map(|address| address.to_string());
        for (name, value) in [("x-forwarded-for", address.as_deref()), ("x-request-id", came.request_id())] {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        // A HEAD's answer is one of a GET: what it is made of may have to be looked at.
        let method = if parts.method == Method::HEAD { Method::GET } else { parts.method.clone() };
        let query = parts.uri.query().map(without_own).filter(|query| !query.is_empty());
        Passed { method, path: parts.uri.path().to_owned(), query, headers, body: body.into() }
    }

    /// The same as one of several shards is asked it, of whose answers one is made: whole, in JSON, and with the cursor that is
    /// its own.
    pub(super) fn of_one(&self, cursor: Option<&str>) -> Passed {
        let mut headers = self.headers.clone();
        for name in [ACCEPT, IF_NONE_MATCH, RANGE] {
            headers.remove(name);
        }
        let query = self.query.clone();
        let whole = Passed { method: self.method.clone(), path: self.path.clone(), query, headers, body: Bytes::new() };
        match cursor {
            None => whole,
            Some(cursor) => whole.with(&[(CURSOR, cursor)]),
        }
    }

    /// The same with these parameters in the place of any of their names.
    pub(super) fn with(&self, parameters: &[(&str, &str)]) -> Passed {
        let pairs = self.query.as_deref().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let is_other = |pair: &&str| parameters.iter().all(|(name, _)| !is_of(pair, name));
        let mut query: Vec<String> = pairs.filter(is_other).map(str::to_owned).collect();
        query.extend(
            parameters.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")),
        );
        let query = Some(query.join("&")).filter(|query| !query.is_empty());
        let (method, path, headers, body) =
            (self.method.clone(), self.path.clone(), self.headers.clone(), self.body.clone());
        Passed { method, path, query, headers, body }
    }

    /// A parameter with its value, as it was given.
    pub(super) fn pair(&self, name: &str) -> Option<&str> {
        self.query.as_deref().unwrap_or_default().split('&').find(|pair| is_of(pair, name))
    }

    /// Whether a parameter is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.pair(name).is_some()
    }

    /// The same as of a moment of this time at least, where the shard's own is an earlier one.
    pub(super) fn not_before(mut self, time: Timestamp) -> Passed {
        if let Ok(value) = HeaderValue::try_from(time.to_string()) {
            self.headers.insert(NOW_HEADER, value);
        }
        self
    }

    /// What is asked of the same path, by who gave a command there.
    pub(super) fn question(&self) -> Passed {
        Passed { method: Method::GET, ..self.of_one(None) }
    }

    /// Another question of the same caller.
    pub(super) fn asking(&self, path: &str, query: String) -> Passed {
        Passed { path: path.to_owned(), query: Some(query), ..self.of_one(None) }
    }

    /// Refuses a position as a moment: each ledger counts its own.
    pub(super) fn is_of_any_ledger(&self) -> Result<(), Problem> {
        let pairs = self.query.as_deref().unwrap_or_default().split('&');
        let mut values = pairs.filter_map(|pair| pair.strip_prefix("as_of="));
        if values.any(|value| value.bytes().all(|byte| byte.is_ascii_digit())) {
            let detail = format!("a position is one shard's own: name that shard with {SHARD}, or give a time");
            return Err(Problem::of_field(ProblemKind::InvalidParameter, "as_of", detail));
        }
        Ok(())
    }
}

/// Whether a pair of a query is of a parameter.
fn is_of(pair: &str, name: &str) -> bool {
    pair.split_once('=').map_or(pair, |(name, _)| name) == name
}

/// Whether a pair of a query is said to the node itself.
fn is_own(pair: &str) -> bool {
    is_of(pair, SHARD) || is_of(pair, MIN_POSITION)
}

fn without_own(query: &str) -> String {
    query.split('&').filter(|pair| !is_own(pair)).collect::<Vec<_>>().join("&")
}

/// The shard that a query names.
///
/// # Errors
/// If it is named twice, or is no number.
pub(super) fn named_shard(query: Option<&str>) -> Result<Option<usize>, Problem> {
    let pairs = query.unwrap_or_default().split('&');
    let mut named = pairs.filter_map(|pair| pair.strip_prefix(SHARD)?.strip_prefix('='));
    let Some(text) = named.next() else { return Ok(None) };
    let invalid = |detail: &str| Problem::of_field(ProblemKind::InvalidParameter, SHARD, detail);
    if named.next().is_some() {
        return Err(invalid("it is given twice"));
    }
    text.parse().map(Some).map_err(|_| invalid("expected the number of a shard, from 0 on"))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn passed(query: &str, headers: &[(&str, &str)]) -> Passed {
        let mut request = Request::get(format!("/v1/account?{query}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        Passed::of(&parts, &Came::default(), Vec::new())
    }

    #[test]
    fn parameters_are_passed_on_as_they_were_given_but_what_is_said_to_the_node_itself() {
        let given = passed("uid=7&shard=1&q=a%26b&min_position=3,4&shards=2", &[]);
        assert_eq!(given.query.as_deref(), Some("uid=7&q=a%26b&shards=2"));
        assert_eq!(passed("shard=1", &[]).query, None);
    }

    #[test]
    fn who_asks_is_passed_on_and_nothing_of_the_connection_or_of_the_node() {
        let given = passed(
            "uid=7",
            &[
                ("authorization", "Bearer t"),
                ("cookie", "c=1"),
                ("host", "node.example"),
                ("x-forwarded-for", "1.2.3.4"),
            ],
        );
        let names: Vec<&str> = given.headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["authorization"]);
    }

    #[test]
    fn of_several_each_is_asked_for_all_of_its_answer_from_its_own_cursor_on() {
        let given = passed("uid=7&cursor=all&limit=3", &[("range", "bytes=0-1"), ("authorization", "Bearer t")]);
        let own = given.of_one(Some("own"));
        assert_eq!(own.query.as_deref(), Some("uid=7&limit=3&cursor=own"));
        let names: Vec<&str> = own.headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["authorization"]);
        assert_eq!(given.of_one(None).query, given.query);
        assert_eq!(passed("", &[]).of_one(Some("own")).query.as_deref(), Some("cursor=own"));
        let other = given.asking("/v1/overview/series", "uid=7".to_owned());
        assert_eq!((other.path.as_str(), other.query.as_deref()), ("/v1/overview/series", Some("uid=7")));
    }

    #[test]
    fn a_shard_is_named_once_and_by_its_number() {
        assert_eq!(named_shard(Some("uid=7&shard=12")), Ok(Some(12)));
        assert_eq!(named_shard(Some("shards=1")), Ok(None));
        assert_eq!(named_shard(None), Ok(None));
        for query in ["shard=", "shard=-1", "shard=1&shard=1", "shard=all"] {
            assert_eq!(named_shard(Some(query)).expect_err("a refusal").status(), 400, "{query}");
        }
    }

    #[test]
    fn a_position_is_no_moment_of_any_ledger() {
        assert!(passed("as_of=2025-06-01&uid=7", &[]).is_of_any_ledger().is_ok());
        assert!(passed("uid=7&as_of=12", &[]).is_of_any_ledger().is_err());
    }
}
