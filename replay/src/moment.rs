//! The moment that a question is asked as of: a position, a time (SPEC 6), or a date, which is its end.

use ledger::{LedgerReader, Position, ReadError};
use schemas::{Day, Timestamp};

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
    /// It is neither a position nor a date nor a time.
    #[error("expected {}", AsOf::EXPECTED)]
    Unreadable,
    /// It could be several, or lacks what says which.
    #[error("{0}; expected {expected}", expected = AsOf::EXPECTED)]
    Unclear(Unclear),
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

/// Why a text that looks like a date or a time is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// A time that does not say where.
    #[error("a time has to say its offset from UTC, as Z or +01:00")]
    NoOffset,
    /// Numbers of which it cannot be told which is the day and which the month, or no day of the calendar.
    #[error("a date is written year, month, day, as 2026-03-01, and has to be one of the calendar")]
    NoDate,
}

impl Unclear {
    /// What a text lacks that begins as a date does, or has its parts.
    fn of(text: &str) -> Option<Unclear> {
        let begins_with_date = text.get(..10).is_some_and(|date| Day::parse(date).is_some());
        let is_clock = |rest: &str| {
            rest.starts_with([' ', 'T', 't'])
                && rest.contains(':')
                && rest[1..].bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'))
        };
        let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
        let are_numbers = parts
            .iter()
            .all(|part| !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit()));
        match parts.len() {
            _ if begins_with_date && text.get(10..).is_some_and(is_clock) => Some(Unclear::NoOffset),
            2 | 3 if are_numbers && parts.iter().any(|part| part.len() == 4) => Some(Unclear::NoDate),
            _ => None,
        }
    }
}

impl AsOf {
    /// What is expected, in words.
    pub const EXPECTED: &'static str = "a position of the ledger (a whole number from 1), a date such as 2026-03-01 (up to the \
        end of that day, in UTC) or an RFC 3339 time such as 2026-03-01T00:00:00Z";

    /// Reads a position, an RFC 3339 time, or a date, which is the last moment of that day in UTC. Digits alone are a
    /// position.
    ///
    /// # Errors
    /// If it is none of them. Whether the ledger has the moment is told by [`AsOf::position`].
    pub fn parse(text: &str) -> Result<AsOf, MomentError> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && (text == "0" || !text.starts_with('0')) {
            // Beyond 64 bits there is no position either.
            return Ok(AsOf::Position(text.parse().unwrap_or(Position::MAX)));
        }
        Timestamp::parse_last(text)
            .map(AsOf::Time)
            .ok_or_else(|| Unclear::of(text).map_or(MomentError::Unreadable, MomentError::Unclear))
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
    fn a_moment_is_a_position_a_date_or_a_time_and_nothing_else() {
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
            ("2026-02-28", Some(AsOf::Time(Timestamp(time.0 - 1)))),
            ("20260228", Some(AsOf::Position(20_260_228))),
            ("2026-03-01 00:00:00Z", None),
        ];
        for (text, expected) in table {
            assert_eq!(AsOf::parse(text).ok(), expected, "{text:?}");
        }
    }
    #[test]
    fn what_could_be_several_moments_is_refused_with_what_it_lacks() {
        for (text, lacks) in [
            ("2026-03-01T12:00:00", Some(Unclear::NoOffset)),
            ("2026-03-01 12:00:00", Some(Unclear::NoOffset)),
            ("2026-03-01T12:00", Some(Unclear::NoOffset)),
            ("2026-03-01 12:00:00.5", Some(Unclear::NoOffset)),
            ("01/03/2026", Some(Unclear::NoDate)),
            ("03-01-2026", Some(Unclear::NoDate)),
            ("1.3.2026", Some(Unclear::NoDate)),
            ("2026/03/01", Some(Unclear::NoDate)),
            ("2026-3-1", Some(Unclear::NoDate)),
            ("2026-02-30", Some(Unclear::NoDate)),
            ("2026-03", Some(Unclear::NoDate)),
            ("1.0", None),
            ("yesterday", None),
            ("-1", None),
            ("2026-03-01T12:00Z", None),
            ("2026-03-01x12:00", None),
        ] {
            let refused = AsOf::parse(text).expect_err(text);
            let found = if let MomentError::Unclear(unclear) = &refused { Some(*unclear) } else { None };
            assert_eq!(found, lacks, "{text}");
            assert!(refused.to_string().contains("a date such as 2026-03-01"), "{refused}");
        }
    }
}
