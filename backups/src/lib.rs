//! A ledger's backup in an object store that speaks S3: shipped there, and had back.
//!
//! A backup is a manifest and the objects that it names, a segment each. An object never changes and its name is given once,
//! so a manifest that is replaced as a whole is all that has to be decided: whoever reads it finds a backup that is whole,
//! and of two that ship at once one is refused (`docs/decisions/0024-backups.md`).
//!
//! **What this crate does not do.** It checks no frame: what is shipped was checked by who opened the ledger, what is fetched
//! is checked by who opens it then. It has no thread: it does one thing after another, and waits for it.

mod error;
mod manifest;
mod place;
mod shipping;
mod source;

pub use error::ObjectsError;
pub use place::{ObjectOptions, ObjectPlace};
pub use shipping::ship;
pub use source::ObjectSource;
