//! The port through which the ledger touches files, and nothing else does.
//!
//! A disk behind it is [`DiskStorage`]; [`MemoryStorage`] is a disk that can crash, [`FaultyStorage`] one that
//! fails where a test says. What the port promises is what POSIX promises and no more: bytes written are safe
//! after `sync`, names after `sync_names`.

mod disk;
mod faulty;
mod mapping;
mod memory;
mod space;

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

pub use self::disk::{DiskStorage, lock_holder};
pub use self::faulty::{Faults, FaultyStorage};
pub use self::memory::MemoryStorage;
pub use self::space::DiskSpace;

/// A folder of files.
pub trait Storage: Send + Sync {
    /// The names of its files, in any order.
    ///
    /// # Errors
    /// If the folder cannot be read.
    fn list(&self) -> Result<Vec<String>, StorageError>;

    /// Makes a file of so many bytes, all zero, with its space set aside where the disk can do that. A file of
    /// that name is replaced.
    ///
    /// # Errors
    /// If the disk is full, or does not do it.
    fn create(&self, name: &str, bytes: u64) -> Result<Arc<dyn StorageFile>, StorageError>;

    /// Opens a file; `None` if there is none of that name.
    ///
    /// # Errors
    /// If it is there and cannot be opened.
    fn open(&self, name: &str, access: Access) -> Result<Option<Arc<dyn StorageFile>>, StorageError>;

    /// All bytes of a small file, which may be rewritten at the same time; `None` if there is none of that name.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    fn contents(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError>;

    /// Gives a file another name, in place of the file that had it.
    ///
    /// # Errors
    /// If the disk does not do it.
    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError>;

    /// Removes a file.
    ///
    /// # Errors
    /// If the disk does not do it.
    fn remove(&self, name: &str) -> Result<(), StorageError>;

    /// Makes creations, renamings and removals durable.
    ///
    /// # Errors
    /// If the disk does not do it; then none of them may be assumed durable.
    fn sync_names(&self) -> Result<(), StorageError>;

    /// Takes the lock that a file stands for, and writes into it who holds it. Held until the value is dropped
    /// or the process ends.
    ///
    /// # Errors
    /// If someone else holds it, or it cannot be tried.
    fn lock(&self, name: &str, holder: &str) -> Result<Box<dyn StorageLock>, LockError>;

    /// Whether someone holds the lock.
    ///
    /// # Errors
    /// If that cannot be tried.
    fn is_locked(&self, name: &str) -> Result<bool, StorageError>;

    /// Makes the folder again, empty, where it was removed meanwhile. For what is no truth, and made again.
    ///
    /// # Errors
    /// If it cannot be made.
    fn make_folder_again(&self) -> Result<(), StorageError> {
        Ok(())
    }

    /// What its files take of the disk, and what is left there; `None` of a storage that is on none.
    ///
    /// # Errors
    /// If the disk does not say.
    fn space(&self) -> Result<Option<DiskSpace>, StorageError> {
        Ok(None)
    }

    /// Makes a small file durable with exactly these bytes: whoever opens the name finds the file as it was
    /// before, or this one whole.
    ///
    /// # Errors
    /// If the disk does not do one of the steps.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let beside = format!("{name}{UNFINISHED}");
        let file = self.create(&beside, bytes.len() as u64)?;
        file.write_at(0, bytes)?;
        file.sync()?;
        self.rename(&beside, name)?;
        self.sync_names()
    }
}

/// How the name of a file ends that is not finished; such a file is what a crash left.
pub(crate) const UNFINISHED: &str = ".new";

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To read it.
    Read,
    /// To read and write it.
    Write,
}

/// A file of a fixed length.
pub trait StorageFile: Send + Sync {
    /// Its length in bytes.
    fn len(&self) -> u64;

    /// Whether it has no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its bytes in place, if this storage has them in memory and the file is that long. A range is asked for
    /// only while nobody writes to it.
    fn mapped(&self, offset: u64, length: usize) -> Option<&[u8]>;

    /// Reads exactly so many bytes; borrowed where they are in memory.
    ///
    /// # Errors
    /// If the file ends before, or the disk does not give them.
    fn read(&self, offset: u64, length: usize) -> Result<Cow<'_, [u8]>, StorageError>;

    /// Writes bytes; they are safe only after [`StorageFile::sync`].
    ///
    /// # Errors
    /// If the disk is full or does not take them; then any part of them may have been written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), StorageError>;

    /// Makes all bytes written so far durable.
    ///
    /// # Errors
    /// If the disk does not do it. NOTE: then it is unknown what is durable, and a second try says nothing.
    fn sync(&self) -> Result<(), StorageError>;

    /// Whether its name still is this file's. What is written to a file that was removed or replaced is lost when
    /// the process ends, and every sync of it succeeds.
    ///
    /// # Errors
    /// If the file was removed or replaced, or the disk does not say.
    fn check_in_place(&self) -> Result<(), StorageError>;
}

/// A lock that is held.
pub trait StorageLock: Send + Sync {
    /// Whether the lock still keeps others out: its file is neither removed nor replaced.
    ///
    /// # Errors
    /// If it is, or the disk does not say.
    fn check_in_place(&self) -> Result<(), StorageError>;
}

/// What a storage did not do.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {name}: {cause}{}", advice(cause))]
pub struct StorageError {
    /// What was to be done: `read`, `write`, `sync`, …
    pub operation: &'static str,
    /// The file's name.
    pub name: String,
    /// What the system said.
    pub cause: io::Error,
}

/// What can be done about it, where that is not plain from what the system said.
fn advice(cause: &io::Error) -> &'static str {
    if cause.kind() == io::ErrorKind::FileTooLarge {
        "; raise the limit of the size of a file (ulimit -f, LimitFSIZE=) and start again"
    } else {
        ""
    }
}

impl StorageError {
    /// Of an operation on a file.
    #[must_use]
    pub fn new(operation: &'static str, name: &str, cause: io::Error) -> StorageError {
        StorageError { operation, name: name.to_owned(), cause }
    }

    /// Of a file that was removed or replaced while it was in use.
    pub(crate) fn replaced(name: &str) -> StorageError {
        StorageError::new("go on with", name, io::Error::other("it was removed or replaced while it was in use"))
    }

    /// Whether the disk is full.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        matches!(self.cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }
}

/// Why a lock is not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Someone else holds it.
    #[error("held by {holder}")]
    Held {
        /// What the holder wrote into it.
        holder: String,
    },
    /// It cannot be tried.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
