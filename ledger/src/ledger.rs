//! The one writer of a ledger: decides, appends one frame, syncs it, and only then says so.

mod shipped;

use std::sync::Arc;

use hashbrown::HashMap;
use schemas::{Dictionary, Timestamp};

use crate::acceptance::{self, AcceptanceOverlay, Known};
use crate::batch::Batch;
use crate::commit::Commit;
use crate::cursor::FrameCursor;
use crate::error::{CommitError, CommitRefusal, LedgerError};
use crate::format::{FORMAT_VERSION_FIRST, read_format, write_format};
use crate::frame::{FRAME_BYTES_MAX, Frame, FrameDraft, FrameHeader, write_frame};
use crate::index::Index;
use crate::mark::{Mark, MarkWriter};
use crate::outcome::Outcome;
use crate::position::{POSITION_MAX, Position};
use crate::quarantine::{Quarantine, QuarantineId};
use crate::reader::LedgerReader;
use crate::recovery;
use crate::segment_file::{create_segment, cut, open_to_write};
use crate::storage::{Storage, StorageFile, UNFINISHED};
use crate::text_choice::TextChoice;
use crate::walk::{RUN_EVENTS, Shared, Until};
use crate::write_lock::WriteLock;

/// How a ledger is opened.
#[derive(Clone, Debug)]
pub struct LedgerOptions {
    /// From where on the frames are checked: after the last frame that a checkpoint holds.
    pub from: FrameCursor,
    /// The bytes set aside for a segment.
    pub segment_bytes: u64,
    /// The most bytes that a frame may have: 1 GiB, or less.
    pub frame_bytes_max: u64,
    /// From how many events on an index of this ledger gives them from memory to a run on disk.
    pub run_events: u64,
    /// What the lock says of this process; see [`lock_holder`](crate::lock_holder).
    pub holder: String,
}

impl Default for LedgerOptions {
    fn default() -> Self {
        let (segment_bytes, frame_bytes_max) = (64 << 20, FRAME_BYTES_MAX);
        LedgerOptions {
            from: FrameCursor::START,
            segment_bytes,
            frame_bytes_max,
            run_events: RUN_EVENTS,
            holder: String::new(),
        }
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

/// What is asked when a frame is durable here, before anybody is told of it: to wait until a standby holds everything up to the
/// place, where that is wanted; or to say why nobody will be told.
pub type Gate = Box<dyn FnMut(&FrameCursor) -> Result<(), String> + Send>;

/// A ledger open for writing. One process at a time has it.
pub struct Ledger {
    shared: Arc<Shared>,
    segment_bytes: u64,
    frame_bytes_max: u64,
    end: FrameCursor,
    /// The segment that is written, and its number.
    active: Arc<dyn StorageFile>,
    /// What the file `FORMAT` says.
    format: u32,
    mark: MarkWriter,
    overlay: AcceptanceOverlay,
    texts: TextChoice,
    /// The buffer of the frame before, to be used again when nobody reads it any more.
    buffer: Arc<Vec<u8>>,
    poisoned: Option<String>,
    lock: WriteLock,
    gate: Option<Gate>,
}

impl Ledger {
    /// Opens the ledger of a storage, or makes one. A write that a crash cut short is cut off.
    ///
    /// # Errors
    /// If another process has it, if it is damaged or of a newer format, if it does not have the place to check
    /// from, or if the storage fails.
    pub fn open(storage: Arc<dyn Storage>, options: LedgerOptions) -> Result<(Ledger, Recovery), LedgerError> {
        Ledger::open_locked(&WriteLock::take(storage, &options.holder)?, options)
    }

    /// Opens the ledger that this process has the right to write, as [`Ledger::open`] does. The right stays with the
    /// ledger; it is for one ledger at a time.
    ///
    /// # Errors
    /// As of [`Ledger::open`].
    pub fn open_locked(lock: &WriteLock, options: LedgerOptions) -> Result<(Ledger, Recovery), LedgerError> {
        let storage = Arc::clone(lock.storage());
        for name in storage.list()?.iter().filter(|name| name.ends_with(UNFINISHED)) {
            storage.remove(name)?;
        }
        if !mutants::mutant!("names-not-made-durable-at-the-start") {
            // NOTE: a process may have ended between naming a segment and making the name durable. The system shows it, and
            // what is appended to it from now on must not be lost with its name.
            storage.sync_names()?;
        }
        let found = recovery::find(Arc::clone(&storage), &options.from, Until::LastWhole)?;
        let created = found.is_none();
        let found = match found {
            Some(found) => found,
            None => {
                create(&*storage, options.segment_bytes)?;
                // It was just made.
                recovery::find(Arc::clone(&storage), &options.from, Until::LastWhole)?.ok_or(LedgerError::NoLedger)?
            }
        };
        let recovery::WalkedLedger { mut shared, end, frames, torn_end, unmarked } = found;
        shared.run_events = options.run_events;
        let active = open_to_write(&*storage, shared.segment(end.segment)?.first_position, end.segment)?;
        if let Some(frame) = unmarked
            && !mutants::mutant!("last-frame-not-made-durable-at-the-start")
        {
            // NOTE: its sync may have failed before a crash of the process. Then the system shows the bytes and will
            // not write them by itself; they are taken as accepted, so they are made durable now.
            active.write_at(frame.offset(), frame.bytes())?;
            active.sync()?;
        }
        // NOTE: where the sync of a cut failed, the system shows zeros and the disk may hold what was to be cut off. No start
        // could tell, and it would come back behind a later segment once the power fails. So a cut is told of before, and
        // a start that finds it so makes zeros of all that there may be.
        let cut_upto = if Mark::is_cutting(&*storage)? { Some(active.len()) } else { torn_end };
        if let Some(cut_upto) = cut_upto
            && !mutants::mutant!("torn-end-not-cut")
        {
            if !mutants::mutant!("cut-not-told-of-before") {
                MarkWriter::begin_cutting(&*storage, Mark::at(&end))?;
            }
            cut(&*active, end.offset, cut_upto)?;
        }
        let format = read_format(&*storage)?.unwrap_or(FORMAT_VERSION_FIRST);
        let mark = MarkWriter::start(&*storage, Mark::at(&end))?;
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
            frame_bytes_max: options.frame_bytes_max.min(FRAME_BYTES_MAX),
            end,
            active,
            format,
            mark,
            overlay: AcceptanceOverlay::default(),
            texts: TextChoice::default(),
            buffer: Arc::default(),
            poisoned: None,
            lock: lock.clone(),
            gate: None,
        };
        Ok((ledger, recovery))
    }

    /// Has each frame pass a gate from now on, before readers see it and the commit returns.
    pub fn set_gate(&mut self, gate: Gate) {
        self.gate = Some(gate);
    }

    /// Decides what becomes of each item of the batches, appends one frame with all of it, and syncs it. When
    /// this returns, everything it says is durable. The index is that of the state at this ledger's end; the
    /// caller brings it to the new end with the frame. `now` is when the entries are recorded, if the clock
    /// did not go back.
    ///
    /// # Errors
    /// It fails if the storage does, or an entry cannot be read: then nothing is known of the commit, and every later
    /// call fails too. It is refused if the index stands elsewhere, the commit is too large, positions are used up, or
    /// something is to be done to a quarantined event that is not there for it: then nothing has happened.
    pub fn commit(&mut self, index: &Index, batches: &[Batch], now: Timestamp) -> Result<Commit, CommitError> {
        self.check_fit()?;
        let done = self.try_commit(index, batches, now);
        if let Err(CommitError::Failed(error)) = &done
            && !mutants::mutant!("ledger-goes-on-after-a-failure")
        {
            self.poisoned = Some(error.to_string());
        }
        done
    }

    fn check_fit(&self) -> Result<(), LedgerError> {
        match &self.poisoned {
            Some(cause) => Err(LedgerError::Poisoned { cause: cause.clone() }),
            None => Ok(()),
        }
    }

    fn try_commit(&mut self, index: &Index, batches: &[Batch], now: Timestamp) -> Result<Commit, CommitError> {
        let (after, reader) = (self.end, self.reader());
        check_premises(index, batches, &after)?;
        if batches.iter().all(Batch::says_nothing) {
            return Ok(Commit { outcomes: Vec::new(), frame: None });
        }
        let known =
            Known { index, reader: &reader, position: after.position, quarantine: QuarantineId(after.quarantine) };
        let outcomes = acceptance::decide(known, batches, &mut self.overlay)?;
        let texts = self.texts.choose(batches, &self.shared.dictionary);
        let draft = FrameDraft {
            after: &after,
            epoch: self.shared.epoch(),
            recorded_at: if mutants::mutant!("recorded-at-goes-back") { now } else { now.max(after.recorded_at) },
            batches,
            outcomes: &outcomes,
            quarantine: index.quarantine(),
            texts: (self.shared.dictionary.len() as u32, &texts),
        };
        let mut buffer = self.free_buffer();
        let header = write_frame(&draft, &mut buffer);
        self.check_limits(&outcomes, &after, buffer.len() as u64)?;
        let frame = self.append_durably(header, buffer)?;
        // NOTE: only now, when its definition is durable, may a text's number be used in a later frame.
        for text in texts {
            self.shared.dictionary.insert(text);
        }
        self.shared.publish(self.end);
        Ok(Commit { outcomes, frame: Some(frame) })
    }

    /// Appends a frame of events that another ledger accepted at these positions, recorded when they were there.
    pub(crate) fn append_accepted(&mut self, batches: &[Batch], recorded_at: Timestamp) -> Result<(), LedgerError> {
        let after = self.end;
        let count: u64 = batches.iter().map(|batch| batch.len() as u64).sum();
        let positions = after.position..after.position + count;
        let outcomes: Vec<Outcome> = positions.map(|position| Outcome::Accepted { position }).collect();
        let quarantine = Quarantine::default();
        let draft = FrameDraft {
            after: &after,
            epoch: self.shared.epoch(),
            recorded_at,
            batches,
            outcomes: &outcomes,
            quarantine: &quarantine,
            texts: (0, &[]),
        };
        let mut buffer = self.free_buffer();
        let header = write_frame(&draft, &mut buffer);
        self.append_durably(header, buffer)?;
        self.shared.publish(self.end);
        Ok(())
    }

    /// Writes a frame and makes it durable; it becomes the last one.
    fn append_durably(&mut self, header: FrameHeader, buffer: Vec<u8>) -> Result<Frame, LedgerError> {
        let frame = self.append(header, buffer)?;
        self.end = self.shared.pass(&frame)?;
        self.settle()?;
        Ok(frame)
    }

    /// What is durable up to the end passes the gate; then readers beside may see it.
    fn settle(&mut self) -> Result<(), LedgerError> {
        if let Some(gate) = &mut self.gate {
            gate(&self.end).map_err(|cause| LedgerError::NotHeld { cause })?;
        }
        Ok(self.mark.set(Mark::at(&self.end))?)
    }

    /// Whether the files of the ledger are those that it was opened with: a ledger whose files were removed or
    /// replaced under it is a failed one, even if nothing is written to it. To be asked now and then; of the segment
    /// that is written, each commit asks itself.
    ///
    /// # Errors
    /// If they are not, or the storage does not say. Every later commit fails then.
    pub fn check_in_place(&mut self) -> Result<(), LedgerError> {
        self.check_fit()?;
        let checked = self.check_files();
        if let Err(error) = &checked {
            self.poisoned = Some(error.to_string());
        }
        checked
    }

    fn check_files(&self) -> Result<(), LedgerError> {
        self.check_written()?;
        self.mark.check_in_place()?;
        self.shared.segments.check_in_place(&*self.shared.storage)
    }

    /// What was just written stands where the next start looks for it, and nobody else writes there.
    fn check_written(&self) -> Result<(), LedgerError> {
        self.active.check_in_place()?;
        Ok(self.lock.check_in_place()?)
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
        if u32::from(header.version) > self.format {
            // NOTE: first, so that an older program is told by the ledger's own file, not by a frame it meets.
            write_format(&*self.shared.storage, u32::from(header.version))?;
            self.format = u32::from(header.version);
        }
        let FrameCursor { segment, offset, .. } = self.end;
        if mutants::mutant!("mark-set-before-the-frame") {
            self.mark.set(Mark { segment, offset: offset + bytes.len() as u64 })?;
        }
        self.active.write_at(offset, &bytes)?;
        if mutants::mutant!("readers-told-before-the-sync") {
            let position = header.first_position + u64::from(header.event_count);
            self.shared.publish(FrameCursor { position, ..self.end });
        }
        if !mutants::mutant!("frame-not-synced") {
            self.active.sync()?;
        }
        // NOTE: a sync of a file that has no name any more succeeds, and nothing of it is ever found again.
        self.check_written()?;
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

    fn check_limits(&self, outcomes: &[Outcome], end: &FrameCursor, bytes: u64) -> Result<(), CommitRefusal> {
        let accepted = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Accepted { .. })).count() as u64;
        if end.position() + accepted > POSITION_MAX {
            return Err(CommitRefusal::PositionsExhausted);
        }
        if bytes > self.frame_bytes_max {
            return Err(CommitRefusal::TooLarge { bytes, bytes_max: self.frame_bytes_max });
        }
        Ok(())
    }
}

/// The index stands at the ledger's end, and what is to be done to quarantined events can be done to them, by one batch
/// alone.
fn check_premises(index: &Index, batches: &[Batch], end: &FrameCursor) -> Result<(), CommitRefusal> {
    if index.position() != end.position() {
        return Err(CommitRefusal::IndexElsewhere { index: index.position(), ledger: end.position() });
    }
    if let Some(id) = batches.iter().find_map(|batch| batch.first_out_of_reach(index.quarantine())) {
        return Err(CommitRefusal::NotInQuarantine { id });
    }
    let mut meant = HashMap::new();
    for (number, id) in
        (0..).zip(batches).flat_map(|(number, batch)| batch.quarantine_ids().map(move |id| (number, id)))
    {
        if *meant.entry(id).or_insert(number) != number {
            return Err(CommitRefusal::NotInQuarantine { id });
        }
    }
    Ok(())
}

/// Makes a ledger without a frame.
fn create(storage: &dyn Storage, segment_bytes: u64) -> Result<(), LedgerError> {
    write_format(storage, FORMAT_VERSION_FIRST)?;
    create_segment(storage, &FrameCursor::START, &Dictionary::new(), segment_bytes, 0).map(|_| ())
}
