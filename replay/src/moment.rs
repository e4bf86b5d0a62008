//! The moment that a question is asked as of: a position, or a time (SPEC 6).

use ledger::{LedgerReader, Position, ReadError};
use schemas::Timestamp;

/// A moment of the ledger, as it was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// Right after this position was recorded.
    Position(Position),
    /// Right after the last position recorded at or before this time.
    Time(Timestamp),
}

/// Why a moment is none of this ledger's.
#[derive(Debug, thiserror::Error)]
pub enum MomentError {
    /// It is neither a position nor a time.
    #[error("expected {}", AsOf::EXPECTED)]
    Unreadable,
    /// Nothing was known yet.
    #[error("there is no position 0: before the first entry nothing was known")]
    Zero,
    /// The ledger ends before.
    #[error("the ledger ends at position {end}")]
    BeyondEnd {
        /// The last position.
        end: Position,
    },
    /// The first entry came later.
    #[error("the ledger's first entry was recorded at {first}, later than that")]
    BeforeFirst {
        /// When the first entry was recorded.
        first: Timestamp,
    },
    /// It has no entry at all.
    #[error("the ledger has no entry yet")]
    Empty,
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl AsOf {
    /// What is expected, in words.
    pub const EXPECTED: &'static str =
        "a position of the ledger (a whole number from 1) or an RFC 3339 time such as 2026-03-01T00:00:00Z";

    /// Reads a position or an RFC 3339 time.
    ///
    /// # Errors
    /// If it is neither. Whether the ledger has the moment is told by [`AsOf::position`].
    pub fn parse(text: &str) -> Result<AsOf, MomentError> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && (text == "0" || !text.starts_with('0')) {
            // Beyond 64 bits there is no position either.
            return Ok(AsOf::Position(text.parse().unwrap_or(Position::MAX)));
        }
        Timestamp::parse(text).map(AsOf::Time).ok_or(MomentError::Unreadable)
    }

    /// The position that it means, at least 1.
    ///
    /// # Errors
    /// If the ledger has no such moment, or cannot be read.
    pub fn position(self, reader: &LedgerReader) -> Result<Position, MomentError> {
        match (self, self.position_or_nothing(reader)?) {
            (_, position @ 1..) => Ok(position),
            (AsOf::Position(_), _) => Err(MomentError::Zero),
            (AsOf::Time(_), _) if reader.durable_position() == 0 => Err(MomentError::Empty),
            (AsOf::Time(_), _) => {
                use ledger::EventReader;
                Err(MomentError::BeforeFirst { first: reader.recorded_at(1)? })
            }
        }
    }

    /// The position that it means; 0 where nothing was known yet.
    ///
    /// # Errors
    /// If the ledger ends before it, or cannot be read.
    pub fn position_or_nothing(self, reader: &LedgerReader) -> Result<Position, MomentError> {
        match self {
            AsOf::Position(position) => {
                let end = reader.durable_position();
                if position <= end { Ok(position) } else { Err(MomentError::BeyondEnd { end }) }
            }
            AsOf::Time(time) => Ok(reader.position_at(time)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_position_or_a_time_and_nothing_else() {
        let time = Timestamp::parse("2026-03-01T00:00:00Z").expect("a time");
        let table = [
            ("0", Some(AsOf::Position(0))),
            ("812", Some(AsOf::Position(812))),
            ("99999999999999999999999", Some(AsOf::Position(u64::MAX))),
            ("2026-03-01T00:00:00Z", Some(AsOf::Time(time))),
            ("2026-03-01T01:00:00+01:00", Some(AsOf::Time(time))),
            ("", None),
            ("007", None),
            ("+1", None),
            ("-1", None),
            ("1.0", None),
            ("now", None),
            ("2026-03-01", None),
        ];
        for (text, expected) in table {
            assert_eq!(AsOf::parse(text).ok(), expected, "{text:?}");
        }
    }
}
