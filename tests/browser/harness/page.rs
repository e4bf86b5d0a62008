//! What a page shows, as a test compares it.

use serde::Deserialize;

/// A figure of a page: the API's exact text beside what a person reads.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Figure {
    /// `data-value`.
    pub value: String,
    /// What stands there.
    pub text: String,
}
