//! Checkpoints: the state as it stood at a place in the ledger, kept so that a restart replays the tail alone.
//!
//! A checkpoint is never the truth. Any doubt about it (will not open, another version, a wrong checksum, a place
//! that the ledger does not have) means: throw it away and replay. Facts are not written into it, only the
//! positions of the entries that brought them: those are read again from the ledger.

pub(crate) mod bytes;
mod content;
mod sled_store;
mod store;

pub use bytes::DecodeError;
pub use sled_store::SledStore;
pub use store::{Checkpoint, CheckpointError, CheckpointStore};
