//! Checkpoints kept along the way, on a thread of its own: the engine does not wait for the disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use checkpoints::{Checkpoint, KeptCheckpoints};
use crossbeam_channel::{Sender, bounded};
use ledger::Position;

use crate::threads::start_thread;

/// Hands checkpoints to the thread that keeps them, one at a time: while that is at one, none is due.
pub(crate) struct Keeper {
    kept: Arc<KeptCheckpoints>,
    is_busy: Arc<AtomicBool>,
    checkpoints: Option<Sender<Checkpoint>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread; it ends, with its work done, when this is dropped. Without a thread, which is said, none is
    /// kept.
    pub(crate) fn start(kept: Arc<KeptCheckpoints>) -> Option<Keeper> {
        let (sender, receiver) = bounded::<Checkpoint>(1);
        let (keeping, is_busy) = (Arc::clone(&kept), Arc::new(AtomicBool::new(false)));
        let done = Arc::clone(&is_busy);
        let thread = start_thread("keep", move || {
            for checkpoint in receiver {
                if let Err(error) = keeping.keep(&checkpoint) {
                    tracing::warn!(%error, "a checkpoint along the way was not kept: the past takes longer to ask");
                }
                done.store(false, Ordering::Release);
            }
        });
        match thread {
            Ok(thread) => Some(Keeper { kept, is_busy, checkpoints: Some(sender), thread: Some(thread) }),
            Err(error) => {
                tracing::warn!(%error, "no checkpoints are kept along the way: the past takes longer to ask");
                None
            }
        }
    }

    /// Whether one should be kept at a position, and there is time for it.
    pub(crate) fn is_due(&self, position: Position) -> bool {
        !self.is_busy.load(Ordering::Acquire) && self.kept.is_due(position)
    }

    /// Has it kept. To be called only by who asks whether it is due.
    pub(crate) fn keep(&self, checkpoint: Checkpoint) {
        self.is_busy.store(true, Ordering::Release);
        let sent = self.checkpoints.as_ref().map(|checkpoints| checkpoints.send(checkpoint));
        if !matches!(sent, Some(Ok(()))) {
            tracing::warn!("nobody keeps checkpoints along the way any more");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.checkpoints.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was told by the panic itself, and nothing is lost but time.
            let _ = thread.join();
        }
    }
}
