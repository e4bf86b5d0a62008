//! What is asked.

use std::fmt::Debug;
use std::sync::Arc;

use ledger::LedgerReader;
use projections::View;

/// A state that does not change while it is asked, and the ledger that it is of.
pub trait Subject: Send + Sync {
    /// Shows it. Several look at it at a time.
    fn show(&self, look: &mut dyn FnMut(&View<'_>, &LedgerReader));
}

/// The same for what has to be printable.
#[derive(Clone)]
pub(crate) struct Asked(pub(crate) Arc<dyn Subject>);

impl Debug for Asked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a ledger")
    }
}
