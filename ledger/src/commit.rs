//! What a commit did.

use crate::frame::Frame;
use crate::outcome::Outcome;

/// What a commit did.
#[derive(Debug)]
pub struct Commit {
    /// What became of each event, in the order in which they were pushed, batch after batch.
    pub outcomes: Vec<Outcome>,
    /// What was written, and is durable. None if the batches held nothing, not even a source's offset.
    pub frame: Option<Frame>,
}
