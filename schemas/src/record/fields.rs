//! Fields that several records share: a text that the dictionary may know, a moment, a list.

use std::borrow::Cow;

use bincode::de::read::Reader;
use bincode::de::{BorrowDecode, BorrowDecoder};
use bincode::enc::write::Writer;
use bincode::enc::{Encode, Encoder};
use bincode::error::{DecodeError, EncodeError};

use super::RecordError;
use crate::dictionary::Dictionary;
use crate::time::Timestamp;

/// A text: its number in the dictionary + 1; or 0, then its length and bytes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text<'a> {
    Known(u32),
    Inline(&'a str),
}

impl<'a> Text<'a> {
    #[inline]
    pub(super) fn resolve(self, dictionary: &'a Dictionary) -> Result<Cow<'a, str>, RecordError> {
        match self {
            Text::Inline(text) => Ok(Cow::Borrowed(text)),
            Text::Known(id) => match dictionary.text(id) {
                Some(text) => Ok(Cow::Borrowed(text)),
                None => Err(RecordError::UnknownText { id, held: dictionary.len() }),
            },
        }
    }
}

impl Encode for Text<'_> {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        match self {
            Text::Known(id) => (id + 1).encode(encoder),
            Text::Inline(text) => {
                0u32.encode(encoder)?;
                text.encode(encoder)
            }
        }
    }
}

impl<'de: 'a, 'a, Context> BorrowDecode<'de, Context> for Text<'a> {
    #[inline]
    fn borrow_decode<D: BorrowDecoder<'de, Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
        match u32::borrow_decode(decoder)?.checked_sub(1) {
            Some(id) => Ok(Text::Known(id)),
            None => Ok(Text::Inline(<&str>::borrow_decode(decoder)?)),
        }
    }
}

/// A moment in seven bytes: microseconds from 2000-01-01 on, two's complement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment(pub(super) Timestamp);

impl Encode for Moment {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        let micros = self.0.0.wrapping_sub(Timestamp::EVENT_MIN.0);
        if micros << 8 >> 8 != micros {
            return Err(EncodeError::Other("a moment lies more than 1,100 years from 2000"));
        }
        encoder.writer().write(&micros.to_le_bytes()[..7])
    }
}

impl<'de, Context> BorrowDecode<'de, Context> for Moment {
    #[inline]
    fn borrow_decode<D: BorrowDecoder<'de, Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let mut bytes = [0; 8];
        decoder.reader().read(&mut bytes[1..])?;
        Ok(Moment(Timestamp((i64::from_le_bytes(bytes) >> 8) + Timestamp::EVENT_MIN.0)))
    }
}

/// A list that trusts no length: bytes that claim a billion items end where the bytes end.
#[derive(Clone, Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T: Encode> Encode for List<T> {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        (self.0.len() as u64).encode(encoder)?;
        self.0.iter().try_for_each(|item| item.encode(encoder))
    }
}

impl<'de, Context, T: BorrowDecode<'de, Context>> BorrowDecode<'de, Context> for List<T> {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let count = u64::borrow_decode(decoder)?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(T::borrow_decode(decoder)?);
        }
        Ok(List(items))
    }
}
