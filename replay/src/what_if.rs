//! The ledger under other rules: some events left out, others put in, and what that would have changed (SPEC 6).
//!
//! A number is a pure function of the set of accepted events, so a what-if is the same function of an edited set,
//! and the order in which that set is applied does not matter. The added events are therefore applied first, before
//! the entries that are kept: nothing is then late that was not late before, and a what-if costs one replay.
//!
//! Nothing is written. The ledger as it is gives the amounts *before*; whoever asks lends its state for a moment.

mod added;
mod edits;
mod rules;
mod running;
mod tree;

pub use added::Misfit;
pub use edits::EditedReader;
pub(crate) use edits::Edits;
pub use rules::{AddEdit, DropEdit, EditPlace, Rules, RulesError};
pub(crate) use running::difference;
pub use running::{Edited, LentState, WhatIf, WhatIfError, WhatIfProgress, what_if};
