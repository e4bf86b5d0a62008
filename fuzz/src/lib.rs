//! Fuzzing: whatever reads bytes from outside is given bytes that nobody meant. Nothing may panic, take memory without
//! bound, or break the law that its target states.
//!
//! An input is a valid one that was changed, by one step or several: bits, bytes, numbers, pieces doubled, left out, exchanged
//! or taken from another input. Where bytes are under checksums, most inputs are sealed again after that, so that what
//! stands behind the checksums is reached. Each run follows from a seed and a number alone, so what was found is found
//! again; it is made smaller and told. It runs on the stable toolchain, without a look at which code an input reaches.

mod changing;
mod dice;
mod driver;
mod seals;
mod shrinking;
pub mod targets;

pub use driver::{Found, Plan, drive, try_input};
pub use targets::Target;
