//! How a durable frame comes into the state that everybody reads: in pieces, between which the others are let in. What
//! reaches further than a piece may is applied apart, to a copy that then takes the state's place; until then everybody
//! sees the position before it.
//!
//! Positions inside a frame may so be seen: they are durable. What the frame says beside its events is taken in together
//! with its last event.

use ledger::{Frame, Position, ReadError};
use parking_lot::RwLockWriteGuard;
use projections::{ApplyError, Context, PieceBounds, State, Workers};
use schemas::dictionary::Dictionary;
use schemas::{Event, Timestamp};

use crate::apart::{AppliedApart, Telling};
use crate::published::Published;

impl Published {
    /// Applies a durable frame, which must be the next one.
    ///
    /// # Errors
    /// If an entry cannot be decoded, or an earlier one cannot be read. The state is unfit for use then, unless `mend`,
    /// which is given it before anybody else sees it, makes it fit again.
    pub(crate) fn apply_frame(
        &self,
        frame: &Frame,
        dictionary: &Dictionary,
        mend: &mut dyn FnMut(&mut State),
    ) -> Result<(), ApplyError> {
        let bounds = PieceBounds::default();
        let mut entries = frame.entries(dictionary);
        let mut left = frame.event_count() as usize;
        let mut piece: Vec<(Position, Event<'_>)> = Vec::with_capacity(bounds.events.min(left));
        loop {
            // Decoded before the lock is taken.
            for entry in entries.by_ref().take(bounds.events - piece.len()) {
                piece.push(entry.inspect_err(|_| mend(&mut self.state_to_change()))?);
            }
            let mut state = self.state_to_change();
            let applied = state.apply_piece(frame.recorded_at(), &piece, bounds, self.context());
            let applied = applied.inspect_err(|_| mend(&mut state))?;
            left -= applied;
            if left == 0 {
                state.count_frame(frame);
            }
            // Who waits to read is next, and the writer behind them.
            RwLockWriteGuard::unlock_fair(state);
            if left == 0 {
                return Ok(());
            }
            piece.drain(..applied);
            if applied == 0
                && let Some(entry) = piece.first()
            {
                left -= 1;
                let closes = (left == 0).then_some(frame);
                let applied = self.apply_apart(entry, frame.recorded_at(), closes);
                applied.inspect_err(|_| mend(&mut self.state_to_change()))?;
                if left == 0 {
                    return Ok(());
                }
                piece.remove(0);
            }
        }
    }

    /// Applies an entry that reaches far to a copy, which then takes the state's place; with what the frame says beside
    /// its events, where it is the last of them.
    fn apply_apart(
        &self,
        (position, event): &(Position, Event<'_>),
        recorded_at: Timestamp,
        closes: Option<&Frame>,
    ) -> Result<(), ReadError> {
        // It may take long: who waits for what lies before it is told now.
        self.publish(position - 1);
        let mut next = self.state.read().clone();
        let begun = AppliedApart {
            position: *position,
            event_type: event.event_type(),
            since: self.moments.now(),
            reach: next.reach(event, u64::MAX),
            families_done: 0,
            families: 0,
        };
        self.apart.begin(begun, &self.metrics);
        let workers = Telling { workers: &*self.workers, apart: &self.apart, metrics: &self.metrics };
        workers.progress(0, 0);
        let applied = next.apply_event(*position, recorded_at, event, Context::new(&self.reader, &workers));
        self.apart.end(self.moments.now(), &self.metrics);
        applied?;
        if let Some(frame) = closes {
            next.count_frame(frame);
        }
        let before = std::mem::replace(&mut *self.state_to_change(), next);
        // Let go here, where nobody waits for it any more.
        drop(before);
        self.publish(*position);
        Ok(())
    }
}
