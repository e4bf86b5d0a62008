//! Opening a ledger: find its segments, walk its frames from a known place, and tell the torn end of a write
//! that a crash cut short from damage.
//!
//! Each commit is one frame, written and synced before the next one is begun. So a crash can leave only one
//! frame incomplete, the last; it was never acknowledged and is cut off. What lies before the durable mark, or
//! has a whole frame after it, was acknowledged: if that is broken it is damage, and the start stops.

use std::sync::Arc;

use crate::cursor::FrameCursor;
use crate::error::{Fault, LedgerError};
use crate::format::read_format;
use crate::frame::{Frame, HEADER_BYTES, HeaderRead};
use crate::mark::Mark;
use crate::segment::{decode_header, read_header_bytes};
use crate::segments::header_at;
use crate::storage::{Storage, StorageFile};
use crate::walk::{Checks, Next, Shared, Until, end_of_bytes};

/// What a ledger was found to be when it was opened.
pub(crate) struct WalkedLedger {
    pub(crate) shared: Shared,
    /// After the last whole frame.
    pub(crate) end: FrameCursor,
    /// How many frames were walked and checked.
    pub(crate) frames: u64,
    /// After the last byte of a torn write, if there is one.
    pub(crate) torn_end: Option<u64>,
    /// The last frame, if it lies in the last segment and behind the mark: whole, but not known to be durable.
    pub(crate) unmarked: Option<Frame>,
}

/// Opens the segments of a storage and walks them from a place on. `None` if there is no segment.
pub(crate) fn find(
    storage: Arc<dyn Storage>,
    from: &FrameCursor,
    until: Until,
) -> Result<Option<WalkedLedger>, LedgerError> {
    read_format(&*storage)?;
    let mark = Mark::read(&*storage)?;
    let shared = Shared::new(storage);
    shared.segments.discover(&*shared.storage)?;
    if shared.segments.count() == 0 {
        return match mark {
            Some(_) => Err(LedgerError::damaged(1, 0, Fault::MissingSegment)),
            None if *from != FrameCursor::START => Err(mismatch(from)),
            None => Ok(None),
        };
    }
    walk(shared, from, until, mark).map(Some)
}

/// Walks the segments up to a place, whatever lies behind it.
pub(crate) fn find_good(storage: Arc<dyn Storage>, good: &FrameCursor) -> Result<WalkedLedger, LedgerError> {
    read_format(&*storage)?;
    let shared = Shared::new(storage);
    shared.segments.discover_all(&*shared.storage, good.segment)?;
    walk(shared, &FrameCursor::START, Until::Mark(Mark::at(good)), None)
}

fn walk(shared: Shared, from: &FrameCursor, until: Until, mark: Option<Mark>) -> Result<WalkedLedger, LedgerError> {
    let mut frames = 0;
    let mut last = None;
    let mut at = begin(&shared, from)?;
    let mut reached =
        *from == FrameCursor::START || at == *from || mutants::mutant!("place-of-a-checkpoint-not-looked-for");
    loop {
        let (end, torn_end) = match shared.next(&at, until, Checks::Chain(&shared.dictionary))? {
            Next::Frame(frame) => {
                at = step(&shared, &frame)?;
                frames += 1;
                reached |= at == *from;
                last = Some(frame);
                continue;
            }
            Next::AtMark(end) => (end, None),
            Next::End(end) => (end, judge_end(&shared, &end)?),
            Next::Broken { at, fault, claimed_end } => (at, judge_broken(&shared, &at, fault, claimed_end, mark)?),
        };
        at = end;
        if let Until::LastWhole = until {
            check_mark(&at, mark)?;
        }
        if !reached {
            return Err(mismatch(from));
        }
        if last.as_ref().is_none_or(|frame| frame.segment() != at.segment) {
            shared.find_epoch(&at)?;
        }
        let marked = mark.is_some_and(|mark| Mark::at(&at) <= mark);
        let unmarked = last.filter(|frame| !marked && frame.segment() == at.segment);
        return Ok(WalkedLedger { shared, end: at, frames, torn_end, unmarked });
    }
}

/// The start of the segment in which the place lies: the walk begins there, so that its dictionary is loaded
/// and the frames before the place are found too.
fn begin(shared: &Shared, from: &FrameCursor) -> Result<FrameCursor, LedgerError> {
    if *from == FrameCursor::START {
        shared.segment(1)?.set_indexed();
        return Ok(*from);
    }
    let segment = shared.segments.get(from.segment).ok_or_else(|| mismatch(from))?;
    segment.set_indexed();
    let bytes = read_header_bytes(&**segment.file(&*shared.storage)?, segment.number)?;
    let header = decode_header(&bytes, segment.number)?;
    header.load_dictionary(&shared.dictionary)?;
    Ok(header.start)
}

/// Passes a frame, and marks its segment as walked.
pub(crate) fn step(shared: &Shared, frame: &Frame) -> Result<FrameCursor, LedgerError> {
    shared.segment(frame.segment())?.set_indexed();
    shared.pass(frame)
}

fn mismatch(from: &FrameCursor) -> LedgerError {
    LedgerError::CursorMismatch { segment: from.segment, byte: from.offset }
}

/// Nothing begins at the end. Bytes further on are of a torn write whose beginning did not reach the disk.
pub(crate) fn judge_end(shared: &Shared, end: &FrameCursor) -> Result<Option<u64>, LedgerError> {
    let file = shared.segment(end.segment)?.file(&*shared.storage)?;
    let Some(torn_end) = end_of_bytes(&**file, end.offset)? else {
        return Ok(None);
    };
    if whole_frame_after(&**file, end, end.offset + 8)? {
        return Err(LedgerError::damaged(end.segment, end.offset, Fault::FrameMagic));
    }
    Ok(Some(torn_end))
}

/// Bytes that are no frame: torn if nothing durable and no whole frame lies behind them, else damage.
pub(crate) fn judge_broken(
    shared: &Shared,
    at: &FrameCursor,
    fault: Fault,
    claimed_end: Option<u64>,
    mark: Option<Mark>,
) -> Result<Option<u64>, LedgerError> {
    let file = shared.segment(at.segment)?.file(&*shared.storage)?;
    let acknowledged = mark.is_some_and(|mark| at.is_before(mark.segment, mark.offset));
    // A torn frame may hold, as a quarantined event's bytes, the image of a frame: what is its own is skipped.
    if mutants::mutant!("damage-cut-off-as-torn") {
        return end_of_bytes(&**file, at.offset).map_err(LedgerError::from);
    }
    if acknowledged || whole_frame_after(&**file, at, claimed_end.unwrap_or(at.offset + 8))? {
        return Err(LedgerError::damaged(at.segment, at.offset, fault));
    }
    end_of_bytes(&**file, at.offset).map_err(LedgerError::from)
}

/// The mark never leads: a ledger that ends before it has lost something.
pub(crate) fn check_mark(end: &FrameCursor, mark: Option<Mark>) -> Result<(), LedgerError> {
    match mark {
        Some(mark) if end.is_before(mark.segment, mark.offset) && !mutants::mutant!("mark-not-looked-at") => {
            let fault = Fault::EndsEarly { segment: mark.segment, byte: mark.offset };
            Err(LedgerError::damaged(end.segment, end.offset, fault))
        }
        _ => Ok(()),
    }
}

/// Whether a whole frame that could follow begins anywhere from a byte on. Frames begin at multiples of eight.
pub(crate) fn whole_frame_after(file: &dyn StorageFile, at: &FrameCursor, from: u64) -> Result<bool, LedgerError> {
    let Some(end) = end_of_bytes(file, from)? else {
        return Ok(false);
    };
    let rest = file.read(from, (end - from) as usize)?;
    for (chunk, bytes) in rest.chunks(8).enumerate() {
        if !bytes.starts_with(b"TRFR") {
            continue;
        }
        let offset = from + chunk as u64 * 8;
        if let HeaderRead::Frame(header) = header_at(file, offset)?
            && header.first_position >= at.position
        {
            let frame = file.read(offset, header.frame_bytes() as usize)?;
            if crc32c::crc32c(&frame[HEADER_BYTES..]) == header.payload_checksum {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
