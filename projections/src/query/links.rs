//! Links to share: where a code or a campaign leads.

use std::fmt::Write;

/// How links to share are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// What stands before `/register` and `/campaigns`: the exchange's address, or nothing for relative links.
    pub base: String,
}

impl Links {
    /// The link that registers with a code.
    #[must_use]
    pub fn code(&self, code: &str) -> String {
        format!("{}/register?ref={}", self.base, escaped(code))
    }

    /// The link that shares a campaign, with the referrer's default code if there is one.
    #[must_use]
    pub fn campaign(&self, id: &str, code: Option<&str>) -> String {
        let mut link = format!("{}/campaigns/{}", self.base, escaped(id));
        if let Some(code) = code {
            link.push_str("?ref=");
            link.push_str(&escaped(code));
        }
        link
    }
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_escapes_what_a_url_does_not_bear() {
        let links = Links { base: "https://exchange.example".into() };
        assert_eq!(links.code("A_1"), "https://exchange.example/register?ref=A_1");
        assert_eq!(
            links.campaign("été/1", Some("A_1")),
            "https://exchange.example/campaigns/%C3%A9t%C3%A9%2F1?ref=A_1"
        );
    }
}
