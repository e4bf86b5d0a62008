//! A storage that measures how long the one behind it takes to write and to sync.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use ledger::{Access, DiskSpace, LockError, Storage, StorageError, StorageFile, StorageLock};

use super::Metrics;
use crate::traces::{WAY, step};

/// Smaller files are no segments: the mark beside them is a few bytes, written with every frame and not synced.
const SEGMENT_BYTES_MIN: u64 = 1_024;

/// Another storage, with its writes and syncs measured.
pub struct MeasuredStorage {
    behind: Arc<dyn Storage>,
    metrics: Arc<Metrics>,
}

impl MeasuredStorage {
    /// Measures this storage.
    #[must_use]
    pub fn new(behind: Arc<dyn Storage>, metrics: Arc<Metrics>) -> MeasuredStorage {
        MeasuredStorage { behind, metrics }
    }

    fn measured(&self, file: Arc<dyn StorageFile>) -> Arc<dyn StorageFile> {
        if file.len() < SEGMENT_BYTES_MIN {
            return file;
        }
        Arc::new(MeasuredFile { behind: file, metrics: Arc::clone(&self.metrics) })
    }
}

impl Storage for MeasuredStorage {
    fn space(&self) -> Result<Option<DiskSpace>, StorageError> {
        self.behind.space()
    }

    fn list(&self) -> Result<Vec<String>, StorageError> {
        self.behind.list()
    }

    fn create(&self, name: &str, bytes: u64) -> Result<Arc<dyn StorageFile>, StorageError> {
        Ok(self.measured(self.behind.create(name, bytes)?))
    }

    fn open(&self, name: &str, access: Access) -> Result<Option<Arc<dyn StorageFile>>, StorageError> {
        let file = self.behind.open(name, access)?;
        Ok(match access {
            // Nothing is written through it, and a detour costs each reading.
            Access::Read => file,
            Access::Write => file.map(|file| self.measured(file)),
        })
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError> {
        self.behind.rename(from, to)
    }

    fn remove(&self, name: &str) -> Result<(), StorageError> {
        self.behind.remove(name)
    }

    fn sync_names(&self) -> Result<(), StorageError> {
        self.behind.sync_names()
    }

    fn make_folder_again(&self) -> Result<(), StorageError> {
        self.behind.make_folder_again()
    }

    fn lock(&self, name: &str, holder: &str) -> Result<Box<dyn StorageLock>, LockError> {
        self.behind.lock(name, holder)
    }

    fn is_locked(&self, name: &str) -> Result<bool, StorageError> {
        self.behind.is_locked(name)
    }

    fn contents(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.behind.contents(name)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.behind.replace(name, bytes)
    }
}

struct MeasuredFile {
    behind: Arc<dyn StorageFile>,
    metrics: Arc<Metrics>,
}

impl StorageFile for MeasuredFile {
    fn len(&self) -> u64 {
        self.behind.len()
    }

    fn mapped(&self, offset: u64, length: usize) -> Option<&[u8]> {
        self.behind.mapped(offset, length)
    }

    fn read(&self, offset: u64, length: usize) -> Result<Cow<'_, [u8]>, StorageError> {
        self.behind.read(offset, length)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        let _step = step(|| tracing::info_span!(target: WAY, "append")).entered();
        let begun = Instant::now();
        let done = self.behind.write_at(offset, bytes);
        self.metrics.appended(begun.elapsed().as_secs_f64());
        done
    }

    fn sync(&self) -> Result<(), StorageError> {
        let _step = step(|| tracing::info_span!(target: WAY, "fsync")).entered();
        let begun = Instant::now();
        let done = self.behind.sync();
        self.metrics.synced(begun.elapsed().as_secs_f64());
        done
    }

    fn check_in_place(&self) -> Result<(), StorageError> {
        self.behind.check_in_place()
    }
}
