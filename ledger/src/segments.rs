//! The segments of a ledger and where each frame lies in them, so that an entry is found by its position.
//!
//! Append-only, read without a lock and with references that stay: the writer adds a frame here before it
//! says that the frame is durable.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use crate::error::{Fault, LedgerError};
use crate::frame::{FrameHeader, HEADER_BYTES, HeaderRead};
use crate::position::Position;
use crate::segment::{decode_header, parse_segment_name, read_header_bytes, segment_name};
use crate::storage::{Access, Storage, StorageError, StorageFile};
use crate::sync::{AtomicBool, Mutex};

/// How many segments in a row may be missing: 64 GiB in full ones. The durable mark may name one behind more; a file behind
/// more is none of the ledger's, and nothing is done for each number before it.
const MOST_MISSING: u64 = 1_000;

/// The segments of a ledger, by number from 1 on.
#[derive(Default)]
pub(crate) struct Segments(boxcar::Vec<Segment>);

/// One segment.
pub(crate) struct Segment {
    pub(crate) number: u64,
    /// The position of the first event it may hold.
    pub(crate) first_position: Position,
    file: OnceLock<Arc<dyn StorageFile>>,
    frames: boxcar::Vec<FrameEntry>,
    /// Whether `frames` holds all its frames; a segment that lies before the start's is walked when first asked.
    indexed: AtomicBool,
    indexing: Mutex<()>,
}

/// Where a frame lies.
#[derive(Debug)]
pub(crate) struct FrameEntry {
    /// Counted from the first position of the segment; of a frame without events, that of the next one to come.
    first_event: u32,
    pub(crate) event_count: u32,
    pub(crate) offset: u32,
    pub(crate) bytes: u32,
    /// Whether this process has checked its payload: when it walked there, wrote it, or read from it first. It tells other
    /// threads nothing: who checks once more finds the same.
    is_checked: std::sync::atomic::AtomicBool,
}

impl Segments {
    /// Adds the segments in a storage that are not known yet. Their numbers must follow one another.
    pub(crate) fn discover(&self, storage: &dyn Storage) -> Result<(), LedgerError> {
        let mut found: Vec<_> = storage.list()?.iter().filter_map(|name| parse_segment_name(name)).collect();
        found.sort_unstable();
        let known = self.count();
        if let Some(missing) = (1..=known).find(|number| found.binary_search_by_key(number, |found| found.0).is_err()) {
            return Err(LedgerError::damaged(missing, 0, Fault::MissingSegment));
        }
        for (number, first_position) in found.into_iter().filter(|(number, _)| *number > known) {
            let expected = self.count() + 1;
            if number > expected {
                return Err(LedgerError::damaged(expected, 0, Fault::MissingSegment));
            }
            if number < expected {
                return Err(LedgerError::damaged(expected, 0, Fault::SegmentNumber { found: number, expected }));
            }
            self.add(first_position);
        }
        Ok(())
    }

    /// Adds all segments that there should be, up to a number at least: those that are missing too, whose files are then
    /// not found. Gives the numbers of files that are none of these, and why. A number far behind all files is none's.
    pub(crate) fn discover_all(&self, storage: &dyn Storage, upto: u64) -> Result<Vec<(u64, Fault)>, LedgerError> {
        let mut found: Vec<_> = storage.list()?.iter().filter_map(|name| parse_segment_name(name)).collect();
        found.sort_unstable();
        let upto = if is_near(upto, found.len() as u64) { upto } else { 0 };
        let mut strays = Vec::new();
        for (number, first_position) in found {
            if number <= self.count() {
                strays.push((number, Fault::TwoFiles));
            } else if is_near(number, self.count().max(upto)) {
                self.add_missing(number - 1);
                self.add(first_position);
            } else {
                strays.push((number, Fault::FarNumber));
            }
        }
        self.add_missing(upto);
        Ok(strays)
    }

    fn add_missing(&self, upto: u64) {
        // No segment is named so: the first position is 1 at least.
        (self.count()..upto).for_each(|_| self.add(0));
    }

    /// Whether all segments are there, and those in use are the ones that were opened.
    pub(crate) fn check_in_place(&self, storage: &dyn Storage) -> Result<(), LedgerError> {
        let names: BTreeSet<String> = storage.list()?.into_iter().collect();
        for (_, segment) in self.0.iter() {
            let name = segment_name(segment.number, segment.first_position);
            if !names.contains(&name) {
                return Err(StorageError::replaced(&name).into());
            }
            if let Some(file) = segment.file.get() {
                file.check_in_place()?;
            }
        }
        Ok(())
    }

    /// Adds the next segment.
    pub(crate) fn add(&self, first_position: Position) {
        let number = self.count() + 1;
        self.0.push(Segment {
            number,
            first_position,
            file: OnceLock::new(),
            frames: boxcar::Vec::new(),
            indexed: AtomicBool::new(false),
            indexing: Mutex::new(()),
        });
    }

    /// How many there are; the last one has this number.
    pub(crate) fn count(&self) -> u64 {
        self.0.count() as u64
    }

    /// A segment by its number.
    pub(crate) fn get(&self, number: u64) -> Option<&Segment> {
        self.0.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// The segment that holds a durable position.
    pub(crate) fn of_position(&self, position: Position) -> Option<&Segment> {
        let after = partition_point(self.0.count(), |at| {
            self.0.get(at).is_some_and(|segment| segment.first_position <= position)
        });
        self.0.get(after.checked_sub(1)?)
    }
}

impl Segment {
    /// Its file, opened to read.
    pub(crate) fn file(&self, storage: &dyn Storage) -> Result<&Arc<dyn StorageFile>, LedgerError> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let name = segment_name(self.number, self.first_position);
        let opened = storage.open(&name, Access::Read)?;
        let opened = opened.ok_or_else(|| LedgerError::damaged(self.number, 0, Fault::MissingSegment))?;
        Ok(self.file.get_or_init(|| opened))
    }

    /// From now on its frames are added as they are walked or written.
    pub(crate) fn set_indexed(&self) {
        self.indexed.store(true, Ordering::Release);
    }

    /// Adds the frame after those added, whose payload was checked. Its events in this segment, offset and length are
    /// bounded by the format: each fits in 32 bits.
    pub(crate) fn push_checked(&self, header: &FrameHeader, offset: u64) {
        self.push(header, offset, true);
    }

    fn push(&self, header: &FrameHeader, offset: u64, is_checked: bool) {
        self.frames.push(FrameEntry {
            first_event: header.first_position.saturating_sub(self.first_position) as u32,
            event_count: header.event_count,
            offset: offset as u32,
            bytes: header.frame_bytes() as u32,
            is_checked: is_checked.into(),
        });
    }

    /// The position of the first event of one of its frames.
    pub(crate) fn first_position_of(&self, frame: &FrameEntry) -> Position {
        self.first_position + Position::from(frame.first_event)
    }

    /// The frame that holds a durable position.
    pub(crate) fn frame_of(
        &self,
        position: Position,
        storage: &dyn Storage,
    ) -> Result<Option<&FrameEntry>, LedgerError> {
        // A frame without events stands before the one whose first position it bears.
        self.last_frame(storage, |frame| self.first_position_of(frame) <= position)
    }

    /// The frame that holds a durable byte of the segment.
    pub(crate) fn frame_at(&self, byte: u64, storage: &dyn Storage) -> Result<Option<&FrameEntry>, LedgerError> {
        self.last_frame(storage, |frame| u64::from(frame.offset) <= byte)
    }

    /// The last frame for which something holds; it holds for all before it and none after.
    pub(crate) fn last_frame(
        &self,
        storage: &dyn Storage,
        holds: impl Fn(&FrameEntry) -> bool,
    ) -> Result<Option<&FrameEntry>, LedgerError> {
        if !self.indexed.load(Ordering::Acquire) {
            self.index(storage)?;
        }
        let after = partition_point(self.frames.count(), |at| self.frames.get(at).is_some_and(&holds));
        Ok(after.checked_sub(1).and_then(|at| self.frames.get(at)))
    }

    /// The header of a frame.
    pub(crate) fn header(&self, frame: &FrameEntry, storage: &dyn Storage) -> Result<FrameHeader, LedgerError> {
        match header_at(&**self.file(storage)?, u64::from(frame.offset))? {
            HeaderRead::Frame(header) => Ok(header),
            HeaderRead::Nothing | HeaderRead::Newer { .. } | HeaderRead::Fault(_) => {
                Err(LedgerError::damaged(self.number, u64::from(frame.offset), Fault::HeaderChecksum))
            }
        }
    }

    /// The payload of a frame. Where nobody has walked, it is checked when it is read for the first time: a start from a
    /// checkpoint reads none of the segments before that.
    pub(crate) fn payload(&self, frame: &FrameEntry, storage: &dyn Storage) -> Result<Cow<'_, [u8]>, LedgerError> {
        let (offset, length) = (u64::from(frame.offset), frame.bytes as usize - HEADER_BYTES);
        let payload = self.file(storage)?.read(offset + HEADER_BYTES as u64, length)?;
        if !frame.is_checked.load(Ordering::Relaxed) {
            let header = self.header(frame, storage)?;
            let is_same = header.event_count == frame.event_count && header.payload_bytes as usize == payload.len();
            if !is_same || crc32c::crc32c(&payload) != header.payload_checksum {
                return Err(LedgerError::damaged(self.number, offset, Fault::PayloadChecksum));
            }
            frame.is_checked.store(true, Ordering::Relaxed);
        }
        Ok(payload)
    }

    /// Walks the headers of its frames.
    fn index(&self, storage: &dyn Storage) -> Result<(), LedgerError> {
        let _indexing = self.indexing.lock();
        if self.indexed.load(Ordering::Acquire) {
            return Ok(());
        }
        let file = self.file(storage)?;
        let mut offset = u64::from(decode_header(&read_header_bytes(&**file, self.number)?, self.number)?.length);
        let mut frames = Vec::new();
        loop {
            match header_at(&**file, offset)? {
                HeaderRead::Nothing => break,
                HeaderRead::Frame(header) => {
                    let bytes = header.frame_bytes();
                    frames.push((header, offset));
                    offset += bytes;
                }
                HeaderRead::Newer { version } => return Err(newer(version)),
                HeaderRead::Fault(fault) => return Err(LedgerError::damaged(self.number, offset, fault)),
            }
        }
        frames.iter().for_each(|(header, offset)| self.push(header, *offset, false));
        self.set_indexed();
        Ok(())
    }
}

/// Whether a segment may bear a number, where the one before it that is known of, if only by the durable mark, bears another.
pub(crate) fn is_near(number: u64, before: u64) -> bool {
    number.saturating_sub(before) <= MOST_MISSING
}

/// What stands at a place of a segment where a frame may begin.
pub(crate) fn header_at(file: &dyn StorageFile, offset: u64) -> Result<HeaderRead, StorageError> {
    let room = file.len().saturating_sub(offset);
    if room < HEADER_BYTES as u64 {
        return Ok(HeaderRead::Nothing);
    }
    Ok(match FrameHeader::decode(&file.read(offset, HEADER_BYTES)?) {
        HeaderRead::Frame(header) if header.frame_bytes() > room => {
            HeaderRead::Fault(Fault::Length { bytes: header.frame_bytes(), room })
        }
        read @ (HeaderRead::Frame(_) | HeaderRead::Nothing | HeaderRead::Newer { .. } | HeaderRead::Fault(_)) => read,
    })
}

/// A frame of a later version.
pub(crate) fn newer(version: u32) -> LedgerError {
    LedgerError::NewerFormat { found: version, known: crate::format::FORMAT_VERSION }
}

/// The first of `0..count` for which `before` does not hold; it holds for none after that.
fn partition_point(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
