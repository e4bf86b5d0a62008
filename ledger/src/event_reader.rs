//! The port through which entries, and the runs of the index beside them, are read again.

use schemas::{Event, Timestamp};

use crate::position::{Position, ReadError};
use crate::runs::{RunError, Runs};

/// Reads accepted events again, at any position up to the durable one.
pub trait EventReader: Send + Sync {
    /// The event at a position.
    ///
    /// # Errors
    /// If there is no such position yet, or its bytes cannot be read.
    fn event(&self, position: Position) -> Result<Event<'_>, ReadError>;

    /// When the entry at a position was recorded. Never decreases with the position.
    ///
    /// # Errors
    /// If there is no such position yet, or its bytes cannot be read.
    fn recorded_at(&self, position: Position) -> Result<Timestamp, ReadError>;

    /// The runs of the index that tell of everything up to a position; a reader that has none knows those up to 0.
    ///
    /// # Errors
    /// If there are no such runs.
    fn runs_upto(&self, position: Position) -> Result<Runs, RunError> {
        match position {
            0 => Ok(Runs::default()),
            upto => Err(RunError::Missing { after: 0, upto }),
        }
    }
}
