//! The head of a ledger: a position and the hash of a frame that ends there. Since each frame holds the hash of the one
//! before, a head stands for all that lies before it.

use std::fmt;
use std::str::FromStr;

use crate::cursor::{FrameCursor, FrameHash};
use crate::error::LedgerError;
use crate::position::Position;
use crate::reader::LedgerReader;

/// A position, and the BLAKE3 of a frame that ends there (zeros at 0, before any frame). Written `POSITION:HEX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last position that it covers.
    pub position: Position,
    hash: FrameHash,
}

/// A text that is no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no head: write POSITION:HEX, as 812: and the 64 lower-case hexadecimal digits that `verify --head` printed")]
pub struct HeadParseError;

/// What stands in a ledger where a head is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadFound {
    /// The head: everything up to it is what it was when the head was taken.
    Same,
    /// A frame ends there, and none that does is this one.
    Other {
        /// The first that ends there.
        here: Head,
    },
    /// No frame ends there: the position lies within one, so no ledger with these frames ever had a head there.
    Within {
        /// The first position of that frame.
        first: Position,
        /// The last one.
        last: Position,
    },
    /// The ledger ends before.
    Beyond {
        /// Its last position.
        last: Position,
    },
}

impl Head {
    /// The head at a place.
    #[must_use]
    pub fn at(place: &FrameCursor) -> Head {
        Head { position: place.position(), hash: place.hash }
    }

    /// The hash as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        blake3::Hash::from_bytes(self.hash).to_hex().to_string()
    }

    /// What stands in a ledger at this head's position. The chain was checked when the reader was opened.
    ///
    /// # Errors
    /// If the ledger cannot be read there.
    pub fn look_up(&self, reader: &LedgerReader) -> Result<HeadFound, LedgerError> {
        let last = reader.durable_position();
        if self.position > last {
            return Ok(HeadFound::Beyond { last });
        }
        let mut here = Head::at(&FrameCursor::START);
        let mut from = FrameCursor::START;
        if self.position > 0 {
            let Some(frame) = reader.frames_from(self.position)?.next().transpose()? else {
                return Ok(HeadFound::Beyond { last });
            };
            from = frame.cursor_after();
            if from.position() != self.position {
                return Ok(HeadFound::Within { first: frame.first_position(), last: from.position() });
            }
            here = Head::at(&from);
        }
        if here == *self {
            return Ok(HeadFound::Same);
        }
        // Frames without an event end at the same position.
        for frame in reader.frames(&from) {
            let after = frame?.cursor_after();
            if after.position() != self.position {
                break;
            }
            if Head::at(&after) == *self {
                return Ok(HeadFound::Same);
            }
        }
        Ok(HeadFound::Other { here })
    }
}

impl fmt::Display for Head {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.position, self.hex())
    }
}

impl FromStr for Head {
    type Err = HeadParseError;

    fn from_str(text: &str) -> Result<Head, HeadParseError> {
        let (position, hex) = text.split_once(':').ok_or(HeadParseError)?;
        let is_plain = |text: &str, digits: &dyn Fn(u8) -> bool| !text.is_empty() && text.bytes().all(digits);
        let is_hex = hex.len() == 64 && is_plain(hex, &|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_hex || !is_plain(position, &|byte| byte.is_ascii_digit()) {
            return Err(HeadParseError);
        }
        let hash = blake3::Hash::from_hex(hex).map_err(|_| HeadParseError)?;
        Ok(Head { position: position.parse().map_err(|_| HeadParseError)?, hash: *hash.as_bytes() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_back_from_its_text_and_other_texts_are_none() {
        let head = Head { position: 812, hash: [0xa7; 32] };
        assert_eq!(head.to_string().parse(), Ok(head));
        let digits = "a7".repeat(32);
        for text in ["", "812", ":", "812:", &format!(":{digits}"), &format!("+1:{digits}"), &format!("812:{digits}0")]
        {
            assert_eq!(text.parse::<Head>(), Err(HeadParseError), "{text}");
        }
        assert_eq!(format!("812:{}", digits.to_uppercase()).parse::<Head>(), Err(HeadParseError));
    }
}
