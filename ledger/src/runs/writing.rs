//! Writing a run: its parts each in their order, side by side, in pieces; then its header, then its name.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::bucket::{Filling, bucket_count, bucket_of};
use super::form::{HEADER_BYTES, Header, PARTS, Part, run_name};
use crate::cursor::FrameCursor;
use crate::position::Position;
use crate::storage::{Storage, StorageError, StorageFile, UNFINISHED};

/// So much of a part is written at a time.
const PIECE_BYTES: usize = 1 << 18;

/// What is known of a run before it is written.
pub(crate) struct Plan {
    /// It tells of what stands behind this position,
    pub(crate) after: Position,
    /// up to the end of the frame before this place.
    pub(crate) end: FrameCursor,
    /// Places are counted from here, and fit in 32 bits.
    pub(crate) origin: Position,
    pub(crate) events: u64,
    pub(crate) accounts: u64,
}

/// A run that is being written.
pub(crate) struct Writing<'s> {
    storage: &'s dyn Storage,
    /// Set by who wants it to be left.
    stopping: &'s AtomicBool,
    name: String,
    file: Arc<dyn StorageFile>,
    header: Header,
    parts: [PartWriting; PARTS],
    walked: u32,
    /// The bucket that is being filled, and its number.
    bucket: Filling,
    buckets: usize,
}

struct PartWriting {
    at: u64,
    buffer: Vec<u8>,
    checksum: u32,
}

impl<'s> Writing<'s> {
    /// Begins it, beside the name that it will have.
    pub(crate) fn begin(
        storage: &'s dyn Storage,
        stopping: &'s AtomicBool,
        plan: &Plan,
    ) -> Result<Writing<'s>, StorageError> {
        let Plan { after, end, origin, events, accounts } = *plan;
        let header = Header { after, end, origin, events, accounts, checksums: [0; PARTS] };
        let name = run_name(after, header.last());
        // Fewer than 2^32 events and accounts make a file of at most 2^38 bytes.
        let bounds = header.bounds().unwrap_or_default();
        let file = storage.create(&format!("{name}{UNFINISHED}"), bounds[PARTS])?;
        let parts = std::array::from_fn(|part| PartWriting { at: bounds[part], buffer: Vec::new(), checksum: 0 });
        Ok(Writing { storage, stopping, name, file, header, parts, walked: 0, bucket: Filling::default(), buckets: 0 })
    }

    /// Adds an account with the places of its events; uids ascend.
    pub(crate) fn account(&mut self, uid: u64, places: impl Iterator<Item = u32>) -> Result<(), StorageError> {
        self.put(Part::Uids, &uid.to_le_bytes())?;
        self.put(Part::Starts, &self.walked.to_le_bytes())?;
        for place in places {
            self.put(Part::Walks, &place.to_le_bytes())?;
            self.walked += 1;
        }
        Ok(())
    }

    /// Adds where an event of this hash stands; hashes ascend.
    pub(crate) fn identity(&mut self, hash: u64, place: u32) -> Result<(), StorageError> {
        self.finish_buckets(bucket_of(hash, bucket_count(self.header.events)))?;
        self.bucket.add(hash);
        self.put(Part::Lows, &(hash as u16).to_le_bytes())?;
        self.put(Part::Highs, &((hash >> 16) as u32).to_le_bytes())?;
        self.put(Part::Places, &place.to_le_bytes())
    }

    /// Makes it durable, and gives it its name.
    pub(crate) fn finish(mut self) -> Result<(), StorageError> {
        self.put(Part::Starts, &self.walked.to_le_bytes())?;
        self.finish_buckets(bucket_count(self.header.events) as usize)?;
        for (part, checksum) in self.parts.iter_mut().zip(&mut self.header.checksums) {
            part.flush(&*self.file)?;
            *checksum = part.checksum;
        }
        let header: [u8; HEADER_BYTES] = self.header.encode();
        self.file.write_at(0, &header)?;
        self.file.sync()?;
        self.storage.rename(&format!("{}{UNFINISHED}", self.name), &self.name)?;
        self.storage.sync_names()
    }

    /// Writes the buckets below a number, to which no event is added any more.
    fn finish_buckets(&mut self, upto: usize) -> Result<(), StorageError> {
        while self.buckets < upto {
            let bytes = self.bucket.finish();
            self.put(Part::Buckets, &bytes)?;
            self.buckets += 1;
        }
        Ok(())
    }

    fn put(&mut self, part: Part, bytes: &[u8]) -> Result<(), StorageError> {
        let part = &mut self.parts[part as usize];
        part.buffer.extend_from_slice(bytes);
        if part.buffer.len() < PIECE_BYTES {
            return Ok(());
        }
        if self.stopping.load(Ordering::Relaxed) {
            return Err(StorageError::new("finish", &self.name, io::ErrorKind::Interrupted.into()));
        }
        part.flush(&*self.file)
    }
}

impl PartWriting {
    fn flush(&mut self, file: &dyn StorageFile) -> Result<(), StorageError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.checksum = crc32c::crc32c_append(self.checksum, &self.buffer);
        file.write_at(self.at, &self.buffer)?;
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
