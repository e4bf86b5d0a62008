//! Routers and shards, whole, on simulated brokers and disks: producers write a history into a topic of several partitions,
//! routers read it in transactions and write what shards read, and these send on what belongs to others. Who goes on next is
//! drawn, and a router may stand still between any two things that it asks of the brokers while the others go on. In the end
//! every fault is over, all is read, and an auditor compares (`audit.rs`).
//!
//! The loops are those of the program (`route::Router`, `route::Sending`), the shards' engines and ledgers too. What is
//! simulated stands behind their ports: the brokers' promises, the time, and the disks. A shard's claim to its number is not
//! in it.

mod audit;
mod broker;
mod families;
mod intake;
mod log;
pub(crate) mod plan;
mod router_port;
mod sending_port;
mod shard;
mod stage;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use route::{Home, RouteError, Router, Topics};
use schemas::{Event, StreamKey, Timestamp};

use self::broker::{Broker, SOURCE};
use self::intake::Intake;
use self::log::{By, Message};
use self::plan::ClusterPlan;
use self::router_port::{Port, Process};
use self::shard::Shard;
use self::stage::{Others, Stage};
use crate::failure::Failure;
use crate::plan::Plan;
use crate::situations::{Met, Situation};

/// So many processes route at a time: one of each id, and those that stand still or do not know yet that they are fenced.
const PLACES: usize = 5;
/// In so many rounds without faults all has to be at rest.
const ROUNDS_MAX: u32 = 2_000;
/// So far ahead lies no event that could not be read.
const NO_END: Timestamp = Timestamp(253_402_300_799_999_999);
/// What sets a cluster's generator apart from that of the rest of the run.
const APART: u64 = 0x5A_4D_15;

/// All of it.
struct Cluster {
    stage: Rc<Stage>,
    ids: Vec<String>,
    routers: Vec<RefCell<Option<Running>>>,
    /// Which place has a process of which id and number.
    alive: RefCell<BTreeMap<usize, (String, u64)>>,
    begun: Cell<u64>,
    shards: Vec<RefCell<Shard>>,
}

/// A process that routes.
struct Running {
    process: Rc<Process>,
    router: Router<Port>,
}

/// Runs the cluster of a plan. Gives the digest of each shard's projections.
///
/// # Errors
/// What the auditor found, or any of them, that must not be.
pub(crate) fn run(plan: &Plan, cluster: ClusterPlan, met: &mut Met) -> Result<Vec<String>, Failure> {
    let mut rng = ChaCha8Rng::seed_from_u64(plan.seed ^ APART);
    let intake = Intake::draw(plan, &cluster, &mut rng);
    let topics = Topics::of(SOURCE);
    let mut broker = Broker::of(&[
        (SOURCE, cluster.source_partitions.unsigned_abs()),
        (&topics.accounts, cluster.partitions),
        (&topics.platform, 1),
        (&topics.heads, cluster.partitions),
    ]);
    produce(&intake, plan, &mut broker, &mut rng);
    let stage = Rc::new(Stage::new(plan, cluster, (topics, broker), rng.random()));
    let homes = (0..cluster.shards).map(|number| Home::new(number, cluster.shards, cluster.partitions));
    let homes: Vec<Home> = homes
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::of(format!("a plan that makes no shards: {error}")))?;
    let world = Rc::new(Cluster {
        stage: Rc::clone(&stage),
        ids: (0..cluster.routers).map(|number| format!("router-{number}")).collect(),
        routers: (0..PLACES).map(|_| RefCell::new(None)).collect(),
        alive: RefCell::default(),
        begun: Cell::new(0),
        shards: homes.into_iter().map(|home| RefCell::new(Shard::new(&stage, home))).collect(),
    });
    let others: Weak<Cluster> = Rc::downgrade(&world);
    stage.set_others(others);
    for _ in 0..cluster.steps {
        world.step();
        stage.trouble()?;
    }
    world.drain()?;
    let shards: Vec<_> = world.shards.iter().map(RefCell::borrow).collect();
    let shards: Vec<&Shard> = shards.iter().map(|shard| &**shard).collect();
    audit::audit(&stage, &intake, &shards)?;
    met.add(&stage.met());
    let handles = shards.iter().filter_map(|shard| shard.handle());
    handles.map(|handle| Ok(handle.read(|view| view.state.digest(view.reader))?)).collect()
}

/// Puts what producers write into the source topic's partitions, keyed by what it is of; now and then an offset has no message.
fn produce(intake: &Intake, plan: &Plan, broker: &mut Broker, rng: &mut ChaCha8Rng) {
    for text in &intake.texts {
        let event = schemas::json::read_event(text, NO_END).ok();
        let key = event.as_ref().and_then(key_of).or_else(|| rng.random_ratio(1, 2).then(|| b"a key".to_vec()));
        let partition = rng.random_range(0..broker.partitions(SOURCE));
        if plan.faults.gaps && rng.random_ratio(1, 5) {
            broker.leave_gap(SOURCE, partition);
        }
        broker.append(SOURCE, partition, Message { key, value: text.clone(), by: By::Producer });
    }
}

fn key_of(event: &Event<'_>) -> Option<Vec<u8>> {
    match event.stream() {
        StreamKey::Account(uid) => Some(uid.to_string().into_bytes()),
        StreamKey::Name(name) => Some(name.as_bytes().to_vec()),
        StreamKey::Platform => None,
    }
}

impl Others for Cluster {
    fn go_on(&self) {
        for _ in 0..=self.stage.below(12) {
            self.step();
        }
    }
}

impl Cluster {
    /// Somebody does something.
    fn step(&self) {
        let stage = &self.stage;
        stage.clock.move_by(stage.below(500_000) as i64);
        match stage.below(20) {
            0..=7 => self.turn(stage.below(PLACES)),
            8 | 9 => self.begin(&self.ids[stage.below(self.ids.len())]),
            10 => self.lose(),
            _ => {
                let shard = &self.shards[stage.below(self.shards.len())];
                if let Err(failure) = shard.borrow_mut().step() {
                    stage.accuse(failure.to_string());
                }
            }
        }
    }

    fn is_alive(&self, id: &str) -> bool {
        self.alive.borrow().values().any(|(alive, _)| alive == id)
    }

    /// Begins a process under an id, if there is none, or while another one still runs.
    fn begin(&self, id: &str) {
        let stage = &self.stage;
        let is_successor = self.is_alive(id);
        let may_succeed = stage.has_faults() && stage.cluster.successors;
        if is_successor && !(may_succeed && stage.one_in(3)) {
            return;
        }
        let Some(place) = (0..PLACES).find(|place| !self.alive.borrow().contains_key(place)) else { return };
        let number = self.begun.get() + 1;
        self.begun.set(number);
        let process = Rc::new(Process::new(id.to_owned(), number));
        self.alive.borrow_mut().insert(place, (id.to_owned(), number));
        *self.routers[place].borrow_mut() = Some(Running { process, router: Router::new() });
    }

    /// A process goes on with its loop; one that stands still meanwhile does not.
    fn turn(&self, place: usize) {
        let Ok(mut slot) = self.routers[place].try_borrow_mut() else { return };
        let Some(Running { process, router }) = slot.as_mut() else { return };
        let turned = router.turn(&mut |next| Port::open(&self.stage, process, next), &|| false);
        let has_ended = match turned {
            Ok(_) => process.is_killed(),
            Err(RouteError::Fenced { .. }) => true,
            Err(error) => {
                self.stage.accuse(format!("a router ended: {error}"));
                true
            }
        };
        if has_ended {
            *slot = None;
            self.alive.borrow_mut().remove(&place);
        }
    }

    /// The brokers have heard nothing for too long of a member of the group, or of who writes a transaction.
    fn lose(&self) {
        let stage = &self.stage;
        if !stage.has_faults() {
            return;
        }
        if stage.cluster.changes && stage.one_in(2) {
            let members = stage.broker.borrow().members();
            if let Some((id, _)) = members.get(stage.below(members.len())) {
                stage.broker.borrow_mut().expire(id);
            }
        } else if stage.cluster.timeouts {
            let writers = stage.broker.borrow().writers_amid();
            if let Some(id) = writers.get(stage.below(writers.len())) {
                self.time_out(id);
            }
        }
    }

    fn time_out(&self, id: &str) {
        let messages = self.stage.broker.borrow_mut().time_out(id);
        self.stage.note_if(messages > Some(0), Situation::TransactionTimedOut);
    }

    /// Without faults, until nothing is left to be done.
    fn drain(&self) -> Result<(), Failure> {
        self.stage.end_faults();
        self.shards.iter().for_each(|shard| shard.borrow_mut().end());
        let mut at_rest = 0;
        for _ in 0..ROUNDS_MAX {
            self.forget_the_dead();
            self.ids.iter().filter(|id| !self.is_alive(id)).for_each(|id| self.begin(id));
            (0..PLACES).for_each(|place| self.turn(place));
            let mut has_moved = false;
            for shard in &self.shards {
                has_moved |= shard.borrow_mut().drain()?;
            }
            self.stage.trouble()?;
            // Nobody alive is amid a transaction between two turns. Where a router waits that does not know yet that it was
            // replaced, and its successor is dead, the brokers take that one's transaction back in time: they always do.
            let amid = self.stage.broker.borrow().writers_amid();
            if !has_moved {
                amid.iter().for_each(|id| self.time_out(id));
            }
            at_rest = if has_moved || !self.is_at_rest() { 0 } else { at_rest + 1 };
            if at_rest == 3 {
                return Ok(());
            }
        }
        let moves = self.shards.iter().map(|shard| shard.borrow().place()).collect::<Vec<_>>().join(", ");
        let has_open = self.stage.broker.borrow().has_open();
        Err(Failure::of(format!(
            "routers and shards come to no rest: shards at {moves}; a transaction is open: {has_open}"
        )))
    }

    /// The brokers take note of who is gone.
    fn forget_the_dead(&self) {
        let members = self.stage.broker.borrow().members();
        let is_alive = |number: u64| self.alive.borrow().values().any(|(_, alive)| *alive == number);
        for (id, _) in members.iter().filter(|(_, number)| !is_alive(*number)) {
            self.stage.broker.borrow_mut().expire(id);
        }
        let writers = self.stage.broker.borrow().writers_amid();
        writers.iter().filter(|id| !self.is_alive(id)).for_each(|id| self.time_out(id));
    }

    fn is_at_rest(&self) -> bool {
        let broker = self.stage.broker.borrow();
        let is_routed =
            |partition: u32| broker.committed(SOURCE, partition, broker.next_offset(partition as i32)).next().is_none();
        !broker.has_open()
            && (0..broker.partitions(SOURCE)).all(is_routed)
            && self.shards.iter().all(|shard| shard.borrow().is_at_rest())
    }
}
