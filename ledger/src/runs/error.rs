//! Why there are no runs to stand on.

use crate::position::Position;
use crate::storage::StorageError;

/// Why there are no runs to stand on. Nothing is lost: the ledger is replayed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No run goes on behind a position.
    #[error("no run of the index goes on behind position {after}, those up to {upto} are needed")]
    Missing {
        /// Up to here there are runs.
        after: Position,
        /// Up to here they are needed.
        upto: Position,
    },
    /// A file is no run of this ledger.
    #[error("{name} is no run of this ledger's index: {detail}")]
    Unfit {
        /// The file.
        name: String,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// The storage did not do what it was asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
