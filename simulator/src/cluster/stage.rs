//! What all of a cluster share: the brokers, the time, the generator that everything is drawn from, and what was met. Who
//! stands still gives the stage to the others.

use std::cell::{Cell, RefCell};
use std::rc::Weak;
use std::time::Duration;

use ingest::Clock;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use route::Topics;

use crate::clock::{BEGIN, SimulatedClock};
use crate::cluster::broker::Broker;
use crate::cluster::plan::ClusterPlan;
use crate::failure::Failure;
use crate::plan::Plan;
use crate::situations::{Met, Situation};

/// What is drawn to happen to something that is about to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is done.
    Well,
    /// The process ends before, or after.
    KilledBefore,
    KilledAfter,
    /// It is not done, or it is and nobody hears of it; the process is told that it failed.
    FailsBefore,
    FailsAfter,
    /// The process stands still for a while before.
    Pause,
}

/// Who goes on while one stands still.
pub(crate) trait Others {
    /// They take some steps.
    fn go_on(&self);
}

/// The stage.
pub(crate) struct Stage {
    pub(crate) plan: Plan,
    pub(crate) cluster: ClusterPlan,
    pub(crate) topics: Topics,
    pub(crate) broker: RefCell<Broker>,
    pub(crate) clock: SimulatedClock,
    pub(crate) rng: RefCell<ChaCha8Rng>,
    met: RefCell<Met>,
    /// What was found that must not be, the first of it.
    trouble: RefCell<Option<Failure>>,
    with_faults: Cell<bool>,
    others: RefCell<Option<Weak<dyn Others>>>,
}

impl Stage {
    pub(crate) fn new(plan: &Plan, cluster: ClusterPlan, (topics, broker): (Topics, Broker), seed: u64) -> Stage {
        Stage {
            plan: *plan,
            cluster,
            topics,
            broker: RefCell::new(broker),
            clock: SimulatedClock::new(),
            rng: RefCell::new(ChaCha8Rng::seed_from_u64(seed)),
            met: RefCell::default(),
            trouble: RefCell::default(),
            with_faults: Cell::new(true),
            others: RefCell::default(),
        }
    }

    /// Who goes on while one stands still.
    pub(crate) fn set_others(&self, others: Weak<dyn Others>) {
        *self.others.borrow_mut() = Some(others);
    }

    /// No fault from now on.
    pub(crate) fn end_faults(&self) {
        self.with_faults.set(false);
    }

    pub(crate) fn has_faults(&self) -> bool {
        self.with_faults.get()
    }

    /// Whether something holds that does in one of so many.
    pub(crate) fn one_in(&self, many: u32) -> bool {
        self.rng.borrow_mut().random_ratio(1, many)
    }

    /// A number below another.
    pub(crate) fn below(&self, end: usize) -> usize {
        self.rng.borrow_mut().random_range(0..end.max(1))
    }

    pub(crate) fn note(&self, situation: Situation) {
        self.met.borrow_mut().note(situation);
    }

    pub(crate) fn note_if(&self, holds: bool, situation: Situation) {
        self.met.borrow_mut().note_if(holds, situation);
    }

    pub(crate) fn met(&self) -> Met {
        self.met.borrow().clone()
    }

    /// Something must not be. The first that is said is told.
    pub(crate) fn accuse(&self, what: String) {
        self.trouble.borrow_mut().get_or_insert_with(|| Failure::of(what));
    }

    /// What must not be, if anything was found.
    pub(crate) fn trouble(&self) -> Result<(), Failure> {
        self.trouble.borrow().clone().map_or(Ok(()), Err)
    }

    /// What happens to something that is done now, where one in so many goes wrong.
    pub(crate) fn draw(&self, many: u32) -> Turn {
        if !self.has_faults() || !self.one_in(many) {
            return Turn::Well;
        }
        let ClusterPlan { kills, errors, pauses, .. } = self.cluster;
        match self.below(7) {
            0 if kills => Turn::KilledBefore,
            1 if kills => Turn::KilledAfter,
            2 if errors => Turn::FailsBefore,
            3 if errors => Turn::FailsAfter,
            4..=6 if pauses => Turn::Pause,
            _ => Turn::Well,
        }
    }

    /// The others go on for a while.
    pub(crate) fn pause(&self) {
        let others = self.others.borrow().as_ref().and_then(Weak::upgrade);
        if let Some(others) = others {
            others.go_on();
        }
    }

    /// The time since the run began.
    pub(crate) fn since_begin(&self) -> Duration {
        Duration::from_micros((self.clock.now().0 - BEGIN.0).unsigned_abs())
    }
}
