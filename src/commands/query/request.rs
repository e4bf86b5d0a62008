//! What is asked: a path below `/v1/` and its parameters.

/// A GET of the API.
pub(in crate::commands) struct Request {
    /// Path and parameters from `/v1/` on, percent-encoded.
    pub(in crate::commands) target: String,
    /// The path below `/v1/`.
    pub(super) path: String,
    pub(super) parameters: Vec<(String, String)>,
}

impl Request {
    /// The request of a path as SPEC 4 names it without `/v1/`, which may stand there nevertheless.
    pub(in crate::commands) fn new(path: &str, parameters: Vec<(String, String)>) -> Request {
        let path = path.trim_start_matches('/');
        let path = path.strip_prefix("v1/").unwrap_or(path);
        let mut target = "/v1/".to_owned();
        encode(path, "/", &mut target);
        for ((name, value), separator) in parameters.iter().zip(std::iter::once('?').chain(std::iter::repeat('&'))) {
            target.push(separator);
            encode(name, "", &mut target);
            target.push('=');
            encode(value, "", &mut target);
        }
        Request { target, path: path.to_owned(), parameters }
    }

    /// What is asked, by its path.
    pub(super) fn kind(&self) -> &str {
        self.path.trim_end_matches('/')
    }
}

/// Appends a text with all but RFC 3986's unreserved characters, and those kept, percent-encoded.
fn encode(text: &str, kept: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        let char = char::from(byte);
        if char.is_ascii_alphanumeric() || "-._~".contains(char) || kept.contains(char) {
            out.push(char);
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_the_path_below_v1_with_its_parameters_encoded() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        for (path, parameters, target) in [
            ("overview", vec![pair("uid", "7")], "/v1/overview?uid=7"),
            ("/v1/overview", vec![], "/v1/overview"),
            (
                "overview/series",
                vec![pair("uid", "7"), pair("interval", "day")],
                "/v1/overview/series?uid=7&interval=day",
            ),
            ("referrals", vec![pair("q", "50% é&=+ #")], "/v1/referrals?q=50%25%20%C3%A9%26%3D%2B%20%23"),
            ("codes/A B?x", vec![], "/v1/codes/A%20B%3Fx"),
            ("status", vec![pair("as_of", "00:00+01:00")], "/v1/status?as_of=00%3A00%2B01%3A00"),
        ] {
            assert_eq!(Request::new(path, parameters).target, target);
        }
    }
}
