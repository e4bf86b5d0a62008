//! When the state is kept. It is handed over to who keeps it: the engine encodes nothing, and waits for nobody but at its
//! end.

use ledger::FrameCursor;
use schemas::Timestamp;

use crate::keeper::{Keeper, Unkept};
use crate::published::Published;

/// Who keeps the state, and what came since it was last handed over.
pub(crate) struct Checkpoints {
    keeper: Keeper,
    /// Events since it was last handed over.
    events: u64,
    last: Timestamp,
    /// Whether somebody asked for one that could not be handed over yet.
    is_asked_for: bool,
}

impl Checkpoints {
    /// With when the last one was loaded.
    pub(crate) fn new(keeper: Keeper, now: Timestamp) -> Checkpoints {
        Checkpoints { keeper, events: 0, last: now, is_asked_for: false }
    }

    pub(crate) fn count(&mut self, events: u64) {
        self.events += events;
    }

    pub(crate) fn keep_if_due(&mut self, published: &Published, cursor: &FrameCursor) {
        let policy = published.checkpoint_policy();
        // The clock may have been set back.
        let waited = published.moments.now().0.abs_diff(self.last.0);
        let is_due = self.events >= policy.events || waited >= policy.interval_micros.unsigned_abs();
        if is_due || self.is_asked_for {
            self.keep_if_changed(published, cursor);
        }
    }

    /// Hands the state over unless it is kept as it stands. While another one is being kept, it stays due.
    pub(crate) fn keep_if_changed(&mut self, published: &Published, cursor: &FrameCursor) {
        self.is_asked_for = !self.keeper.is_free();
        if self.is_asked_for {
            return;
        }
        (self.events, self.last) = (0, published.moments.now());
        if self.keeper.is_wanted(cursor) {
            let state = published.state.read().clone();
            self.keeper.keep(Unkept { state, cursor: *cursor, as_last: true });
        }
    }

    /// The last one, at the end: it is waited for.
    pub(crate) fn finish(&mut self, published: &Published, cursor: &FrameCursor) {
        self.keeper.wait();
        self.keep_if_changed(published, cursor);
        self.keeper.wait();
    }
}
