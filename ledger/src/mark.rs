//! The durable mark: how far the ledger is known to be durable, for readers beside the writer and for the next
//! start. Rewritten after each sync of a frame, itself not synced: it may lag after a crash, never lead.

use std::sync::Arc;

use crate::cursor::FrameCursor;
use crate::error::LedgerError;
use crate::fields::Fields;
use crate::storage::{Access, Storage, StorageError, StorageFile};

const NAME: &str = "DURABLE";
const MAGIC: [u8; 4] = *b"TRDM";
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

    fn encode(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..12].copy_from_slice(&self.segment.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.offset.to_le_bytes());
        let checksum = crc32c::crc32c(&bytes[..20]);
        bytes[20..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Mark> {
        let mut fields = Fields(bytes);
        let magic: [u8; 4] = fields.array()?;
        let mark = Mark { segment: fields.u64()?, offset: fields.u64()? };
        let checksum = fields.u32()?;
        (magic == MAGIC && checksum == crc32c::crc32c(&bytes[..20])).then_some(mark)
    }

    /// The mark as it stands; `None` if there is none that can be trusted.
    pub(crate) fn read(storage: &dyn Storage) -> Result<Option<Mark>, LedgerError> {
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
        let file = match storage.open(NAME, Access::Write)? {
            Some(file) if file.len() == BYTES as u64 => file,
            _ => {
                storage.replace(NAME, &mark.encode())?;
                let made = storage.open(NAME, Access::Write)?;
                let missing = || StorageError::new("open", NAME, std::io::ErrorKind::NotFound.into());
                made.ok_or_else(missing)?
            }
        };
        file.write_at(0, &mark.encode())?;
        file.sync()?;
        Ok(MarkWriter { file })
    }

    pub(crate) fn set(&self, mark: Mark) -> Result<(), StorageError> {
        self.file.write_at(0, &mark.encode())
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
        let bytes = Mark { segment: 3, offset: 4_711 }.encode();
        assert_eq!(Mark::decode(&bytes), Some(Mark { segment: 3, offset: 4_711 }));
        for bit in 0..BYTES * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Mark::decode(&damaged), None, "bit {bit}");
        }
    }
}
