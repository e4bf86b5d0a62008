//! When the state is kept, and what is done about a store that does not keep it: nothing is lost, so the engine
//! goes on.

use checkpoints::{Checkpoint, CheckpointStore};
use ledger::FrameCursor;
use schemas::Timestamp;

use crate::keeper::Keeper;
use crate::published::Published;

/// When the state is kept for a quick start: after so many events or so long, whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointPolicy {
    /// Events read since the last time.
    pub events: u64,
    /// Microseconds since the last time.
    pub interval_micros: i64,
}

impl Default for CheckpointPolicy {
    fn default() -> Self {
        CheckpointPolicy { events: 5_000_000, interval_micros: 60_000_000 }
    }
}

/// The store of checkpoints, with what came since the last.
pub(crate) struct Checkpoints {
    store: Option<Box<dyn CheckpointStore>>,
    /// Keeps some of them for the past.
    keeper: Option<Keeper>,
    policy: CheckpointPolicy,
    /// Events since the last one kept.
    events: u64,
    last: Timestamp,
    /// The place of the last one kept.
    kept: FrameCursor,
}

impl Checkpoints {
    /// With the place of the last one, and when that was loaded.
    pub(crate) fn new(
        store: Option<Box<dyn CheckpointStore>>,
        keeper: Option<Keeper>,
        policy: CheckpointPolicy,
        kept: FrameCursor,
        now: Timestamp,
    ) -> Checkpoints {
        Checkpoints { store, keeper, policy, events: 0, last: now, kept }
    }

    pub(crate) fn count(&mut self, events: u64) {
        self.events += events;
    }

    pub(crate) fn keep_if_due(&mut self, published: &Published, cursor: &FrameCursor) {
        // The clock may have been set back.
        let waited = published.moments.now().0.abs_diff(self.last.0);
        if self.events >= self.policy.events || waited >= self.policy.interval_micros.unsigned_abs() {
            self.keep_if_changed(published, cursor);
        }
    }

    /// Keeps the state unless it is kept as it stands.
    pub(crate) fn keep_if_changed(&mut self, published: &Published, cursor: &FrameCursor) {
        let begun = published.moments.now();
        (self.events, self.last) = (0, begun);
        let keeper = self.keeper.as_ref().filter(|keeper| keeper.is_due(cursor.position()));
        if *cursor == self.kept || (self.store.is_none() && keeper.is_none()) {
            return;
        }
        let checkpoint = Checkpoint::of(&published.state.read(), cursor);
        if let Some(store) = &mut self.store {
            let kept = store.save(&checkpoint);
            let micros = published.moments.now().0 - begun.0;
            match &kept {
                Ok(()) => self.kept = *cursor,
                Err(error) => published.checkpoint_failed(error),
            }
            published.metrics.checkpoint(kept.is_ok(), cursor.position(), checkpoint.content().len(), micros);
        }
        if let Some(keeper) = keeper {
            keeper.keep(checkpoint);
        }
    }
}
