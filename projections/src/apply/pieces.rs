//! Entries applied in pieces, each so small that nobody waits long for the state: how many events and steps one piece
//! holds is bounded, whatever the entries are.

use ledger::{Position, ReadError};
use schemas::{Event, Timestamp};

use super::ahead::EVENTS_AHEAD;
use crate::context::Context;
use crate::state::State;

/// What one piece holds at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PieceBounds {
    /// Entries.
    pub events: usize,
    /// Steps, as [`State::reach`] tells them.
    pub steps: u64,
}

impl Default for PieceBounds {
    fn default() -> Self {
        PieceBounds { events: 128, steps: 2_048 }
    }
}

impl State {
    /// Applies the first of these entries of one frame, which must be the next ones: as many as a piece holds, and how
    /// many these are. None where there are entries only if the first by itself reaches further than a piece may: that
    /// one is to be applied where nobody waits for it.
    ///
    /// # Errors
    /// If an earlier entry cannot be read. The state is then unfit for use.
    pub fn apply_piece(
        &mut self,
        recorded_at: Timestamp,
        entries: &[(Position, Event<'_>)],
        bounds: PieceBounds,
        context: Context<'_>,
    ) -> Result<usize, ReadError> {
        let (mut left, mut applied) = (bounds.steps, 0);
        for ahead in entries[..entries.len().min(bounds.events)].chunks(EVENTS_AHEAD) {
            self.look_ahead(ahead);
            for (position, event) in ahead {
                // Told now, as the entries before it in the piece may have changed it.
                let reach = self.reach(event, left + 1);
                if reach > left {
                    return Ok(applied);
                }
                left -= reach;
                self.apply_event(*position, recorded_at, event, context)?;
                applied += 1;
            }
        }
        Ok(applied)
    }
}
