//! The ledger that is asked: as it stands, or as it stood.

use ingest::Snapshot;
use ledger::{LedgerReader, Position};
use projections::View;
use sql::Subject;

use crate::place::PastPlace;

/// A state of the ledger, which stands still.
pub(super) enum Stood {
    Now(Snapshot, LedgerReader),
    Then(PastPlace),
}

impl Stood {
    /// The position that it is of.
    pub(super) fn position(&self) -> Position {
        match self {
            Stood::Now(snapshot, _) => snapshot.view().state.position(),
            Stood::Then(past) => past.view().state.position(),
        }
    }
}

impl Subject for Stood {
    fn show(&self, look: &mut dyn FnMut(&View<'_>, &LedgerReader)) {
        match self {
            Stood::Now(snapshot, ledger) => look(&snapshot.view(), ledger),
            Stood::Then(past) => look(&past.view(), past.reader()),
        }
    }
}
