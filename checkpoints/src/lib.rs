//! Checkpoints: the state as it stood at a place in the ledger, kept so that a restart replays the tail alone.
//!
//! [`Checkpoint`] is such a state as bytes. A [`CheckpointStore`] keeps the last one, [`SledStore`] in sled;
//! [`KeptCheckpoints`] are those kept along the way, from which a state as of an earlier position is made.
//!
//! A checkpoint is never the truth. Any doubt about it (will not open, another version, a wrong checksum, a place
//! that the ledger does not have) means: throw it away and replay. Facts are not written into it, only the
//! positions of the entries that brought them: those are read again from the ledger.
//!
//! **What this crate does not do.** It knows no rule: what of a state is written is the projections' own matter. It has
//! no clock: when a checkpoint is due in time is the engine's.

mod kept;
mod sled_store;
mod store;

pub use kept::{KeepPolicy, KeptCheckpoints};
pub use sled_store::SledStore;
pub use store::{Checkpoint, CheckpointError, CheckpointStore};
