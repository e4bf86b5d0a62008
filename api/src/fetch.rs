//! Asking another server, such as the provider that signs the tokens: given by who runs the API, which knows about
//! proxies and TLS.

use crate::server::is_loopback;

/// What another server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// The most bytes of an answer that are taken: sets of keys and tokens have a few thousand.
pub const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Whether nobody on the way can read or change what is said there: https, or http within this machine.
#[must_use]
pub fn is_guarded(url: &str) -> bool {
    let plain = url.strip_prefix("http://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()) || plain.is_some_and(is_loopback)
}

/// Asks another server, on a thread that may block. No redirect is followed: what is asked for stands in the settings, or
/// in the provider's own document.
pub trait Fetch: Send + Sync {
    /// A GET.
    ///
    /// # Errors
    /// Why there is no answer: nobody answers in time, or more than [`ANSWER_BYTES_MAX`]. The text names neither secret nor
    /// token.
    fn get(&self, url: &str) -> Result<Fetched, String>;

    /// A POST of a form, with the header `Authorization` if one is given.
    ///
    /// # Errors
    /// As of [`Fetch::get`].
    fn post_form(&self, url: &str, authorization: Option<&str>, fields: &[(&str, &str)]) -> Result<Fetched, String>;
}
