//! The frames of one file, each held against the one before it: what is taken from a copy has to follow.

use std::sync::Arc;

use crate::cursor::FrameCursor;
use crate::error::LedgerError;
use crate::frame::{Frame, HeaderRead};
use crate::segments::{header_at, newer};
use crate::storage::StorageFile;

/// The frame at a place of a file, if it is what was written there: whole, and holding the hash of the one before.
pub(crate) fn frame_at(file: &Arc<dyn StorageFile>, at: &FrameCursor) -> Result<Option<Frame>, LedgerError> {
    let header = match header_at(&**file, at.offset)? {
        HeaderRead::Frame(header) => header,
        HeaderRead::Nothing | HeaderRead::Fault(_) => return Ok(None),
        HeaderRead::Newer { version } => return Err(newer(version)),
    };
    if header.check_sequence(at).is_err()
        || (header.previous != at.hash && !mutants::mutant!("copy-not-held-against-the-chain"))
    {
        return Ok(None);
    }
    match Frame::read(file, at.segment, at.offset, header) {
        Ok(frame) => Ok(Some(frame)),
        Err(LedgerError::Damaged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The place after the last frame of a file that follows from a place on; each place on the way is told.
pub(crate) fn follow(
    file: &Arc<dyn StorageFile>,
    from: &FrameCursor,
    passed: &mut dyn FnMut(&FrameCursor),
) -> Result<FrameCursor, LedgerError> {
    let mut at = *from;
    passed(&at);
    while let Some(frame) = frame_at(file, &at)? {
        at = frame.cursor_after();
        passed(&at);
    }
    Ok(at)
}
