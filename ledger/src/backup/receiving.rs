//! A backup taken from elsewhere than a folder: from a daemon over HTTP, or out of an object store. The bytes are the
//! source's; what a folder holds of them already is not asked for again.

use std::sync::Arc;

use super::{BackedUp, BackupLabel, check_target, clear};
use crate::chain::follow;
use crate::cursor::FrameCursor;
use crate::durable::{DurableSegment, LedgerSource};
use crate::error::{BackupError, Fault, LedgerError};
use crate::format::{check_format, read_format};
use crate::mark::{Mark, MarkWriter};
use crate::segment::{decode_header, read_header_bytes};
use crate::storage::{Access, Storage, StorageFile, UNFINISHED};
use crate::walk::end_of_bytes;
use crate::write_lock::WriteLock;

/// So many bytes are asked of a source at a time.
const PIECE: u64 = 4 << 20;

/// Up to where the backup in a locked storage goes, so that a source need not tell of what lies before; the beginning if
/// the storage is empty.
///
/// # Errors
/// If it holds something else than a backup.
pub fn backed_up_to(to: &WriteLock) -> Result<FrameCursor, BackupError> {
    check_target(&**to.storage())
}

/// Brings the backup in a locked storage to what a source has, whose segments are told from the one on in which the backup
/// ends. Each segment is put in its place once all its frames hold the hash of the one before; then the label says so. So one
/// that was cut short goes on with the next segment. Tells how many bytes of how many are there.
///
/// # Errors
/// As [`back_up`](super::back_up): if the storage holds something else than a backup of this ledger, what the source gives
/// does not follow, or one of the two fails. What was backed up before stays as it was.
pub fn receive(
    source: &dyn LedgerSource,
    to: &WriteLock,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<BackedUp, BackupError> {
    let storage = &**to.storage();
    let before = check_target(storage)?;
    let format = source.format();
    check_format(format)?;
    let end = source.end();
    if end.is_before(before.segment, before.offset) {
        return Err(BackupError::AnotherLedger { position: before.position() });
    }
    clear(storage, &before, read_format(storage)? != Some(format), format)?;
    let mut receiving = Receiving { source, storage, before, at: before, got: 0, total: 0, progress };
    let segments = source.segments().iter().filter(|segment| segment.number >= before.segment);
    let wanted: Vec<(&DurableSegment, Option<Arc<dyn StorageFile>>)> =
        segments.map(|segment| Ok((segment, receiving.kept(segment)?))).collect::<Result<_, LedgerError>>()?;
    receiving.total = wanted.iter().map(|(segment, kept)| receiving.missing(segment, kept.is_some())).sum();
    let mut segments_copied = 0;
    for (at, (segment, kept)) in wanted.iter().enumerate() {
        if segment.number != before.segment + at as u64 {
            return Err(LedgerError::damaged(before.segment + at as u64, 0, Fault::MissingSegment).into());
        }
        if kept.is_some()
            && (before == end || wanted.get(at + 1).is_some_and(|(next, _)| goes_on_from(&next.start, &before)))
        {
            continue;
        }
        receiving.take(segment, kept.as_ref())?;
        segments_copied += 1;
    }
    // The end of a ledger without a frame may be told by another offset.
    let is_there = goes_on_from(&receiving.at, &end);
    if !is_there {
        let Mark { segment, offset } = Mark::at(&end);
        let fault = Fault::EndsEarly { segment, byte: offset };
        return Err(LedgerError::damaged(receiving.at.segment, receiving.at.offset, fault).into());
    }
    // NOTE: the label first: a mark that leads it says that somebody else has written here.
    BackupLabel { end }.write(storage)?;
    MarkWriter::start(storage, Mark::at(&end))?;
    Ok(BackedUp { before, end, segments_copied, bytes_copied: receiving.got })
}

/// Whether what follows one place is what follows the other.
fn goes_on_from(at: &FrameCursor, end: &FrameCursor) -> bool {
    (at.position, at.quarantine, at.hash) == (end.position, end.quarantine, end.hash)
}

struct Receiving<'a> {
    source: &'a dyn LedgerSource,
    storage: &'a dyn Storage,
    before: FrameCursor,
    /// After the last frame that is there.
    at: FrameCursor,
    got: u64,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

impl Receiving<'_> {
    /// The file in which the backup ends, if it is there: what lies before that end is not asked for again.
    fn kept(&self, segment: &DurableSegment) -> Result<Option<Arc<dyn StorageFile>>, LedgerError> {
        if segment.number != self.before.segment || self.before.offset == 0 {
            return Ok(None);
        }
        let file = self.storage.open(&segment.file_name(), Access::Read)?;
        Ok(file.filter(|file| file.len() >= self.before.offset))
    }

    fn missing(&self, segment: &DurableSegment, is_kept: bool) -> u64 {
        segment.bytes.saturating_sub(if is_kept { self.before.offset } else { 0 })
    }

    /// Writes a segment beside its place, follows its frames, and puts it there.
    fn take(&mut self, segment: &DurableSegment, kept: Option<&Arc<dyn StorageFile>>) -> Result<(), BackupError> {
        let name = segment.file_name();
        let beside = format!("{name}{UNFINISHED}");
        let file = self.storage.create(&beside, segment.file_bytes).map_err(LedgerError::from)?;
        let mut offset = 0;
        if let Some(kept) = kept {
            offset = self.before.offset;
            crate::segment_file::copy_bytes(&**kept, &*file, offset, &mut |_| {})?;
        }
        while offset < segment.bytes {
            let length = PIECE.min(segment.bytes - offset);
            let piece = self.source.read(segment, offset, length as usize).map_err(LedgerError::from)?;
            file.write_at(offset, &piece).map_err(LedgerError::from)?;
            offset += length;
            self.got += length;
            (self.progress)(self.got, self.total);
        }
        self.at = self.follow(segment, &file)?;
        file.sync().map_err(LedgerError::from)?;
        self.storage.rename(&beside, &name).map_err(LedgerError::from)?;
        self.storage.sync_names().map_err(LedgerError::from)?;
        BackupLabel { end: self.at }.write(self.storage)?;
        Ok(())
    }

    /// The place after the last frame of a segment that goes on where the backup ends, or holds that place.
    fn follow(&self, segment: &DurableSegment, file: &Arc<dyn StorageFile>) -> Result<FrameCursor, BackupError> {
        let another = BackupError::AnotherLedger { position: self.before.position() };
        let header = read_header_bytes(&**file, segment.number)?;
        let start = decode_header(&header, segment.number)?.start;
        let is_first = self.at == FrameCursor::START;
        let mut is_met = is_first || goes_on_from(&start, &self.at);
        let end = follow(file, &start, &mut |place| is_met |= *place == self.before)?;
        if !is_met {
            // Not one frame followed where the backup ends, or what did is cut off from the next.
            let chain = || LedgerError::damaged(segment.number, 0, Fault::SegmentChain).into();
            return Err(if self.at == self.before { another } else { chain() });
        }
        let fault = if end.offset < segment.bytes && segment.number == self.source.end().segment {
            Some((end.offset, Fault::HashChain))
        } else {
            let after = end_of_bytes(&**file, end.offset).map_err(LedgerError::from)?;
            after.map(|after| (after - 1, Fault::BytesAfterEnd))
        };
        match fault {
            None => Ok(end),
            // Not one frame follows where the backup ends.
            Some(_) if end == self.before => Err(another),
            Some((byte, fault)) => Err(LedgerError::damaged(segment.number, byte, fault).into()),
        }
    }
}

/// Writes what a source has into a locked storage that holds no ledger, as it is: whether it is what was written is found
/// by checking it there, also of what is cut short. Tells how many bytes of how many are there.
///
/// # Errors
/// If the source or the storage fails, or the format is newer than this program.
pub fn download(
    source: &dyn LedgerSource,
    to: &WriteLock,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), LedgerError> {
    let storage = &**to.storage();
    check_format(source.format())?;
    crate::format::write_format(storage, source.format())?;
    let total = source.segments().iter().map(|segment| segment.bytes).sum();
    let mut got = 0;
    for segment in source.segments() {
        let file = storage.create(&segment.file_name(), segment.file_bytes)?;
        let mut offset = 0;
        while offset < segment.bytes {
            let length = PIECE.min(segment.bytes - offset);
            let piece = source.read_there(segment, offset, length as usize)?;
            file.write_at(offset, &piece)?;
            got += length;
            progress(got, total);
            if (piece.len() as u64) < length {
                // It was cut short. The file stays zero from there on, which is damage if there were bytes.
                got += segment.bytes - offset - length;
                break;
            }
            offset += length;
        }
        file.sync()?;
    }
    storage.sync_names()?;
    // What ends where a segment is to begin that is not in it yet has no place to mark.
    let end = source.end();
    if source.segments().last().is_some_and(|last| last.number == end.segment) {
        MarkWriter::start(storage, Mark::at(&end))?;
    }
    BackupLabel { end }.write(storage)
}
