//! The whole check of a ledger, each segment for itself: so several can be looked at together, and what is damaged is
//! found wherever it lies, not up to the first place only.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemas::Dictionary;

use crate::cursor::FrameCursor;
use crate::error::{Fault, LedgerError};
use crate::format::read_format;
use crate::mark::Mark;
use crate::position::Position;
use crate::reader;
use crate::recovery::{check_mark, judge_broken, judge_end};
use crate::segment::{decode_header, read_header_bytes, segment_name};
use crate::segments::Segment;
use crate::storage::Storage;
use crate::verify::verify_records;
use crate::walk::{Checks, Next, Shared, Until};

/// A ledger whose segments are checked one by one, on any thread.
pub struct Survey {
    shared: Shared,
    until: Until,
    mark: Option<Mark>,
    /// The last segment that holds something durable.
    last: u64,
    /// Files that are none of the segments, by their names.
    strays: Vec<Damage>,
}

/// Bytes that are not what was written.
#[derive(Debug, thiserror::Error)]
#[error("segment {segment}, byte {byte}: {fault}")]
pub struct Damage {
    /// The number of the segment.
    pub segment: u64,
    /// Where in the segment's file.
    pub byte: u64,
    /// What is wrong there.
    pub fault: Fault,
}

/// What one segment was found to be.
#[derive(Debug)]
pub struct SurveyedSegment {
    number: u64,
    /// After its last whole frame that follows; `None` if its header cannot be read.
    end: Option<FrameCursor>,
    frames: u64,
    bytes: u64,
    /// The first thing that is wrong in it, or where the next one should go on.
    damage: Option<Damage>,
}

/// What a whole ledger was found to be.
#[derive(Debug)]
pub struct SurveyReport {
    /// How many segments it has, those that are missing too.
    pub segments: u64,
    /// Whole frames in all of them.
    pub frames: u64,
    /// Bytes of these frames.
    pub bytes: u64,
    /// Up to here everything is good, from the first frame on.
    pub good: FrameCursor,
    /// What is damaged, by segment and byte.
    pub damages: Vec<Damage>,
}

impl Survey {
    /// Of the ledger in a storage: while a process writes it, up to that one's durable mark; else all of it.
    ///
    /// # Errors
    /// If there is no ledger, it is of a newer format, or the storage fails. What is damaged is none: it is found by
    /// [`Survey::check`].
    pub fn of(storage: Arc<dyn Storage>) -> Result<Survey, LedgerError> {
        read_format(&*storage)?;
        let until = reader::until(&*storage)?;
        let mark = match until {
            Until::Mark(mark) => Some(mark),
            Until::LastWhole => Mark::read(&*storage)?,
        };
        let shared = Shared::new(storage);
        let strays = shared.segments.discover_all(&*shared.storage, mark.map_or(0, |mark| mark.segment))?;
        if shared.segments.count() == 0 {
            return Err(LedgerError::NoLedger);
        }
        let last = match until {
            Until::Mark(mark) => mark.segment.min(shared.segments.count()),
            Until::LastWhole => shared.segments.count(),
        };
        let stray = |(segment, fault)| Damage { segment, byte: 0, fault };
        Ok(Survey { shared, until, mark, last, strays: strays.into_iter().map(stray).collect() })
    }

    /// The last segment: there is something to check in 1 to this.
    #[must_use]
    pub fn segments(&self) -> u64 {
        self.last
    }

    /// The name of a segment's file.
    #[must_use]
    pub fn file_name(&self, number: u64) -> Option<String> {
        self.shared.segments.get(number).map(|segment| segment_name(number, segment.first_position))
    }

    /// The bytes of all files that are there, which is what the progress adds up to at most.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        let files = (1..=self.last).filter_map(|number| self.shared.segments.get(number));
        files.filter_map(|segment| Some(segment.file(&*self.shared.storage).ok()?.len())).sum()
    }

    /// Checks a segment: its header, its frames, every record, and that the next segment goes on where it ends. Tells the
    /// bytes of each frame.
    ///
    /// # Errors
    /// If the storage fails. What is damaged is told in the result.
    pub fn check(&self, number: u64, progress: &mut dyn FnMut(u64)) -> Result<SurveyedSegment, LedgerError> {
        let mut found = SurveyedSegment { number, end: None, frames: 0, bytes: 0, damage: None };
        match self.walk(self.shared.segment(number)?, &mut found, progress) {
            Ok(()) => Ok(found),
            Err(LedgerError::Damaged { segment, byte, fault }) => {
                found.damage = Some(Damage { segment, byte, fault });
                Ok(found)
            }
            Err(error) => Err(error),
        }
    }

    fn walk(
        &self,
        segment: &Segment,
        found: &mut SurveyedSegment,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), LedgerError> {
        let shared = &self.shared;
        let bytes = read_header_bytes(&**segment.file(&*shared.storage)?, segment.number)?;
        let header = decode_header(&bytes, segment.number)?;
        if header.start.position != segment.first_position {
            return Err(LedgerError::damaged(segment.number, 0, Fault::SegmentChain));
        }
        if segment.number == 1 {
            // Those behind it are held against the segment before them; it is held against the beginning, as a start does.
            shared.enter(segment, &FrameCursor::START, Checks::Chain(&Dictionary::new()))?;
        }
        let dictionary = Dictionary::new();
        header.load_dictionary(&dictionary)?;
        let mut at = header.start;
        found.end = Some(at);
        loop {
            let end = match shared.next(&at, self.until, Checks::Chain(&dictionary))? {
                // The next segment goes on where this one ends.
                Next::Frame(frame) if frame.segment() != segment.number => return Ok(()),
                Next::Frame(frame) => {
                    verify_records(&frame, &dictionary)?;
                    at = frame.cursor_after();
                    found.end = Some(at);
                    found.frames += 1;
                    found.bytes += frame.byte_count();
                    progress(frame.byte_count());
                    continue;
                }
                Next::AtMark(_) => return Ok(()),
                Next::End(end) => judge_end(shared, &end).map(|_| end)?,
                Next::Broken { at, fault, claimed_end } => {
                    judge_broken(shared, &at, fault, claimed_end, self.mark).map(|_| at)?
                }
            };
            return check_mark(&end, self.mark);
        }
    }

    /// What the segments come to together.
    #[must_use]
    pub fn conclude(self, mut segments: Vec<SurveyedSegment>) -> SurveyReport {
        segments.sort_by_key(|segment| segment.number);
        let good = segments.iter().scan(true, |is_good, segment| {
            let end = segment.end.filter(|_| *is_good)?;
            *is_good = segment.damage.is_none();
            Some(end)
        });
        let good = good.last().unwrap_or(FrameCursor::START);
        let (frames, bytes) = segments.iter().fold((0, 0), |sum, found| (sum.0 + found.frames, sum.1 + found.bytes));
        // What is wrong where one segment goes on in the next is met from both.
        let damages = self.strays.into_iter().chain(segments.into_iter().filter_map(|segment| segment.damage));
        let damages: BTreeMap<_, _> = damages.map(|damage| ((damage.segment, damage.byte), damage)).collect();
        SurveyReport { segments: self.last, frames, bytes, good, damages: damages.into_values().collect() }
    }
}

impl SurveyReport {
    /// The last position up to which everything is good.
    #[must_use]
    pub fn good_position(&self) -> Position {
        self.good.position()
    }
}
