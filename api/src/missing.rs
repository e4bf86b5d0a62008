//! What is missing for the daemon to be ready, in one form wherever it is told.

use ingest::Missing;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that is missing for it to be ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingPart {
    /// What: the ledger, brokers, a topic, a partition.
    what: String,
    /// Why, and what to do.
    detail: String,
}

impl MissingPart {
    /// A part, and why it is missing.
    #[must_use]
    pub fn new(what: impl Into<String>, detail: impl Into<String>) -> MissingPart {
        MissingPart { what: what.into(), detail: detail.into() }
    }
}

impl From<Missing> for MissingPart {
    fn from(missing: Missing) -> MissingPart {
        MissingPart { what: missing.what, detail: missing.detail }
    }
}
