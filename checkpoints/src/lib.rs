//! Checkpoints: the state as it stood at a place in the ledger, kept so that a restart replays the tail alone.
//!
//! A state's content is made of parts, each named by its BLAKE3, and a [`Checkpoint`] is the list of those names.
//! [`KeptCheckpoints`] keep the parts, each once, and the lists of those along the way, from which a state as of an earlier
//! position is made. A [`CheckpointStore`] keeps the list of the last one, [`SledStore`] in sled.
//!
//! A checkpoint is never the truth. Any doubt about it (will not open, another version, a wrong checksum, a place
//! that the ledger does not have) means: throw it away and replay. Facts are not written into it, only the
//! positions of the entries that brought them: those are read again from the ledger.
//!
//! **What this crate does not do.** It knows no rule: what of a state is written is the projections' own matter. It has
//! no clock: when a checkpoint is due in time is the engine's.

mod files;
mod kept;
mod list;
mod packs;
mod parts;
mod sled_store;
mod store;

pub use files::CheckpointFile;
pub use kept::{DiskUse, KeepPolicy, KeptCheckpoints};
pub use list::{Checkpoint, PartName};
pub use sled_store::SledStore;
pub use store::{CheckpointError, CheckpointStore};
