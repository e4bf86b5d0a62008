//! Checkpoints kept away from the writer: it hands over a copy of the state and goes on. The parts of the last one and of
//! those along the way are written once, by one code.

use std::sync::Arc;
use std::thread::JoinHandle;

use checkpoints::{CheckpointError, CheckpointStore, KeptCheckpoints};
use crossbeam_channel::{Receiver, Sender, bounded};
use ledger::{FrameCursor, Position};
use parking_lot::Mutex;
use projections::State;

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::threads::start_thread;

/// Where checkpoints are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// On a thread of its own.
    Apart,
    /// At once, by who hands the state over: a simulator is to meet the same each time.
    AtOnce,
}

/// A state to be kept, and the place in the ledger that it belongs to.
pub(crate) struct Unkept {
    pub(crate) state: State,
    pub(crate) cursor: FrameCursor,
    /// Whether it is kept as the last one, too, and not only along the way.
    pub(crate) as_last: bool,
}

/// What keeps: the store of the last one's list, and the parts of all with the lists of those along the way. Without parts
/// none is kept.
pub(crate) struct Stores {
    pub(crate) last: Option<Box<dyn CheckpointStore>>,
    pub(crate) checkpoints: Option<Arc<KeptCheckpoints>>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The place of the last one kept as such.
    pub(crate) kept: Arc<Mutex<FrameCursor>>,
}

impl Stores {
    /// Writes what of it is not kept yet, and keeps it where it is wanted. What is not kept costs time and nothing else,
    /// which is said.
    fn keep(&mut self, unkept: Unkept) {
        let begun = self.clock.now();
        let Some(checkpoints) = &self.checkpoints else { return };
        let Unkept { state, cursor, as_last } = unkept;
        let position = cursor.position();
        let is_due_along = checkpoints.is_due(position);
        let last = self.last.as_deref_mut().filter(|_| as_last);
        if !is_due_along && last.is_none() {
            return;
        }
        let is_last = last.is_some();
        let kept = keep(checkpoints, &state, &cursor, last, is_due_along);
        drop(state);
        if is_last {
            if kept.is_last {
                *self.kept.lock() = cursor;
                let now = self.clock.now();
                self.metrics.checkpoint_kept(position, now, now.0 - begun.0);
            } else {
                self.metrics.checkpoint_failed();
            }
        }
        self.metrics.checkpoints_on_disk(checkpoints.disk_use());
        if let Some(error) = kept.error {
            let what = if is_last && !kept.is_last { "the next start" } else { "a question about the past" };
            tracing::warn!(%error, "a checkpoint was not kept: {what} replays more of the ledger");
        }
    }
}

/// What became of a checkpoint.
struct Outcome {
    is_last: bool,
    error: Option<CheckpointError>,
}

/// Parts first, lists then, and only where all of that is done what no list names any more is removed.
fn keep(
    checkpoints: &KeptCheckpoints,
    state: &State,
    cursor: &FrameCursor,
    last: Option<&mut (dyn CheckpointStore + 'static)>,
    is_due_along: bool,
) -> Outcome {
    let mut is_last = false;
    let keep = || {
        let checkpoint = checkpoints.write(state, cursor)?;
        if let Some(store) = last {
            checkpoints.keep_last(&checkpoint, store)?;
            is_last = true;
        }
        if is_due_along {
            checkpoints.keep(&checkpoint)?;
        }
        checkpoints.sweep()
    };
    let error = keep().err();
    Outcome { is_last, error }
}

/// Takes states to be kept, one at a time.
pub(crate) struct Keeper {
    hand: Hand,
    has_last: bool,
    checkpoints: Option<Arc<KeptCheckpoints>>,
    kept: Arc<Mutex<FrameCursor>>,
}

enum Hand {
    AtOnce(Box<Stores>),
    Apart(Apart),
}

/// A thread that keeps, and whether it is at one.
struct Apart {
    unkept: Option<Sender<Unkept>>,
    done: Receiver<()>,
    is_busy: bool,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread, where there is to be one; it ends, with its work done, when this is dropped. Where the system
    /// gives none, which is said, all is kept at once.
    pub(crate) fn start(stores: Stores, keeping: Keeping) -> Keeper {
        let (checkpoints, kept) = (stores.checkpoints.clone(), Arc::clone(&stores.kept));
        let has_last = stores.last.is_some() && checkpoints.is_some();
        let hand = match keeping {
            Keeping::AtOnce => Hand::AtOnce(Box::new(stores)),
            Keeping::Apart => Hand::start(stores),
        };
        Keeper { hand, has_last, checkpoints, kept }
    }

    /// Whether one along the way should be kept at a position.
    pub(crate) fn is_due_along(&self, position: Position) -> bool {
        self.checkpoints.as_ref().is_some_and(|checkpoints| checkpoints.is_due(position))
    }

    /// Whether one handed over now would be kept as the last: it differs from that, and there is where to keep it.
    pub(crate) fn is_wanted(&self, cursor: &FrameCursor) -> bool {
        *self.kept.lock() != *cursor && (self.has_last || self.is_due_along(cursor.position()))
    }

    /// Whether none is being kept just now.
    pub(crate) fn is_free(&mut self) -> bool {
        match &mut self.hand {
            Hand::AtOnce(_) => true,
            Hand::Apart(apart) => apart.is_free(),
        }
    }

    /// Waits until none is being kept.
    pub(crate) fn wait(&mut self) {
        match &mut self.hand {
            Hand::AtOnce(_) => {}
            Hand::Apart(apart) => apart.wait(),
        }
    }

    /// Keeps it, at once or beside. To be called only where none is being kept.
    pub(crate) fn keep(&mut self, unkept: Unkept) {
        match &mut self.hand {
            Hand::AtOnce(stores) => stores.keep(unkept),
            Hand::Apart(apart) => apart.keep(unkept),
        }
    }
}

impl Hand {
    fn start(stores: Stores) -> Hand {
        let (unkept, receiver) = bounded::<Unkept>(1);
        let (tell, done) = bounded(1);
        // Given to the thread once it is there: where there is none, they keep at once.
        let (give, given) = bounded::<Stores>(1);
        let thread = start_thread("keep", move || {
            let Ok(mut stores) = given.recv() else { return };
            for unkept in receiver {
                stores.keep(unkept);
                // Who handed it over may have gone.
                let _ = tell.send(());
            }
        });
        match thread {
            Ok(thread) => {
                // It waits for them.
                let _ = give.send(stores);
                Hand::Apart(Apart { unkept: Some(unkept), done, is_busy: false, thread: Some(thread) })
            }
            Err(error) => {
                tracing::warn!(%error, "checkpoints are kept by the writer: it waits for each");
                Hand::AtOnce(Box::new(stores))
            }
        }
    }
}

impl Apart {
    /// A thread that has ended, which its panic told, is free: what it is given is lost, and that is said.
    fn is_free(&mut self) -> bool {
        self.is_busy = self.is_busy && self.done.try_recv() == Err(crossbeam_channel::TryRecvError::Empty);
        !self.is_busy
    }

    fn wait(&mut self) {
        if std::mem::take(&mut self.is_busy) {
            let _ = self.done.recv();
        }
    }

    fn keep(&mut self, unkept: Unkept) {
        let sent = self.unkept.as_ref().map(|thread| thread.send(unkept).is_ok());
        self.is_busy = sent == Some(true);
        if !self.is_busy {
            tracing::warn!("nobody keeps checkpoints any more");
        }
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        drop(self.unkept.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was told by the panic itself, and nothing is lost but time.
            let _ = thread.join();
        }
    }
}
