//! What outlives a daemon: its disk, the time, the topic, the checkpoints, and what the auditor remembers.

use std::collections::VecDeque;

use checkpoints::CheckpointStore;
use ingest::metrics::Metrics;
use ingest::{CheckpointPolicy, Keeping, PastOptions, RunWriting, StartOptions};
use ledger::{FaultyStorage, LedgerOptions, MemoryStorage};
use projections::OneWorker;
use projections::commands::Command;
use projections::query::Links;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schemas::Uid;
use std::sync::Arc;

use crate::clock::SimulatedClock;
use crate::following::Following;
use crate::given::Given;
use crate::history::history;
use crate::index_runs::SeenRuns;
use crate::kept::{SimulatedCheckpoints, SimulatedParts};
use crate::model::Model;
use crate::plan::Plan;
use crate::shown::Shown;
use crate::situations::Met;
use crate::topic::Topic;

/// The world of a run.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) rng: ChaCha8Rng,
    pub(crate) disk: MemoryStorage,
    pub(crate) clock: SimulatedClock,
    pub(crate) checkpoints: SimulatedCheckpoints,
    pub(crate) parts: SimulatedParts,
    pub(crate) topic: Topic,
    /// Texts that come by requests.
    pub(crate) requests: VecDeque<Vec<u8>>,
    pub(crate) model: Model,
    /// What a life that ended early was at: all of it, some of it or nothing is durable.
    pub(crate) in_flight: Vec<Given>,
    /// Commands that were answered, with their keys and the positions of their events.
    pub(crate) answered: Vec<(Uid, Command, String, u64)>,
    pub(crate) shown: Vec<Shown>,
    /// The last position that readers saw, of a step that failed, too.
    pub(crate) told: u64,
    pub(crate) met: Met,
    pub(crate) runs: SeenRuns,
    /// The entries of the ledger as far as this life's steps were held against the model.
    pub(crate) following: Following,
}

impl World {
    pub(crate) fn of(plan: &Plan) -> World {
        let mut rng = ChaCha8Rng::seed_from_u64(plan.seed ^ 0x51_6D);
        let (mut messages, mut requests) = (Vec::new(), VecDeque::new());
        for text in history(plan, &mut rng) {
            let is_request = plan.features.requests && rng.random_ratio(1, 4);
            if is_request { requests.push_back(text) } else { messages.push(text) }
        }
        World {
            plan: *plan,
            topic: Topic::of(plan, messages, &mut rng),
            rng,
            disk: MemoryStorage::new(),
            clock: SimulatedClock::new(),
            checkpoints: SimulatedCheckpoints::default(),
            parts: SimulatedParts::default(),
            requests,
            model: Model::default(),
            in_flight: Vec::new(),
            answered: Vec::new(),
            shown: Vec::new(),
            told: 0,
            met: Met::default(),
            runs: SeenRuns::default(),
            following: Following::nothing(),
        }
    }

    /// How a daemon starts on this disk.
    pub(crate) fn options(&self, storage: FaultyStorage) -> StartOptions {
        let checkpoints = self.checkpoints.clone();
        StartOptions {
            storage: Arc::new(storage),
            ledger: LedgerOptions {
                segment_bytes: self.plan.segment_bytes,
                run_events: self.plan.run_events,
                ..LedgerOptions::default()
            },
            checkpoints: Some(Box::new(move || Some(Box::new(checkpoints) as Box<dyn CheckpointStore>))),
            checkpoint_policy: CheckpointPolicy { events: self.plan.checkpoint_events, interval_micros: i64::MAX },
            keeping: Keeping::AtOnce,
            runs: RunWriting::InStep,
            past: PastOptions { kept: Some(Arc::new(self.parts.open())), ..PastOptions::default() },
            clock: Arc::new(self.clock.clone()),
            links: Links::default(),
            metrics: Arc::new(Metrics::new()),
            workers: Arc::new(OneWorker),
            inbox_bytes: 1 << 20,
        }
    }

    /// Whether there is anything left to read.
    pub(crate) fn is_read(&self) -> bool {
        let read = |partition| self.model.next_offset(partition) >= self.topic.end(partition);
        self.requests.is_empty() && (0..self.topic.partitions()).all(read)
    }
}
