//! The ledger's one place with unsafe code: a file's bytes as memory, read-only.
#![expect(unsafe_code, reason = "a mapped file cannot be read as a slice without it")]

use std::fs::File;
use std::io;

use memmap2::{MmapOptions, MmapRaw};

/// A whole file mapped for reading.
pub(super) struct Mapping(MmapRaw);

impl Mapping {
    /// Maps a file of this length, which must not be 0.
    pub(super) fn of(file: &File, length: usize) -> io::Result<Mapping> {
        MmapOptions::new().len(length).map_raw_read_only(file).map(Mapping)
    }

    /// The bytes of a range, if the file has it.
    ///
    /// The ledger asks for a range only when it is complete (below the durable mark, or at a start, before
    /// anything is written), and what is complete is never written again.
    pub(super) fn bytes(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let end = offset.checked_add(length as u64)?;
        if end > self.0.len() as u64 {
            return None;
        }
        // SAFETY: the range lies within the mapping, which lives as long as `self` and is never moved or
        // remapped. Nobody writes to the range while the slice lives, by the rule of `StorageFile::mapped`.
        // The files keep the length they are made with: no one but an outsider would truncate one, which
        // ends the process with SIGBUS, as for every program that maps its files.
        Some(unsafe { std::slice::from_raw_parts(self.0.as_ptr().add(offset as usize), length) })
    }
}
