//! Which rows of a kind are wanted, and which wishes a kind has no answer to.

use ledger::Position;
use projections::QueryError;
use projections::query::{DateRange, RangeRequest};
use schemas::Uid;

/// Which rows. Nothing given is everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The days, both ends included; an end that is not given is open.
    pub range: RangeRequest,
    /// The referrer.
    pub uid: Option<Uid>,
    /// Entries after this position only.
    pub after: Option<Position>,
}

/// What is asked of a kind that it cannot give.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// The range ends before it begins.
    #[error(transparent)]
    Range(QueryError),
    /// Rows of this kind are no referrer's.
    #[error("--uid names a referrer, and {kind} are the whole ledger's")]
    NoUid {
        /// The kind.
        kind: &'static str,
    },
    /// Rows of this kind have no position.
    #[error("--after is for kinds with a position, which {kind} have not: entries, postings and trades have")]
    NoPosition {
        /// The kind.
        kind: &'static str,
    },
    /// The ledger does not reach so far.
    #[error("--after {after} lies beyond the end: the ledger is read up to position {last}")]
    AfterEnd {
        /// The position asked for.
        after: Position,
        /// The last one.
        last: Position,
    },
}

impl Filter {
    /// The range, open where no end is given.
    pub(crate) fn range(&self) -> Result<DateRange, QueryError> {
        self.range.open()
    }
}
