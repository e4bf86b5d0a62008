//! A segment's name and header (`docs/FORMAT.md`, "Segment").

use schemas::{Dictionary, Timestamp};

use crate::cursor::FrameCursor;
use crate::error::{Fault, LedgerError};
use crate::fields::{Fields, put_bytes};
use crate::format::FORMAT_VERSION;
use crate::storage::StorageFile;

const MAGIC: [u8; 8] = *b"TRIBSEGM";

/// The form of segments, which is that of the first format: what later ones brought stands in frames.
const SEGMENT_VERSION: u32 = 1;

/// The header's fields before the dictionary's texts.
const FIXED_BYTES: usize = 88;

/// No header is longer: 65,536 texts of 64 bytes and their lengths, with room.
const HEADER_BYTES_MAX: u32 = 8 << 20;

/// The file name of a segment: its number, and the position of the first event it may hold.
pub(crate) fn segment_name(number: u64, first_position: u64) -> String {
    format!("{number:08}-{first_position:010}.segment")
}

/// Number and first position of a segment by its file name.
pub(crate) fn parse_segment_name(name: &str) -> Option<(u64, u64)> {
    let (number, position) = name.strip_suffix(".segment")?.split_once('-')?;
    let (number, position) = (number.parse().ok()?, position.parse().ok()?);
    (segment_name(number, position) == name).then_some((number, position))
}

/// A segment's header: what its first frame must continue, and the dictionary as it is before that frame.
pub(crate) struct SegmentHeader<'a> {
    /// The length of the header; the first frame begins here.
    pub(crate) length: u32,
    /// The place of the first frame.
    pub(crate) start: FrameCursor,
    texts: Vec<&'a str>,
}

/// The header of a new segment that goes on from a place in the segment before.
pub(crate) fn encode_header(start: &FrameCursor, dictionary: &Dictionary) -> Vec<u8> {
    let mut texts = Vec::new();
    for text in dictionary.texts() {
        put_bytes(&mut texts, text.as_bytes());
    }
    // The checksum stands in the last four bytes of a header whose length is a multiple of eight.
    let length = (FIXED_BYTES + texts.len() + 4).next_multiple_of(8);
    let mut header = Vec::with_capacity(length);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(&SEGMENT_VERSION.to_le_bytes());
    header.extend_from_slice(&(length as u32).to_le_bytes());
    for field in [start.segment, start.position, start.quarantine, start.recorded_at.0 as u64] {
        header.extend_from_slice(&field.to_le_bytes());
    }
    header.extend_from_slice(&start.hash);
    header.extend_from_slice(&(dictionary.len() as u32).to_le_bytes());
    header.extend_from_slice(&(texts.len() as u32).to_le_bytes());
    header.extend_from_slice(&texts);
    header.resize(length - 4, 0);
    let checksum = crc32c::crc32c(&header);
    header.extend_from_slice(&checksum.to_le_bytes());
    header
}

/// Reads a segment's header out of its bytes from `read_header_bytes`.
pub(crate) fn decode_header(bytes: &[u8], number: u64) -> Result<SegmentHeader<'_>, LedgerError> {
    let damaged = |byte, fault| LedgerError::damaged(number, byte, fault);
    let (covered, checksum) = bytes.split_last_chunk::<4>().ok_or_else(|| damaged(0, Fault::SegmentMagic))?;
    if crc32c::crc32c(covered) != u32::from_le_bytes(*checksum) {
        return Err(damaged(0, Fault::SegmentChecksum));
    }
    let mut fields = Fields(covered);
    let header = (|| {
        fields.take(12)?;
        let length = fields.u32()?;
        let start = FrameCursor {
            segment: fields.u64()?,
            offset: u64::from(length),
            position: fields.u64()?,
            quarantine: fields.u64()?,
            recorded_at: Timestamp(fields.i64()?),
            hash: fields.array()?,
        };
        let count = fields.u32()?;
        let text_bytes = fields.u32()?;
        let mut in_texts = Fields(fields.take(text_bytes as usize)?);
        let texts = (0..count).map(|_| in_texts.text()).collect::<Option<_>>()?;
        Some(SegmentHeader { length, start, texts })
    })();
    let header = header.ok_or_else(|| damaged(0, Fault::SegmentMagic))?;
    if header.start.segment != number {
        let fault = Fault::SegmentNumber { found: header.start.segment, expected: number };
        return Err(damaged(16, fault));
    }
    Ok(header)
}

impl SegmentHeader<'_> {
    /// Whether a ledger can begin with it: nothing was before, no text either. At which position it begins to count is its own.
    pub(crate) fn is_a_beginning(&self) -> bool {
        let start = FrameCursor { offset: self.start.offset, position: self.start.position, ..FrameCursor::START };
        self.start == start && self.texts.is_empty()
    }

    /// The dictionary's texts, by number.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().copied()
    }

    /// Brings a dictionary to where this segment begins, or checks that it stands there.
    pub(crate) fn load_dictionary(&self, dictionary: &Dictionary) -> Result<(), LedgerError> {
        let known = dictionary.len();
        let same = known == 0 || known == self.texts.len();
        let all_in = (0..).zip(&self.texts).all(|(id, text)| dictionary.insert(text) == Some(id));
        if same && all_in {
            return Ok(());
        }
        Err(LedgerError::damaged(self.start.segment, 80, Fault::Dictionary))
    }
}

/// The header that stands at the beginning of a segment's bytes, as far as these say how long it is; it is not read yet.
pub(crate) fn header_in(bytes: &[u8]) -> Option<&[u8]> {
    let mut fields = Fields(bytes);
    let is_segment = fields.array() == Some(MAGIC) && fields.u32() == Some(SEGMENT_VERSION);
    let length = fields.u32().filter(|length| is_segment && *length <= HEADER_BYTES_MAX)?;
    bytes.get(..length as usize)
}

/// The bytes of a segment's header, whose beginning says how many there are.
pub(crate) fn read_header_bytes(
    file: &dyn StorageFile,
    number: u64,
) -> Result<std::borrow::Cow<'_, [u8]>, LedgerError> {
    let damaged = |fault| LedgerError::damaged(number, 0, fault);
    if file.len() < FIXED_BYTES as u64 + 8 {
        return Err(damaged(Fault::SegmentMagic));
    }
    let beginning = file.read(0, 16)?;
    let mut fields = Fields(&beginning);
    if fields.array() != Some(MAGIC) {
        return Err(damaged(Fault::SegmentMagic));
    }
    match (fields.u32(), fields.u32()) {
        (Some(found), _) if found > FORMAT_VERSION => Err(LedgerError::NewerFormat { found, known: FORMAT_VERSION }),
        (_, Some(length)) if length > HEADER_BYTES_MAX || u64::from(length) > file.len() => {
            Err(damaged(Fault::SegmentChecksum))
        }
        (_, length) => Ok(file.read(0, length.unwrap_or_default() as usize)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_named_by_its_number_and_first_position_and_other_files_are_none() {
        assert_eq!(segment_name(12, 4_096), "00000012-0000004096.segment");
        assert_eq!(parse_segment_name("00000012-0000004096.segment"), Some((12, 4_096)));
        for name in ["LOCK", "12-4096.segment", "00000012-0000004096.segment.new", "a-b.segment"] {
            assert_eq!(parse_segment_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_header_comes_back_with_its_dictionary() {
        let dictionary = Dictionary::new();
        for text in ["a", "", "é"] {
            dictionary.insert(text);
        }
        let start = FrameCursor { segment: 2, position: 77, quarantine: 3, hash: [7; 32], ..FrameCursor::START };
        let bytes = encode_header(&start, &dictionary);
        assert_eq!(bytes.len() % 8, 0);
        let header = decode_header(&bytes, 2).expect("a header");
        assert_eq!(header.start, FrameCursor { offset: bytes.len() as u64, ..start });
        let loaded = Dictionary::new();
        header.load_dictionary(&loaded).expect("loads");
        assert!(loaded.texts().eq(["a", "", "é"]));
        header.load_dictionary(&loaded).expect("is the same");
        loaded.insert("more");
        assert!(header.load_dictionary(&loaded).is_err());
        assert!(decode_header(&bytes, 3).is_err());
    }

    #[test]
    fn a_flip_of_any_bit_of_a_header_is_found() {
        let bytes = encode_header(&FrameCursor::START, &Dictionary::new());
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode_header(&damaged, 1).is_err(), "bit {bit}");
        }
    }
}
