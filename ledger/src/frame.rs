//! A frame: what one commit wrote. A batch of events, and all that came with it: source offsets, duplicates,
//! quarantined events, texts for the dictionary. It is the unit of truth, whole or not there.

mod extension;
mod header;
mod payload;
mod writing;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use schemas::{Dictionary, Event, Timestamp, record};

pub(crate) use self::header::{FRAME_BYTES_MAX, FRAME_VERSION_DEEDS, FrameHeader, HEADER_BYTES, HeaderRead};
pub(crate) use self::payload::{RECORDS_PER_OFFSET, Records, Sections, deeds_of};
pub(crate) use self::writing::{FrameDraft, write_frame};
use crate::act::Act;
use crate::cursor::{FrameCursor, FrameHash};
use crate::deed::Deed;
use crate::error::{Fault, LedgerError};
use crate::fields::Fields;
use crate::position::Position;
use crate::quarantine::{QuarantineEntry, QuarantineHead, QuarantineId, QuarantineLocation};
use crate::storage::StorageFile;
use crate::topic::{TopicAcceptance, TopicId};

/// One frame of the ledger, checked: its checksums hold and its sections are whole.
pub struct Frame {
    segment: u64,
    offset: u64,
    header: FrameHeader,
    sections: Sections,
    bytes: FrameBytes,
    hash: OnceLock<FrameHash>,
}

/// Where a frame's bytes are.
enum FrameBytes {
    /// In a file that the storage has mapped.
    Mapped(Arc<dyn StorageFile>),
    /// Held.
    Held(Arc<Vec<u8>>),
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Frame { segment, offset, header, .. } = self;
        out.debug_struct("Frame").field("segment", segment).field("offset", offset).field("header", header).finish()
    }
}

impl Frame {
    /// The frame at a place of a file, whose header is read. Checks the payload and walks the sections.
    pub(crate) fn read(
        file: &Arc<dyn StorageFile>,
        segment: u64,
        offset: u64,
        header: FrameHeader,
    ) -> Result<Frame, LedgerError> {
        let bytes = match file.read(offset, header.frame_bytes() as usize)? {
            Cow::Borrowed(bytes) => {
                let sections = check(bytes, &header).map_err(|fault| LedgerError::damaged(segment, offset, fault))?;
                (sections, FrameBytes::Mapped(Arc::clone(file)))
            }
            Cow::Owned(bytes) => {
                let sections = check(&bytes, &header).map_err(|fault| LedgerError::damaged(segment, offset, fault))?;
                (sections, FrameBytes::Held(Arc::new(bytes)))
            }
        };
        let (sections, bytes) = bytes;
        Ok(Frame { segment, offset, header, sections, bytes, hash: OnceLock::new() })
    }

    /// The frame just written at a place.
    pub(crate) fn written(
        segment: u64,
        offset: u64,
        header: FrameHeader,
        bytes: Arc<Vec<u8>>,
        hash: FrameHash,
    ) -> Frame {
        let sections = Sections::walk(&bytes[HEADER_BYTES..], &header);
        let sections = sections.expect("what was just written is whole");
        Frame { segment, offset, header, sections, bytes: FrameBytes::Held(bytes), hash: OnceLock::from(hash) }
    }

    /// A frame that came from elsewhere, to stand at a place. Checks the payload and walks the sections.
    pub(crate) fn received(
        segment: u64,
        offset: u64,
        header: FrameHeader,
        bytes: Arc<Vec<u8>>,
    ) -> Result<Frame, Fault> {
        let sections = check(&bytes, &header)?;
        Ok(Frame { segment, offset, header, sections, bytes: FrameBytes::Held(bytes), hash: OnceLock::new() })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.bytes {
            FrameBytes::Held(bytes) => bytes,
            FrameBytes::Mapped(file) => {
                let mapped = file.mapped(self.offset, self.header.frame_bytes() as usize);
                mapped.expect("a mapping stays as long as its file")
            }
        }
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.bytes()[HEADER_BYTES..]
    }

    pub(crate) fn header(&self) -> &FrameHeader {
        &self.header
    }

    pub(crate) fn segment(&self) -> u64 {
        self.segment
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The position of its first event; of the next one to come, if it has none.
    #[must_use]
    pub fn first_position(&self) -> Position {
        self.header.first_position
    }

    /// How many events it holds.
    #[must_use]
    pub fn event_count(&self) -> u32 {
        self.header.event_count
    }

    /// When it was recorded: never before the frame before it.
    #[must_use]
    pub fn recorded_at(&self) -> Timestamp {
        self.header.recorded_at
    }

    /// The bytes it takes on disk.
    #[must_use]
    pub fn byte_count(&self) -> u64 {
        self.header.frame_bytes()
    }

    /// Its events in order. An item is an error where a record does not decode; then nothing follows.
    pub fn entries<'a>(
        &'a self,
        dictionary: &'a Dictionary,
    ) -> impl Iterator<Item = Result<(Position, Event<'a>), LedgerError>> {
        self.entries_from(0, dictionary)
    }

    /// The same from the one of a number on; the first has 0. None where the frame has no such one.
    pub fn entries_from<'a>(
        &'a self,
        number: u32,
        dictionary: &'a Dictionary,
    ) -> impl Iterator<Item = Result<(Position, Event<'a>), LedgerError>> {
        let count = self.event_count();
        let records = Records::of(self.payload(), count);
        let all = records.map_or(&[][..], |records| records.records);
        let begin = self.offset + (HEADER_BYTES + Records::begin(count)) as u64;
        let mut fields = Fields(records.and_then(|records| records.from(number as usize)).unwrap_or_default());
        let mut positions =
            self.first_position() + u64::from(number.min(count))..self.first_position() + u64::from(count);
        std::iter::from_fn(move || {
            let position = positions.next()?;
            let byte = begin + (all.len() - fields.0.len()) as u64;
            let entry = read_record(&mut fields, position, dictionary);
            if entry.is_err() {
                positions = 0..0;
            }
            Some(entry.map_err(|fault| LedgerError::damaged(self.segment, byte, fault)))
        })
    }

    /// The source positions that it brings the ledger to: topic, partition, next offset to read.
    pub fn offsets(&self) -> impl Iterator<Item = (&str, i32, i64)> {
        self.sections.offsets(self.payload())
    }

    /// How many duplicates came with it, by their CloudEvents `source`.
    pub fn duplicates(&self) -> impl Iterator<Item = (&str, u64)> {
        self.sections.duplicates(self.payload())
    }

    /// What was quarantined with it. A head with an id given before takes the place of that one.
    pub fn quarantined(&self) -> impl Iterator<Item = QuarantineHead> {
        self.quarantine_entries().map(|(entry, location)| entry.head(location))
    }

    /// The same, whole as it lies here, each with its place on disk.
    pub(crate) fn quarantine_entries(&self) -> impl Iterator<Item = (QuarantineEntry<'_>, QuarantineLocation)> {
        self.sections.quarantined(self.payload()).map(|(entry, at, length)| (entry, self.location(at, length)))
    }

    /// Which events left quarantine with it: a second try was accepted, or found a duplicate.
    pub fn redriven(&self) -> impl Iterator<Item = QuarantineId> {
        self.sections.redriven(self.payload()).map(QuarantineId)
    }

    /// The identities of the topics that were read, as known then.
    pub fn topics(&self) -> impl Iterator<Item = (&str, TopicId)> {
        self.sections.topics(self.payload())
    }

    /// What lies before the next offset to read: topic, partition, XXH3 of the record there.
    pub fn offset_checks(&self) -> impl Iterator<Item = (&str, i32, u64)> {
        self.sections.checks(self.payload())
    }

    /// Which topics an operator took for new ones of their names.
    pub fn topics_accepted(&self) -> impl Iterator<Item = TopicAcceptance> {
        self.sections.acceptances(self.payload())
    }

    /// What operators did to quarantined events, each with where it lies on disk.
    pub fn acts(&self) -> impl Iterator<Item = (Act, QuarantineLocation)> {
        self.sections.acts(self.payload()).map(|(act, at, length)| (act, self.location(at, length)))
    }

    /// What each actor did in it: commands, events sent in, decisions on quarantined ones.
    pub fn deeds(&self) -> impl Iterator<Item = Deed> {
        self.sections.deeds(self.payload(), &self.header)
    }

    /// Which quarantined events were read again, byte for byte from where they came before, and how many times.
    pub fn repeats(&self) -> impl Iterator<Item = (QuarantineId, u64)> {
        self.sections.repeats(self.payload()).map(|(id, times)| (QuarantineId(id), times))
    }

    /// The texts that it adds to the dictionary, with their numbers.
    pub(crate) fn dictionary_additions(&self) -> impl Iterator<Item = (u64, &str)> {
        self.sections.dictionary(self.payload())
    }

    /// The place after it, where the next frame begins. Computes the frame's hash, a quarter of a millisecond
    /// a megabyte, unless it is known: ask once a checkpoint rather than once a frame.
    #[must_use]
    pub fn cursor_after(&self) -> FrameCursor {
        FrameCursor { hash: self.hash(), ..self.cursor_without_hash() }
    }

    /// The place on disk of what lies at a place of the payload.
    fn location(&self, at: usize, length: usize) -> QuarantineLocation {
        let offset = self.offset + (HEADER_BYTES + at) as u64;
        QuarantineLocation { segment: self.segment, offset, length: length as u32 }
    }

    /// The place after it, with a hash of zeros.
    pub(crate) fn cursor_without_hash(&self) -> FrameCursor {
        FrameCursor {
            segment: self.segment,
            offset: self.offset + self.byte_count(),
            position: self.header.first_position + u64::from(self.header.event_count),
            quarantine: self.header.first_quarantine + self.sections.newly_quarantined,
            recorded_at: self.header.recorded_at,
            hash: [0; 32],
        }
    }

    /// The BLAKE3 hash of header and payload.
    pub(crate) fn hash(&self) -> FrameHash {
        *self.hash.get_or_init(|| *blake3::hash(self.bytes()).as_bytes())
    }
}

/// Checks a frame's payload against its header.
fn check(frame: &[u8], header: &FrameHeader) -> Result<Sections, Fault> {
    let payload = &frame[HEADER_BYTES..];
    if crc32c::crc32c(payload) != header.payload_checksum && !mutants::mutant!("torn-frame-taken") {
        return Err(Fault::PayloadChecksum);
    }
    Sections::walk(payload, header).ok_or(Fault::Sections)
}

fn read_record<'a>(
    fields: &mut Fields<'a>,
    position: Position,
    dictionary: &'a Dictionary,
) -> Result<(Position, Event<'a>), Fault> {
    let bytes = fields.bytes().ok_or(Fault::OffsetTable { position })?;
    match record::decode(bytes, dictionary) {
        Ok(event) => Ok((position, event)),
        Err(cause) => Err(Fault::Record { position, cause }),
    }
}
