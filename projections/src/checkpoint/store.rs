//! The port to whatever keeps checkpoints, and what a checkpoint is to it: bytes with a checksum.

use ledger::{EventReader, FrameCursor};

use super::bytes::{DecodeError, Input, Output};
use crate::state::State;

/// The version of a checkpoint's content. Another version is thrown away, not converted.
const VERSION: u32 = 3;

/// Why a checkpoint could not be kept or read. None of these loses anything: the ledger is replayed.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The store said no.
    #[error("the checkpoint store failed: {detail}")]
    Store {
        /// What it said.
        detail: String,
    },
    /// The checksum is not that of the content.
    #[error("the checkpoint's content is not what was written")]
    Checksum,
    /// It was written by another version of the program.
    #[error("the checkpoint has version {found}, this program writes {expected}")]
    Version {
        /// The version it has.
        found: u32,
        /// The version this program writes.
        expected: u32,
    },
    /// Its content makes no sense.
    #[error(transparent)]
    Content(#[from] DecodeError),
    /// An entry that it points to cannot be read.
    #[error(transparent)]
    Ledger(#[from] ledger::ReadError),
}

/// Keeps the last checkpoint. Another store can take sled's place behind these.
pub trait CheckpointStore: Send {
    /// Keeps this one instead of the last, whole or not at all.
    ///
    /// # Errors
    /// If the store says no. The last checkpoint may be lost then; the ledger is not.
    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), CheckpointError>;

    /// The last one kept; `None` if there is none.
    ///
    /// # Errors
    /// If there is one and it cannot be read whole.
    fn load(&mut self) -> Result<Option<Checkpoint>, CheckpointError>;

    /// Throws away whatever is kept.
    ///
    /// # Errors
    /// If the store says no.
    fn clear(&mut self) -> Result<(), CheckpointError>;
}

/// A state's content at a place in the ledger, ready to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    content: Vec<u8>,
}

impl Checkpoint {
    /// Takes a state's content, at the place in the ledger up to which it was applied.
    #[must_use]
    pub fn of(state: &State, cursor: &FrameCursor) -> Checkpoint {
        let mut out = Output::default();
        out.u32(VERSION);
        out.bytes(&cursor.encode());
        state.encode(&mut out);
        Checkpoint { content: out.0 }
    }

    /// The content as kept: the bytes, closed by their checksum.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// The checksum of the content, to be kept beside it.
    #[must_use]
    pub fn checksum(&self) -> [u8; 32] {
        *blake3::hash(&self.content).as_bytes()
    }

    /// A checkpoint from what was kept.
    ///
    /// # Errors
    /// If the content is not what was written.
    pub fn from_kept(content: Vec<u8>, checksum: &[u8]) -> Result<Checkpoint, CheckpointError> {
        let checkpoint = Checkpoint { content };
        if checkpoint.checksum() == checksum { Ok(checkpoint) } else { Err(CheckpointError::Checksum) }
    }

    /// The place in the ledger from where to go on.
    ///
    /// # Errors
    /// If the content is of another version or makes no sense.
    pub fn cursor(&self) -> Result<FrameCursor, CheckpointError> {
        Checkpoint::head(&mut Input(&self.content))
    }

    fn head(input: &mut Input<'_>) -> Result<FrameCursor, CheckpointError> {
        let found = input.u32()?;
        if found != VERSION {
            return Err(CheckpointError::Version { found, expected: VERSION });
        }
        Ok(FrameCursor::decode(input.bytes()?).map_err(|_| DecodeError::Malformed)?)
    }

    /// The state, and the place in the ledger from where to go on.
    ///
    /// # Errors
    /// If the content is of another version or makes no sense, or the ledger does not hold what it points to.
    pub fn restore(&self, reader: &dyn EventReader) -> Result<(State, FrameCursor), CheckpointError> {
        let mut input = Input(&self.content);
        let cursor = Checkpoint::head(&mut input)?;
        let state = State::decode(&mut input, reader)?;
        if !input.0.is_empty() || state.position() != cursor.position() {
            return Err(DecodeError::Malformed.into());
        }
        Ok((state, cursor))
    }
}
