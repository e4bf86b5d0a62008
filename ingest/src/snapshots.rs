//! Snapshots: the state as it stands at one moment, to be asked for as long as it takes. Nobody waits for who asks one,
//! and all its answers are of one position.
//!
//! A copy shares what it can with the state, and the writer copies what it changes while somebody still holds it: so how
//! many that differ are held at a time is bounded. Who asks while nothing has changed is given the same.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use ledger::Position;
use ledger::sync::{AtomicUsize, Mutex};
use projections::{State, View};
use schemas::Timestamp;

use crate::published::Published;

/// So many steps a question may take in place, while the state stands still for it: some tenths of a millisecond. What takes
/// more is asked of a snapshot.
pub const STEPS_IN_PLACE_MAX: u64 = 2_048;

/// So many that differ are held at a time.
const SNAPSHOTS_MAX: usize = 16;

/// Why there is no snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// As many as may differ are held.
    #[error("{limit} questions that take long are being answered, each of another state: ask again when one is done")]
    TooMany {
        /// How many are held at most.
        limit: usize,
    },
}

/// The state as it stood when this was made.
pub struct Snapshot {
    published: Arc<Published>,
    copy: Arc<Copied>,
    now: Timestamp,
}

/// A copy of the state, for all who asked before the state changed again.
struct Copied {
    state: State,
    /// How many there are.
    held: Arc<AtomicUsize>,
}

impl Drop for Copied {
    fn drop(&mut self) {
        self.held.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The snapshots that are held.
#[derive(Default)]
pub(crate) struct Snapshots {
    /// The copy of the state as it is now, if somebody holds one.
    current: Mutex<Weak<Copied>>,
    held: Arc<AtomicUsize>,
}

impl Snapshots {
    /// The state is about to change: to be called under its lock for writing.
    pub(crate) fn outdate(&self) {
        *self.current.lock() = Weak::new();
    }

    /// How many that differ are held.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Ordering::Acquire)
    }

    /// A copy of the state, or the one that somebody has of it: to be called under its lock for reading.
    fn copy(&self, state: &State) -> Result<Arc<Copied>, SnapshotError> {
        let mut current = self.current.lock();
        if let Some(copy) = current.upgrade() {
            return Ok(copy);
        }
        let taken = self
            .held
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| (held < SNAPSHOTS_MAX).then_some(held + 1));
        if taken.is_err() {
            return Err(SnapshotError::TooMany { limit: SNAPSHOTS_MAX });
        }
        let copy = Arc::new(Copied { state: state.clone(), held: Arc::clone(&self.held) });
        *current = Arc::downgrade(&copy);
        Ok(copy)
    }
}

impl Snapshot {
    /// Takes one of the state as it stands.
    pub(crate) fn take(published: Arc<Published>) -> Result<Snapshot, SnapshotError> {
        let (copy, now) = {
            let state = published.state.read();
            // Taken under the lock: what a command stamped is in the state only if it is not after "now".
            (published.snapshots.copy(&state)?, published.moments.now())
        };
        Ok(Snapshot { published, copy, now })
    }

    /// Everything that can be asked of it.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        let Published { reader, links, .. } = &*self.published;
        View { state: &self.copy.state, reader, now: self.now, links, is_past: false }
    }

    /// The same as of the position that it is of, at the moment that was recorded; none where it is of another.
    pub(crate) fn view_as_of(&self, position: Position) -> Option<View<'_>> {
        let Published { reader, links, .. } = &*self.published;
        let state = &self.copy.state;
        let now = state.recorded_at().filter(|_| state.position() == position)?;
        Some(View { state, reader, now, links, is_past: true })
    }
}
