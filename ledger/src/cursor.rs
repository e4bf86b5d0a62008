//! A place between two frames, to go on from: kept in checkpoints.

use std::fmt::Write;

use schemas::Timestamp;

use crate::fields::Fields;
use crate::position::Position;
use crate::quarantine::QuarantineId;

/// The BLAKE3 hash of a frame, header and payload.
pub(crate) type FrameHash = [u8; 32];

/// Where a frame ends and the next begins, and what the next one must continue: position, quarantine id,
/// time of recording and the hash of the frame before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameCursor {
    pub(crate) segment: u64,
    /// In the segment's file; 0 stands for its first frame.
    pub(crate) offset: u64,
    pub(crate) position: Position,
    pub(crate) quarantine: u64,
    pub(crate) recorded_at: Timestamp,
    pub(crate) hash: FrameHash,
}

/// Bytes that are no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these {length} bytes are no cursor, which has {}", FrameCursor::BYTES)]
pub struct CursorDecodeError {
    /// How many bytes were given.
    pub length: usize,
}

impl Default for FrameCursor {
    fn default() -> Self {
        FrameCursor::START
    }
}

impl FrameCursor {
    /// The length of an encoded cursor.
    pub const BYTES: usize = 72;

    /// Before the first frame.
    pub const START: FrameCursor = FrameCursor {
        segment: 1,
        offset: 0,
        position: 1,
        quarantine: 1,
        recorded_at: Timestamp(i64::MIN),
        hash: [0; 32],
    };

    /// The last position before it, 0 if there is none.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position - 1
    }

    /// The number of the segment in which it lies.
    #[must_use]
    pub fn segment(&self) -> u64 {
        self.segment
    }

    /// When the frame before it was recorded; `None` before the first.
    #[must_use]
    pub fn recorded_at(&self) -> Option<Timestamp> {
        (self.recorded_at != FrameCursor::START.recorded_at).then_some(self.recorded_at)
    }

    /// How many ids of quarantined events were given before it: they are 1 to this.
    #[must_use]
    pub fn last_quarantine_id(&self) -> QuarantineId {
        QuarantineId(self.quarantine - 1)
    }

    /// As bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; FrameCursor::BYTES] {
        let mut bytes = [0; FrameCursor::BYTES];
        let fields = [self.segment, self.offset, self.position, self.quarantine, self.recorded_at.0 as u64]
            .map(u64::to_le_bytes);
        bytes[..40].copy_from_slice(fields.as_flattened());
        bytes[40..].copy_from_slice(&self.hash);
        bytes
    }

    /// From bytes.
    ///
    /// # Errors
    /// If they are not as long as a cursor, or hold what none can.
    pub fn decode(bytes: &[u8]) -> Result<FrameCursor, CursorDecodeError> {
        let mut fields = Fields(bytes);
        let cursor = (|| {
            Some(FrameCursor {
                segment: fields.u64().filter(|segment| *segment > 0)?,
                offset: fields.u64()?,
                position: fields.u64().filter(|position| *position > 0)?,
                quarantine: fields.u64().filter(|quarantine| *quarantine > 0)?,
                recorded_at: Timestamp(fields.i64()?),
                hash: fields.array()?,
            })
        })();
        cursor.filter(|_| bytes.len() == FrameCursor::BYTES).ok_or(CursorDecodeError { length: bytes.len() })
    }

    /// As 144 lower-case hexadecimal digits, for texts.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut text = String::with_capacity(2 * FrameCursor::BYTES);
        for byte in self.encode() {
            let _always = write!(text, "{byte:02x}");
        }
        text
    }

    /// From hexadecimal digits.
    ///
    /// # Errors
    /// As [`FrameCursor::decode`].
    pub fn from_hex(digits: &str) -> Result<FrameCursor, CursorDecodeError> {
        let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
        FrameCursor::decode(&bytes.unwrap_or_default())
    }

    /// Whether it lies before another place of the same ledger.
    #[must_use]
    pub fn precedes(&self, other: &FrameCursor) -> bool {
        self.is_before(other.segment, other.offset)
    }

    /// Whether it lies before another place of the ledger.
    pub(crate) fn is_before(&self, segment: u64, offset: u64) -> bool {
        (self.segment, self.offset) < (segment, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_from_its_bytes_and_other_bytes_are_none() {
        let cursor = FrameCursor {
            segment: 3,
            offset: 4_096,
            position: 77,
            quarantine: 5,
            recorded_at: Timestamp(-1),
            hash: [9; 32],
        };
        assert_eq!(FrameCursor::decode(&cursor.encode()), Ok(cursor));
        assert_eq!(FrameCursor::from_hex(&cursor.hex()), Ok(cursor));
        for digits in ["", "0", "zz", &cursor.hex()[1..], &format!("{}0", cursor.hex())] {
            assert!(FrameCursor::from_hex(digits).is_err(), "{digits}");
        }
        assert_eq!(FrameCursor::decode(&[0; 72]), Err(CursorDecodeError { length: 72 }));
        assert_eq!(FrameCursor::decode(&cursor.encode()[1..]), Err(CursorDecodeError { length: 71 }));
        assert_eq!(FrameCursor::decode(&[&cursor.encode()[..], &[0]].concat()), Err(CursorDecodeError { length: 73 }));
    }
}
