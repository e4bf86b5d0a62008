//! Links that lead out of the pages. Their addresses come from events, so only what a browser opens as a page is
//! made a link; anything else, such as a script's, stands as text.

use maud::{Markup, html};

/// A link to an address out there; its text alone where it is no web address; nothing where there is none.
pub(crate) fn link(address: &str, says: &str) -> Markup {
    html! {
        @if is_web_address(address) {
            a href=(address) rel="noopener noreferrer external" { (says) }
        } @else if !address.is_empty() {
            code { (address) }
        }
    }
}

fn is_web_address(address: &str) -> bool {
    let begins = |scheme: &str| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    (begins("https://") || begins("http://")) && !address.chars().any(|char| char.is_control() || char.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        for good in ["https://exchange.example/a?b=c", "http://exchange.example", "HTTPS://EXCHANGE.EXAMPLE"] {
            assert!(link(good, "More").into_string().contains("href="), "{good}");
        }
        for bad in ["javascript:alert(1)", " https://a.example", "https://a b", "data:text/html,x", "//a.example", "é"]
        {
            assert!(!link(bad, "More").into_string().contains("href="), "{bad}");
        }
        assert_eq!(link("", "More").into_string(), "");
        assert!(link("<script>", "More").into_string().contains("&lt;script&gt;"));
    }
}
