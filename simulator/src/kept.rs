//! Checkpoints that fail, are forgotten and are damaged when the run says so: the lists of the last ones, and the files that
//! their parts lie in.

use std::sync::Arc;

use checkpoints::{Checkpoint, CheckpointError, CheckpointStore, KeepPolicy, KeptCheckpoints};
use ledger::{Faults, FaultyStorage, MemoryStorage, Storage, StorageError};
use parking_lot::Mutex;
use rand::Rng;

/// The lists in memory. Clones are the same store.
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

/// The files that parts lie in, on a disk of their own.
#[derive(Default)]
pub(crate) struct SimulatedParts {
    disk: MemoryStorage,
    /// Before which operation the power of this disk fails in the life that comes, if it does.
    fails_at: Option<u64>,
}

impl SimulatedParts {
    /// As a daemon opens them.
    pub(crate) fn open(&self) -> KeptCheckpoints {
        let faults = Faults { power_fails_at: self.fails_at, ..Faults::default() };
        KeptCheckpoints::new(Arc::new(FaultyStorage::new(self.disk.clone(), faults)), KeepPolicy::NONE)
    }

    /// The power fails.
    pub(crate) fn crash(&mut self, seed: u64) {
        self.disk = self.disk.after_crash(seed);
    }

    /// Whether the power of this disk fails in the next life, and when. Where it was to fail in the last one, it has.
    pub(crate) fn set_failing(&mut self, at: Option<u64>, seed: u64) {
        if self.fails_at.is_some() {
            self.crash(seed);
        }
        self.fails_at = at;
    }

    /// One file of them, if there is any.
    fn any(&self, rng: &mut impl Rng) -> Result<Option<String>, StorageError> {
        let mut names = self.disk.list()?;
        names.sort_unstable();
        Ok((!names.is_empty()).then(|| names.swap_remove(rng.random_range(0..names.len()))))
    }

    /// A bit of a part turns; false if there is none.
    pub(crate) fn damage(&self, rng: &mut impl Rng) -> Result<bool, StorageError> {
        let Some(name) = self.any(rng)? else { return Ok(false) };
        self.disk.edit(&name, |bytes| {
            let at = rng.random_range(0..bytes.len().max(1));
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.random_range(0..8);
            }
        });
        Ok(true)
    }

    /// A file vanishes; false if there is none.
    pub(crate) fn lose(&self, rng: &mut impl Rng) -> Result<bool, StorageError> {
        let Some(name) = self.any(rng)? else { return Ok(false) };
        self.disk.remove(&name)?;
        self.disk.sync_names()?;
        Ok(true)
    }
}
