//! The right to write a ledger. It comes first: whatever belongs to the writer alone, the ledger's end and the
//! checkpoints beside it, is touched only by who has it.

use std::sync::Arc;

use crate::error::LedgerError;
use crate::storage::{Storage, StorageError, StorageLock};

/// The lock of the process that writes.
pub(crate) const LOCK_NAME: &str = "LOCK";

/// The right to write the ledger of a storage. One process at a time has it, until the last clone is dropped.
#[derive(Clone)]
pub struct WriteLock {
    storage: Arc<dyn Storage>,
    held: Arc<dyn StorageLock>,
}

impl WriteLock {
    /// Takes the right; `holder` is what the others are told, see [`lock_holder`](crate::lock_holder).
    ///
    /// # Errors
    /// If another process has it, or the storage fails. Then nothing was touched but the lock.
    pub fn take(storage: Arc<dyn Storage>, holder: &str) -> Result<WriteLock, LedgerError> {
        let held = storage.lock(LOCK_NAME, holder)?;
        Ok(WriteLock { storage, held: Arc::from(held) })
    }

    /// The storage that may be written.
    #[must_use]
    pub fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    /// Fails if another process can take the right too, since the lock's file is gone or another one.
    pub(crate) fn check_in_place(&self) -> Result<(), StorageError> {
        self.held.check_in_place()
    }
}
