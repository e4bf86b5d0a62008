//! A seeded workload: the history of a referral program, with all that is awkward in realistic shares, and what
//! goes on live after it. `tributary demo` and the benches share it.
//!
//! The same seed gives the same events on every machine: all chance comes from ChaCha, all sums are of whole
//! numbers. A history is drawn as it is asked for; what it holds grows with the accounts, not with the events.
//!
//! What this crate does not do: it reads no clock and writes no file, and it knows no rule of the program
//! beyond what makes an event valid.

mod agenda;
mod calendar;
mod dice;
mod disorder;
mod faults;
mod history;
mod ids;
mod lines;
mod live;
mod market;
mod platform;
mod population;
mod scribe;
mod shares;
mod standing;
mod story;
mod streams;
mod texts;
mod traders;
mod workload;

pub use dice::Share;
pub use faults::Fault;
pub use lines::Lines;
pub use live::Live;
pub use population::referrer::{DEMO_CODE, DEMO_UID};
pub use shares::Shares;
pub use story::Story;
pub use streams::History;
pub use workload::Workload;
