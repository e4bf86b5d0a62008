//! Why an export ends before its end.

use ledger::{LedgerError, ReadError};
use parquet::errors::ParquetError;
use projections::QueryError;

/// Why an export could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// An entry of the ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The range is none.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// What was written is not taken.
    #[error("can't write the export: {cause}")]
    Write {
        /// What the file, or who reads, says.
        cause: std::io::Error,
    },
    /// Parquet cannot be written.
    #[error("can't write Parquet: {cause}")]
    Parquet {
        /// What its writer says.
        cause: ParquetError,
    },
    /// It was told to stop.
    #[error("the export was interrupted")]
    Interrupted,
    /// The thread that writes has ended; what it says of that says more.
    #[error("the export is written no more")]
    WriterGone,
    /// A part of the program broke.
    #[error("the thread that writes the export broke off")]
    Broken,
}

impl From<std::io::Error> for ExportError {
    fn from(cause: std::io::Error) -> ExportError {
        ExportError::Write { cause }
    }
}

impl From<ParquetError> for ExportError {
    fn from(cause: ParquetError) -> ExportError {
        ExportError::Parquet { cause }
    }
}

impl ExportError {
    /// Whether whoever read the output has gone.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        match self {
            ExportError::Write { cause } => cause.kind() == std::io::ErrorKind::BrokenPipe,
            ExportError::Ledger(_)
            | ExportError::Read(_)
            | ExportError::Query(_)
            | ExportError::Parquet { .. }
            | ExportError::Interrupted
            | ExportError::WriterGone
            | ExportError::Broken => false,
        }
    }
}
