//! The durable mark: how far the ledger is known to be durable, for readers beside the writer and for the next
//! start. Rewritten after each sync of a frame, itself not synced: it may lag after a crash, never lead.

use std::sync::Arc;

use crate::cursor::FrameCursor;
use crate::error::LedgerError;
use crate::fields::Fields;
use crate::storage::{Access, Storage, StorageError, StorageFile};

const NAME: &str = "DURABLE";
const MAGIC: [u8; 4] = *b"TRDM";
/// The same while a start makes zeros of the bytes behind it.
const MAGIC_CUTTING: [u8; 4] = *b"TRDC";
const BYTES: usize = 24;

/// Where the last durable frame ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

impl Mark {
    /// The mark of a ledger that is durable up to a place.
    pub(crate) fn at(end: &FrameCursor) -> Mark {
        Mark { segment: end.segment, offset: end.offset }
    }

    fn encode(self, magic: [u8; 4]) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..4].copy_from_slice(&magic);
        bytes[4..12].copy_from_slice(&self.segment.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.offset.to_le_bytes());
        let checksum = crc32c::crc32c(&bytes[..20]);
        bytes[20..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// The mark, and whether what stood behind it was being cut off.
    fn decode(bytes: &[u8]) -> Option<(Mark, bool)> {
        let mut fields = Fields(bytes);
        let magic: [u8; 4] = fields.array()?;
        let mark = Mark { segment: fields.u64()?, offset: fields.u64()? };
        let checksum = fields.u32()?;
        let is_cutting = magic == MAGIC_CUTTING;
        ((magic == MAGIC || is_cutting) && checksum == crc32c::crc32c(&bytes[..20])).then_some((mark, is_cutting))
    }

    /// The mark as it stands; `None` if there is none that can be trusted.
    pub(crate) fn read(storage: &dyn Storage) -> Result<Option<Mark>, LedgerError> {
        Ok(Mark::read_whole(storage)?.map(|(mark, _)| mark))
    }

    /// Whether a start that was to cut off what stands behind the mark did not come to its end.
    pub(crate) fn is_cutting(storage: &dyn Storage) -> Result<bool, LedgerError> {
        Ok(Mark::read_whole(storage)?.is_some_and(|(_, is_cutting)| is_cutting))
    }

    fn read_whole(storage: &dyn Storage) -> Result<Option<(Mark, bool)>, LedgerError> {
        // A writer may be at it, so that a read meets half of a mark: it does so for an instant only.
        for _ in 0..100 {
            match storage.contents(NAME)? {
                None => return Ok(None),
                Some(bytes) => {
                    if let Some(mark) = Mark::decode(&bytes) {
                        return Ok(Some(mark));
                    }
                }
            }
        }
        Ok(None)
    }
}

/// Writes the mark.
pub(crate) struct MarkWriter {
    file: Arc<dyn StorageFile>,
}

impl MarkWriter {
    /// Sets the mark durably, at the start of a writer.
    pub(crate) fn start(storage: &dyn Storage, mark: Mark) -> Result<MarkWriter, LedgerError> {
        MarkWriter::write_durably(storage, mark.encode(MAGIC))
    }

    /// Says durably that a start makes zeros of what stands behind the mark, until [`MarkWriter::start`] sets it anew.
    pub(crate) fn begin_cutting(storage: &dyn Storage, mark: Mark) -> Result<(), LedgerError> {
        MarkWriter::write_durably(storage, mark.encode(MAGIC_CUTTING)).map(drop)
    }

    fn write_durably(storage: &dyn Storage, bytes: [u8; BYTES]) -> Result<MarkWriter, LedgerError> {
        let file = match storage.open(NAME, Access::Write)? {
            Some(file) if file.len() == BYTES as u64 => file,
            _ => {
                storage.replace(NAME, &bytes)?;
                let made = storage.open(NAME, Access::Write)?;
                let missing = || StorageError::new("open", NAME, std::io::ErrorKind::NotFound.into());
                made.ok_or_else(missing)?
            }
        };
        file.write_at(0, &bytes)?;
        file.sync()?;
        Ok(MarkWriter { file })
    }

    pub(crate) fn set(&self, mark: Mark) -> Result<(), StorageError> {
        self.file.write_at(0, &mark.encode(MAGIC))
    }

    /// Fails if the mark's file was removed or replaced.
    pub(crate) fn check_in_place(&self) -> Result<(), StorageError> {
        self.file.check_in_place()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_trusted_only_whole() {
        for (magic, is_cutting) in [(MAGIC, false), (MAGIC_CUTTING, true)] {
            let mark = Mark { segment: 3, offset: 4_711 };
            let bytes = mark.encode(magic);
            assert_eq!(Mark::decode(&bytes), Some((mark, is_cutting)));
            for bit in 0..BYTES * 8 {
                let mut damaged = bytes;
                damaged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(Mark::decode(&damaged), None, "bit {bit}");
            }
        }
    }
}
