//! A folder on a disk: positioned writes, `fdatasync`, and a read-only mapping of each file.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use schemas::Timestamp;

use super::mapping::Mapping;
use super::{Access, DiskSpace, LockError, Storage, StorageError, StorageFile, StorageLock};

/// A folder on a disk.
#[derive(Clone, Debug)]
pub struct DiskStorage {
    folder: PathBuf,
}

impl DiskStorage {
    /// The storage in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn create(folder: &Path) -> Result<DiskStorage, StorageError> {
        let failed = |cause| StorageError::new("create", &folder.display().to_string(), cause);
        fs::create_dir_all(folder).map_err(failed)?;
        // The folder's own name is durable when its parent is.
        if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            File::open(parent).and_then(|parent| parent.sync_all()).map_err(failed)?;
        }
        DiskStorage::open(folder)
    }

    /// The storage in a folder that is there.
    ///
    /// # Errors
    /// If it is not.
    pub fn open(folder: &Path) -> Result<DiskStorage, StorageError> {
        match fs::metadata(folder) {
            Ok(found) if found.is_dir() => Ok(DiskStorage { folder: folder.to_owned() }),
            Ok(_) => Err(io::ErrorKind::NotADirectory.into()),
            Err(cause) => Err(cause),
        }
        .map_err(|cause| StorageError::new("open", &folder.display().to_string(), cause))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn failed(&self, operation: &'static str, name: &str) -> impl Fn(io::Error) -> StorageError {
        let path = self.path(name).display().to_string();
        move |cause| StorageError::new(operation, &path, cause)
    }
}

/// What a lock's holder writes into it: `process 4711, started 2026-03-01T09:30:00Z`.
#[must_use]
pub fn lock_holder(started: Timestamp) -> String {
    format!("process {}, started {started}", std::process::id())
}

impl Storage for DiskStorage {
    fn space(&self) -> Result<Option<DiskSpace>, StorageError> {
        DiskSpace::of(&self.folder).map(Some).map_err(self.failed("look at the disk of", ""))
    }

    fn list(&self) -> Result<Vec<String>, StorageError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(self.failed("list", ""))? {
            let entry = entry.map_err(self.failed("list", ""))?;
            // A name that is no Unicode is none of the ledger's.
            if let Ok(name) = entry.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn create(&self, name: &str, bytes: u64) -> Result<Arc<dyn StorageFile>, StorageError> {
        let path = self.path(name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path);
        let file = file.map_err(self.failed("create", name))?;
        set_aside(&file, bytes).map_err(self.failed("set aside space for", name))?;
        DiskFile::new(path, file, Access::Write).map(share).map_err(self.failed("map", name))
    }

    fn open(&self, name: &str, access: Access) -> Result<Option<Arc<dyn StorageFile>>, StorageError> {
        let path = self.path(name);
        let file = match OpenOptions::new().read(true).write(access == Access::Write).open(&path) {
            Ok(file) => file,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(self.failed("open", name)(cause)),
        };
        DiskFile::new(path, file, access).map(share).map(Some).map_err(self.failed("map", name))
    }

    fn contents(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        match fs::read(self.path(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(self.failed("read", name)(cause)),
        }
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError> {
        fs::rename(self.path(from), self.path(to)).map_err(self.failed("rename", from))
    }

    fn remove(&self, name: &str) -> Result<(), StorageError> {
        fs::remove_file(self.path(name)).map_err(self.failed("remove", name))
    }

    fn sync_names(&self) -> Result<(), StorageError> {
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(self.failed("sync", ""))
    }

    fn lock(&self, name: &str, holder: &str) -> Result<Box<dyn StorageLock>, LockError> {
        let failed = self.failed("lock", name);
        let path = self.path(name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = file.map_err(&failed)?;
        // Whoever asks whether it is locked holds it for an instant: that is no reason to give up.
        let mut tries = 20;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if mutants::mutant!("second-writer-let-in") => break,
                Err(TryLockError::WouldBlock) if tries > 0 => {
                    tries -= 1;
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => {
                    let written = fs::read_to_string(&path).unwrap_or_default();
                    let holder = match written.trim() {
                        "" => "a process that did not say who it is".to_owned(),
                        holder => holder.to_owned(),
                    };
                    return Err(LockError::Held { holder });
                }
                Err(TryLockError::Error(cause)) => return Err(failed(cause).into()),
            }
        }
        file.set_len(0).and_then(|()| writeln!(file, "{holder}")).map_err(&failed)?;
        let identity = FileIdentity::of(&file.metadata().map_err(&failed)?);
        Ok(Box::new(DiskLock { path, identity, _file: file }))
    }

    fn make_folder_again(&self) -> Result<(), StorageError> {
        if self.folder.is_dir() { Ok(()) } else { DiskStorage::create(&self.folder).map(drop) }
    }

    fn is_locked(&self, name: &str) -> Result<bool, StorageError> {
        let file = match File::open(self.path(name)) {
            Ok(file) => file,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(cause) => return Err(self.failed("open", name)(cause)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(cause)) => Err(self.failed("lock", name)(cause)),
        }
    }
}

/// Space for a file before it is written: a sync then has no length to record, which takes a third of the time.
fn set_aside(file: &File, bytes: u64) -> io::Result<()> {
    if bytes == 0 {
        return Ok(());
    }
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, bytes) {
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL) => file.set_len(bytes),
        done => Ok(done?),
    }
}

fn share(file: DiskFile) -> Arc<dyn StorageFile> {
    Arc::new(file)
}

/// What makes a file this one and no other, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    fn of(metadata: &fs::Metadata) -> FileIdentity {
        FileIdentity { device: metadata.dev(), inode: metadata.ino() }
    }

    /// Fails unless the path leads to this file. Its number is not given to another one as long as it is open or
    /// mapped.
    fn check_at(self, path: &Path) -> Result<(), StorageError> {
        let name = path.display().to_string();
        match fs::metadata(path) {
            Ok(found) if FileIdentity::of(&found) == self => Ok(()),
            Ok(_) => Err(StorageError::replaced(&name)),
            Err(cause) if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Err(StorageError::replaced(&name))
            }
            Err(cause) => Err(StorageError::new("find", &name, cause)),
        }
    }
}

/// The lock is the file's; it goes when the file is closed.
struct DiskLock {
    path: PathBuf,
    identity: FileIdentity,
    _file: File,
}

impl StorageLock for DiskLock {
    fn check_in_place(&self) -> Result<(), StorageError> {
        self.identity.check_at(&self.path)
    }
}

struct DiskFile {
    path: PathBuf,
    identity: FileIdentity,
    length: u64,
    bytes: DiskBytes,
}

enum DiskBytes {
    /// Of a file that is only read. The mapping needs no descriptor, and a ledger may have thousands of files.
    Mapped(Mapping),
    /// Of a file that is written, or empty.
    File(File),
}

impl DiskFile {
    fn new(path: PathBuf, file: File, access: Access) -> io::Result<DiskFile> {
        let metadata = file.metadata()?;
        let (identity, length) = (FileIdentity::of(&metadata), metadata.len());
        let bytes = match access {
            Access::Read if length > 0 => DiskBytes::Mapped(Mapping::of(&file, length as usize)?),
            Access::Read | Access::Write => DiskBytes::File(file),
        };
        Ok(DiskFile { path, identity, length, bytes })
    }

    fn failed(&self, operation: &'static str) -> impl FnOnce(io::Error) -> StorageError + '_ {
        move |cause| StorageError::new(operation, &self.path.display().to_string(), cause)
    }

    fn writable(&self, operation: &'static str) -> Result<&File, StorageError> {
        match &self.bytes {
            DiskBytes::File(file) => Ok(file),
            DiskBytes::Mapped(_) => Err(self.failed(operation)(io::ErrorKind::PermissionDenied.into())),
        }
    }
}

impl StorageFile for DiskFile {
    fn len(&self) -> u64 {
        self.length
    }

    fn mapped(&self, offset: u64, length: usize) -> Option<&[u8]> {
        match &self.bytes {
            DiskBytes::Mapped(mapping) => mapping.bytes(offset, length),
            DiskBytes::File(_) => None,
        }
    }

    fn read(&self, offset: u64, length: usize) -> Result<Cow<'_, [u8]>, StorageError> {
        let read = match &self.bytes {
            DiskBytes::Mapped(mapping) => mapping.bytes(offset, length).map(Cow::Borrowed).ok_or_else(too_short),
            DiskBytes::File(_) if offset.saturating_add(length as u64) > self.length => Err(too_short()),
            DiskBytes::File(file) => {
                let mut bytes = vec![0; length];
                file.read_exact_at(&mut bytes, offset).map(|()| Cow::Owned(bytes))
            }
        };
        read.map_err(self.failed("read"))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        self.writable("write")?.write_all_at(bytes, offset).map_err(self.failed("write"))
    }

    fn sync(&self) -> Result<(), StorageError> {
        self.writable("sync")?.sync_data().map_err(self.failed("sync"))
    }

    fn check_in_place(&self) -> Result<(), StorageError> {
        self.identity.check_at(&self.path)
    }
}

fn too_short() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the file is too short")
}
