//! What tests are made of: arbitrary valid events, one sample of each type, and what can be wrong in a field.
//!
//! Only with the feature `testing`; nothing that ships uses it.

mod arbitrary;
mod samples;
mod wrong_fields;

pub use arbitrary::{body_of, event, event_of, uid, usd};
pub use samples::{Sample, sample};
pub use wrong_fields::{WrongField, wrong_fields};
