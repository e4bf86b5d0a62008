//! The ledger: accepted events in an order that never changes.

mod identity;
mod index;
mod position;

pub use index::{Index, IndexDecodeError};
pub use position::{AccountId, EventReader, POSITION_MAX, Position, ReadError};
