//! A backup: the segments of a ledger, byte for byte, in a folder that is a ledger itself. Segments that are full never
//! change, so they are copied once; the one that is written is copied up to what is durable.
//!
//! The folder is a whole ledger after each step: segments come in their order, each beside its place, synced and
//! renamed; then the label, then the durable mark. So a backup that is cut short leaves the one before, or a longer one.

mod label;
mod receiving;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::label::BackupLabel;
pub use self::receiving::{backed_up_to, download, receive};
use crate::cursor::FrameCursor;
use crate::error::{BackupError, LedgerError};
use crate::format::{FORMAT_VERSION_FIRST, read_format, write_format};
use crate::mark::{Mark, MarkWriter};
use crate::reader::LedgerReader;
use crate::segment::{parse_segment_name, segment_name};
use crate::segment_file::copy_bytes;
use crate::storage::{Access, Storage, UNFINISHED};
use crate::write_lock::WriteLock;

/// What a backup holds, and what it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// Up to where the backup went before; the beginning if it is new.
    pub before: FrameCursor,
    /// Up to where it goes now.
    pub end: FrameCursor,
    /// The files that were copied.
    pub segments_copied: u64,
    /// Their bytes, as far as there is something in them.
    pub bytes_copied: u64,
}

/// Brings the backup in a locked storage to what is durable of a ledger, which a process may be writing. Tells how many
/// bytes of how many are copied.
///
/// # Errors
/// If the storage holds something else than a backup of this ledger, with which nothing has happened then; if the ledger
/// is damaged, or one of the two storages fails. What was backed up before stays as it was.
pub fn back_up(
    ledger: Arc<dyn Storage>,
    to: &WriteLock,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<BackedUp, BackupError> {
    let storage = &**to.storage();
    let before = check_target(storage)?;
    let there = segment_lengths(storage)?;
    let reader = open(Arc::clone(&ledger), &before, &there)?;
    let end = reader.end();
    // A frame of a later format is written after its ledger says so.
    let format = read_format(&*ledger)?.unwrap_or(FORMAT_VERSION_FIRST);
    clear(storage, &before, read_format(storage)? != Some(format), format)?;
    let mut wanted = Vec::new();
    for number in 1..=end.segment {
        let segment = reader.shared().segment(number)?;
        let file = segment.file(&*ledger)?;
        let name = segment_name(number, segment.first_position);
        let is_longer = number > before.segment || number == before.segment && before != end;
        if is_longer || there.get(&name) != Some(&file.len()) {
            let bytes = if number == end.segment { end.offset.max(reader.first_frame(number)?) } else { file.len() };
            wanted.push((name, Arc::clone(file), bytes));
        }
    }
    let total = wanted.iter().map(|(_, _, bytes)| bytes).sum();
    let mut copied = 0;
    for (name, file, bytes) in &wanted {
        let beside = format!("{name}{UNFINISHED}");
        let copy = storage.create(&beside, file.len()).map_err(LedgerError::from)?;
        copy_bytes(&**file, &*copy, *bytes, &mut |bytes| {
            copied += bytes;
            progress(copied, total);
        })?;
        copy.sync().map_err(LedgerError::from)?;
        storage.rename(&beside, name).map_err(LedgerError::from)?;
        storage.sync_names().map_err(LedgerError::from)?;
    }
    // NOTE: the label first: a mark that leads it says that somebody else has written here.
    BackupLabel { end }.write(storage)?;
    MarkWriter::start(storage, Mark::at(&end))?;
    Ok(BackedUp { before, end, segments_copied: wanted.len() as u64, bytes_copied: copied })
}

/// Up to where the backup in a storage goes; the beginning if the storage is empty.
fn check_target(storage: &dyn Storage) -> Result<FrameCursor, BackupError> {
    let has_segments = storage.list().map_err(LedgerError::from)?.iter().any(|name| parse_segment_name(name).is_some());
    match BackupLabel::read(storage)? {
        None if has_segments => Err(BackupError::NoBackup),
        None => {
            // What a backup cut short leaves is known as such by it.
            BackupLabel { end: FrameCursor::START }.write(storage)?;
            Ok(FrameCursor::START)
        }
        Some(label) => match Mark::read(storage)? {
            Some(mark) if label.end.is_before(mark.segment, mark.offset) => {
                Err(BackupError::WrittenInto { position: label.end.position() })
            }
            Some(_) | None => Ok(label.end),
        },
    }
}

/// The segments in a storage with the lengths of their files.
fn segment_lengths(storage: &dyn Storage) -> Result<BTreeMap<String, u64>, LedgerError> {
    let mut lengths = BTreeMap::new();
    for name in storage.list()?.into_iter().filter(|name| parse_segment_name(name).is_some()) {
        if let Some(file) = storage.open(&name, Access::Read)? {
            lengths.insert(name, file.len());
        }
    }
    Ok(lengths)
}

/// Opens the ledger where the backup ends, which it must have; checks all of it where full segments of the backup are gone.
fn open(
    ledger: Arc<dyn Storage>,
    before: &FrameCursor,
    there: &BTreeMap<String, u64>,
) -> Result<LedgerReader, BackupError> {
    let another = |error: LedgerError| {
        if let LedgerError::CursorMismatch { .. } = error {
            return BackupError::AnotherLedger { position: before.position() };
        }
        error.into()
    };
    let reader = LedgerReader::open_read_only_from(Arc::clone(&ledger), before).map_err(another)?;
    for number in 1..before.segment {
        let segment = reader.shared().segment(number)?;
        let length = segment.file(&*ledger)?.len();
        if there.get(&segment_name(number, segment.first_position)) != Some(&length) {
            return Ok(LedgerReader::open_read_only(ledger)?);
        }
    }
    Ok(reader)
}

/// Removes what a backup cut short has left behind the place up to which the folder is one, and says the format.
fn clear(storage: &dyn Storage, before: &FrameCursor, is_other_format: bool, format: u32) -> Result<(), LedgerError> {
    for name in storage.list()? {
        let is_behind = parse_segment_name(&name).is_some_and(|(number, _)| number > before.segment);
        // The one in which the backup ends is whole, whoever wrote it; before the first it is of another.
        let is_of_nothing = before.offset == 0 && parse_segment_name(&name).is_some();
        if name.ends_with(UNFINISHED) || is_behind || is_of_nothing {
            storage.remove(&name)?;
        }
    }
    if is_other_format {
        write_format(storage, format)?;
    }
    Ok(())
}
