//! From the ledger's events to the numbers of the dashboard: attribution, rating, postings, read models, queries.
//!
//! The law of this crate: a number is a pure function of the *set* of accepted events (SPEC, property 1). What
//! comes in order costs a few additions; what comes late has just the families that it touches recomputed, by the
//! one definition in `family`. Nothing here reads a clock or a file: the moment and the ledger's entries are given.
//! What of a state is worth keeping is told as bytes ([`State::write_parts`]); keeping them is another's.

mod accounts;
mod apply;
mod attribution;
mod codes;
pub mod commands;
mod content;
mod context;
mod counters;
mod digest;
mod event_times;
mod excerpt;
mod family;
mod firsts;
mod history;
mod households;
mod joined;
mod output;
mod parents;
mod places;
pub mod published;
pub mod query;
mod rating;
mod slices;
mod state;
mod steps;
mod terms;
mod totals;
pub mod views;
mod vip_levels;

pub use apply::batch::FrameEvents;
pub use apply::{ApplyError, Beside, PieceBounds};
pub use content::{ContentError, StateReader};
pub use context::{Context, OneWorker, Workers};
pub use excerpt::ExcerptPlan;
pub use query::{QueryError, View};
pub use rating::WhyNothing;
pub use state::{MemoryUse, State};
