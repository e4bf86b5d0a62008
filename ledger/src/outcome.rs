//! What became of each event of a commit.

use schemas::Rejection;

use crate::position::Position;
use crate::quarantine::QuarantineId;

/// What became of one event read: exactly one of three (SPEC 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Appended to the ledger.
    Accepted {
        /// Where.
        position: Position,
    },
    /// Its identity was accepted before; it has no effect.
    Duplicate {
        /// Where the first of that identity stands.
        of: Position,
    },
    /// Kept aside.
    Quarantined {
        /// Under which id.
        id: QuarantineId,
        /// Why.
        rejection: Box<Rejection>,
        /// Whether it is there already, with the same bytes from the same origin: then it is counted, not kept again.
        is_repeat: bool,
    },
}
