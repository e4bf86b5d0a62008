//! Runs one after another, as an index stands on them.

use std::sync::Arc;

use super::run::{Run, run_hash};
use crate::position::Position;

/// Runs that follow one another from the ledger's beginning, up to a position. Clones share them.
#[derive(Clone, Default)]
pub struct Runs {
    pub(super) runs: Arc<[Arc<Run>]>,
    /// What stands behind it in the last run is passed over.
    pub(super) upto: Position,
}

impl Runs {
    /// These, cut at a position.
    pub(super) fn of(runs: Vec<Arc<Run>>, upto: Position) -> Runs {
        Runs { runs: runs.into(), upto }
    }

    /// The last position that they tell of, 0 without any.
    #[must_use]
    pub fn upto(&self) -> Position {
        self.upto
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.runs.len()
    }

    /// The positions of an account's events, ascending.
    pub(crate) fn positions(&self, uid: u64) -> impl DoubleEndedIterator<Item = Position> + '_ {
        self.runs.iter().flat_map(move |run| run.positions(uid, self.upto))
    }

    /// How many events an account has.
    pub(crate) fn count_of(&self, uid: u64) -> usize {
        self.runs.iter().map(|run| run.positions(uid, self.upto).len()).sum()
    }

    /// The positions of an account's events that may have this fingerprint.
    pub(crate) fn candidates(&self, uid: u64, fingerprint: u32) -> impl Iterator<Item = Position> + '_ {
        let hash = run_hash(uid, fingerprint);
        let found = self.runs.iter().flat_map(move |run| run.candidates(hash));
        found.filter(|position| *position <= self.upto)
    }

    /// Bytes of memory held. Mapped files are the system's.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.runs.iter().map(|run| run.memory_bytes()).sum()
    }
}

impl std::fmt::Debug for Runs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Runs").field("count", &self.runs.len()).field("upto", &self.upto).finish()
    }
}
