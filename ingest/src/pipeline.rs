//! x
pub(crate) mod budget;
pub(crate) mod chunk;
mod decoding;
mod sequencer;
