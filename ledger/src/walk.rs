//! Walking from frame to frame, each checked against the one before: how a ledger is opened, followed and verified.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use schemas::Dictionary;

use crate::cursor::FrameCursor;
use crate::epoch::Epoch;
use crate::error::{Fault, LedgerError};
use crate::frame::{Frame, HeaderRead};
use crate::mark::Mark;
use crate::position::Position;
use crate::runs::Shelf;
use crate::segment::{decode_header, read_header_bytes};
use crate::segments::{Segment, Segments, header_at, newer};
use crate::storage::Storage;
use crate::sync::{AtomicU64, Mutex};

/// From how many events on an index gives them to a run, unless it is told otherwise: 32 MB of memory.
pub(crate) const RUN_EVENTS: u64 = 4_000_000;

/// What the writer and all readers of one process share.
pub(crate) struct Shared {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) dictionary: Arc<Dictionary>,
    pub(crate) segments: Segments,
    /// After the last durable frame.
    pub(crate) end: Mutex<FrameCursor>,
    /// The last durable position. Stored after everything that it lets others read.
    pub(crate) durable: AtomicU64,
    /// Of the last frame.
    epoch: AtomicU64,
    pub(crate) shelf: Shelf,
    /// From how many events of accounts on that an index holds in memory they go to a run.
    pub(crate) run_events: u64,
}

/// Up to where the ledger is walked.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// All whole frames.
    LastWhole,
    /// Nothing is looked at from here on: it may be written at this moment.
    Mark(Mark),
}

/// What comes next in the ledger.
pub(crate) enum Next {
    /// Nothing before the mark.
    AtMark(FrameCursor),
    /// A frame that is whole and follows.
    Frame(Frame),
    /// Nothing: zeros from here on in the last segment, as far as a frame's header reaches.
    End(FrameCursor),
    /// Bytes in the last segment that are no frame: the torn end of a write, or damage.
    Broken {
        /// Before the bytes.
        at: FrameCursor,
        /// What is wrong with them.
        fault: Fault,
        /// Where the frame ends that they claim to be.
        claimed_end: Option<u64>,
    },
}

/// How closely the next frame is looked at.
#[derive(Clone, Copy)]
pub(crate) enum Checks<'a> {
    /// Its checksums, and that its position follows.
    Sequence,
    /// The hash chain as well, and that the dictionary, which is brought along, is the same.
    Chain(&'a Dictionary),
}

impl Shared {
    pub(crate) fn new(storage: Arc<dyn Storage>) -> Shared {
        Shared {
            storage,
            dictionary: Arc::new(Dictionary::new()),
            segments: Segments::default(),
            end: Mutex::new(FrameCursor::START),
            durable: AtomicU64::new(0),
            epoch: AtomicU64::new(0),
            shelf: Shelf::default(),
            run_events: RUN_EVENTS,
        }
    }

    /// The epoch of the last frame.
    pub(crate) fn epoch(&self) -> Epoch {
        // It was one.
        self.epoch.load(Ordering::Acquire) as Epoch
    }

    /// Looks for the epoch of the last frame where none was passed in the segment at the end: it lies in the one before.
    pub(crate) fn find_epoch(&self, end: &FrameCursor) -> Result<(), LedgerError> {
        let Some(before) = end.segment.checked_sub(1).and_then(|number| self.segments.get(number)) else {
            return Ok(());
        };
        if let Some(frame) = before.last_frame(&*self.storage, |_| true)? {
            let header = before.header(frame, &*self.storage)?;
            self.epoch.store(u64::from(header.epoch), Ordering::Release);
        }
        Ok(())
    }

    pub(crate) fn durable_position(&self) -> Position {
        self.durable.load(Ordering::Acquire)
    }

    /// Lets readers see everything up to a place.
    pub(crate) fn publish(&self, end: FrameCursor) {
        *self.end.lock() = end;
        self.durable.store(end.position(), Ordering::Release);
    }

    /// The segment of a number that the ledger has.
    pub(crate) fn segment(&self, number: u64) -> Result<&Segment, LedgerError> {
        self.segments.get(number).ok_or_else(|| LedgerError::damaged(number, 0, Fault::MissingSegment))
    }

    /// What follows a place, in its segment or the next.
    pub(crate) fn next(&self, at: &FrameCursor, until: Until, checks: Checks<'_>) -> Result<Next, LedgerError> {
        let mut at = *at;
        loop {
            let segment = self.segment(at.segment)?;
            let file = segment.file(&*self.storage)?;
            if at.offset == 0 {
                at = self.enter(segment, &at, checks)?;
            }
            if let Until::Mark(mark) = until
                && Mark::at(&at) >= mark
            {
                return Ok(Next::AtMark(at));
            }
            let is_last = at.segment == self.segments.count();
            let damaged = |fault| LedgerError::damaged(at.segment, at.offset, fault);
            match header_at(&**file, at.offset)? {
                HeaderRead::Newer { version } => return Err(newer(version)),
                HeaderRead::Nothing if is_last => return Ok(Next::End(at)),
                HeaderRead::Nothing => {
                    if let Some(end) = end_of_bytes(&**file, at.offset)? {
                        return Err(LedgerError::damaged(at.segment, end - 1, Fault::BytesAfterEnd));
                    }
                    at = FrameCursor { segment: at.segment + 1, offset: 0, ..at };
                }
                // NOTE: a header that is whole was never torn, so a length that does not fit is damage.
                HeaderRead::Fault(fault @ Fault::Length { .. }) => return Err(damaged(fault)),
                HeaderRead::Fault(fault) if is_last => return Ok(Next::Broken { at, fault, claimed_end: None }),
                HeaderRead::Fault(fault) => return Err(damaged(fault)),
                HeaderRead::Frame(header) => {
                    header.check_sequence(&at).map_err(damaged)?;
                    if let Checks::Chain(_) = checks
                        && header.previous != at.hash
                        && !mutants::mutant!("hash-chain-not-checked")
                    {
                        return Err(damaged(Fault::HashChain));
                    }
                    let claimed_end = Some(at.offset + header.frame_bytes());
                    return match Frame::read(file, at.segment, at.offset, header) {
                        Err(LedgerError::Damaged { fault: fault @ Fault::PayloadChecksum, .. }) if is_last => {
                            Ok(Next::Broken { at, fault, claimed_end })
                        }
                        frame => self.take_texts(frame?, checks).map(Next::Frame),
                    };
                }
            }
        }
    }

    /// Reads the header of a segment that is entered from the one before.
    pub(crate) fn enter(
        &self,
        segment: &Segment,
        from: &FrameCursor,
        checks: Checks<'_>,
    ) -> Result<FrameCursor, LedgerError> {
        let bytes = read_header_bytes(&**segment.file(&*self.storage)?, segment.number)?;
        let header = decode_header(&bytes, segment.number)?;
        // Where a ledger begins to count is said by its first segment.
        let continues = (header.start.position == from.position || *from == FrameCursor::START)
            && segment.first_position == header.start.position
            && header.start.quarantine == from.quarantine
            && header.start.recorded_at == from.recorded_at;
        let chained = match checks {
            Checks::Sequence => true,
            Checks::Chain(_) => header.start.hash == from.hash,
        };
        if (!continues || !chained) && !mutants::mutant!("segment-not-held-against-the-one-before") {
            return Err(LedgerError::damaged(segment.number, 0, Fault::SegmentChain));
        }
        if let Checks::Chain(dictionary) = checks {
            header.load_dictionary(dictionary)?;
        }
        Ok(header.start)
    }

    /// Adds a frame's texts to the dictionary brought along.
    fn take_texts(&self, frame: Frame, checks: Checks<'_>) -> Result<Frame, LedgerError> {
        if let Checks::Chain(dictionary) = checks
            && !frame.dictionary_additions().all(|(id, text)| dictionary.insert(text).map(u64::from) == Some(id))
        {
            return Err(LedgerError::damaged(frame.segment(), frame.offset(), Fault::Dictionary));
        }
        Ok(frame)
    }

    /// The place after a frame that was walked or written; from now on its events are found.
    pub(crate) fn pass(&self, frame: &Frame) -> Result<FrameCursor, LedgerError> {
        let segment = self.segment(frame.segment())?;
        segment.push_checked(frame.header(), frame.offset());
        self.epoch.store(u64::from(frame.header().epoch), Ordering::Release);
        Ok(frame.cursor_after())
    }
}

/// After the last byte of a file from a place on that is not zero.
pub(crate) fn end_of_bytes(
    file: &dyn crate::storage::StorageFile,
    from: u64,
) -> Result<Option<u64>, crate::storage::StorageError> {
    const PIECE: u64 = 1 << 16;
    let mut end = None;
    let mut at = from;
    while at < file.len() {
        let length = PIECE.min(file.len() - at);
        let piece = file.read(at, length as usize)?;
        // Nearly all pieces are zeros, which are told from others many at a time.
        if piece.iter().fold(0, |any, byte| any | byte) != 0 {
            let last = piece.iter().rposition(|byte| *byte != 0).unwrap_or_default();
            end = Some(at + last as u64 + 1);
        }
        at += length;
    }
    Ok(end)
}
