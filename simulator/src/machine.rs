//! What of a machine outlives its daemon: the disk with the ledger, and the checkpoints.

use std::sync::Arc;

use checkpoints::CheckpointStore;
use ingest::metrics::Metrics;
use ingest::{CheckpointPolicy, Keeping, PastOptions, RunWriting, StartOptions};
use ledger::{FaultyStorage, LedgerOptions, MemoryStorage};
use projections::OneWorker;
use projections::query::Links;

use crate::clock::SimulatedClock;
use crate::index_runs::SeenRuns;
use crate::kept::{SimulatedCheckpoints, SimulatedParts};
use crate::plan::Plan;

/// A machine while no daemon runs on it.
#[derive(Default)]
pub(crate) struct Machine {
    pub(crate) disk: MemoryStorage,
    pub(crate) checkpoints: SimulatedCheckpoints,
    pub(crate) parts: SimulatedParts,
    pub(crate) runs: SeenRuns,
    /// Whether its ledger was cut back once: then a checkpoint may be of what is there no more.
    pub(crate) was_cut_back: bool,
}

impl Machine {
    /// How a daemon starts on it.
    pub(crate) fn options(&self, plan: &Plan, clock: &SimulatedClock, storage: FaultyStorage) -> StartOptions {
        let checkpoints = self.checkpoints.clone();
        StartOptions {
            storage: Arc::new(storage),
            ledger: LedgerOptions {
                segment_bytes: plan.segment_bytes,
                run_events: plan.run_events,
                ..LedgerOptions::default()
            },
            checkpoints: Some(Box::new(move || Some(Box::new(checkpoints) as Box<dyn CheckpointStore>))),
            checkpoint_policy: CheckpointPolicy { events: plan.checkpoint_events, interval_micros: i64::MAX },
            keeping: Keeping::AtOnce,
            runs: RunWriting::InStep,
            past: PastOptions { kept: Some(Arc::new(self.parts.open())), ..PastOptions::default() },
            clock: Arc::new(clock.clone()),
            links: Links::default(),
            metrics: Arc::new(Metrics::new()),
            workers: Arc::new(OneWorker),
            inbox_bytes: 1 << 20,
        }
    }

    /// Its power fails.
    pub(crate) fn crash(&mut self, seed: u64) {
        self.disk = self.disk.after_crash(seed);
        self.parts.crash(seed);
    }
}
