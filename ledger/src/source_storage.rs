//! A ledger that lies elsewhere, as a storage that can only be read: what looks at few of its frames, as a repair does, has
//! only these brought here.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::durable::{DurableSegment, LedgerSource};
use crate::format;
use crate::storage::{Access, LockError, Storage, StorageError, StorageFile, StorageLock};

/// So many bytes are asked for together, since what is looked at next mostly lies behind.
const BLOCK: u64 = 256 << 10;

/// The segments of a source as files that can be read.
pub struct SourceStorage {
    source: Arc<dyn LedgerSource + Send + Sync>,
}

impl SourceStorage {
    /// Of a source; nothing is asked of it yet.
    #[must_use]
    pub fn of(source: Arc<dyn LedgerSource + Send + Sync>) -> SourceStorage {
        SourceStorage { source }
    }
}

impl Storage for SourceStorage {
    fn list(&self) -> Result<Vec<String>, StorageError> {
        Ok(self.source.segments().iter().map(DurableSegment::file_name).collect())
    }

    fn create(&self, name: &str, _bytes: u64) -> Result<Arc<dyn StorageFile>, StorageError> {
        Err(read_only("create", name))
    }

    fn open(&self, name: &str, _access: Access) -> Result<Option<Arc<dyn StorageFile>>, StorageError> {
        let segment = self.source.segments().iter().find(|segment| segment.file_name() == name);
        let file = |segment: &DurableSegment| -> Arc<dyn StorageFile> {
            Arc::new(SourceFile { source: Arc::clone(&self.source), segment: *segment, block: Mutex::default() })
        };
        Ok(segment.map(file))
    }

    fn contents(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok((name == format::NAME).then(|| format::text(self.source.format())))
    }

    fn rename(&self, from: &str, _to: &str) -> Result<(), StorageError> {
        Err(read_only("rename", from))
    }

    fn remove(&self, name: &str) -> Result<(), StorageError> {
        Err(read_only("remove", name))
    }

    fn sync_names(&self) -> Result<(), StorageError> {
        Err(read_only("sync", ""))
    }

    fn lock(&self, name: &str, _holder: &str) -> Result<Box<dyn StorageLock>, LockError> {
        Err(read_only("lock", name).into())
    }

    fn is_locked(&self, _name: &str) -> Result<bool, StorageError> {
        Ok(false)
    }
}

struct SourceFile {
    source: Arc<dyn LedgerSource + Send + Sync>,
    segment: DurableSegment,
    /// The block that was asked for last, by its number.
    block: Mutex<Option<(u64, Vec<u8>)>>,
}

impl SourceFile {
    /// Adds what lies in one block of a range; behind what is durable there is nothing.
    fn add(&self, number: u64, from: u64, to: u64, bytes: &mut Vec<u8>) -> Result<(), StorageError> {
        let first = number * BLOCK;
        let durable = self.segment.bytes.saturating_sub(first).min(BLOCK);
        let mut held = self.block.lock();
        if durable > 0 && held.as_ref().is_none_or(|(held, _)| *held != number) {
            *held = Some((number, self.source.read_there(&self.segment, first, durable as usize)?));
        }
        let block = held.as_ref().filter(|_| durable > 0).map_or(&[][..], |(_, block)| block);
        let (from, to) = ((from - first) as usize, (to - first) as usize);
        bytes.extend_from_slice(block.get(from..to.min(block.len())).unwrap_or_default());
        let missing = (to - from).saturating_sub(block.len().saturating_sub(from));
        bytes.resize(bytes.len() + missing, 0);
        Ok(())
    }
}

impl StorageFile for SourceFile {
    fn len(&self) -> u64 {
        self.segment.file_bytes
    }

    fn mapped(&self, _offset: u64, _length: usize) -> Option<&[u8]> {
        None
    }

    fn read(&self, offset: u64, length: usize) -> Result<Cow<'_, [u8]>, StorageError> {
        let end = offset.saturating_add(length as u64);
        if end > self.len() {
            let cause = io::ErrorKind::UnexpectedEof.into();
            return Err(StorageError::new("read", &self.segment.file_name(), cause));
        }
        let mut bytes = Vec::with_capacity(length);
        let mut at = offset;
        while at < end {
            let number = at / BLOCK;
            let to = end.min((number + 1) * BLOCK);
            self.add(number, at, to, &mut bytes)?;
            at = to;
        }
        Ok(Cow::Owned(bytes))
    }

    fn write_at(&self, _offset: u64, _bytes: &[u8]) -> Result<(), StorageError> {
        Err(read_only("write", &self.segment.file_name()))
    }

    fn sync(&self) -> Result<(), StorageError> {
        Err(read_only("sync", &self.segment.file_name()))
    }

    fn check_in_place(&self) -> Result<(), StorageError> {
        Ok(())
    }
}

fn read_only(operation: &'static str, name: &str) -> StorageError {
    StorageError::new(operation, name, io::ErrorKind::ReadOnlyFilesystem.into())
}
