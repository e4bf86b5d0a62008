//! A checkpoint as it is kept: a short list of the names of its parts, with its place in the ledger.

use std::fmt::{Display, Formatter};

use ledger::FrameCursor;
use ledger::fields::{Fields, put_varint};

use crate::store::CheckpointError;

/// The version of a checkpoint's content, and of the rules that its sums come from. Another version is thrown away,
/// not converted.
const VERSION: u32 = 10;

/// The name of a part: the BLAKE3 of its bytes. Whatever has the name is the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartName(pub [u8; 32]);

impl PartName {
    /// The name of these bytes.
    #[must_use]
    pub fn of(part: &[u8]) -> PartName {
        PartName(*blake3::hash(part).as_bytes())
    }
}

impl Display for PartName {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        self.0[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The names of the parts of a state's content, in their order, and the place in the ledger up to which it was applied.
/// The parts themselves are in a [`crate::KeptCheckpoints`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    content: Vec<u8>,
}

impl Checkpoint {
    /// Of these parts at this place.
    #[must_use]
    pub fn of(cursor: &FrameCursor, parts: &[PartName]) -> Checkpoint {
        let mut content = Vec::from(VERSION.to_le_bytes());
        content.extend(cursor.encode());
        put_varint(&mut content, parts.len() as u64);
        parts.iter().for_each(|part| content.extend_from_slice(&part.0));
        Checkpoint { content }
    }

    /// The list as kept: the bytes, closed by their checksum.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// The checksum of the list, to be kept beside it.
    #[must_use]
    pub fn checksum(&self) -> [u8; 32] {
        *blake3::hash(&self.content).as_bytes()
    }

    /// A checkpoint from what was kept.
    ///
    /// # Errors
    /// If it is not what was written.
    pub fn from_kept(content: Vec<u8>, checksum: &[u8]) -> Result<Checkpoint, CheckpointError> {
        let checkpoint = Checkpoint { content };
        if checkpoint.checksum() == checksum || mutants::mutant!("list-of-a-checkpoint-not-checked") {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::Checksum)
        }
    }

    /// The place in the ledger from where to go on.
    ///
    /// # Errors
    /// If the list is of another version or makes no sense.
    pub fn cursor(&self) -> Result<FrameCursor, CheckpointError> {
        self.split().map(|(cursor, _)| cursor)
    }

    /// The names of its parts, in their order.
    ///
    /// # Errors
    /// If the list is of another version or makes no sense.
    pub fn parts(&self) -> Result<Vec<PartName>, CheckpointError> {
        self.split().map(|(_, names)| names.iter().map(|name| PartName(*name)).collect())
    }

    fn split(&self) -> Result<(FrameCursor, &[[u8; 32]]), CheckpointError> {
        let mut fields = Fields(&self.content);
        let found = fields.u32().ok_or(CheckpointError::Place)?;
        if found != VERSION {
            return Err(CheckpointError::Version { found, expected: VERSION });
        }
        let cursor = fields.take(FrameCursor::BYTES).and_then(|place| FrameCursor::decode(place).ok());
        let cursor = cursor.ok_or(CheckpointError::Place)?;
        let count = fields.varint().ok_or(CheckpointError::List)?;
        let (names, rest) = fields.0.as_chunks();
        if rest.is_empty() && names.len() as u64 == count { Ok((cursor, names)) } else { Err(CheckpointError::List) }
    }
}
