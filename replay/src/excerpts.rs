//! Excerpts about referrers as of earlier positions: those asked for last are held, for the next question of a page.

use std::num::NonZeroU64;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use ledger::{EventReader, LedgerReader, Position, ReadError};
use parking_lot::Mutex;
use projections::{Context, ExcerptPlan};
use schemas::Uid;

use crate::past::{Making, Past};
use crate::workers::CoreWorkers;

/// Bounds on what is made in place of a state of the past, and on what is held of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExcerptLimits {
    /// Of a referrer whose families have more events there is no excerpt.
    pub events: NonZeroU64,
    /// So many bytes are held at most, beside what is in use.
    pub bytes: usize,
}

impl Default for ExcerptLimits {
    /// Two million events are read in about a second; more are better replayed with all others from the checkpoint
    /// before.
    fn default() -> Self {
        ExcerptLimits { events: NonZeroU64::MIN.saturating_add(1_999_999), bytes: 64 << 20 }
    }
}

/// Why there is no excerpt.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ExcerptError<E> {
    /// It cannot be planned just now.
    #[error(transparent)]
    Plan(E),
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(ReadError),
}

impl<E> From<ReadError> for ExcerptError<E> {
    fn from(error: ReadError) -> ExcerptError<E> {
        ExcerptError::Read(error)
    }
}

/// So many are held at most, however small they are.
const COUNT_MAX: usize = 256;

/// The excerpts that are held, or being made. `E` is why one cannot be planned.
pub struct Excerpts<E> {
    reader: LedgerReader,
    workers: CoreWorkers<'static>,
    limits: ExcerptLimits,
    /// The one asked for last is the last.
    slots: Mutex<Vec<Arc<Slot<E>>>>,
}

/// An excerpt that is held, or being made.
struct Slot<E> {
    referrer: Uid,
    position: Position,
    /// None where the referrer's families have too many events.
    excerpt: OnceLock<Result<Option<Past>, ExcerptError<E>>>,
}

impl<E> Slot<E> {
    fn past(&self) -> Option<&Past> {
        self.excerpt.get()?.as_ref().ok()?.as_ref()
    }
}

/// An excerpt in use. It stays in memory as long as this is held.
pub struct Excerpt<E>(Arc<Slot<E>>);

impl<E> Excerpt<E> {
    /// What is asked, as a state of the past is.
    #[must_use]
    pub fn past(&self) -> &Past {
        self.0.past().expect("it is given out only when it is made")
    }
}

impl<E: Clone> Excerpts<E> {
    /// Of this ledger, within these bounds, made by so many threads.
    #[must_use]
    pub fn new(reader: LedgerReader, limits: ExcerptLimits, threads: usize) -> Excerpts<E> {
        Excerpts { reader, workers: CoreWorkers::new(threads), limits, slots: Mutex::default() }
    }

    /// The excerpt about a referrer as of a position, with what it took; none where its families have too many events.
    /// `plan` is asked for where none is held, and told how many events it may have. Who asks for one that another is
    /// making waits for that one.
    ///
    /// # Errors
    /// If the ledger cannot be read; or why it cannot be planned. Who asks next tries again.
    pub fn at(
        &self,
        referrer: Uid,
        position: Position,
        plan: impl FnOnce(NonZeroU64) -> Result<Option<ExcerptPlan>, E>,
    ) -> Result<Option<(Excerpt<E>, Making)>, ExcerptError<E>> {
        let begun = Instant::now();
        let slot = self.slot(referrer, position);
        let was_there = slot.excerpt.get().is_some();
        let made = slot.excerpt.get_or_init(|| {
            let Some(plan) = plan(self.limits.events).map_err(ExcerptError::Plan)? else { return Ok(None) };
            let state = plan.make(Context::new(&self.reader, &self.workers))?;
            Ok(Some(Past::of(state, self.reader.recorded_at(position)?)))
        });
        if let Err(error) = made {
            let error = error.clone();
            self.slots.lock().retain(|other| !Arc::ptr_eq(other, &slot));
            return Err(error);
        }
        let is_made = made.as_ref().is_ok_and(Option::is_some);
        if !was_there {
            self.let_go();
        }
        Ok(is_made.then(|| (Excerpt(slot), Making { was_made: !was_there, took: begun.elapsed() })))
    }

    /// The place of an excerpt that is held, or a new one.
    fn slot(&self, referrer: Uid, position: Position) -> Arc<Slot<E>> {
        let mut slots = self.slots.lock();
        let found = slots.iter().position(|slot| slot.referrer == referrer && slot.position == position);
        let slot = match found {
            Some(at) => slots.remove(at),
            None => Arc::new(Slot { referrer, position, excerpt: OnceLock::new() }),
        };
        slots.push(Arc::clone(&slot));
        slot
    }

    /// Holds no more than may be: those asked for last.
    fn let_go(&self) {
        let mut slots = self.slots.lock();
        let mut bytes = 0;
        let held = slots.iter().rev().take(COUNT_MAX).take_while(|slot| {
            bytes += slot.past().map_or(0, |past| past.state().memory_bytes());
            bytes <= self.limits.bytes
        });
        let gone = slots.len() - held.count();
        slots.drain(..gone);
    }

    /// Bytes that the excerpts held take, as far as they can tell.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.slots.lock().iter().filter_map(|slot| slot.past()).map(|past| past.state().memory_bytes()).sum()
    }

    /// About whom, and as of which positions, excerpts are held; the one asked for last is the last.
    #[must_use]
    pub fn held(&self) -> Vec<(Uid, Position)> {
        self.slots.lock().iter().map(|slot| (slot.referrer, slot.position)).collect()
    }
}
