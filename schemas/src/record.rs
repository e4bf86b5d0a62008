//! An event as the ledger keeps it on disk: bincode over types of their own (`docs/FORMAT.md`, "Record").
//!
//! The first byte names the record's version and the event's type, so that every version ever written can
//! be read for ever. Texts that come often are numbers of the ledger's [`Dictionary`]; the others borrow
//! from the bytes, so that reading a trade allocates nothing.

mod amount;
mod choices;
mod fields;
mod v1;

use bincode::de::read::{BorrowReader, Reader};
use bincode::de::{BorrowDecode, BorrowDecoder, DecoderImpl};
use bincode::enc::write::Writer;
use bincode::enc::{Encode, EncoderImpl};
use bincode::error::{DecodeError, EncodeError};

use self::choices::Choice;
use crate::dictionary::{Dictionary, TEXT_BYTES_MAX, TEXTS_MAX};
use crate::event::{Event, EventType};

/// The version of records that this program writes. It reads this one and all before it.
pub const RECORD_VERSION: u8 = 1;

/// The first byte of a record holds the type in its low bits and the version above them.
const TYPE_BITS: u32 = 5;

/// Why bytes are no record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// There are no bytes at all.
    #[error("the record is empty")]
    Empty,
    /// Written by a newer version of the program.
    #[error("the record has version {found}, this program reads up to version {known}")]
    UnknownVersion {
        /// The version found.
        found: u8,
        /// The newest version this program reads.
        known: u8,
    },
    /// A type that the version does not have.
    #[error("the record has type {found}, which version {version} does not know")]
    UnknownType {
        /// The type's number.
        found: u8,
        /// The record's version.
        version: u8,
    },
    /// The bytes do not decode.
    #[error("the record does not decode: {cause}")]
    Malformed {
        /// What bincode says.
        cause: DecodeError,
    },
    /// A number that the dictionary does not hold.
    #[error("the record names text {id}, the dictionary holds {held}")]
    UnknownText {
        /// The text's number.
        id: u32,
        /// How many texts the dictionary holds.
        held: usize,
    },
    /// A value that no event can have.
    #[error("the record's {field} is {value}, which is no such thing")]
    InvalidValue {
        /// Which field.
        field: &'static str,
        /// The value found.
        value: u64,
    },
    /// Bytes after the end of the event.
    #[error("the record goes on for {count} bytes after its end")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
}

/// Appends the record of an event.
///
/// # Panics
/// If the event's time lies more than 1,100 years from 2000, which no valid event's does.
pub fn encode(event: &Event<'_>, dictionary: &Dictionary, out: &mut Vec<u8>) {
    encode_noting(event, dictionary, out, |_| {});
}

/// Appends the record of an event, and names each text that would be shorter if the dictionary held it.
///
/// # Panics
/// As [`encode`] does.
pub fn encode_noting(event: &Event<'_>, dictionary: &Dictionary, out: &mut Vec<u8>, mut missing: impl FnMut(&str)) {
    let mut texts = Texts { dictionary, missing: &mut missing };
    v1::encode(event, &mut texts, out);
}

/// Reads a record.
///
/// # Errors
/// If the bytes are no record that this program knows, or name a text that the dictionary does not hold.
pub fn decode<'a>(bytes: &'a [u8], dictionary: &'a Dictionary) -> Result<Event<'a>, RecordError> {
    let (first, body) = bytes.split_first().ok_or(RecordError::Empty)?;
    let (version, kind) = (first >> TYPE_BITS, first & ((1 << TYPE_BITS) - 1));
    match version {
        1 => v1::decode(kind, body, dictionary),
        found => Err(RecordError::UnknownVersion { found, known: RECORD_VERSION }),
    }
}

/// The number on disk of the type of an event, of which this is the record; none of a record without bytes. It is below 32.
#[must_use]
pub fn type_number(record: &[u8]) -> Option<u8> {
    record.first().map(|first| first & ((1 << TYPE_BITS) - 1))
}

/// The number on disk of a type.
#[must_use]
pub fn number_of(event_type: EventType) -> u8 {
    event_type.number()
}

/// The dictionary as encoding sees it.
struct Texts<'d, 'm> {
    dictionary: &'d Dictionary,
    missing: &'m mut dyn FnMut(&str),
}

impl Texts<'_, '_> {
    /// A text that comes often: a source, a symbol, an asset, a channel.
    fn common<'a>(&mut self, text: &'a str) -> fields::Text<'a> {
        self.known_or_inline(text, TEXTS_MAX)
    }

    /// A code. There may be more codes than the dictionary holds texts, so they take half of it at most.
    fn code<'a>(&mut self, text: &'a str) -> fields::Text<'a> {
        self.known_or_inline(text, TEXTS_MAX / 2)
    }

    fn known_or_inline<'a>(&mut self, text: &'a str, wanted_below: usize) -> fields::Text<'a> {
        if let Some(id) = self.dictionary.id_of(text) {
            return fields::Text::Known(id);
        }
        if text.len() <= TEXT_BYTES_MAX && self.dictionary.len() < wanted_below {
            (self.missing)(text);
        }
        fields::Text::Inline(text)
    }
}

/// A writer at the end of a vector.
struct End<'a>(&'a mut Vec<u8>);

impl Writer for End<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

fn put<T: Encode>(value: &T, out: &mut Vec<u8>) {
    let encoded = value.encode(&mut EncoderImpl::new(End(out), bincode::config::standard()));
    // The only writer is a vector, and no record type refuses a value.
    encoded.expect("a record encodes into memory");
}

/// What is still to be read of a record.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    #[inline(always)]
    fn split(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let short = || DecodeError::UnexpectedEnd { additional: length - self.0.len() };
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(short)?;
        self.0 = rest;
        Ok(taken)
    }
}

impl Reader for Rest<'_> {
    #[inline(always)]
    fn read(&mut self, bytes: &mut [u8]) -> Result<(), DecodeError> {
        bytes.copy_from_slice(self.split(bytes.len())?);
        Ok(())
    }

    #[inline(always)]
    fn peek_read(&mut self, length: usize) -> Option<&[u8]> {
        self.0.get(..length)
    }

    #[inline(always)]
    fn consume(&mut self, length: usize) {
        self.0 = self.0.get(length..).unwrap_or_default();
    }
}

impl<'a> BorrowReader<'a> for Rest<'a> {
    #[inline(always)]
    fn take_bytes(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        self.split(length)
    }
}

type Decoder<'a> = DecoderImpl<Rest<'a>, bincode::config::Configuration, ()>;

fn decoder(bytes: &[u8]) -> Decoder<'_> {
    DecoderImpl::new(Rest(bytes), bincode::config::standard(), ())
}

fn take<'a, T: BorrowDecode<'a, ()>>(from: &mut Decoder<'a>) -> Result<T, RecordError> {
    T::borrow_decode(from).map_err(|cause| RecordError::Malformed { cause })
}

fn remaining(from: &mut Decoder<'_>) -> usize {
    from.borrow_reader().0.len()
}
