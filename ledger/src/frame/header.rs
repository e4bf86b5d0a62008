//! The header of a frame: fixed fields, little-endian, under a checksum of its own.

use schemas::Timestamp;

use crate::cursor::{FrameCursor, FrameHash};
use crate::deed::OfFrame;
use crate::epoch::Epoch;
use crate::error::Fault;
use crate::fields::Fields;
use crate::position::Position;

/// The length of a frame's header.
pub(crate) const HEADER_BYTES: usize = 80;

/// The most bytes of a frame: a batch is far smaller, and an offset fits in 32 bits.
pub(crate) const FRAME_BYTES_MAX: u64 = 1 << 30;

const MAGIC: [u8; 4] = *b"TRFR";

/// The version of a frame that says nothing beyond what the first format knew.
pub(crate) const FRAME_VERSION_PLAIN: u16 = 1;

/// The version of a frame with two sections more: of sources, and of operators' acts.
pub(crate) const FRAME_VERSION_EXTENDED: u16 = 2;

/// The version of a frame with one more: of deeds. It is the newest. A header keeps its form in every version.
pub(crate) const FRAME_VERSION_DEEDS: u16 = 3;

/// The header of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    /// Which sections the payload has.
    pub(crate) version: u16,
    /// How often the leader of the ledger had changed when it was written; see [`crate::Epoch`].
    pub(crate) epoch: Epoch,
    pub(crate) payload_bytes: u32,
    pub(crate) event_count: u32,
    /// Of its first event; of the next one to come, if it has none.
    pub(crate) first_position: Position,
    /// Of the first event newly quarantined in it; of the next one to come, if it has none.
    pub(crate) first_quarantine: u64,
    pub(crate) recorded_at: Timestamp,
    /// The hash of the frame before.
    pub(crate) previous: FrameHash,
    pub(crate) payload_checksum: u32,
}

/// What stands where a frame may begin.
#[derive(Debug)]
pub(crate) enum HeaderRead {
    /// Zeros: nothing was written here.
    Nothing,
    /// A header that is whole.
    Frame(FrameHeader),
    /// A header that is whole, of a frame that this program cannot read.
    Newer {
        /// The frame's version.
        version: u32,
    },
    /// Neither.
    Fault(Fault),
}

impl FrameHeader {
    /// Header and payload.
    pub(crate) fn frame_bytes(&self) -> u64 {
        HEADER_BYTES as u64 + u64::from(self.payload_bytes)
    }

    /// What its deeds are counted from.
    pub(crate) fn of_frame(&self) -> OfFrame {
        let FrameHeader { first_position, first_quarantine, event_count, .. } = *self;
        OfFrame { first_position, first_quarantine, event_count }
    }

    pub(crate) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..6].copy_from_slice(&self.version.to_le_bytes());
        bytes[6..8].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.payload_bytes.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.event_count.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_position.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.first_quarantine.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.recorded_at.0.to_le_bytes());
        bytes[40..72].copy_from_slice(&self.previous);
        bytes[72..76].copy_from_slice(&self.payload_checksum.to_le_bytes());
        let checksum = crc32c::crc32c(&bytes[..76]);
        bytes[76..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads what stands in these bytes, which are as many as a header has.
    pub(crate) fn decode(bytes: &[u8]) -> HeaderRead {
        let mut fields = Fields(bytes);
        let read = (|| {
            if fields.array() != Some(MAGIC) {
                let nothing = bytes.iter().all(|byte| *byte == 0);
                return Some(if nothing { HeaderRead::Nothing } else { HeaderRead::Fault(Fault::FrameMagic) });
            }
            let version = fields.u16()?;
            let header = FrameHeader {
                version,
                epoch: fields.u16()?,
                payload_bytes: fields.u32()?,
                event_count: fields.u32()?,
                first_position: fields.u64()?,
                first_quarantine: fields.u64()?,
                recorded_at: Timestamp(fields.i64()?),
                previous: fields.array()?,
                payload_checksum: fields.u32()?,
            };
            if fields.u32()? != crc32c::crc32c(&bytes[..76]) {
                return Some(HeaderRead::Fault(Fault::HeaderChecksum));
            }
            if version > FRAME_VERSION_DEEDS {
                return Some(HeaderRead::Newer { version: u32::from(version) });
            }
            Some(HeaderRead::Frame(header))
        })();
        read.unwrap_or(HeaderRead::Fault(Fault::FrameMagic))
    }

    /// Whether the frame goes on from a place, but for the hash.
    pub(crate) fn check_sequence(&self, from: &FrameCursor) -> Result<(), Fault> {
        if self.first_position != from.position {
            return Err(Fault::Sequence { found: self.first_position, expected: from.position });
        }
        if self.first_quarantine != from.quarantine {
            return Err(Fault::QuarantineSequence { found: self.first_quarantine, expected: from.quarantine });
        }
        if self.recorded_at < from.recorded_at {
            return Err(Fault::RecordedEarlier { found: self.recorded_at, previous: from.recorded_at });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_whole_or_not_at_all() {
        let header = FrameHeader {
            version: FRAME_VERSION_DEEDS,
            epoch: 65_535,
            payload_bytes: 1_000,
            event_count: 17,
            first_position: 5,
            first_quarantine: 2,
            recorded_at: Timestamp(-3),
            previous: [8; 32],
            payload_checksum: 0xDEAD_BEEF,
        };
        let bytes = header.encode();
        assert!(matches!(FrameHeader::decode(&bytes), HeaderRead::Frame(read) if read == header));
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(FrameHeader::decode(&damaged), HeaderRead::Fault(_)), "bit {bit}");
        }
        assert!(matches!(FrameHeader::decode(&[0; HEADER_BYTES]), HeaderRead::Nothing));
    }

    #[test]
    fn a_newer_frame_is_told_from_a_damaged_one() {
        let header = FrameHeader {
            version: FRAME_VERSION_DEEDS + 1,
            epoch: 0,
            payload_bytes: 0,
            event_count: 0,
            first_position: 1,
            first_quarantine: 1,
            recorded_at: Timestamp(0),
            previous: [0; 32],
            payload_checksum: 0,
        };
        assert!(matches!(FrameHeader::decode(&header.encode()), HeaderRead::Newer { version: 4 }));
    }
}
