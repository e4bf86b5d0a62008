//! What tests are made of: arbitrary valid events, one sample of each type, what can be wrong in a field, and damage.
//!
//! Only with the feature `testing`; nothing that ships uses it.

mod arbitrary;
mod damage;
mod samples;
mod wrong_fields;

pub use arbitrary::{body_of, event, event_of, uid, usd};
pub use damage::{Damage, damage};
pub use samples::{Sample, sample};
pub use wrong_fields::{WrongField, wrong_fields};
