//! What can go wrong with a backup in an object store.

use ledger::{BackupError, LedgerError};

/// Why nothing was shipped or fetched.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    /// An address that names no place.
    #[error("{url}: write s3://BUCKET/PREFIX, without a query")]
    Address {
        /// The address.
        url: String,
    },
    /// What is known of the store does not lead to it: region, endpoint or credentials.
    #[error("{url}: {cause}")]
    Settings {
        /// The address.
        url: String,
        /// What is wrong.
        cause: object_store::Error,
    },
    /// The threads or sockets for it cannot be had.
    #[error("no connection can be made: {0}")]
    Runtime(std::io::Error),
    /// Nothing was shipped there.
    #[error("there is no backup at {url}")]
    NoBackup {
        /// The address.
        url: String,
    },
    /// The manifest is none of this program's, or of a newer one.
    #[error("{url}: the manifest is damaged, or of a newer program: {what}")]
    Manifest {
        /// The address.
        url: String,
        /// What is wrong with it.
        what: String,
    },
    /// Somebody else replaced the manifest meanwhile.
    #[error("another backup was written to {url} meanwhile, and stands; what this one has sent is not part of it")]
    Overtaken {
        /// The address.
        url: String,
    },
    /// The store did not do what it was asked.
    #[error("cannot {operation} {object}: {cause}")]
    Store {
        /// What was to be done.
        operation: &'static str,
        /// With which object.
        object: String,
        /// What the store said.
        cause: object_store::Error,
    },
    /// What is shipped there does not go together with the ledger.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}
