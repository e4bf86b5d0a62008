//! Reads a query string: pairs with `&` between them, percent-encoded, `+` for a blank.

use crate::problem::{Problem, ProblemKind};

/// The pairs of a query string, in the order in which they stand there.
///
/// # Errors
/// If an escape is broken, or what it gives is not UTF-8.
pub fn read_query_string(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name).ok_or_else(|| broken("the name of a parameter"))?;
            let value = decode(value).ok_or_else(|| Problem { field: Some(name.clone()), ..broken("its value") })?;
            Ok((name, value))
        })
        .collect()
}

fn broken(what: &str) -> Problem {
    let detail = format!("{what} is not percent-encoded UTF-8");
    Problem::new(ProblemKind::InvalidParameter, detail)
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?,
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_as_forms_are_and_broken_escapes_are_refused() {
        let read = |query: &str| read_query_string(query).ok();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read(""), Some(vec![]));
        assert_eq!(read("&uid=7&&q=a+b%2Bc%26"), Some(vec![pair("uid", "7"), pair("q", "a b+c&")]));
        assert_eq!(read("q=%C3%A9=%00"), Some(vec![pair("q", "é=\0")]));
        assert_eq!(read("q"), Some(vec![pair("q", "")]));
        for query in ["q=%", "q=%4", "q=%zz", "q=%+1", "q=%C3", "q=%FF", "%80=1"] {
            assert_eq!(read(query), None, "{query}");
        }
        assert_eq!(read_query_string("uid=%zz").expect_err("broken").field.as_deref(), Some("uid"));
    }
}
