//! What an answer says beside its figures.

use schemas::Day;
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Shown, shaped};

/// Nobody gave a range, the default one holds nothing, and other days hold something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hint {
    /// This, in a sentence.
    pub detail: String,
    /// The first day that holds something.
    pub from: Day,
    /// The last day that holds something.
    pub to: Day,
}

shaped!(struct Hint { detail, from, to });
