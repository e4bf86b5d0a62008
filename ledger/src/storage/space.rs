//! What the files of a folder take of their disk, and what is left there.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::{fs, io};

/// Bytes of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// The files of the folder, as they lie on the disk: what is set aside for one counts, whether it is written or not.
    pub files_bytes: u64,
    /// Left for a process without special rights.
    pub free_bytes: u64,
    /// The disk's size.
    pub size_bytes: u64,
}

/// The system counts a file's blocks in this unit, whatever the disk's own is.
const BLOCK_BYTES: u64 = 512;

impl DiskSpace {
    /// Of a folder, without the folders in it.
    ///
    /// # Errors
    /// If it, or its disk, cannot be looked at.
    pub fn of(folder: &Path) -> io::Result<DiskSpace> {
        let mut files_bytes = 0;
        for entry in fs::read_dir(folder)? {
            match entry?.metadata() {
                Ok(found) if found.is_file() => files_bytes += found.blocks() * BLOCK_BYTES,
                Ok(_) => {}
                // A file that was replaced just now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let disk = rustix::fs::statvfs(folder)?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        Ok(DiskSpace { files_bytes, free_bytes: bytes(disk.f_bavail), size_bytes: bytes(disk.f_blocks) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_count_as_they_lie_on_the_disk_and_folders_in_it_do_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let empty = DiskSpace::of(folder.path()).expect("the disk says");
        assert_eq!(empty.files_bytes, 0);
        assert!(empty.size_bytes > 0 && empty.free_bytes <= empty.size_bytes);
        fs::write(folder.path().join("a"), vec![1; 100_000]).expect("written");
        fs::create_dir(folder.path().join("b")).expect("made");
        fs::write(folder.path().join("b/c"), vec![1; 1_000_000]).expect("written");
        // Some disks count blocks when they are written back.
        fs::File::open(folder.path().join("a")).and_then(|file| file.sync_all()).expect("synced");
        let bytes = DiskSpace::of(folder.path()).expect("the disk says").files_bytes;
        assert!((100_000..1_000_000).contains(&bytes), "{bytes}");
        assert!(DiskSpace::of(&folder.path().join("none")).is_err());
    }
}
