//! A ledger as who copies it from elsewhere sees it: its segments, and of each the bytes that are durable. They are given as
//! they stand on disk, so a copy has the same hash chain.

use std::borrow::Cow;

use crate::cursor::FrameCursor;
use crate::error::LedgerError;
use crate::format::{FORMAT_VERSION_FIRST, read_format};
use crate::position::Position;
use crate::reader::LedgerReader;
use crate::segment::{decode_header, read_header_bytes, segment_name};
use crate::storage::StorageError;

/// A segment, as far as it is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurableSegment {
    /// Its number, from 1 on.
    pub number: u64,
    /// The position of the first event it may hold.
    pub first_position: Position,
    /// The length of its file. What is not durable yet is zero in a copy.
    pub file_bytes: u64,
    /// So many of them are durable: all of a segment that another one follows, else up to the end of a frame.
    pub bytes: u64,
    /// The place before its first frame, with the hash of the frame before.
    pub start: FrameCursor,
}

impl DurableSegment {
    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        segment_name(self.number, self.first_position)
    }
}

/// Where the segments of a ledger can be had from that is no folder here. What it tells is of one moment.
pub trait LedgerSource {
    /// The format that the ledger needs to be read.
    fn format(&self) -> u32;

    /// The place after the last frame that it has.
    fn end(&self) -> FrameCursor;

    /// The segments up to that place, by number.
    fn segments(&self) -> &[DurableSegment];

    /// Exactly so many durable bytes of a segment.
    ///
    /// # Errors
    /// If they cannot be had.
    fn read(&self, segment: &DurableSegment, offset: u64, length: usize) -> Result<Vec<u8>, StorageError>;

    /// The same where it is no failure that a segment is cut short: what there is of these bytes, fewer if it ends
    /// before.
    ///
    /// # Errors
    /// If they cannot be had.
    fn read_there(&self, segment: &DurableSegment, offset: u64, length: usize) -> Result<Vec<u8>, StorageError> {
        self.read(segment, offset, length)
    }
}

impl LedgerReader {
    /// The segments from a number on, so many at most, as far as they are durable up to a place: [`LedgerReader::end`], or
    /// one that it was.
    ///
    /// # Errors
    /// If a segment's header cannot be read.
    pub fn durable_segments(
        &self,
        end: &FrameCursor,
        from: u64,
        limit: usize,
    ) -> Result<Vec<DurableSegment>, LedgerError> {
        let shared = self.shared();
        (from.max(1)..=end.segment).take(limit).map(|number| self.durable(shared.segment(number)?, end)).collect()
    }

    fn durable(&self, segment: &crate::segments::Segment, end: &FrameCursor) -> Result<DurableSegment, LedgerError> {
        let file = segment.file(&*self.shared().storage)?;
        let header = read_header_bytes(&**file, segment.number)?;
        let start = decode_header(&header, segment.number)?.start;
        let bytes = if segment.number == end.segment { end.offset.max(start.offset) } else { file.len() };
        let (number, first_position) = (segment.number, segment.first_position);
        Ok(DurableSegment { number, first_position, file_bytes: file.len(), bytes, start })
    }

    /// Bytes of a segment: from an offset on, as many as are durable, so many at most. None where there is no such segment or
    /// nothing is durable there.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn durable_bytes(&self, number: u64, offset: u64, length: usize) -> Result<Cow<'_, [u8]>, LedgerError> {
        let end = self.end();
        let Some(segment) = self.shared().segments.get(number).filter(|_| number <= end.segment) else {
            return Ok(Cow::Borrowed(&[]));
        };
        let durable = self.durable(segment, &end)?.bytes;
        let length = (length as u64).min(durable.saturating_sub(offset));
        if length == 0 {
            return Ok(Cow::Borrowed(&[]));
        }
        Ok(segment.file(&*self.shared().storage)?.read(offset, length as usize)?)
    }

    /// The format that the ledger needs to be read.
    ///
    /// # Errors
    /// If it is newer than this program, or the storage fails.
    pub fn format(&self) -> Result<u32, LedgerError> {
        Ok(read_format(&*self.shared().storage)?.unwrap_or(FORMAT_VERSION_FIRST))
    }
}
