//! Events as CloudEvents JSON: the strict reader, the canonical writer, and the contract's table of fields.
//!
//! Reading goes in steps, so that the reasons come in the order of SPEC 1:
//!
//! 1. the size of the text (`limits`): `too_large`;
//! 2. its syntax (`syntax`): every byte is looked at, and the fields that the contract names are put into
//!    slots (`slot`) as they stand, borrowed where no escape forbids it: `malformed`;
//! 3. the envelope (`envelope`): `malformed`, then `unknown_type`, then `time` and `data`;
//! 4. the fields of `data` in the contract's order (`contract`), each by its rule (`rules`): `invalid_field`.
//!
//! *Invariant:* nothing is skipped unchecked. A lone surrogate, a number beyond binary64 or a hundred-and-first
//! level is found in a field that nobody reads, too.

pub(crate) mod contract;
mod envelope;
pub mod limits;
mod prediction;
mod rules;
mod slot;
mod syntax;
mod tiers;
mod write;

pub use envelope::SPECVERSION_TEXT;
pub use prediction::Predictor;
pub use rules::is_code;
pub use write::{data_value, write_data, write_event};

use crate::event::Event;
use crate::rejection::Rejection;
use crate::time::Timestamp;

/// Reads one event from its JSON text; `arrived` is the moment of arrival, which bounds its `time`.
///
/// One line end behind the text belongs to the line and not to the event; whatever other white space stands
/// around the event counts for its size.
///
/// # Errors
/// The first reason of SPEC 1 that holds, but for `conflict`: that one needs the events before it.
pub fn read_event(text: &[u8], arrived: Timestamp) -> Result<Event<'_>, Rejection> {
    let text = limits::own_text(text)?;
    let mut slots = syntax::read_slots(text)?;
    envelope::read(&mut slots, arrived)
}
