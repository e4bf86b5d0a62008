//! How a durable frame comes into the state that everybody reads: in pieces, between which the others are let in. What
//! reaches further than a piece may is applied apart, to a copy that then takes the state's place; until then everybody
//! sees the position before it.
//!
//! Positions inside a frame may so be seen: they are durable. What the frame says beside its events is taken in with its
//! last event, as far as one piece holds it, and in pieces behind that; how far its sources were read comes last.

use ledger::sync::unlock_fair;
use ledger::{Frame, Position, ReadError};
use projections::{ApplyError, Beside, Context, FrameEvents, PieceBounds, State, Workers};
use schemas::dictionary::Dictionary;
use schemas::{Event, Timestamp};

use crate::apart::{AppliedApart, Telling};
use crate::published::Published;

/// From how many events on a frame is better applied at once where nobody reads: what that does once a frame costs more than
/// it saves on fewer.
pub const WHOLE_FRAME_EVENTS: u32 = 1_024;

impl Published {
    /// Applies a durable frame, which must be the next one, where nobody reads meanwhile: all of it under one lock, all
    /// cores sharing it as they share a replay, to the same state.
    ///
    /// # Errors
    /// As of [`Published::apply_frame`].
    pub(crate) fn apply_whole_frame(&self, frame: &Frame, dictionary: &Dictionary) -> Result<(), ApplyError> {
        let events = FrameEvents::of_frame(frame, dictionary, &*self.workers)?;
        self.change_state(|state| {
            state.apply_batch(&events.iter().collect::<Vec<_>>(), self.context())?;
            state.count_frame(frame);
            Ok::<(), ReadError>(())
        })?;
        if let Some(latest) = events.iter().filter_map(FrameEvents::latest_time).max() {
            self.metrics.took(latest, frame.recorded_at());
        }
        Ok(())
    }

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
        let mut beside = Beside::of(frame);
        // All but a few frames say no more than that.
        let said: Vec<Beside<'_>> = beside.by_ref().take(bounds.events).collect();
        let mut left = frame.event_count() as usize;
        let mut latest = None;
        let mut piece: Vec<(Position, Event<'_>)> = Vec::with_capacity(bounds.events.min(left));
        loop {
            // Decoded before the lock is taken.
            for entry in entries.by_ref().take(bounds.events - piece.len()) {
                let (position, event) = entry.inspect_err(|_| mend(&mut self.state_to_change()))?;
                latest = latest.max(Some(event.time));
                piece.push((position, event));
            }
            let applied = self.change_state(|state| {
                let applied = state.apply_piece(frame.recorded_at(), &piece, bounds, self.context());
                let applied = applied.inspect_err(|_| mend(state))?;
                left -= applied;
                if left == 0 {
                    said.iter().for_each(|said| state.take_beside(said));
                }
                Ok::<usize, ReadError>(applied)
            })?;
            if left == 0 {
                break;
            }
            piece.drain(..applied);
            if applied == 0
                && let Some(entry) = piece.first()
            {
                left -= 1;
                let closing = if left == 0 { &said[..] } else { &[] };
                let applied = self.apply_apart(entry, frame.recorded_at(), closing);
                applied.inspect_err(|_| mend(&mut self.state_to_change()))?;
                if left == 0 {
                    break;
                }
                piece.remove(0);
            }
        }
        if let Some(latest) = latest {
            self.metrics.took(latest, frame.recorded_at());
        }
        loop {
            // Read, and made ready, before the lock is taken.
            let said: Vec<Beside<'_>> = beside.by_ref().take(bounds.events).collect();
            if said.is_empty() {
                return Ok(());
            }
            self.change_state(|state| said.iter().for_each(|said| state.take_beside(said)));
        }
    }

    /// Changes the state, which stands still for it: one piece of a frame.
    fn change_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state_to_change();
        let begun = self.moments.now();
        let changed = change(&mut state);
        self.metrics.applied_piece(self.moments.now().0 - begun.0);
        // Who waits to read is next, and the writer behind them.
        unlock_fair(state);
        changed
    }

    /// Applies an entry that reaches far to a copy, which then takes the state's place; with what of the frame is said
    /// with its last event, where it is that.
    fn apply_apart(
        &self,
        (position, event): &(Position, Event<'_>),
        recorded_at: Timestamp,
        closing: &[Beside<'_>],
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
        closing.iter().for_each(|said| next.take_beside(said));
        let before = self.change_state(|state| std::mem::replace(state, next));
        // Let go here, where nobody waits for it any more.
        drop(before);
        self.publish(*position);
        Ok(())
    }
}
