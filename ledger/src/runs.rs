//! Runs: the index of a range of positions in a file that never changes, so that memory follows accounts, not events.
//!
//! A run holds two orders of the same events. *Walks*: by uid, the places of an account's events, ascending.
//! *Identities*: by a hash of uid and fingerprint, 48 bits of which are kept, where an event stands. A new event costs
//! a line of the cache a run, that of its bucket, whose filter nearly always says no; many events ask together, so that
//! their waits for these lines overlap. An account with millions of events costs no more than any. What matches is confirmed
//! by reading the event, as ever.
//!
//! A run says nothing that the ledger does not: it is named by the frame at which it ends, its bytes are a function of the
//! frames in its range, and it knows accounts by uid. So it serves any state of this ledger, however that came about,
//! and as of any position: what stands behind that is passed over. It is checked whole when it is opened; one that is
//! missing, torn, damaged or foreign is made again from the ledger.

mod asking;
mod bucket;
mod chain;
#[cfg(test)]
mod cost;
mod error;
mod files;
mod form;
mod merging;
mod run;
mod shelf;
mod writing;

pub(crate) use self::asking::ASKED_TOGETHER;
pub use self::chain::Runs;
pub use self::error::RunError;
pub use self::files::RunFile;
pub(crate) use self::run::run_hash;
pub(crate) use self::shelf::Shelf;
pub(crate) use self::writing::{Plan, Writing};
