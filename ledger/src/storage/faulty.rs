//! A disk that fails where a test says: power lost before an operation, a write or a sync that fails, no space.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::{Access, LockError, MemoryStorage, Storage, StorageError, StorageFile, StorageLock};

/// Where a disk fails. Operations are all that change something: create, write, sync, rename, remove and
/// sync of names; each kind is counted from 1.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Before this operation the power fails: it and all after it fail and do nothing.
    pub power_fails_at: Option<u64>,
    /// This write, counted among the writes, fails so, with half of its bytes written.
    pub write_fails_at: Option<(u64, io::ErrorKind)>,
    /// This sync of a file, counted among those, fails; what it was to make durable is lost with the power.
    pub sync_fails_at: Option<u64>,
    /// This reading of a file, counted among those, fails; the next one does not.
    pub read_fails_at: Option<u64>,
    /// The files may have so many bytes in all.
    pub capacity_bytes: Option<u64>,
}

/// A disk in memory with faults.
#[derive(Clone)]
pub struct FaultyStorage {
    disk: MemoryStorage,
    shared: Arc<Shared>,
}

struct Shared {
    faults: Mutex<Faults>,
    operations: AtomicU64,
    writes: AtomicU64,
    syncs: AtomicU64,
    reads: AtomicU64,
}

impl FaultyStorage {
    /// This disk, with these faults.
    #[must_use]
    pub fn new(disk: MemoryStorage, faults: Faults) -> FaultyStorage {
        let counter = || AtomicU64::new(0);
        let shared = Shared {
            faults: Mutex::new(faults),
            operations: counter(),
            writes: counter(),
            syncs: counter(),
            reads: counter(),
        };
        FaultyStorage { disk, shared: Arc::new(shared) }
    }

    /// The disk behind the faults.
    #[must_use]
    pub fn disk(&self) -> &MemoryStorage {
        &self.disk
    }

    /// How many readings of files were asked for.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.shared.reads.load(Ordering::SeqCst)
    }

    /// How many operations were asked for.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.shared.operations.load(Ordering::SeqCst)
    }

    /// Other faults from now on; the counts go on.
    pub fn set_faults(&self, faults: Faults) {
        *self.shared.faults.lock() = faults;
    }
}

impl Shared {
    /// Counts an operation; an error once the power has failed.
    fn operate(&self, operation: &'static str, name: &str) -> Result<(), StorageError> {
        let number = self.operations.fetch_add(1, Ordering::SeqCst) + 1;
        match self.faults.lock().power_fails_at {
            Some(at) if number >= at => {
                Err(StorageError::new(operation, name, io::Error::other("the power has failed")))
            }
            _ => Ok(()),
        }
    }
}

impl Storage for FaultyStorage {
    fn list(&self) -> Result<Vec<String>, StorageError> {
        self.disk.list()
    }

    fn create(&self, name: &str, bytes: u64) -> Result<Arc<dyn StorageFile>, StorageError> {
        self.shared.operate("create", name)?;
        let capacity = self.shared.faults.lock().capacity_bytes;
        if capacity.is_some_and(|capacity| self.disk.bytes() + bytes > capacity) {
            return Err(StorageError::new("create", name, io::ErrorKind::StorageFull.into()));
        }
        Ok(self.share(name, self.disk.create(name, bytes)?))
    }

    fn open(&self, name: &str, access: Access) -> Result<Option<Arc<dyn StorageFile>>, StorageError> {
        Ok(self.disk.open(name, access)?.map(|file| self.share(name, file)))
    }

    fn contents(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.disk.contents(name)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError> {
        self.shared.operate("rename", from)?;
        self.disk.rename(from, to)
    }

    fn remove(&self, name: &str) -> Result<(), StorageError> {
        self.shared.operate("remove", name)?;
        self.disk.remove(name)
    }

    fn sync_names(&self) -> Result<(), StorageError> {
        self.shared.operate("sync", "")?;
        self.disk.sync_names()
    }

    fn lock(&self, name: &str, holder: &str) -> Result<Box<dyn StorageLock>, LockError> {
        self.disk.lock(name, holder)
    }

    fn is_locked(&self, name: &str) -> Result<bool, StorageError> {
        self.disk.is_locked(name)
    }
}

impl FaultyStorage {
    fn share(&self, name: &str, file: Arc<dyn StorageFile>) -> Arc<dyn StorageFile> {
        Arc::new(FaultyFile { name: name.to_owned(), file, storage: self.clone() })
    }
}

struct FaultyFile {
    name: String,
    file: Arc<dyn StorageFile>,
    storage: FaultyStorage,
}

impl StorageFile for FaultyFile {
    fn len(&self) -> u64 {
        self.file.len()
    }

    fn mapped(&self, offset: u64, length: usize) -> Option<&[u8]> {
        self.file.mapped(offset, length)
    }

    fn read(&self, offset: u64, length: usize) -> Result<Cow<'_, [u8]>, StorageError> {
        let number = self.storage.shared.reads.fetch_add(1, Ordering::SeqCst) + 1;
        if self.storage.shared.faults.lock().read_fails_at == Some(number) {
            return Err(StorageError::new("read", &self.name, io::Error::other("the device reports an error")));
        }
        self.file.read(offset, length)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        self.storage.shared.operate("write", &self.name)?;
        let number = self.storage.shared.writes.fetch_add(1, Ordering::SeqCst) + 1;
        match self.storage.shared.faults.lock().write_fails_at {
            Some((at, kind)) if number == at => {
                self.file.write_at(offset, &bytes[..bytes.len() / 2])?;
                Err(StorageError::new("write", &self.name, kind.into()))
            }
            _ => self.file.write_at(offset, bytes),
        }
    }

    fn sync(&self) -> Result<(), StorageError> {
        self.storage.shared.operate("sync", &self.name)?;
        let number = self.storage.shared.syncs.fetch_add(1, Ordering::SeqCst) + 1;
        match self.storage.shared.faults.lock().sync_fails_at {
            Some(at) if number == at => {
                self.storage.disk.forget_unsynced(&self.name);
                Err(StorageError::new("sync", &self.name, io::Error::other("the device reports an error")))
            }
            _ => self.file.sync(),
        }
    }

    fn check_in_place(&self) -> Result<(), StorageError> {
        self.file.check_in_place()
    }
}
