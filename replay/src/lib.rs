//! The ledger replayed: to its end, to any earlier position, or under other rules.
//!
//! A number is a pure function of the set of accepted events, so the state as of a position is what replaying the
//! entries up to it gives. [`replay`] does that, on all cores; [`PastStates`] holds a few past states and makes others when they are asked for; for
//! a question about one referrer [`Excerpts`] make the part that it hangs on, without a replay. [`what_if`] replays an edited set, and [`dry_run`]
//! says what it would come to to send some events, without a replay.
//!
//! **What this crate does not do.** It writes nothing to the ledger it reads, answers no question, and decides on no
//! event.

mod decoding;
mod dry_run;
mod excerpts;
mod moment;
mod past;
mod replaying;
pub mod what_if;
mod workers;

pub use dry_run::{DryRunError, dry_run};
pub use excerpts::{Excerpt, ExcerptError, ExcerptLimits, Excerpts};
pub use moment::{AsOf, MomentError};
pub use past::{Making, Past, PastError, PastState, PastStates};
pub use replaying::{ReplayError, Step, Until, replay};
pub use workers::CoreWorkers;
