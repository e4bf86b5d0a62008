//! Making segments, opening them to write, and cutting off what a crash left.

use std::sync::Arc;

use schemas::Dictionary;

use crate::cursor::FrameCursor;
use crate::error::LedgerError;
use crate::position::Position;
use crate::segment::{encode_header, segment_name};
use crate::storage::{Access, Storage, StorageError, StorageFile, UNFINISHED};

/// Makes a segment that is there whole or not at all. Gives the length of its header.
pub(crate) fn create_segment(
    storage: &dyn Storage,
    start: &FrameCursor,
    dictionary: &Dictionary,
    segment_bytes: u64,
    frame_bytes: u64,
) -> Result<u64, LedgerError> {
    let header = encode_header(start, dictionary);
    let header_bytes = header.len() as u64;
    create_segment_of(storage, start, &header, segment_bytes.max(header_bytes + frame_bytes))?;
    Ok(header_bytes)
}

/// The same with a header that is given, in a file of so many bytes.
pub(crate) fn create_segment_of(
    storage: &dyn Storage,
    start: &FrameCursor,
    header: &[u8],
    file_bytes: u64,
) -> Result<(), LedgerError> {
    let name = segment_name(start.segment, start.position);
    let beside = format!("{name}{UNFINISHED}");
    let file = storage.create(&beside, file_bytes)?;
    file.write_at(0, header)?;
    file.sync()?;
    storage.rename(&beside, &name)?;
    if !mutants::mutant!("name-of-a-segment-not-synced") {
        storage.sync_names()?;
    }
    Ok(())
}

pub(crate) fn open_to_write(
    storage: &dyn Storage,
    position: Position,
    number: u64,
) -> Result<Arc<dyn StorageFile>, LedgerError> {
    let name = segment_name(number, position);
    let missing = || StorageError::new("open", &name, std::io::ErrorKind::NotFound.into());
    Ok(storage.open(&name, Access::Write)?.ok_or_else(missing)?)
}

/// Copies so many bytes of a file to the same place of a new one, and tells of each piece how long it is.
pub(crate) fn copy_bytes(
    from: &dyn StorageFile,
    to: &dyn StorageFile,
    bytes: u64,
    progress: &mut dyn FnMut(u64),
) -> Result<(), LedgerError> {
    const PIECE: u64 = 1 << 20;
    let mut at = 0;
    while at < bytes {
        let length = PIECE.min(bytes - at);
        to.write_at(at, &from.read(at, length as usize)?)?;
        at += length;
        progress(length);
    }
    Ok(())
}

/// Makes zeros of the bytes of a torn write, so that the next frame stands before nothing.
pub(crate) fn cut(file: &dyn StorageFile, from: u64, to: u64) -> Result<(), LedgerError> {
    const PIECE: u64 = 1 << 20;
    let zeros = vec![0; PIECE.min(to - from) as usize];
    let mut at = from;
    while at < to {
        let length = PIECE.min(to - at);
        file.write_at(at, &zeros[..length as usize])?;
        at += length;
    }
    Ok(file.sync()?)
}
