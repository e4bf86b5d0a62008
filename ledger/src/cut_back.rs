//! A ledger taken back to an earlier place, since what lies behind it is not the leader's: a former leader that is to follow.
//! What is cut off is kept aside first, as whole files of segments.
//!
//! After a crash anywhere the ledger is whole and ends where it did, at the place, or at a frame between: done once more, it is
//! cut there.

use crate::cursor::FrameCursor;
use crate::error::LedgerError;
use crate::mark::{Mark, MarkWriter};
use crate::reader::LedgerReader;
use crate::segment::{parse_segment_name, segment_name};
use crate::segment_file::copy_bytes;
use crate::storage::{Access, Storage, StorageError, UNFINISHED};
use crate::write_lock::WriteLock;

/// What was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutOff {
    /// The files that it lay in: from the segment on in which the place lies. Of that one, what lies before the place is
    /// the ledger's as well.
    pub files: Vec<String>,
}

impl LedgerReader {
    /// Where the last frame ends, if none is in the last segment yet. A leader may have begun that segment with more or less
    /// room than another one, which is to be followed: the ledger is cut back to this place first.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn end_before_empty_segment(&self) -> Result<Option<FrameCursor>, LedgerError> {
        let end = self.end();
        let last = self.durable_segments(&end, end.segment().saturating_sub(1), 2)?;
        let [before, last] = &last[..] else { return Ok(None) };
        if last.start.offset < end.offset {
            return Ok(None);
        }
        let mut place = before.start;
        for frame in self.frames(&before.start) {
            place = frame?.cursor_after();
        }
        Ok(Some(place))
    }
}

/// Cuts off what lies behind a place of a ledger, which must be one of its own, and keeps it aside in an empty storage, where
/// one is given.
///
/// # Errors
/// If one of the two storages fails.
pub fn cut_back(lock: &WriteLock, to: &FrameCursor, aside: Option<&dyn Storage>) -> Result<CutOff, LedgerError> {
    let storage = &**lock.storage();
    let mut segments: Vec<(u64, u64)> = storage.list()?.iter().filter_map(|name| parse_segment_name(name)).collect();
    segments.sort_unstable();
    segments.retain(|(number, _)| *number >= to.segment);
    let names: Vec<String> = segments.iter().map(|(number, first)| segment_name(*number, *first)).collect();
    if let Some(aside) = aside {
        for name in &names {
            keep(storage, name, u64::MAX, aside, name)?;
        }
        aside.sync_names()?;
    }
    // NOTE: first, so that no start takes what is gone for lost.
    MarkWriter::start(storage, Mark::at(to))?;
    for name in names.iter().skip(1).rev() {
        storage.remove(name)?;
        storage.sync_names()?;
    }
    if let Some(name) = names.first() {
        let beside = format!("{name}{UNFINISHED}");
        keep(storage, name, to.offset, storage, &beside)?;
        storage.rename(&beside, name)?;
        storage.sync_names()?;
    }
    Ok(CutOff { files: names })
}

/// Copies the first bytes of a file, so many at most, into a new one as long, and makes that durable.
fn keep(from: &dyn Storage, name: &str, bytes: u64, to: &dyn Storage, copy: &str) -> Result<(), LedgerError> {
    let missing = || StorageError::new("open", name, std::io::ErrorKind::NotFound.into());
    let file = from.open(name, Access::Read)?.ok_or_else(missing)?;
    let kept = to.create(copy, file.len())?;
    copy_bytes(&*file, &*kept, bytes.min(file.len()), &mut |_| {})?;
    Ok(kept.sync()?)
}
