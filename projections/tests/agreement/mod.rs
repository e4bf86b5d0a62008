//! The projections held against the oracle: the same accepted events in both, every answer compared.

#![allow(dead_code, unused_imports, reason = "each test target compares its own part")]

mod forgone;
mod memory;
mod questions;
mod restatement;

pub use forgone::check_forgone;
pub use memory::Projected;
pub use questions::{check_everything, check_ranges};
pub use restatement::{Restated, check_restatement};
