//! Positions in the ledger, dense account numbers, and why an entry cannot be read.

/// Where an accepted event stands in the ledger: 1, 2, 3, … It never changes. 0 is "before the first".
/// A ledger holds at most [`POSITION_MAX`] entries.
pub type Position = u64;

/// The last position a ledger can give: 47 bits, which ten thousand entries a second use up in 446 years. Nothing on disk
/// is so bounded; rows in memory are, which keep a position in six bytes.
pub const POSITION_MAX: Position = (1 << 47) - 1;

/// The dense number of a uid, in the order in which uids are first mentioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub u32);

impl AccountId {
    /// The number as an index into columns of accounts.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Why an entry cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The ledger holds no such position.
    #[error("the ledger holds no position {position}: it ends at {last}")]
    NoSuchPosition {
        /// The position asked for.
        position: Position,
        /// The last position held.
        last: Position,
    },
    /// The bytes of the entry are not what was written.
    #[error("segment {segment}, byte {byte}: the entry at position {position} cannot be read: {detail}")]
    Damaged {
        /// The position asked for.
        position: Position,
        /// The number of the segment.
        segment: u64,
        /// Where in the segment's file.
        byte: u64,
        /// What is wrong.
        detail: String,
    },
    /// The storage did not give the bytes.
    #[error("the entry at position {position} cannot be read: {detail}")]
    Storage {
        /// The position asked for.
        position: Position,
        /// What the storage said.
        detail: String,
    },
}
