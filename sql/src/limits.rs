//! What a question may take.

use std::time::Duration;

/// The most bytes of a statement.
pub const STATEMENT_BYTES_MAX: usize = 32 << 10;

/// What a question may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory that sorting, grouping and joining hold together. What passes through takes some batches besides.
    pub memory_bytes: usize,
    /// Bytes that sorting and grouping lay aside in the system's folder for temporary files, where memory is not enough.
    pub spill_bytes: u64,
    /// How long it may take; none is as long as it takes.
    pub time: Option<Duration>,
}
