//! One segment made whole: its frames one after another, each from the ledger's own file or from the copy's.

use std::collections::BTreeSet;
use std::sync::Arc;

use schemas::Dictionary;

use super::source::Source;
use crate::chain::frame_at;
use crate::cursor::FrameCursor;
use crate::error::LedgerError;
use crate::format::FORMAT_VERSION_FIRST;
use crate::frame::Frame;
use crate::mark::Mark;
use crate::position::Position;
use crate::recovery::whole_frame_after;
use crate::segment::{decode_header, encode_header, segment_name};
use crate::storage::StorageFile;
use crate::walk::end_of_bytes;

/// A segment, and what it may be mended from.
pub(super) struct Mending<'a> {
    pub(super) own: &'a Source,
    pub(super) copy: &'a Source,
    pub(super) number: u64,
    /// The number of the last segment that the ledger is known to have had.
    pub(super) last: u64,
    pub(super) mark: Option<Mark>,
}

/// What became of a segment.
pub(super) enum Mended {
    Whole(Box<WholeSegment>),
    /// Nothing that is left says where it begins.
    Unknown,
    /// It cannot be had whole. Positions as in [`LostPositions`](super::LostPositions).
    Lost {
        first: Position,
        last: Option<Position>,
    },
}

/// A segment as it has to be.
pub(super) struct WholeSegment {
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) header: Vec<u8>,
    pub(super) pieces: Vec<Piece>,
    /// After its last frame, with the texts known there.
    pub(super) end: FrameCursor,
    pub(super) dictionary: Arc<Dictionary>,
    pub(super) length: u64,
    /// The ledger's own file, and whether it is another one.
    pub(super) own: Option<Arc<dyn StorageFile>>,
    pub(super) is_changed: bool,
    /// Frames of its own file that follow each other and are none of this segment's.
    pub(super) frames_foreign: u64,
}

/// A frame, and where its bytes are.
pub(super) struct Piece {
    pub(super) file: Arc<dyn StorageFile>,
    pub(super) offset: u64,
    pub(super) bytes: u64,
    /// The lowest format that knows it.
    format: u32,
    /// Whether the ledger's own file has it.
    is_own: bool,
}

/// The files of the segment.
struct Files {
    own: Option<Arc<dyn StorageFile>>,
    copy: Option<Arc<dyn StorageFile>>,
}

/// The frames that follow each other.
struct Chain {
    pieces: Vec<Piece>,
    end: FrameCursor,
    dictionary: Arc<Dictionary>,
}

impl WholeSegment {
    /// How many of its frames the ledger's own file has.
    pub(super) fn frames_kept(&self) -> u64 {
        self.pieces.iter().filter(|piece| piece.is_own).count() as u64
    }

    /// The lowest format that knows all of them.
    pub(super) fn format(&self) -> u32 {
        self.pieces.iter().map(|piece| piece.format).max().unwrap_or(FORMAT_VERSION_FIRST)
    }

    /// How many are taken from the copy.
    pub(super) fn frames_taken(&self) -> u64 {
        self.pieces.len() as u64 - self.frames_kept()
    }
}

impl Mending<'_> {
    /// Makes it whole, from the place at which the segment before ends, if that is known.
    pub(super) fn mend(&self, known: Option<(FrameCursor, Arc<Dictionary>)>) -> Result<Mended, LedgerError> {
        let next = match self.own.header(self.number + 1)? {
            Some(next) => Some(next),
            None => self.copy.header(self.number + 1)?,
        };
        let next = next.map(|next| Ok::<_, LedgerError>(decode_header(&next, self.number + 1)?.start)).transpose()?;
        let mut without = Mended::Unknown;
        for header in self.headers(known)? {
            let start = decode_header(&header, self.number)?.start;
            let name = segment_name(self.number, start.position);
            let files = Files { own: self.own.file(self.number, &name)?, copy: self.copy.file(self.number, &name)? };
            let own_first = self.chain(&header, &files, false)?;
            if self.is_complete(&own_first, &files, next)? {
                return self.whole(name, header, own_first, files);
            }
            let copy_first = self.chain(&header, &files, true)?;
            if self.is_complete(&copy_first, &files, next)? {
                return self.whole(name, header, copy_first, files);
            }
            if !matches!(without, Mended::Unknown) {
                continue;
            }
            // By itself it is whole: what does not follow is the next one.
            without = if self.number < self.last && self.ends_with(&own_first, &files)? {
                self.whole(name, header, own_first, files)?
            } else {
                let first = own_first.end.position.max(copy_first.end.position);
                Mended::Lost { first, last: next.map(|next| next.position()).filter(|_| self.number < self.last) }
            };
        }
        Ok(without)
    }

    /// What its header may be: what follows from where the segment before ends; else, the likeliest first, those of the files
    /// that are whole, and how a ledger begins. A checksum is made anew by whoever changes a header on purpose, so the frames
    /// decide which it is.
    fn headers(&self, known: Option<(FrameCursor, Arc<Dictionary>)>) -> Result<Vec<Vec<u8>>, LedgerError> {
        if let Some((end, dictionary)) = known {
            return Ok(vec![encode_header(&FrameCursor { segment: self.number, ..end }, &dictionary)]);
        }
        let mut headers = Vec::new();
        for source in [self.own, self.copy] {
            let Some(header) = source.header(self.number)? else { continue };
            let decoded = decode_header(&header, self.number)?;
            let is_sound = decoded.load_dictionary(&Dictionary::new()).is_ok();
            if is_sound && (self.number > 1 || decoded.is_a_beginning()) {
                headers.push(header);
            }
        }
        if self.number == 1 {
            headers.push(encode_header(&FrameCursor::START, &Dictionary::new()));
        }
        headers.dedup();
        Ok(headers)
    }

    /// The frames that follow from the header on, from one of the two files or, where it has none, the other.
    fn chain(&self, header: &[u8], files: &Files, is_copy_first: bool) -> Result<Chain, LedgerError> {
        let decoded = decode_header(header, self.number)?;
        let dictionary = Arc::new(Dictionary::new());
        decoded.load_dictionary(&dictionary)?;
        let mut chain = Chain { pieces: Vec::new(), end: decoded.start, dictionary };
        loop {
            let at = chain.end;
            let own = frame_in(files.own.as_ref(), &at)?;
            let copied = if (own.is_none() || is_copy_first) && self.is_wanted(&at, files)? {
                frame_in(files.copy.as_ref(), &at)?
            } else {
                None
            };
            let (frame, file) = match (own, copied) {
                (Some(_), Some(frame)) if is_copy_first => (frame, &files.copy),
                (Some(frame), _) => (frame, &files.own),
                (None, Some(frame)) => (frame, &files.copy),
                (None, None) => return Ok(chain),
            };
            let Some(file) = file else { return Ok(chain) };
            frame.dictionary_additions().for_each(|(_, text)| {
                chain.dictionary.insert(text);
            });
            let (offset, bytes) = (frame.offset(), frame.byte_count());
            let is_own = files.own.as_ref().is_some_and(|own| {
                own.len() >= offset + bytes && own.read(offset, bytes as usize).is_ok_and(|own| *own == *frame.bytes())
            });
            chain.end = frame.cursor_after();
            let format = u32::from(frame.header().version);
            chain.pieces.push(Piece { file: Arc::clone(file), offset, bytes, format, is_own });
        }
    }

    /// Whether the ledger is known to have had something at a place. What a longer copy has behind its end is not its own.
    fn is_wanted(&self, at: &FrameCursor, files: &Files) -> Result<bool, LedgerError> {
        if self.number < self.last {
            return Ok(true);
        }
        match (self.mark, &files.own) {
            (Some(mark), _) => Ok(at.is_before(mark.segment, mark.offset)),
            (None, Some(own)) => Ok(end_of_bytes(&**own, at.offset.min(own.len()))?.is_some()),
            (None, None) => Ok(true),
        }
    }

    /// Whether the frames are all that there were: the next segment goes on there, or the ledger was durable so far.
    fn is_complete(&self, chain: &Chain, files: &Files, next: Option<FrameCursor>) -> Result<bool, LedgerError> {
        if self.number < self.last {
            return match next {
                Some(next) => Ok(next.position == chain.end.position && next.hash == chain.end.hash),
                None => self.ends_with(chain, files),
            };
        }
        if self.mark.is_some_and(|mark| chain.end.is_before(mark.segment, mark.offset)) {
            return Ok(false);
        }
        // Without a frame behind it, what is left there is what a write that was cut short leaves.
        match &files.own {
            Some(own) if own.len() > chain.end.offset + 8 => {
                Ok(!whole_frame_after(&**own, &chain.end, chain.end.offset + 8)?)
            }
            Some(_) | None => Ok(true),
        }
    }

    /// Whether the ledger's own file ends where the frames do.
    fn ends_with(&self, chain: &Chain, files: &Files) -> Result<bool, LedgerError> {
        let Some(own) = &files.own else { return Ok(false) };
        let is_own = chain.pieces.iter().all(|piece| piece.is_own);
        Ok(is_own && end_of_bytes(&**own, chain.end.offset.min(own.len()))?.is_none())
    }

    fn whole(&self, name: String, header: Vec<u8>, chain: Chain, files: Files) -> Result<Mended, LedgerError> {
        let is_same = match &files.own {
            Some(own) => {
                let is_header = own.len() >= header.len() as u64 && *own.read(0, header.len())? == *header;
                let is_named = self.own.others(self.number, "").contains(&name);
                let has_more =
                    self.number < self.last && end_of_bytes(&**own, chain.end.offset.min(own.len()))?.is_some();
                is_header && is_named && !has_more && chain.pieces.iter().all(|piece| piece.is_own)
            }
            None => false,
        };
        let frames_foreign = if is_same { 0 } else { self.foreign(&chain, &files)? };
        let own = files.own;
        let lengths = [own.as_ref(), files.copy.as_ref()].into_iter().flatten().map(|file| file.len());
        Ok(Mended::Whole(Box::new(WholeSegment {
            number: self.number,
            name,
            header,
            pieces: chain.pieces,
            end: chain.end,
            dictionary: chain.dictionary,
            length: lengths.max().unwrap_or(0).max(chain.end.offset),
            own,
            is_changed: !is_same,
            frames_foreign,
        })))
    }

    /// How many frames of the ledger's own file follow each other from its own header on, and are not taken.
    fn foreign(&self, chosen: &Chain, files: &Files) -> Result<u64, LedgerError> {
        let Some(header) = self.own.header(self.number)? else { return Ok(0) };
        let alone = self.chain(&header, &Files { own: files.own.clone(), copy: None }, false)?;
        let taken = chosen.pieces.iter().filter(|piece| piece.is_own).map(|piece| piece.offset);
        let taken: BTreeSet<u64> = taken.collect();
        Ok(alone.pieces.iter().filter(|piece| !taken.contains(&piece.offset)).count() as u64)
    }
}

/// The frame at a place of a file, if there is the file and the frame.
fn frame_in(file: Option<&Arc<dyn StorageFile>>, at: &FrameCursor) -> Result<Option<Frame>, LedgerError> {
    file.map_or(Ok(None), |file| frame_at(file, at))
}
