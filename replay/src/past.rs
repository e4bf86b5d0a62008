//! States as of earlier positions: a few are held, others made when they are asked for.
//!
//! Never more are in memory than the limit says. Who asks for a state that another is making waits for that one; who
//! asks for one more than fits waits until one is out of use.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use checkpoints::KeptCheckpoints;
use ledger::{EventReader, LedgerReader, Position, ReadError};
use parking_lot::{Condvar, Mutex};
use projections::State;
use projections::query::Links;
use schemas::Timestamp;

use crate::replaying::{ReplayError, Step, Until, replay};

/// How long to wait for a state to be out of use.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why there is no past state.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PastError {
    /// All that fit into memory stay in use.
    #[error("all {limit} states of the past that are held at a time are in use: ask again")]
    Busy {
        /// How many are held at most.
        limit: usize,
    },
    /// The ledger could not be replayed.
    #[error(transparent)]
    Replay(Arc<ReplayError>),
}

impl From<ReadError> for PastError {
    fn from(error: ReadError) -> PastError {
        PastError::Replay(Arc::new(error.into()))
    }
}

/// What a past state took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Making {
    /// Whether it had to be made, by this request or by one that it waited for.
    pub was_made: bool,
    /// How long it took until it was there.
    pub took: Duration,
}

/// The state right after a position was recorded.
pub struct Past {
    state: State,
    now: Timestamp,
}

impl Past {
    pub(crate) fn of(state: State, now: Timestamp) -> Past {
        Past { state, now }
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// When the position was recorded, which is the "now" of its answers.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Makes the state as of a position, from the last checkpoint kept before it; `step` is told of each frame.
    ///
    /// # Errors
    /// If the ledger has no such position, or cannot be read.
    pub fn make(
        reader: &LedgerReader,
        kept: Option<&KeptCheckpoints>,
        position: Position,
        threads: usize,
        step: &mut dyn FnMut(Step<'_>),
    ) -> Result<Past, ReplayError> {
        let (mut state, cursor) = kept.map(|kept| kept.restore(position, reader)).unwrap_or_default();
        let until = if mutants::mutant!("past-an-entry-too-early") { position - 1 } else { position };
        replay(reader, &mut state, cursor, Until::Position(until), threads, step)?;
        let now = reader.recorded_at(position)?;
        Ok(Past { state, now })
    }

    /// Everything that can be asked of it.
    #[must_use]
    pub fn view<'a>(&'a self, reader: &'a dyn EventReader, links: &'a Links) -> projections::View<'a> {
        projections::View { state: &self.state, reader, now: self.now, links, is_past: true }
    }
}

/// The states of the past that are held.
pub struct PastStates {
    reader: LedgerReader,
    kept: Option<Arc<KeptCheckpoints>>,
    limit: usize,
    threads: usize,
    held: Arc<Held>,
}

#[derive(Default)]
struct Held {
    /// The one asked for last is the last.
    slots: Mutex<Vec<Arc<Slot>>>,
    released: Condvar,
}

/// A state that is held, or being made.
struct Slot {
    position: Position,
    past: OnceLock<Result<Past, Arc<ReplayError>>>,
}

/// A past state in use. It stays in memory as long as this is held.
pub struct PastState {
    slot: Option<Arc<Slot>>,
    held: Arc<Held>,
}

impl PastStates {
    /// Holds at most `limit` states, at least one; those to be made start from the checkpoints kept along the way.
    #[must_use]
    pub fn new(reader: LedgerReader, kept: Option<Arc<KeptCheckpoints>>, limit: usize, threads: usize) -> PastStates {
        PastStates { reader, kept, limit: limit.max(1), threads, held: Arc::default() }
    }

    /// The state as of a position, with what it took.
    ///
    /// # Errors
    /// If it cannot be made, or all that fit stay in use.
    pub fn at(&self, position: Position) -> Result<(PastState, Making), PastError> {
        let begun = Instant::now();
        let slot = self.slot(position, begun + PATIENCE)?;
        let was_there = slot.get().past.get().is_some();
        let made = slot.get().past.get_or_init(|| {
            Past::make(&self.reader, self.kept.as_deref(), position, self.threads, &mut |_| {}).map_err(Arc::new)
        });
        if let Err(error) = made {
            let error = Arc::clone(error);
            self.held.slots.lock().retain(|held| held.position != position);
            return Err(PastError::Replay(error));
        }
        Ok((slot, Making { was_made: !was_there, took: begun.elapsed() }))
    }

    /// The state as of a position, if it is held.
    #[must_use]
    pub fn held(&self, position: Position) -> Option<PastState> {
        let slots = self.held.slots.lock();
        let is_made = |slot: &&Arc<Slot>| slot.position == position && matches!(slot.past.get(), Some(Ok(_)));
        let slot = Arc::clone(slots.iter().find(is_made)?);
        Some(PastState { slot: Some(slot), held: Arc::clone(&self.held) })
    }

    /// The place of a state: of the one that is held, or a new one instead of that out of use the longest.
    fn slot(&self, position: Position, patient_until: Instant) -> Result<PastState, PastError> {
        let mut slots = self.held.slots.lock();
        loop {
            if let Some(at) = slots.iter().position(|slot| slot.position == position) {
                let slot = slots.remove(at);
                slots.push(Arc::clone(&slot));
                return Ok(PastState { slot: Some(slot), held: Arc::clone(&self.held) });
            }
            let out_of_use = slots.iter().position(|slot| Arc::strong_count(slot) == 1);
            if slots.len() < self.limit || out_of_use.is_some() {
                let gone = out_of_use.filter(|_| slots.len() >= self.limit).map(|at| slots.remove(at));
                // Freed before another is made, so that no more are in memory than may be.
                drop(gone);
                let slot = Arc::new(Slot { position, past: OnceLock::new() });
                slots.push(Arc::clone(&slot));
                return Ok(PastState { slot: Some(slot), held: Arc::clone(&self.held) });
            }
            if self.held.released.wait_until(&mut slots, patient_until).timed_out() {
                return Err(PastError::Busy { limit: self.limit });
            }
        }
    }

    /// Bytes that the states held take, as far as they can tell.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let slots = self.held.slots.lock();
        let made = slots.iter().filter_map(|slot| slot.past.get()?.as_ref().ok());
        made.map(|past| past.state.memory_bytes()).sum()
    }

    /// The positions of the states that are held.
    #[must_use]
    pub fn positions(&self) -> Vec<Position> {
        self.held.slots.lock().iter().map(|slot| slot.position).collect()
    }
}

impl PastState {
    fn get(&self) -> &Slot {
        self.slot.as_deref().expect("it is taken out only when this is dropped")
    }

    /// The state.
    #[must_use]
    pub fn past(&self) -> &Past {
        match self.get().past.get() {
            Some(Ok(past)) => past,
            Some(Err(_)) | None => unreachable!("a past state is given out only when it is made"),
        }
    }
}

impl Drop for PastState {
    fn drop(&mut self) {
        drop(self.slot.take());
        // Taken so that nobody is between looking and waiting.
        drop(self.held.slots.lock());
        self.held.released.notify_all();
    }
}
