//! The whole check of a ledger: checksums, hash chain, sequence, times of recording, and every record.

use schemas::{Dictionary, record};

use crate::cursor::FrameCursor;
use crate::error::{Fault, LedgerError};
use crate::fields::Fields;
use crate::frame::{Frame, HEADER_BYTES, RECORDS_PER_OFFSET, Records};
use crate::mark::Mark;
use crate::position::Position;
use crate::quarantine::{Quarantine, QuarantineState};
use crate::reader::LedgerReader;
use crate::walk::{Checks, Next, Until};

/// What a whole check found in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Segments walked.
    pub segments: u64,
    /// Frames walked.
    pub frames: u64,
    /// The last position: so many events were decoded.
    pub position: Position,
    /// Quarantined events that are open, as a list of them has them.
    pub quarantined: u64,
    /// Quarantined events that were discarded or replaced.
    pub set_aside: u64,
    /// Bytes of all frames.
    pub bytes: u64,
}

/// Walks all durable frames from the first on, and tells of the progress after each.
///
/// # Errors
/// [`LedgerError::Damaged`] with segment and byte of the first damage.
pub fn verify(reader: &LedgerReader, mut progress: impl FnMut(&VerifyReport)) -> Result<VerifyReport, LedgerError> {
    let shared = reader.shared();
    let end = Mark::at(&reader.end());
    // Its own dictionary, from nothing: what the frames say is checked against what the segments say.
    let dictionary = Dictionary::new();
    let (mut report, mut quarantine) = (VerifyReport::default(), Quarantine::default());
    let mut at = FrameCursor::START;
    loop {
        match shared.next(&at, Until::Mark(end), Checks::Chain(&dictionary))? {
            Next::Frame(frame) => {
                verify_records(&frame, &dictionary)?;
                report.segments = frame.segment();
                report.frames += 1;
                quarantine.apply(&frame);
                report.quarantined = quarantine.len(QuarantineState::Open);
                report.set_aside =
                    quarantine.len(QuarantineState::Discarded) + quarantine.len(QuarantineState::Replaced);
                report.bytes += frame.byte_count();
                at = frame.cursor_after();
                report.position = at.position();
                progress(&report);
            }
            Next::AtMark(_) | Next::End(_) => return Ok(report),
            Next::Broken { at, fault, .. } => return Err(LedgerError::damaged(at.segment, at.offset, fault)),
        }
    }
}

/// Every record decodes, and the table of offsets leads to each.
pub(crate) fn verify_records(frame: &Frame, dictionary: &Dictionary) -> Result<(), LedgerError> {
    let begin = frame.offset() + (HEADER_BYTES + Records::begin(frame.event_count())) as u64;
    let damaged = |byte, fault| LedgerError::damaged(frame.segment(), byte, fault);
    let records = Records::of(frame.payload(), frame.event_count()).ok_or_else(|| damaged(begin, Fault::Sections))?;
    let mut table = records.table.as_chunks::<4>().0.iter().map(|entry| u32::from_le_bytes(*entry));
    let mut fields = Fields(records.records);
    for (place, position) in (frame.first_position()..).take(frame.event_count() as usize).enumerate() {
        let offset = records.records.len() - fields.0.len();
        let byte = begin + offset as u64;
        let listed = place % RECORDS_PER_OFFSET != 0 || table.next() == Some(offset as u32);
        match fields.bytes() {
            Some(bytes) if listed => {
                record::decode(bytes, dictionary).map_err(|cause| damaged(byte, Fault::Record { position, cause }))?;
            }
            _ => return Err(damaged(byte, Fault::OffsetTable { position })),
        }
    }
    if fields.0.is_empty() { Ok(()) } else { Err(damaged(begin, Fault::Sections)) }
}
