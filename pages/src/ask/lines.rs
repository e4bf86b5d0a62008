//! The lines that ask the same from a shell. They bear no token: it is taken from the environment.

use axum::http::{HeaderMap, header};
use maud::{Markup, html};

use super::super::parts;
use super::super::visit::Visit;
use super::super::words::{marked, words};
use super::asked::Asked;

pub(super) fn draw(visit: &Visit, headers: &HeaderMap, asked: &Asked) -> Markup {
    let Some(target) = asked.target() else {
        return html! { p { (words!("ask-fill-in")) } };
    };
    let address = address(visit, headers);
    let is_open = visit.site.app.is_open_to_anyone();
    html! {
        @if !is_open {
            p.hint { (marked!("ask-token", line = html! { code { "read -rs TRIBUTARY_TOKEN; export TRIBUTARY_TOKEN" } })) }
        }
        h3 { code { "curl" } }
        p { (parts::copy(words!("ask-curl-line"), &curl(&format!("{address}{target}"), is_open))) }
        h3 { code { "tributary query" } }
        p { (parts::copy(words!("ask-query-line"), &query(&address, asked))) }
    }
}

/// Where this server is, as the browser reached it, unless its settings say.
fn address(visit: &Visit, headers: &HeaderMap) -> String {
    let base = &visit.visitor.base;
    if let Some(public) = &visit.site.app.http().reach.public_url {
        return format!("{}{base}", public.origin().as_str());
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let is_plain = |host: &&str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    let scheme = if visit.visitor.is_secure { "https" } else { "http" };
    format!("{scheme}://{}{base}", host.filter(is_plain).unwrap_or("127.0.0.1:8080"))
}

fn curl(address: &str, is_open: bool) -> String {
    let token = if is_open { "" } else { "-H \"Authorization: Bearer $TRIBUTARY_TOKEN\" " };
    format!("curl -sS --fail-with-body {token}{}", quoted(address))
}

fn query(address: &str, asked: &Asked) -> String {
    let parameters = asked.given().map(|(name, value)| quoted(&format!("{name}={value}")));
    let path = asked.path_in_words().map(|path| quoted(&path)).unwrap_or_default();
    let words = [path].into_iter().chain(parameters).collect::<Vec<_>>().join(" ");
    format!("tributary query {words} --url {}", quoted(address))
}

/// A word as a shell takes it, in quotes where it has to be.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_word_to_a_shell() {
        for (word, expected) in [
            ("uid=7", "uid=7"),
            ("q=a b", "'q=a b'"),
            ("q=it's", "'q=it'\\''s'"),
            ("q=$(x)", "'q=$(x)'"),
            ("", "''"),
            ("http://localhost:8080/v1/codes?uid=7", "'http://localhost:8080/v1/codes?uid=7'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }

    #[test]
    fn a_line_of_curl_bears_no_token() {
        let line = curl("http://localhost:8080/v1/overview?uid=7&from=2026-03-01", false);
        assert!(
            line.contains("$TRIBUTARY_TOKEN")
                && line.ends_with("'http://localhost:8080/v1/overview?uid=7&from=2026-03-01'")
        );
        assert_eq!(
            curl("http://localhost:8080/v1/status", true),
            "curl -sS --fail-with-body http://localhost:8080/v1/status"
        );
    }
}
