//! The one writer of a ledger: decides, appends one frame, syncs it, and only then says so.

use std::collections::HashMap;
use std::sync::Arc;

use hashbrown::HashSet;
use schemas::dictionary::TEXTS_MAX;
use schemas::{Dictionary, Timestamp};
use xxhash_rust::xxh3::xxh3_64;

use crate::acceptance::{self, AcceptanceOverlay, Known};
use crate::batch::Batch;
use crate::cursor::FrameCursor;
use crate::error::LedgerError;
use crate::format::write_format;
use crate::frame::{FRAME_BYTES_MAX, Frame, FrameDraft, FrameHeader, write_frame};
use crate::index::Index;
use crate::mark::{Mark, MarkWriter};
use crate::outcome::{Commit, Outcome};
use crate::position::{POSITION_MAX, Position};
use crate::quarantine::QuarantineId;
use crate::reader::LedgerReader;
use crate::recovery::{self, Until};
use crate::segment::{encode_header, segment_name};
use crate::storage::{Access, Storage, StorageError, StorageFile, StorageLock, UNFINISHED};
use crate::walk::Shared;

/// The lock of the process that writes.
pub(crate) const LOCK_NAME: &str = "LOCK";

/// How a ledger is opened.
#[derive(Clone, Debug)]
pub struct LedgerOptions {
    /// From where on the frames are checked: after the last frame that a checkpoint holds.
    pub from: FrameCursor,
    /// The bytes set aside for a segment.
    pub segment_bytes: u64,
    /// What the lock says of this process; see [`lock_holder`](crate::lock_holder).
    pub holder: String,
}

impl Default for LedgerOptions {
    fn default() -> Self {
        LedgerOptions { from: FrameCursor::START, segment_bytes: 64 << 20, holder: String::new() }
    }
}

/// What opening a ledger found and did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The last position held, 0 if there is none.
    pub position: Position,
    /// How many frames were checked.
    pub frames_checked: u64,
    /// How many bytes of a write that a crash cut short were cut off. They were never acknowledged.
    pub torn_bytes: u64,
    /// Whether the ledger was made.
    pub created: bool,
}

/// A ledger open for writing. One process at a time has it.
pub struct Ledger {
    shared: Arc<Shared>,
    segment_bytes: u64,
    end: FrameCursor,
    /// The segment that is written, and its number.
    active: Arc<dyn StorageFile>,
    mark: MarkWriter,
    overlay: AcceptanceOverlay,
    texts: TextChoice,
    /// The buffer of the frame before, to be used again when nobody reads it any more.
    buffer: Arc<Vec<u8>>,
    poisoned: Option<String>,
    _lock: Box<dyn StorageLock>,
}

impl Ledger {
    /// Opens the ledger of a storage, or makes one. A write that a crash cut short is cut off.
    ///
    /// # Errors
    /// If another process has it, if it is damaged or of a newer format, if it does not have the place to check
    /// from, or if the storage fails.
    pub fn open(storage: Arc<dyn Storage>, options: LedgerOptions) -> Result<(Ledger, Recovery), LedgerError> {
        let lock = storage.lock(LOCK_NAME, &options.holder)?;
        for name in storage.list()?.iter().filter(|name| name.ends_with(UNFINISHED)) {
            storage.remove(name)?;
        }
        let found = recovery::find(Arc::clone(&storage), &options.from, Until::LastWhole)?;
        let created = found.is_none();
        let found = match found {
            Some(found) => found,
            None => {
                create(&storage, options.segment_bytes)?;
                // It was just made.
                recovery::find(Arc::clone(&storage), &options.from, Until::LastWhole)?.ok_or(LedgerError::NoLedger)?
            }
        };
        let recovery::Found { shared, end, frames, torn_end } = found;
        let active = open_to_write(&*storage, shared.segment(end.segment)?.first_position, end.segment)?;
        if let Some(torn_end) = torn_end {
            cut(&*active, end.offset, torn_end)?;
        }
        let mark = MarkWriter::start(&*storage, Mark { segment: end.segment, offset: end.offset })?;
        shared.publish(end);
        let recovery = Recovery {
            position: end.position(),
            frames_checked: frames,
            torn_bytes: torn_end.map_or(0, |torn_end| torn_end - end.offset),
            created,
        };
        let ledger = Ledger {
            shared: Arc::new(shared),
            segment_bytes: options.segment_bytes,
            end,
            active,
            mark,
            overlay: AcceptanceOverlay::default(),
            texts: TextChoice::default(),
            buffer: Arc::default(),
            poisoned: None,
            _lock: lock,
        };
        Ok((ledger, recovery))
    }

    /// Decides what becomes of each item of the batches, appends one frame with all of it, and syncs it. When
    /// this returns, everything it says is durable. The index is that of the state at this ledger's end; the
    /// caller brings it to the new end with the frame. `now` is when the entries are recorded, if the clock
    /// did not go back.
    ///
    /// # Errors
    /// If the storage fails: then nothing is known of the commit, and every later call fails too. If the index
    /// stands elsewhere, the commit is too large, or positions are used up: then nothing has happened.
    pub fn commit(&mut self, index: &Index, batches: &[Batch], now: Timestamp) -> Result<Commit, LedgerError> {
        if let Some(cause) = &self.poisoned {
            return Err(LedgerError::Poisoned { cause: cause.clone() });
        }
        let (after, reader) = (self.end, self.reader());
        check_premises(index, batches, &after)?;
        if batches.iter().all(|batch| batch.is_empty() && batch.offsets().is_empty()) {
            return Ok(Commit { outcomes: Vec::new(), frame: None });
        }
        let known =
            Known { index, reader: &reader, position: after.position, quarantine: QuarantineId(after.quarantine) };
        let outcomes = acceptance::decide(known, batches, &mut self.overlay)?;
        let texts = self.texts.choose(batches, &self.shared.dictionary);
        let draft = FrameDraft {
            after: &after,
            recorded_at: now.max(after.recorded_at),
            batches,
            outcomes: &outcomes,
            texts: (self.shared.dictionary.len() as u32, &texts),
        };
        let mut buffer = self.free_buffer();
        let header = write_frame(&draft, &mut buffer);
        check_limits(&outcomes, &after, buffer.len() as u64)?;
        let frame = match self.append(header, buffer) {
            Ok(frame) => frame,
            Err(error) => {
                self.poisoned = Some(error.to_string());
                return Err(error);
            }
        };
        // NOTE: only now, when its definition is durable, may a text's number be used in a later frame.
        for text in texts {
            self.shared.dictionary.insert(text);
        }
        self.end = self.shared.pass(&frame)?;
        self.shared.publish(self.end);
        Ok(Commit { outcomes, frame: Some(frame) })
    }

    /// A reader of this ledger, for any thread.
    #[must_use]
    pub fn reader(&self) -> LedgerReader {
        LedgerReader::of_writer(Arc::clone(&self.shared))
    }

    /// The dictionary that batches encode with.
    #[must_use]
    pub fn dictionary(&self) -> Arc<Dictionary> {
        Arc::clone(&self.shared.dictionary)
    }

    /// The place after the last frame.
    #[must_use]
    pub fn end(&self) -> FrameCursor {
        self.end
    }

    /// Writes a frame at the end, and syncs it.
    fn append(&mut self, header: FrameHeader, bytes: Vec<u8>) -> Result<Frame, LedgerError> {
        if self.end.offset + bytes.len() as u64 > self.active.len() {
            self.begin_segment(bytes.len() as u64)?;
        }
        let FrameCursor { segment, offset, .. } = self.end;
        self.active.write_at(offset, &bytes)?;
        self.active.sync()?;
        self.mark.set(Mark { segment, offset: offset + bytes.len() as u64 })?;
        let hash = *blake3::hash(&bytes).as_bytes();
        self.buffer = Arc::new(bytes);
        Ok(Frame::written(segment, offset, header, Arc::clone(&self.buffer), hash))
    }

    /// Goes on in a new segment, with room for a frame of so many bytes.
    fn begin_segment(&mut self, frame_bytes: u64) -> Result<(), LedgerError> {
        let start = FrameCursor { segment: self.end.segment + 1, ..self.end };
        let storage = &*self.shared.storage;
        let header_bytes = create_segment(storage, &start, &self.shared.dictionary, self.segment_bytes, frame_bytes)?;
        self.active = open_to_write(storage, start.position, start.segment)?;
        self.shared.segments.add(start.position);
        self.shared.segment(start.segment)?.set_indexed();
        self.end = FrameCursor { offset: header_bytes, ..start };
        Ok(())
    }

    /// The buffer of the frame before, if nobody reads it any more.
    fn free_buffer(&mut self) -> Vec<u8> {
        let mut buffer = Arc::try_unwrap(std::mem::take(&mut self.buffer)).unwrap_or_default();
        buffer.clear();
        buffer
    }
}

/// The index stands at the ledger's end, and second tries are of what was quarantined.
fn check_premises(index: &Index, batches: &[Batch], end: &FrameCursor) -> Result<(), LedgerError> {
    if index.position() != end.position() {
        return Err(LedgerError::IndexElsewhere { index: index.position(), ledger: end.position() });
    }
    let mut tries = batches.iter().flat_map(Batch::redrives).map(|(_, id)| *id);
    match tries.find(|id| id.0 == 0 || *id > end.last_quarantine_id()) {
        Some(id) => Err(LedgerError::NeverQuarantined { id }),
        None => Ok(()),
    }
}

fn check_limits(outcomes: &[Outcome], end: &FrameCursor, bytes: u64) -> Result<(), LedgerError> {
    let accepted = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Accepted { .. })).count() as u64;
    if end.position() + accepted > POSITION_MAX {
        return Err(LedgerError::PositionsExhausted);
    }
    if bytes > FRAME_BYTES_MAX {
        return Err(LedgerError::CommitTooLarge { bytes, bytes_max: FRAME_BYTES_MAX });
    }
    Ok(())
}

/// Makes a ledger without a frame.
fn create(storage: &Arc<dyn Storage>, segment_bytes: u64) -> Result<(), LedgerError> {
    write_format(&**storage)?;
    create_segment(&**storage, &FrameCursor::START, &Dictionary::new(), segment_bytes, 0).map(|_| ())
}

/// Makes a segment that is there whole or not at all. Gives the length of its header.
fn create_segment(
    storage: &dyn Storage,
    start: &FrameCursor,
    dictionary: &Dictionary,
    segment_bytes: u64,
    frame_bytes: u64,
) -> Result<u64, LedgerError> {
    let header = encode_header(start, dictionary);
    let header_bytes = header.len() as u64;
    let name = segment_name(start.segment, start.position);
    let beside = format!("{name}{UNFINISHED}");
    let file = storage.create(&beside, segment_bytes.max(header_bytes + frame_bytes))?;
    file.write_at(0, &header)?;
    file.sync()?;
    storage.rename(&beside, &name)?;
    storage.sync_names()?;
    Ok(header_bytes)
}

fn open_to_write(storage: &dyn Storage, position: Position, number: u64) -> Result<Arc<dyn StorageFile>, LedgerError> {
    let name = segment_name(number, position);
    let missing = || StorageError::new("open", &name, std::io::ErrorKind::NotFound.into());
    Ok(storage.open(&name, Access::Write)?.ok_or_else(missing)?)
}

/// Makes zeros of the bytes of a torn write, so that the next frame stands before nothing.
fn cut(file: &dyn StorageFile, from: u64, to: u64) -> Result<(), LedgerError> {
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

/// Which of the texts that the dictionary lacks are worth a number: those that come a second time.
#[derive(Default)]
struct TextChoice {
    /// Hashes of texts that came once.
    once: HashSet<u64>,
}

/// So many texts that came once are remembered; then it begins anew.
const ONCE_MAX: usize = 1 << 16;

impl TextChoice {
    /// The texts to add, in the order in which they first came.
    fn choose<'a>(&mut self, batches: &'a [Batch], dictionary: &Dictionary) -> Vec<&'a str> {
        let mut room = TEXTS_MAX - dictionary.len();
        if room == 0 {
            return Vec::new();
        }
        let mut counts: HashMap<&str, u32> = HashMap::new();
        let mut order = Vec::new();
        for (text, count) in batches.iter().flat_map(|batch| batch.missing().iter()) {
            let sum = counts.entry(text).or_insert_with(|| {
                order.push(text);
                0
            });
            *sum += count;
        }
        order.retain(|text| {
            if dictionary.id_of(text).is_some() || room == 0 {
                return false;
            }
            let hash = xxh3_64(text.as_bytes());
            let again = counts.get(text).is_some_and(|count| *count > 1) || self.once.remove(&hash);
            if again {
                room -= 1;
            } else {
                if self.once.len() >= ONCE_MAX {
                    self.once.clear();
                }
                self.once.insert(hash);
            }
            again
        });
        order
    }
}
