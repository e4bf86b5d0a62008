//! The port to whatever keeps checkpoints, and what a checkpoint is to it: bytes with a checksum.

use std::io;
use std::path::PathBuf;

use ledger::fields::Fields;
use ledger::{EventReader, FrameCursor};
use projections::{ContentError, State};

/// The version of a checkpoint's content, and of the rules that its sums come from. Another version is thrown away,
/// not converted.
const VERSION: u32 = 9;

/// Why a checkpoint could not be kept or read. None of these loses anything: the ledger is replayed.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The store said no.
    #[error("the checkpoint store failed: {detail}")]
    Store {
        /// What it said.
        detail: String,
    },
    /// Another process holds it, which says nothing of what it holds.
    #[error("the checkpoint store in {} is held by another process", folder.display())]
    Held {
        /// Where it lies.
        folder: PathBuf,
    },
    /// The system did not let it be opened, which says nothing of what it holds.
    #[error("the checkpoint store in {} cannot be opened: {cause}", folder.display())]
    System {
        /// Where it lies.
        folder: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It was removed or replaced under the process that had it open: what is kept in it is lost.
    #[error("the checkpoint store in {} was removed or replaced while it was in use", folder.display())]
    Gone {
        /// Where it lay.
        folder: PathBuf,
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
    /// It names no place in the ledger.
    #[error("the checkpoint does not say where in the ledger it belongs")]
    Place,
    /// Its content is no state.
    #[error(transparent)]
    Content(#[from] ContentError),
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
        let mut content = Vec::from(VERSION.to_le_bytes());
        content.extend(cursor.encode());
        state.encode(&mut content);
        Checkpoint { content }
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
        self.split().map(|(cursor, _)| cursor)
    }

    /// The place in the ledger, and the state's own bytes.
    fn split(&self) -> Result<(FrameCursor, &[u8]), CheckpointError> {
        let mut fields = Fields(&self.content);
        let found = fields.u32().ok_or(CheckpointError::Place)?;
        if found != VERSION {
            return Err(CheckpointError::Version { found, expected: VERSION });
        }
        let cursor = fields.take(FrameCursor::BYTES).and_then(|place| FrameCursor::decode(place).ok());
        let cursor = cursor.ok_or(CheckpointError::Place)?;
        Ok((cursor, fields.0))
    }

    /// The state, and the place in the ledger from where to go on.
    ///
    /// # Errors
    /// If the content is of another version or makes no sense, or the ledger does not hold what it points to.
    pub fn restore(&self, reader: &dyn EventReader) -> Result<(State, FrameCursor), CheckpointError> {
        let (cursor, state) = self.split()?;
        let state = State::decode(state, reader)?;
        if state.position() == cursor.position() { Ok((state, cursor)) } else { Err(CheckpointError::Place) }
    }
}
