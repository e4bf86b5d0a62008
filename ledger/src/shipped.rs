//! Frames on their way to a standby: whole ones of one segment, byte for byte as they stand on disk, so that the standby's
//! ledger has the same files and the same hash chain.

use crate::cursor::FrameCursor;
use crate::epoch::Epoch;
use crate::error::LedgerError;
use crate::mark::Mark;
use crate::reader::LedgerReader;
use crate::segment::read_header_bytes;
use crate::walk::{Checks, Next, Until};

/// Whole frames that follow one another in a segment; before its first one, the segment's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippedPiece {
    /// The number of the segment.
    pub segment: u64,
    /// The length of the segment's file.
    pub file_bytes: u64,
    /// Where in it the bytes stand; 0 where the header comes first.
    pub offset: u64,
    /// The bytes, at least one frame; of a segment without one, the header alone.
    pub bytes: Vec<u8>,
}

/// What a ledger has behind a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShippedAfter {
    /// Nothing yet: it ends there.
    Nothing,
    /// The next frames.
    Piece(ShippedPiece),
    /// It has no such place: who asks has frames that this ledger does not have.
    Elsewhere,
}

/// Why frames that were shipped are not taken. But for a failure nothing has happened.
#[derive(Debug, thiserror::Error)]
pub enum ShipError {
    /// They do not begin where the ledger ends.
    #[error("the frames shipped do not go on from where this ledger ends, position {position}")]
    Elsewhere {
        /// The last position here.
        position: u64,
    },
    /// They were written by a leader that was not the last one.
    #[error(
        "the frames shipped are of epoch {found}, and this ledger has frames of epoch {known}: they are of a former leader"
    )]
    OlderEpoch {
        /// The epoch of the frames.
        found: Epoch,
        /// The epoch of the last frame here.
        known: Epoch,
    },
    /// They are not what a ledger holds.
    #[error("the frames shipped are not whole, at byte {byte} of segment {segment}: {detail}")]
    Faulty {
        /// The segment that they are of.
        segment: u64,
        /// Where in it.
        byte: u64,
        /// What is wrong.
        detail: String,
    },
    /// The ledger failed.
    #[error(transparent)]
    Failed(#[from] LedgerError),
}

impl LedgerReader {
    /// The frames behind a place, up to another one at most: of one segment, as many as so many bytes hold and at least
    /// one. The end may lie beyond what readers see ([`LedgerReader::end`]).
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn shipped_after(
        &self,
        place: &FrameCursor,
        end: &FrameCursor,
        bytes_max: u64,
    ) -> Result<ShippedAfter, LedgerError> {
        if Mark::at(place) >= Mark::at(end) {
            // The place before a segment without a frame is the one behind the segment before.
            let is_same = place.hash == end.hash && place.position == end.position;
            return Ok(if is_same { ShippedAfter::Nothing } else { ShippedAfter::Elsewhere });
        }
        let shared = self.shared();
        let next = |at: &FrameCursor| shared.next(at, Until::Mark(Mark::at(end)), Checks::Sequence);
        let first = match next(place) {
            Ok(Next::Frame(frame)) => frame,
            // A ledger without a frame is followed, too: by its beginning.
            Ok(Next::AtMark(_) | Next::End(_)) if *place == FrameCursor::START && end.hash == place.hash => {
                return self.header_of(1).map(ShippedAfter::Piece);
            }
            Ok(Next::AtMark(_) | Next::End(_)) if place.hash == end.hash => return Ok(ShippedAfter::Nothing),
            // A place in the midst of a frame, or of other frames, is none of this ledger's.
            Ok(Next::AtMark(_) | Next::End(_) | Next::Broken { .. }) | Err(LedgerError::Damaged { .. }) => {
                return Ok(ShippedAfter::Elsewhere);
            }
            Err(error) => return Err(error),
        };
        if first.header().previous != place.hash {
            return Ok(ShippedAfter::Elsewhere);
        }
        let segment = first.segment();
        let expected = if place.offset == 0 { place.segment } else { place.segment + 1 };
        if segment > expected {
            // A fault left one without a frame, and the next frame found no room in it.
            return self.header_of(expected).map(ShippedAfter::Piece);
        }
        let begins = segment != place.segment || place.offset == 0;
        let offset = if begins { 0 } else { first.offset() };
        let mut at = first.cursor_without_hash();
        while at.offset - offset < bytes_max
            && let Next::Frame(frame) = next(&at)?
            && frame.segment() == segment
            && frame.cursor_without_hash().offset - offset <= bytes_max
        {
            at = frame.cursor_without_hash();
        }
        let file = shared.segment(segment)?.file(&*shared.storage)?;
        let bytes = file.read(offset, (at.offset - offset) as usize)?.into_owned();
        Ok(ShippedAfter::Piece(ShippedPiece { segment, file_bytes: file.len(), offset, bytes }))
    }

    /// The beginning of a segment that no frame is in.
    fn header_of(&self, segment: u64) -> Result<ShippedPiece, LedgerError> {
        let file = self.shared().segment(segment)?.file(&*self.shared().storage)?;
        let bytes = read_header_bytes(&**file, segment)?.into_owned();
        Ok(ShippedPiece { segment, file_bytes: file.len(), offset: 0, bytes })
    }

    /// The epoch of the last frame.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.shared().epoch()
    }
}
