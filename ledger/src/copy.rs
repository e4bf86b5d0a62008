//! A ledger copied up to a position: its segments byte for byte, so that the hash chain is the same; of a frame that
//! the position cuts through, the entries up to it, as a frame of their own.

use schemas::json::write_event;

use crate::batch::Batch;
use crate::cursor::FrameCursor;
use crate::error::LedgerError;
use crate::format::{FORMAT_VERSION_FIRST, read_format, write_format};
use crate::frame::Frame;
use crate::ledger::{Ledger, LedgerOptions};
use crate::position::{Position, ReadError};
use crate::reader::LedgerReader;
use crate::segment::segment_name;
use crate::segment_file::copy_bytes;
use crate::write_lock::WriteLock;

/// Copies the entries up to a position into a locked storage that holds no ledger, with all that their frames say beside
/// them. At the ledger's end that is all of it; of a frame that is cut through, duplicates, offsets and quarantine are
/// left out, and who its entries are of is kept. Gives the place at the end of the copy.
///
/// # Errors
/// If the ledger ends before the position or cannot be read, or the storage does not take the copy.
pub fn copy(reader: &LedgerReader, upto: Position, to: &WriteLock) -> Result<FrameCursor, LedgerError> {
    let end = reader.end();
    if upto > end.position() {
        return Err(ReadError::NoSuchPosition { position: upto, last: end.position() }.into());
    }
    let (boundary, cut_through) = boundary(reader, upto, &end)?;
    let storage = to.storage();
    let shared = reader.shared();
    let format = read_format(&*shared.storage)?.unwrap_or(FORMAT_VERSION_FIRST);
    write_format(&**storage, format)?;
    for number in 1..=boundary.segment {
        let segment = shared.segment(number)?;
        let from = segment.file(&*shared.storage)?;
        let bytes =
            if number == boundary.segment { boundary.offset.max(reader.first_frame(number)?) } else { from.len() };
        let file = storage.create(&segment_name(number, segment.first_position), from.len())?;
        copy_bytes(&**from, &*file, bytes, &mut |_| {})?;
        file.sync()?;
    }
    storage.sync_names()?;
    let (mut ledger, _) = Ledger::open_locked(to, LedgerOptions::default())?;
    if let Some(frame) = cut_through {
        let batches = cut_batches(&frame, upto, reader, &ledger)?;
        ledger.append_accepted(&batches, frame.recorded_at())?;
    }
    Ok(ledger.end())
}

/// The entries of a frame up to a position, in a batch for each actor that they are of.
fn cut_batches(
    frame: &Frame,
    upto: Position,
    reader: &LedgerReader,
    ledger: &Ledger,
) -> Result<Vec<Batch>, LedgerError> {
    let dictionary = reader.dictionary();
    let mut deeds = frame.deeds().filter(|deed| !deed.events.is_empty()).peekable();
    let mut batches: Vec<Batch> = Vec::new();
    let mut raw = Vec::new();
    for entry in frame.entries(&dictionary) {
        let (position, event) = entry?;
        if position > upto {
            break;
        }
        let ended = deeds.next_if(|deed| deed.events.end <= position).is_some();
        let of_deed = deeds.peek().filter(|deed| deed.events.contains(&position));
        let begins = of_deed.is_some_and(|deed| deed.events.start == position);
        if batches.is_empty() || ended || begins {
            let mut batch = Batch::new(ledger.dictionary(), frame.recorded_at());
            batch.set_actor(of_deed.map(|deed| deed.actor.clone()));
            batches.push(batch);
        }
        raw.clear();
        write_event(&event, &mut raw);
        if let Some(batch) = batches.last_mut() {
            batch.push_event(&event, &raw, String::new);
        }
    }
    Ok(batches)
}

/// The place after the last frame that is copied whole, and the frame after it if some of its entries are copied.
fn boundary(
    reader: &LedgerReader,
    upto: Position,
    end: &FrameCursor,
) -> Result<(FrameCursor, Option<Frame>), LedgerError> {
    if upto == end.position() {
        return Ok((*end, None));
    }
    if upto == 0 {
        return Ok((FrameCursor::START, None));
    }
    // There is a frame that holds the position.
    let frame = reader.frames_from(upto)?.next().transpose()?;
    let frame = frame.ok_or(ReadError::NoSuchPosition { position: upto, last: end.position() })?;
    let after = frame.cursor_without_hash();
    if after.position() == upto {
        return Ok((after, None));
    }
    let before = FrameCursor { segment: frame.segment(), offset: frame.offset(), ..FrameCursor::START };
    Ok((before, Some(frame)))
}
