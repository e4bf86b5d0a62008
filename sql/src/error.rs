//! Why there is no answer, or no whole one.

use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// The statement is none that can be answered. It tells what is wrong, where, and what there is.
    #[error("{0}")]
    Refused(String),
    /// It came to something that has no answer, as a division by zero, or the ledger cannot be read.
    #[error("{0}")]
    Failed(String),
    /// It needs more memory, or room for what is laid aside, than it may have.
    #[error("{0}")]
    TooLarge(String),
    /// What is written is not taken.
    #[error("can't write the answer: {cause}")]
    Write {
        /// What the file, or who reads, says.
        cause: std::io::Error,
    },
    /// It took longer than it may.
    #[error("broken off after {} s, which is what --time-limit allows", limit.as_secs())]
    TimeIsUp {
        /// How long it may take.
        limit: Duration,
    },
    /// It was told to stop.
    #[error("the question was interrupted")]
    Interrupted,
}

impl From<std::io::Error> for SqlError {
    fn from(cause: std::io::Error) -> SqlError {
        SqlError::Write { cause }
    }
}

impl SqlError {
    /// Whether whoever read the output has gone.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        match self {
            SqlError::Write { cause } => cause.kind() == std::io::ErrorKind::BrokenPipe,
            SqlError::Refused(_)
            | SqlError::Failed(_)
            | SqlError::TooLarge(_)
            | SqlError::TimeIsUp { .. }
            | SqlError::Interrupted => false,
        }
    }
}
