//! The form of a run's file (`docs/FORMAT.md`, "Runs of the index").

use super::bucket::{BUCKET_BYTES, bucket_count};
use crate::cursor::FrameCursor;
use crate::fields::Fields;
use crate::position::Position;

const MAGIC: [u8; 8] = *b"TRIBRUNS";
const VERSION: u32 = 2;

/// The length of the header. The buckets begin there: with a file in memory, each is a line of the cache.
pub(super) const HEADER_BYTES: usize = 3 * BUCKET_BYTES;

/// How many parts the body has.
pub(super) const PARTS: usize = 7;

/// How a run's file name ends.
pub(super) const RUN_ENDING: &str = ".run";

/// The parts of the body, in their order.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// The buckets of hashes: 64 bytes each.
    Buckets,
    /// The uids that have events here, ascending: 8 bytes each.
    Uids,
    /// Where the walk of each begins, and where the last ends: 4 bytes each.
    Starts,
    /// The places of their events, counted from the origin: 4 bytes each.
    Walks,
    /// The lowest 16 bits of each hash, ascending by the whole hash.
    Lows,
    /// Its upper 32 bits.
    Highs,
    /// Where the event stands, counted from the origin: 4 bytes.
    Places,
}

/// What a run says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// It tells of what stands behind this position,
    pub(super) after: Position,
    /// up to the end of the frame before this place.
    pub(super) end: FrameCursor,
    /// Places are counted from here.
    pub(super) origin: Position,
    pub(super) events: u64,
    pub(super) accounts: u64,
    /// CRC32C of each part.
    pub(super) checksums: [u32; PARTS],
}

/// The name of a run that tells of what stands behind a position, up to another.
pub(super) fn run_name(after: Position, last: Position) -> String {
    format!("{:010}-{last:010}{RUN_ENDING}", after + 1)
}

/// The range of a run by its name.
pub(super) fn parse_run_name(name: &str) -> Option<(Position, Position)> {
    let (first, last) = name.strip_suffix(RUN_ENDING)?.split_once('-')?;
    let (first, last): (Position, Position) = (first.parse().ok()?, last.parse().ok()?);
    let after = first.checked_sub(1).filter(|_| first <= last)?;
    (run_name(after, last) == name).then_some((after, last))
}

impl Header {
    pub(super) fn last(&self) -> Position {
        self.end.position()
    }

    /// Where each part begins, and where the last ends; none if the numbers are no file's.
    pub(super) fn bounds(&self) -> Option<[u64; PARTS + 1]> {
        let lengths = [
            bucket_count(self.events).checked_mul(BUCKET_BYTES as u64)?,
            self.accounts.checked_mul(8)?,
            self.accounts.checked_add(1)?.checked_mul(4)?,
            self.events.checked_mul(4)?,
            self.events.checked_mul(2)?,
            self.events.checked_mul(4)?,
            self.events.checked_mul(4)?,
        ];
        let mut bounds = [HEADER_BYTES as u64; PARTS + 1];
        for (part, length) in lengths.into_iter().enumerate() {
            bounds[part + 1] = bounds[part].checked_add(length)?;
        }
        Some(bounds)
    }

    pub(super) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend([0; 4]);
        for number in [self.after, self.origin, self.events, self.accounts] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(self.end.encode());
        bytes.extend(self.checksums.iter().flat_map(|checksum| checksum.to_le_bytes()));
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        let mut header = [0; HEADER_BYTES];
        header[..bytes.len()].copy_from_slice(&bytes);
        header
    }

    /// Reads a header; `None` if it is none of this version.
    pub(super) fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<Header> {
        let mut fields = Fields(bytes);
        let magic = fields.array::<8>()?;
        let version = fields.u32()?;
        let _zeros = fields.u32()?;
        let (after, origin) = (fields.u64()?, fields.u64()?);
        let (events, accounts) = (fields.u64()?, fields.u64()?);
        let end = FrameCursor::decode(fields.take(FrameCursor::BYTES)?).ok()?;
        let mut checksums = [0; PARTS];
        for checksum in &mut checksums {
            *checksum = fields.u32()?;
        }
        let header = Header { after, end, origin, events, accounts, checksums };
        let is_one = magic == MAGIC && version == VERSION && header.encode() == *bytes;
        let fits = after < header.last() && events <= u64::from(u32::MAX);
        (is_one && fits).then_some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_comes_back_and_no_other_bytes_are_one() {
        let header = Header {
            after: 6,
            end: FrameCursor { position: 100, hash: [3; 32], ..FrameCursor::START },
            origin: 5,
            events: 90,
            accounts: 7,
            checksums: [1, 2, 3, 4, 5, 6, 7],
        };
        let bytes = header.encode();
        assert_eq!(Header::decode(&bytes), Some(header));
        for at in 0..HEADER_BYTES {
            let mut changed = bytes;
            changed[at] ^= 1;
            assert_eq!(Header::decode(&changed), None, "byte {at}");
        }
        assert_eq!(parse_run_name(&run_name(6, 99)), Some((6, 99)));
        for name in
            ["0000000007-0000000099.segment", "7-99.run", "0000000100-0000000099.run", "0000000000-0000000099.run"]
        {
            assert_eq!(parse_run_name(name), None, "{name}");
        }
    }
}
