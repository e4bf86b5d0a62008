//! A disk in memory that forgets, when its power fails, what was not synced: for tests and simulations.
//!
//! What a crash leaves is drawn from a seed: each write since the last sync of its file is kept, lost, or kept
//! in some of its sectors; of the names made, changed or removed since they were last synced, the first few.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Access, LockError, Storage, StorageError, StorageFile, StorageLock};

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Default)]
pub struct MemoryStorage {
    disk: Arc<Mutex<Disk>>,
}

#[derive(Default)]
struct Disk {
    names: BTreeMap<String, Arc<Mutex<Content>>>,
    names_durable: BTreeMap<String, Arc<Mutex<Content>>>,
    names_pending: Vec<NameChange>,
    locks: BTreeMap<String, String>,
}

/// A change of names that is not durable yet.
enum NameChange {
    Set(String, Arc<Mutex<Content>>),
    Remove(String),
}

fn apply(names: &mut BTreeMap<String, Arc<Mutex<Content>>>, change: NameChange) {
    match change {
        NameChange::Set(name, content) => {
            names.insert(name, content);
        }
        NameChange::Remove(name) => {
            names.remove(&name);
        }
    }
}

/// A file's bytes: as they are read now, as they were when last synced, and what was written since.
#[derive(Clone, Default)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
}

impl MemoryStorage {
    /// An empty disk.
    #[must_use]
    pub fn new() -> MemoryStorage {
        MemoryStorage::default()
    }

    /// The disk as it is found after its power failed now. This one stays as it is.
    #[must_use]
    pub fn after_crash(&self, seed: u64) -> MemoryStorage {
        let disk = self.disk.lock();
        let mut draw = Draw(seed);
        let mut names = disk.names_durable.clone();
        let kept = draw.below(disk.names_pending.len() as u64 + 1) as usize;
        for change in &disk.names_pending[..kept] {
            let change = match change {
                NameChange::Set(name, content) => NameChange::Set(name.clone(), Arc::clone(content)),
                NameChange::Remove(name) => NameChange::Remove(name.clone()),
            };
            apply(&mut names, change);
        }
        let names: BTreeMap<_, _> = names
            .into_iter()
            .map(|(name, content)| (name, Arc::new(Mutex::new(content.lock().after_crash(&mut draw)))))
            .collect();
        let disk = Disk { names_durable: names.clone(), names, names_pending: Vec::new(), locks: BTreeMap::new() };
        MemoryStorage { disk: Arc::new(Mutex::new(disk)) }
    }

    /// The bytes of a file as they are read now, to look at or to damage: a change is made durable at once.
    ///
    /// # Panics
    /// If there is no such file.
    pub fn edit<T>(&self, name: &str, change: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let content = self.disk.lock().names.get(name).cloned();
        let content = content.unwrap_or_else(|| panic!("there is no file {name}"));
        let mut content = content.lock();
        let result = change(&mut content.now);
        content.durable = content.now.clone();
        content.pending.clear();
        result
    }

    /// As after a sync that failed: what was written to a file is still read, is taken for written, and is never
    /// written again by itself. So it is lost with the power.
    pub(super) fn forget_unsynced(&self, name: &str) {
        if let Some(content) = self.disk.lock().names.get(name) {
            content.lock().pending.clear();
        }
    }

    /// Bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.disk.lock().names.values().map(|content| content.lock().now.len() as u64).sum()
    }
}

impl Content {
    fn after_crash(&self, draw: &mut Draw) -> Content {
        let mut bytes = self.durable.clone();
        for (offset, written) in &self.pending {
            let fate = draw.below(3);
            for (sector, part) in written.chunks(SECTOR_BYTES).enumerate() {
                let kept = match fate {
                    0 => false,
                    1 => true,
                    _ => draw.below(2) == 0,
                };
                let start = offset + sector * SECTOR_BYTES;
                if kept && bytes.len() >= start + part.len() {
                    bytes[start..start + part.len()].copy_from_slice(part);
                }
            }
        }
        Content { now: bytes.clone(), durable: bytes, pending: Vec::new() }
    }
}

/// Numbers from a seed (splitmix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % limit
    }
}

fn not_found(operation: &'static str, name: &str) -> StorageError {
    StorageError::new(operation, name, io::ErrorKind::NotFound.into())
}

impl Storage for MemoryStorage {
    fn list(&self) -> Result<Vec<String>, StorageError> {
        Ok(self.disk.lock().names.keys().cloned().collect())
    }

    fn create(&self, name: &str, bytes: u64) -> Result<Arc<dyn StorageFile>, StorageError> {
        // Until it is synced, a new file may turn out empty.
        let content = Content { now: vec![0; bytes as usize], ..Content::default() };
        let content = Arc::new(Mutex::new(content));
        let mut disk = self.disk.lock();
        disk.names.insert(name.to_owned(), Arc::clone(&content));
        disk.names_pending.push(NameChange::Set(name.to_owned(), Arc::clone(&content)));
        drop(disk);
        Ok(self.file(name, content, Access::Write))
    }

    fn open(&self, name: &str, access: Access) -> Result<Option<Arc<dyn StorageFile>>, StorageError> {
        let content = self.disk.lock().names.get(name).cloned();
        Ok(content.map(|content| self.file(name, content, access)))
    }

    fn contents(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.disk.lock().names.get(name).map(|content| content.lock().now.clone()))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError> {
        let mut disk = self.disk.lock();
        let content = disk.names.remove(from).ok_or_else(|| not_found("rename", from))?;
        disk.names.insert(to.to_owned(), Arc::clone(&content));
        disk.names_pending.push(NameChange::Set(to.to_owned(), content));
        disk.names_pending.push(NameChange::Remove(from.to_owned()));
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), StorageError> {
        let mut disk = self.disk.lock();
        disk.names.remove(name).ok_or_else(|| not_found("remove", name))?;
        disk.names_pending.push(NameChange::Remove(name.to_owned()));
        Ok(())
    }

    fn sync_names(&self) -> Result<(), StorageError> {
        let mut disk = self.disk.lock();
        for change in std::mem::take(&mut disk.names_pending) {
            apply(&mut disk.names_durable, change);
        }
        Ok(())
    }

    fn lock(&self, name: &str, holder: &str) -> Result<Box<dyn StorageLock>, LockError> {
        let mut disk = self.disk.lock();
        if let Some(holder) = disk.locks.get(name) {
            return Err(LockError::Held { holder: holder.clone() });
        }
        disk.locks.insert(name.to_owned(), holder.to_owned());
        Ok(Box::new(MemoryLock { storage: self.clone(), name: name.to_owned() }))
    }

    fn is_locked(&self, name: &str) -> Result<bool, StorageError> {
        Ok(self.disk.lock().locks.contains_key(name))
    }
}

struct MemoryLock {
    storage: MemoryStorage,
    name: String,
}

impl StorageLock for MemoryLock {
    fn check_in_place(&self) -> Result<(), StorageError> {
        // It stands in the disk itself, where no name leads to it.
        Ok(())
    }
}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.storage.disk.lock().locks.remove(&self.name);
    }
}

impl MemoryStorage {
    fn file(&self, name: &str, content: Arc<Mutex<Content>>, access: Access) -> Arc<dyn StorageFile> {
        Arc::new(MemoryFile { storage: self.clone(), name: name.to_owned(), content, access })
    }
}

struct MemoryFile {
    storage: MemoryStorage,
    name: String,
    content: Arc<Mutex<Content>>,
    access: Access,
}

impl StorageFile for MemoryFile {
    fn len(&self) -> u64 {
        self.content.lock().now.len() as u64
    }

    fn mapped(&self, _offset: u64, _length: usize) -> Option<&[u8]> {
        None
    }

    fn read(&self, offset: u64, length: usize) -> Result<Cow<'_, [u8]>, StorageError> {
        let content = self.content.lock();
        let bytes =
            usize::try_from(offset).ok().and_then(|offset| content.now.get(offset..offset.checked_add(length)?));
        match bytes {
            Some(bytes) => Ok(Cow::Owned(bytes.to_vec())),
            None => Err(StorageError::new("read", &self.name, io::ErrorKind::UnexpectedEof.into())),
        }
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        let failed = |kind: io::ErrorKind| StorageError::new("write", &self.name, kind.into());
        if self.access == Access::Read {
            return Err(failed(io::ErrorKind::PermissionDenied));
        }
        let mut content = self.content.lock();
        let offset = offset as usize;
        // The ledger sets a file's length when it makes it and never writes beyond.
        let range = content.now.get_mut(offset..offset + bytes.len()).ok_or(failed(io::ErrorKind::InvalidInput))?;
        range.copy_from_slice(bytes);
        content.pending.push((offset, bytes.to_vec()));
        Ok(())
    }

    fn sync(&self) -> Result<(), StorageError> {
        let mut content = self.content.lock();
        let Content { now, durable, pending } = &mut *content;
        durable.resize(now.len(), 0);
        for (offset, bytes) in pending.drain(..) {
            durable[offset..offset + bytes.len()].copy_from_slice(&bytes);
        }
        Ok(())
    }

    fn check_in_place(&self) -> Result<(), StorageError> {
        let disk = self.storage.disk.lock();
        let is_same = disk.names.get(&self.name).is_some_and(|content| Arc::ptr_eq(content, &self.content));
        if is_same { Ok(()) } else { Err(StorageError::replaced(&self.name)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_synced_survives_every_crash_and_what_was_not_may_be_lost_torn_or_there() {
        let storage = MemoryStorage::new();
        let file = storage.create("a", 4_096).expect("made");
        file.write_at(0, &[1; 1_024]).expect("written");
        file.sync().expect("synced");
        storage.sync_names().expect("synced");
        file.write_at(1_024, &[2; 2_048]).expect("written");
        let mut seen = [false; 3];
        for seed in 0..200 {
            let after = storage.after_crash(seed).open("a", Access::Read).expect("opens").expect("is there");
            let bytes = after.read(0, 4_096).expect("reads");
            assert!(bytes[..1_024].iter().all(|byte| *byte == 1), "seed {seed}");
            match bytes[1_024..3_072].iter().filter(|byte| **byte == 2).count() {
                0 => seen[0] = true,
                2_048 => seen[1] = true,
                _ => seen[2] = true,
            }
        }
        assert_eq!(seen, [true; 3]);
    }

    #[test]
    fn a_name_is_safe_only_after_names_are_synced() {
        let storage = MemoryStorage::new();
        storage.replace("a", b"old").expect("replaced");
        let file = storage.create("b", 3).expect("made");
        file.write_at(0, b"new").and_then(|()| file.sync()).expect("written");
        storage.rename("b", "a").expect("renamed");
        let contents: std::collections::BTreeSet<Vec<u8>> = (0..100)
            .map(|seed| {
                let after = storage.after_crash(seed).open("a", Access::Read).expect("opens").expect("is there");
                after.read(0, 3).expect("reads").into_owned()
            })
            .collect();
        assert_eq!(contents, [b"new".to_vec(), b"old".to_vec()].into());
    }
}
