//! The writer of a standby: it appends what another ledger has, byte for byte, and decides nothing; and the one frame with
//! which a standby begins to lead.

use std::sync::Arc;

use schemas::Timestamp;

use super::Ledger;
use crate::cursor::FrameCursor;
use crate::epoch::Epoch;
use crate::error::{CommitError, CommitRefusal, LedgerError};
use crate::format::{FORMAT_VERSION_FIRST, write_format};
use crate::frame::{Frame, FrameDraft, FrameHeader, HEADER_BYTES, HeaderRead, write_frame};
use crate::quarantine::Quarantine;
use crate::segment::{decode_header, header_in};
use crate::segment_file::{create_segment_of, open_to_write};
use crate::segments::newer;
use crate::shipped::{ShipError, ShippedPiece};
use crate::write_lock::WriteLock;

/// What a piece holds, checked.
struct Checked {
    /// The place before the first frame and the header of its segment, where that begins.
    begun: Option<(FrameCursor, usize)>,
    frames: Vec<Frame>,
}

impl Ledger {
    /// Begins a ledger in a locked storage that has none, as another one began: from its first segment's header. Its frames
    /// are appended once it is opened.
    ///
    /// # Errors
    /// If the piece does not begin with that; or if the storage fails.
    pub fn begin_shipped(lock: &WriteLock, piece: &ShippedPiece) -> Result<(), ShipError> {
        let ShippedPiece { segment, offset, bytes, file_bytes } = piece;
        check_length(piece)?;
        let faulty = |detail: String| ShipError::Faulty { segment: *segment, byte: 0, detail };
        let header_bytes = header_in(bytes).filter(|_| (*segment, *offset) == (1, 0));
        let header_bytes = header_bytes.ok_or_else(|| faulty("it is not the beginning of a ledger".to_owned()))?;
        let header = decode_header(header_bytes, *segment).map_err(|error| faulty(error.to_string()))?;
        if *file_bytes < header.start.offset {
            return Err(faulty("the segment's header has no room in its file".to_owned()));
        }
        write_format(&**lock.storage(), FORMAT_VERSION_FIRST)?;
        Ok(create_segment_of(&**lock.storage(), &header.start, header_bytes, *file_bytes)?)
    }

    /// Appends frames that another ledger has behind this one's end: each is whole, holds the hash of the one before, and is
    /// of no earlier epoch. They are durable when this returns. Of a segment that holds none, its beginning.
    ///
    /// # Errors
    /// If they are not, with which nothing has happened; or if the storage fails.
    pub fn append_shipped(&mut self, piece: &ShippedPiece) -> Result<Vec<Frame>, ShipError> {
        self.check_fit()?;
        let checked = self.check_shipped(piece)?;
        let written = self.write_shipped(piece, checked);
        if let Err(error) = &written {
            self.poisoned = Some(error.to_string());
        }
        Ok(written?)
    }

    /// Begins the next epoch: appends the frame that says so, and nothing else.
    ///
    /// # Errors
    /// If there is no further epoch; or if the storage fails.
    pub fn raise_epoch(&mut self, now: Timestamp) -> Result<Frame, CommitError> {
        self.raise_epoch_to(0, now)
    }

    /// Begins an epoch, or the next one where that is later: appends the frame that says so, and nothing else.
    ///
    /// # Errors
    /// As of [`Ledger::raise_epoch`].
    pub fn raise_epoch_to(&mut self, epoch: Epoch, now: Timestamp) -> Result<Frame, CommitError> {
        self.check_fit()?;
        let epoch = self.epoch().checked_add(1).ok_or(CommitRefusal::EpochsExhausted)?.max(epoch);
        let raised = self.append_epoch(epoch, now);
        if let Err(error) = &raised {
            self.poisoned = Some(error.to_string());
        }
        Ok(raised?)
    }

    /// The epoch of the last frame, and of those to come.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.shared.epoch()
    }

    fn append_epoch(&mut self, epoch: Epoch, now: Timestamp) -> Result<Frame, LedgerError> {
        let (after, quarantine) = (self.end, Quarantine::default());
        let recorded_at = now.max(after.recorded_at);
        let (batches, outcomes, texts) = (&[], &[], (self.shared.dictionary.len() as u32, &[][..]));
        let draft = FrameDraft { after: &after, epoch, recorded_at, batches, outcomes, quarantine: &quarantine, texts };
        let mut buffer = self.free_buffer();
        let header = write_frame(&draft, &mut buffer);
        let frame = self.append_durably(header, buffer)?;
        self.shared.publish(self.end);
        Ok(frame)
    }

    fn check_shipped(&self, piece: &ShippedPiece) -> Result<Checked, ShipError> {
        let ShippedPiece { segment, offset, bytes, .. } = piece;
        check_length(piece)?;
        let begun = if (*segment, *offset) == (self.end.segment + 1, 0) {
            Some(self.check_header(piece)?)
        } else if (*segment, *offset) == (self.end.segment, self.end.offset) {
            None
        } else {
            return Err(ShipError::Elsewhere { position: self.end.position() });
        };
        let room = if begun.is_some() { piece.file_bytes } else { self.active.len() };
        let (mut at, mut from) = begun.unwrap_or((self.end, 0));
        let faulty =
            |at: &FrameCursor, detail: String| ShipError::Faulty { segment: *segment, byte: at.offset, detail };
        if offset + bytes.len() as u64 > room {
            return Err(faulty(&at, "there is no room for them in the segment".to_owned()));
        }
        let (mut epoch, mut texts, mut frames) = (self.epoch(), self.shared.dictionary.len() as u64, Vec::new());
        while from < bytes.len() {
            let rest = &bytes[from..];
            let header = match rest.get(..HEADER_BYTES).map(FrameHeader::decode) {
                Some(HeaderRead::Frame(header)) if header.frame_bytes() <= rest.len() as u64 => header,
                Some(HeaderRead::Newer { version }) => return Err(newer(version).into()),
                Some(HeaderRead::Fault(fault)) => return Err(faulty(&at, fault.to_string())),
                _ => return Err(faulty(&at, "the last frame is cut short".to_owned())),
            };
            header.check_sequence(&at).map_err(|fault| faulty(&at, fault.to_string()))?;
            if header.previous != at.hash && !mutants::mutant!("shipped-frame-not-held-against-the-chain") {
                return Err(faulty(&at, "it does not hold the hash of the frame before".to_owned()));
            }
            if header.epoch < epoch && !mutants::mutant!("frame-of-a-former-leader-taken") {
                return Err(ShipError::OlderEpoch { found: header.epoch, known: epoch });
            }
            epoch = header.epoch;
            from += header.frame_bytes() as usize;
            let its_bytes = Arc::new(rest[..header.frame_bytes() as usize].to_vec());
            let frame = Frame::received(*segment, at.offset, header, its_bytes);
            let frame = frame.map_err(|fault| faulty(&at, fault.to_string()))?;
            for (id, _) in frame.dictionary_additions() {
                if id != texts {
                    return Err(faulty(&at, "its texts do not go on from those of the dictionary".to_owned()));
                }
                texts += 1;
            }
            at = frame.cursor_after();
            frames.push(frame);
        }
        if frames.is_empty() && begun.is_none() {
            return Err(faulty(&at, "there is no frame".to_owned()));
        }
        Ok(Checked { begun, frames })
    }

    /// The header of a segment that begins in a piece: the place before its first frame, and its length.
    fn check_header(&self, piece: &ShippedPiece) -> Result<(FrameCursor, usize), ShipError> {
        let ShippedPiece { segment, bytes, .. } = piece;
        let faulty = |detail: String| ShipError::Faulty { segment: *segment, byte: 0, detail };
        let header_bytes = header_in(bytes).ok_or_else(|| faulty("the segment's header is not whole".to_owned()))?;
        let header = decode_header(header_bytes, *segment).map_err(|error| faulty(error.to_string()))?;
        let goes_on = FrameCursor { segment: header.start.segment, offset: header.start.offset, ..self.end };
        if header.start != goes_on {
            return Err(faulty("it does not go on from the segment before".to_owned()));
        }
        if !header.texts().eq(self.shared.dictionary.texts()) {
            return Err(faulty("its dictionary is another one".to_owned()));
        }
        Ok((header.start, header_bytes.len()))
    }

    fn write_shipped(&mut self, piece: &ShippedPiece, checked: Checked) -> Result<Vec<Frame>, LedgerError> {
        let Checked { begun, frames } = checked;
        let shared = Arc::clone(&self.shared);
        let storage = &*shared.storage;
        if let Some((start, header_bytes)) = begun {
            create_segment_of(storage, &start, &piece.bytes[..header_bytes], piece.file_bytes)?;
            self.active = open_to_write(storage, start.position, start.segment)?;
            shared.segments.add(start.position);
            shared.segment(start.segment)?.set_indexed();
            self.end = start;
            shared.publish(self.end);
        }
        for frame in &frames {
            let version = u32::from(frame.header().version);
            if version > self.format {
                write_format(storage, version)?;
                self.format = version;
            }
            // NOTE: one after the other, as they were written first: what a crash cuts short is the last frame alone, and no
            // whole one lies behind it.
            self.active.write_at(frame.offset(), frame.bytes())?;
            if !mutants::mutant!("shipped-frame-not-synced") {
                self.active.sync()?;
            }
            self.check_written()?;
            for (_, text) in frame.dictionary_additions() {
                shared.dictionary.insert(text);
            }
            self.end = shared.pass(frame)?;
            self.settle()?;
            shared.publish(self.end);
        }
        Ok(frames)
    }
}

/// No segment's file is longer than a frame and a header may be, so nobody has this machine set aside more.
fn check_length(piece: &ShippedPiece) -> Result<(), ShipError> {
    const FILE_BYTES_MAX: u64 = 2 << 30;
    let ShippedPiece { segment, file_bytes, .. } = piece;
    if *file_bytes <= FILE_BYTES_MAX {
        return Ok(());
    }
    let detail = format!("a segment's file of {file_bytes} bytes");
    Err(ShipError::Faulty { segment: *segment, byte: 0, detail })
}
