//! Checkpoints made beside whoever writes the ledger, for a program of another version that is to take its place.

use std::sync::Arc;

use checkpoints::{CheckpointStore, KeptCheckpoints};
use ledger::Storage;
use parking_lot::Mutex;

use super::forward::{ReplayProgress, Replayed, bring_forward, find, restore};
use super::{StartError, open_to_read};
use crate::clock::{Clock, Moments};
use crate::keeper::{Keeper, Keeping, Stores, Unkept};
use crate::metrics::Metrics;

/// What checkpoints are prepared with.
pub struct PrepareOptions {
    /// Where the ledger lies.
    pub storage: Arc<dyn Storage>,
    /// From how many events on that its index holds in memory it looks for runs that the daemon beside made.
    pub run_events: u64,
    /// Where the list of the last one goes, and where one that was prepared before may be.
    pub checkpoints: Box<dyn CheckpointStore>,
    /// Where the parts go, and the lists of those along the way.
    pub kept: Arc<KeptCheckpoints>,
    /// How many threads replay.
    pub threads: usize,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
}

/// What was prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// What replaying took.
    pub replayed: Replayed,
    /// Whether the state at the end of it is kept. Why not is in the log.
    pub is_kept: bool,
}

/// Reads the ledger up to what is durable, from what was prepared before if that can be trusted, and keeps the state of there,
/// and those along the way. The ledger itself and its daemon's checkpoints are left alone.
///
/// # Errors
/// If there is no ledger, or it is damaged or of a newer format.
pub fn prepare(options: PrepareOptions, progress: &mut dyn FnMut(ReplayProgress)) -> Result<Prepared, StartError> {
    let PrepareOptions { storage, run_events, mut checkpoints, kept, threads, clock } = options;
    let (reader, found) = open_to_read(&storage, find(Some(&mut *checkpoints), Some(&kept)))?;
    let reader = reader.with_run_events(run_events);
    let restored = restore(found, Some(&kept), &reader);
    let kept_upto = Arc::new(Mutex::new(restored.cursor));
    let stores = Stores {
        last: Some(checkpoints),
        checkpoints: Some(kept),
        metrics: Arc::new(Metrics::new()),
        clock: Arc::clone(&clock),
        kept: Arc::clone(&kept_upto),
    };
    let mut keeper = Keeper::start(stores, Keeping::AtOnce);
    let moments = Moments::new(clock);
    let (state, cursor, replayed) = bring_forward(&reader, restored, threads, Some(&mut keeper), &moments, progress)?;
    if keeper.is_wanted(&cursor) {
        keeper.keep(Unkept { state, cursor, as_last: true });
    }
    let is_kept = *kept_upto.lock() == cursor;
    Ok(Prepared { replayed, is_kept })
}
