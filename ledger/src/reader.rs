//! Reading the ledger, beside its writer or without one, up to the durable position.

use std::borrow::Cow;
use std::sync::Arc;

use schemas::{Dictionary, Event, Rejection, Timestamp, record};

use crate::act::Act;
use crate::actor::Actor;
use crate::cursor::FrameCursor;
use crate::error::{Fault, LedgerError};
use crate::event_reader::EventReader;
use crate::fields::Fields;
use crate::frame::{FRAME_VERSION_DEEDS, Frame, HEADER_BYTES, Records, deeds_of};
use crate::mark::Mark;
use crate::position::{Position, ReadError};
use crate::quarantine::{QuarantineEntry, QuarantineFilter, QuarantineLocation, QuarantineRow, QuarantinedEvent};
use crate::recovery;
use crate::runs::{RunError, Runs};
use crate::segment::read_header_bytes;
use crate::segments::{FrameEntry, Segment};
use crate::storage::{DiskSpace, Storage, StorageError};
use crate::walk::{Checks, Next, Shared, Until};
use crate::write_lock::LOCK_NAME;

/// Reads the ledger up to its durable position. Clones share what they know; none blocks the writer.
#[derive(Clone)]
pub struct LedgerReader {
    pub(crate) shared: Arc<Shared>,
    /// Whether another process may write the ledger, so that its end is looked for.
    pub(crate) beside: bool,
}

impl LedgerReader {
    /// The reader of the process that writes.
    pub(crate) fn of_writer(shared: Arc<Shared>) -> LedgerReader {
        LedgerReader { shared, beside: false }
    }

    /// What the ledger takes of its disk, and what is left there; `None` where it lies on none.
    ///
    /// # Errors
    /// If the disk does not say.
    pub fn space(&self) -> Result<Option<DiskSpace>, StorageError> {
        self.shared.storage.space()
    }

    /// Opens a ledger to read it only: while a process writes it, up to that one's durable mark; else all whole
    /// frames. Checks every frame.
    ///
    /// # Errors
    /// If there is no ledger, or it is damaged or of a newer format.
    pub fn open_read_only(storage: Arc<dyn Storage>) -> Result<LedgerReader, LedgerError> {
        LedgerReader::open_read_only_from(storage, &FrameCursor::START)
    }

    /// The same, checking only the frames from a place on that a checkpoint names, and those before it in its
    /// segment. All entries can be read.
    ///
    /// # Errors
    /// As `open_read_only`; and if the ledger has no such place.
    pub fn open_read_only_from(storage: Arc<dyn Storage>, from: &FrameCursor) -> Result<LedgerReader, LedgerError> {
        let until = until(&*storage)?;
        let found = recovery::find(storage, from, until)?.ok_or(LedgerError::NoLedger)?;
        found.shared.publish(found.end);
        Ok(LedgerReader { shared: Arc::new(found.shared), beside: true })
    }

    /// Opens what is good of a damaged ledger: up to a place, whatever lies behind it. Checks every frame up to there.
    ///
    /// # Errors
    /// If it is damaged before that place, or of a newer format.
    pub fn open_good(storage: Arc<dyn Storage>, good: &FrameCursor) -> Result<LedgerReader, LedgerError> {
        let found = recovery::find_good(storage, good)?;
        found.shared.publish(found.end);
        Ok(LedgerReader { shared: Arc::new(found.shared), beside: false })
    }

    /// Looks again how far the ledger is, if another process may write it. Gives the durable position.
    ///
    /// # Errors
    /// If what was added is damaged or cannot be read.
    pub fn refresh(&self) -> Result<Position, LedgerError> {
        if !self.beside {
            return Ok(self.durable_position());
        }
        let shared = &*self.shared;
        // One thread looks at a time; the others find what it found.
        let mut end = shared.end.lock();
        let until = until(&*shared.storage)?;
        shared.segments.discover(&*shared.storage)?;
        // What ends otherwise than with a frame is being written, or was torn when its writer went.
        while let Next::Frame(frame) = shared.next(&end, until, Checks::Chain(&shared.dictionary))? {
            // NOTE: the end moves with each frame that is passed. If the next one cannot be read just now, a second
            // try goes on behind this one, and does not add it once more.
            *end = recovery::step(shared, &frame)?;
            shared.durable.store(end.position(), std::sync::atomic::Ordering::Release);
        }
        Ok(end.position())
    }

    /// The last position that can be read.
    #[must_use]
    pub fn durable_position(&self) -> Position {
        self.shared.durable_position()
    }

    /// The place after the last durable frame.
    #[must_use]
    pub fn end(&self) -> FrameCursor {
        *self.shared.end.lock()
    }

    /// The dictionary of the ledger's texts.
    #[must_use]
    pub fn dictionary(&self) -> Arc<Dictionary> {
        Arc::clone(&self.shared.dictionary)
    }

    /// The frames after a place, up to the durable end at each moment. Each is checked against its checksums
    /// and that it follows; the hash chain was checked when the ledger was opened.
    pub fn frames(&self, from: &FrameCursor) -> impl Iterator<Item = Result<Frame, LedgerError>> + use<> {
        let reader = self.clone();
        let mut at = Some(*from);
        std::iter::from_fn(move || {
            let place = at?;
            match reader.frame_after(&place) {
                Ok(Some(frame)) => {
                    at = Some(frame.cursor_without_hash());
                    Some(Ok(frame))
                }
                Ok(None) => None,
                Err(error) => {
                    at = None;
                    Some(Err(error))
                }
            }
        })
    }

    /// The frames from the one on that holds a position; its first events may lie before that.
    ///
    /// # Errors
    /// If there is no such position.
    pub fn frames_from(
        &self,
        position: Position,
    ) -> Result<impl Iterator<Item = Result<Frame, LedgerError>> + use<>, LedgerError> {
        let (segment, entry) = self.locate(position)?;
        let header = segment.header(entry, &*self.shared.storage)?;
        let from = FrameCursor {
            segment: segment.number,
            offset: u64::from(entry.offset),
            position: header.first_position,
            quarantine: header.first_quarantine,
            recorded_at: header.recorded_at,
            hash: header.previous,
        };
        Ok(self.frames(&from))
    }

    /// Whether a place that a checkpoint names is one of this ledger's, up to its durable end.
    ///
    /// # Errors
    /// If the storage fails.
    pub fn holds(&self, place: &FrameCursor) -> Result<bool, LedgerError> {
        let end = self.end();
        if *place == FrameCursor::START || *place == end {
            return Ok(true);
        }
        match self.frame_after(place) {
            Ok(Some(frame)) => Ok(frame.header().previous == place.hash),
            Ok(None) => Ok(place.hash == end.hash && place.position == end.position),
            Err(LedgerError::Damaged { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The last position recorded at or before a moment, 0 if there is none.
    ///
    /// # Errors
    /// If an entry cannot be read.
    pub fn position_at(&self, time: Timestamp) -> Result<Position, ReadError> {
        let (mut low, mut high) = (0, self.durable_position());
        while low < high {
            let middle = (low + high).div_ceil(2);
            if self.recorded_at(middle)? <= time {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Ok(low)
    }

    /// Who sent in or caused the event at a position, where the ledger keeps that.
    ///
    /// # Errors
    /// If there is no such position, or it cannot be read.
    pub fn actor(&self, position: Position) -> Result<Option<Actor>, ReadError> {
        let (segment, entry) = self.locate(position)?;
        let storage = &*self.shared.storage;
        let header = segment.header(entry, storage).map_err(|error| unread(position, error))?;
        if header.version < FRAME_VERSION_DEEDS {
            return Ok(None);
        }
        let payload = segment.payload(entry, storage).map_err(|error| unread(position, error))?;
        let mut deeds = deeds_of(&payload, &header)
            .ok_or_else(|| damaged(position, segment.number, u64::from(entry.offset), "its deeds are not there"))?;
        Ok(deeds.find(|deed| deed.events.contains(&position)).map(|deed| deed.actor))
    }

    /// A quarantined event, whole, from disk.
    ///
    /// # Errors
    /// If there is none at that place.
    pub fn quarantined(&self, at: QuarantineLocation) -> Result<QuarantinedEvent, LedgerError> {
        self.quarantine_entry(at, |entry| entry.whole())
    }

    /// Why a quarantined event was quarantined, and where it came from. Its bytes are not read.
    ///
    /// # Errors
    /// If there is none at that place.
    pub fn quarantined_because(&self, at: QuarantineLocation) -> Result<(Rejection, String), LedgerError> {
        self.quarantine_entry(at, |entry| (entry.rejection(), entry.origin.to_owned()))
    }

    /// Whether a quarantined event is one of those chosen. Only its origin is read, and that only if it is asked for.
    ///
    /// # Errors
    /// If there is none at the row's place.
    pub fn is_chosen(&self, filter: &QuarantineFilter, row: &QuarantineRow) -> Result<bool, LedgerError> {
        if !filter.may_hold(row) {
            return Ok(false);
        }
        match &filter.origin {
            None => Ok(true),
            Some(prefix) => self.quarantine_entry(row.location, |entry| entry.origin.starts_with(&**prefix)),
        }
    }

    /// What an operator did to a quarantined event.
    ///
    /// # Errors
    /// If there is no act at that place.
    pub fn act(&self, at: QuarantineLocation) -> Result<Act, LedgerError> {
        self.at_location(at, Act::take)
    }

    /// Whether the quarantined event at a place has these bytes and came from there.
    pub(crate) fn is_quarantined(&self, at: QuarantineLocation, origin: &str, raw: &[u8]) -> Result<bool, LedgerError> {
        self.quarantine_entry(at, |entry| entry.origin == origin && entry.raw == raw)
    }

    fn quarantine_entry<T>(
        &self,
        at: QuarantineLocation,
        take: impl FnOnce(&QuarantineEntry<'_>) -> T,
    ) -> Result<T, LedgerError> {
        self.at_location(at, |fields| QuarantineEntry::take(fields).as_ref().map(take))
    }

    fn at_location<T>(
        &self,
        at: QuarantineLocation,
        take: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Result<T, LedgerError> {
        let (segment, storage) = (self.shared.segment(at.segment)?, &*self.shared.storage);
        let damaged = || LedgerError::damaged(at.segment, at.offset, Fault::Sections);
        let frame = segment.frame_at(at.offset, storage)?.ok_or_else(damaged)?;
        let payload = segment.payload(frame, storage)?;
        let begin = at.offset.checked_sub(u64::from(frame.offset) + HEADER_BYTES as u64).ok_or_else(damaged)?;
        let bytes = payload.get(begin as usize..).and_then(|bytes| bytes.get(..at.length as usize));
        take(&mut Fields(bytes.ok_or_else(damaged)?)).ok_or_else(damaged)
    }

    /// Where the first frame of a segment begins.
    pub(crate) fn first_frame(&self, number: u64) -> Result<u64, LedgerError> {
        let file = self.shared.segment(number)?.file(&*self.shared.storage)?;
        Ok(read_header_bytes(&**file, number)?.len() as u64)
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    fn frame_after(&self, at: &FrameCursor) -> Result<Option<Frame>, LedgerError> {
        let end = Mark::at(&self.end());
        if Mark::at(at) >= end {
            return Ok(None);
        }
        match self.shared.next(at, Until::Mark(end), Checks::Sequence)? {
            Next::Frame(frame) => Ok(Some(frame)),
            Next::AtMark(_) | Next::End(_) => Ok(None),
            Next::Broken { at, fault, .. } => Err(LedgerError::damaged(at.segment, at.offset, fault)),
        }
    }

    fn locate(&self, position: Position) -> Result<(&Segment, &FrameEntry), ReadError> {
        let last = self.durable_position();
        if position == 0 || position > last {
            return Err(ReadError::NoSuchPosition { position, last });
        }
        // Every durable position lies in a segment, and in a frame there.
        let missing = |segment| damaged(position, segment, 0, "no frame holds it");
        let segment = self.shared.segments.of_position(position).ok_or_else(|| missing(0))?;
        let entry = segment.frame_of(position, &*self.shared.storage).map_err(|error| unread(position, error))?;
        Ok((segment, entry.ok_or_else(|| missing(segment.number))?))
    }
}

/// Up to where a reader may look.
pub(crate) fn until(storage: &dyn Storage) -> Result<Until, LedgerError> {
    Ok(match Mark::read(storage)? {
        Some(mark) if storage.is_locked(LOCK_NAME)? => Until::Mark(mark),
        _ => Until::LastWhole,
    })
}

impl EventReader for LedgerReader {
    fn event(&self, position: Position) -> Result<Event<'_>, ReadError> {
        let (segment, entry) = self.locate(position)?;
        let broken = |detail: &str| damaged(position, segment.number, u64::from(entry.offset), detail);
        let place = (position - segment.first_position_of(entry)) as usize;
        let record = |frame| Records::of(frame, entry.event_count)?.nth(place);
        let payload = segment.payload(entry, &*self.shared.storage);
        let dictionary = &*self.shared.dictionary;
        match payload.map_err(|error| unread(position, error))? {
            Cow::Borrowed(payload) => {
                let bytes = record(payload).ok_or_else(|| broken("its record is not where it should be"))?;
                record::decode(bytes, dictionary).map_err(|cause| broken(&cause.to_string()))
            }
            Cow::Owned(payload) => {
                let bytes = Records::of(&payload, entry.event_count).and_then(|records| records.nth(place));
                let bytes = bytes.ok_or_else(|| broken("its record is not where it should be"))?;
                let event = record::decode(bytes, dictionary).map_err(|cause| broken(&cause.to_string()))?;
                Ok(event.into_owned())
            }
        }
    }

    fn recorded_at(&self, position: Position) -> Result<Timestamp, ReadError> {
        let (segment, entry) = self.locate(position)?;
        let header = segment.header(entry, &*self.shared.storage).map_err(|error| unread(position, error))?;
        Ok(header.recorded_at)
    }

    fn runs_upto(&self, position: Position) -> Result<Runs, RunError> {
        self.runs_covering(position)
    }
}

fn damaged(position: Position, segment: u64, byte: u64, detail: &str) -> ReadError {
    ReadError::Damaged { position, segment, byte, detail: detail.to_owned() }
}

fn unread(position: Position, error: LedgerError) -> ReadError {
    if let LedgerError::Read(error) = error {
        return error;
    }
    if let LedgerError::Damaged { segment, byte, fault } = &error {
        return damaged(position, *segment, *byte, &fault.to_string());
    }
    ReadError::Storage { position, detail: error.to_string() }
}
