//! A state as it is kept, in parts.
#![allow(dead_code, reason = "each test uses some of it")]

use std::convert::Infallible;

use ledger::EventReader;
use projections::{ContentError, State, StateReader};

/// The parts of a state's content.
pub fn parts_of(state: &State) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let Ok(()) = state.write_parts(&mut |part| {
        parts.push(part.to_vec());
        Ok::<(), Infallible>(())
    });
    parts
}

/// The state that these parts are of.
pub fn state_of(parts: &[Vec<u8>], reader: &dyn EventReader) -> Result<State, ContentError> {
    let mut state = StateReader::new();
    parts.iter().try_for_each(|part| state.part(part))?;
    state.finish(reader)
}
