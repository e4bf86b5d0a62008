//! What outlives a daemon: its machine, the standby's, the time, the topic, and what the auditor remembers.

use std::collections::VecDeque;

use ingest::StartOptions;
use ledger::FaultyStorage;
use projections::commands::Command;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schemas::Uid;

use crate::clock::SimulatedClock;
use crate::following::Following;
use crate::given::Given;
use crate::history::history;
use crate::machine::Machine;
use crate::model::Model;
use crate::plan::Plan;
use crate::shown::Shown;
use crate::situations::Met;
use crate::topic::Topic;

/// The world of a run.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) rng: ChaCha8Rng,
    /// Of who leads, or led last.
    pub(crate) here: Machine,
    /// Of the standby.
    pub(crate) there: Machine,
    pub(crate) clock: SimulatedClock,
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
            here: Machine::default(),
            there: Machine::default(),
            clock: SimulatedClock::new(),
            requests,
            model: Model::default(),
            in_flight: Vec::new(),
            answered: Vec::new(),
            shown: Vec::new(),
            told: 0,
            met: Met::default(),
            following: Following::nothing(),
        }
    }

    /// How a daemon starts on this disk.
    pub(crate) fn options(&self, storage: FaultyStorage) -> StartOptions {
        self.here.options(&self.plan, &self.clock, storage)
    }

    /// Whether there is anything left to read.
    pub(crate) fn is_read(&self) -> bool {
        let read = |partition| self.model.next_offset(partition) >= self.topic.end(partition);
        self.requests.is_empty() && (0..self.topic.partitions()).all(read)
    }
}
