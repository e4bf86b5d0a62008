//! The port to whatever keeps the list of the last checkpoint: a few bytes that are there whole or not at all.

use std::io;
use std::path::PathBuf;

use ledger::StorageError;
use projections::ContentError;

use crate::list::{Checkpoint, PartName};

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
    /// Its list ends early, or goes on too long.
    #[error("the checkpoint's list of its parts makes no sense")]
    List,
    /// A part that it names is not kept.
    #[error("the checkpoint's part {name} is not there")]
    PartMissing {
        /// Its name.
        name: PartName,
    },
    /// A part that it names is not what was written.
    #[error("the checkpoint's part {name} is damaged")]
    PartDamaged {
        /// Its name.
        name: PartName,
    },
    /// The files that parts lie in could not be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Its content is no state.
    #[error(transparent)]
    Content(#[from] ContentError),
}

impl CheckpointError {
    /// What a store said.
    pub(crate) fn store(cause: io::Error) -> CheckpointError {
        CheckpointError::Store { detail: cause.to_string() }
    }
}

/// Keeps the list of the last checkpoint. Another store can take sled's place behind these.
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
