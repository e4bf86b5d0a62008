//! A store of checkpoints that fails and forgets when the run says so.

use std::sync::Arc;

use checkpoints::{Checkpoint, CheckpointError, CheckpointStore};
use parking_lot::Mutex;

/// Checkpoints in memory. Clones are the same store.
#[derive(Clone, Default)]
pub(crate) struct SimulatedCheckpoints(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    /// All that were ever kept, the last one last.
    all: Vec<Checkpoint>,
    is_failing: bool,
    failures: u64,
}

impl SimulatedCheckpoints {
    /// Whether the store fails from now on.
    pub(crate) fn set_failing(&self, is_failing: bool) {
        self.0.lock().is_failing = is_failing;
    }

    /// How often it failed so far.
    pub(crate) fn failures(&self) -> u64 {
        self.0.lock().failures
    }

    /// The last one loses its end, as if another program had written it.
    pub(crate) fn cut_last(&self) {
        let mut kept = self.0.lock();
        let Some(last) = kept.all.pop() else { return };
        let half = last.content()[..last.content().len() / 2].to_vec();
        let checksum = *blake3::hash(&half).as_bytes();
        kept.all.extend(Checkpoint::from_kept(half, &checksum));
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().all.len()
    }

    /// The store is found as it was when it held so many.
    pub(crate) fn go_back_to(&self, count: usize) {
        self.0.lock().all.truncate(count);
    }
}

impl CheckpointStore for SimulatedCheckpoints {
    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        let mut kept = self.0.lock();
        if kept.is_failing {
            kept.failures += 1;
            return Err(CheckpointError::Store { detail: "the simulated store fails".to_owned() });
        }
        kept.all.push(checkpoint.clone());
        Ok(())
    }

    fn load(&mut self) -> Result<Option<Checkpoint>, CheckpointError> {
        Ok(self.0.lock().all.last().cloned())
    }

    fn clear(&mut self) -> Result<(), CheckpointError> {
        self.0.lock().all.clear();
        Ok(())
    }
}
