//! A shard: a ledger on a disk of its own that reads its partitions and sends on what is not its own. It is killed, its disk
//! fails, and it is started again.

use std::rc::Rc;

use ingest::{Handle, Started, Work, start};
use ledger::{Faults, FaultyStorage, MemoryStorage};
use rand::Rng;
use route::{Home, Sending};

use crate::arrival::Arrival;
use crate::auditor::{Held, check_whole};
use crate::cluster::broker::Broker;
use crate::cluster::log::By;
use crate::cluster::sending_port::{Port, Sender};
use crate::cluster::stage::Stage;
use crate::disk::{faults_of, is_simulated};
use crate::failure::Failure;
use crate::following::Following;
use crate::given::push;
use crate::machine::Machine;
use crate::situations::Situation;

/// A shard.
pub(crate) struct Shard {
    stage: Rc<Stage>,
    pub(crate) home: Home,
    machine: Machine,
    /// Where it is kept how far it sent on.
    beside: MemoryStorage,
    pub(crate) sender: Rc<Sender>,
    running: Option<Running>,
    /// The entries of which anybody was told.
    told: Following,
    /// What it may read: topics with partitions.
    places: Vec<(String, u32)>,
}

/// Its daemon.
struct Running {
    started: Started,
    sending: Sending<Port>,
}

impl Shard {
    pub(crate) fn new(stage: &Rc<Stage>, home: Home) -> Shard {
        let topics = &stage.topics;
        let own = home.own().map(|partition| (topics.accounts.clone(), partition));
        let others = home.others().map(|partition| (topics.heads.clone(), partition));
        let places = own.chain([(topics.platform.clone(), 0)]).chain(others).collect();
        Shard {
            stage: Rc::clone(stage),
            home,
            machine: Machine::default(),
            beside: MemoryStorage::new(),
            sender: Rc::new(Sender::new(home.number())),
            running: None,
            told: Following::nothing(),
            places,
        }
    }

    /// Its ledger, if its daemon runs.
    pub(crate) fn handle(&self) -> Option<Handle> {
        self.running.as_ref().map(|running| running.started.handle.clone())
    }

    /// One step of its daemon: it is started, reads, sends on, keeps a checkpoint, or ends.
    pub(crate) fn step(&mut self) -> Result<(), Failure> {
        if self.running.is_none() {
            return self.start();
        }
        match self.stage.below(20) {
            0 => self.work(Work::Checkpoint),
            1 if self.stage.has_faults() && self.stage.one_in(3) => {
                self.stop();
                Ok(())
            }
            2 if self.stage.has_faults() && self.stage.cluster.kills && self.stage.one_in(2) => {
                self.fail();
                Ok(())
            }
            3..=8 => self.send_on(),
            _ => self.read(),
        }
    }

    /// Reads, applies and sends on all there is. Whether it did anything.
    pub(crate) fn drain(&mut self) -> Result<bool, Failure> {
        if self.running.is_none() {
            self.start()?;
        }
        let before = (self.position(), self.sent_up_to());
        while self.running.is_some() && self.has_more() {
            self.read()?;
        }
        self.send_on()?;
        Ok(before != (self.position(), self.sent_up_to()))
    }

    /// Whether it has read everything that is there, and sent on everything that is in its ledger.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.running.is_some() && !self.has_more() && self.sent_up_to() == self.position()
    }

    /// How far it is, for who reads a failure.
    pub(crate) fn place(&self) -> String {
        let is_running = self.running.is_some();
        format!(
            "{} of which {} are sent on (runs: {is_running}, has more to read: {})",
            self.position(),
            self.sent_up_to(),
            is_running && self.has_more()
        )
    }

    fn position(&self) -> u64 {
        self.running.as_ref().map_or(0, |running| running.started.handle.position())
    }

    fn sent_up_to(&self) -> u64 {
        self.running.as_ref().map_or(0, |running| running.sending.done())
    }

    /// Its daemon ends, in order or by a kill, as the last life of the run begins.
    pub(crate) fn end(&mut self) {
        if self.stage.one_in(2) { self.stop() } else { self.fail() }
    }

    /// Holds its ledger against itself: no gap, whole checksums and chain, a state that its entries give again.
    pub(crate) fn check(&self) -> Result<Held, Failure> {
        let handle = self.handle().ok_or_else(|| Failure::of("a shard does not run".to_owned()))?;
        let held = Held::of(&handle)?;
        check_whole(&handle, &held)?;
        Ok(held)
    }

    fn start(&mut self) -> Result<(), Failure> {
        let stage = Rc::clone(&self.stage);
        let has_faults = stage.has_faults() && stage.cluster.disks;
        let faults = if has_faults {
            faults_of(&stage.plan.faults, &self.machine.disk, &mut *stage.rng.borrow_mut())
        } else {
            Faults::default()
        };
        let disk = FaultyStorage::new(self.machine.disk.clone(), faults);
        let started = match start(self.machine.options(&stage.plan, &stage.clock, disk), &mut |_| {}) {
            Ok(started) => started,
            Err(error) if is_simulated(&error.to_string()) => {
                self.fail();
                return Ok(());
            }
            Err(error) => return Err(Failure::of(format!("shard {} cannot start: {error}", self.home.number()))),
        };
        let held = Held::of(&started.handle)?;
        let told = self.told.events();
        if !held.events.starts_with(told) {
            return Err(Failure::of(format!(
                "shard {} had told of {} entries, and a start finds {} that do not begin with them",
                self.home.number(),
                told.len(),
                held.events.len()
            )));
        }
        self.told = Following::of(held.events, &started.handle);
        self.sender.begin();
        let port = Port::new(&stage, &self.sender, &self.beside);
        let sending = Sending::begin(port, stage.topics.clone(), self.home, started.handle.position());
        self.running = Some(Running { started, sending });
        Ok(())
    }

    /// Its daemon ends in order.
    fn stop(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        running.sending.end();
        running.started.engine.finish();
    }

    /// A fault ends its daemon: the power of its machine may be gone, too.
    fn fail(&mut self) {
        self.running = None;
        self.stage.note(Situation::ShardFailed);
        if self.stage.below(3) < 2 {
            let seed: u64 = self.stage.rng.borrow_mut().random();
            self.machine.crash(seed);
            self.beside = self.beside.after_crash(seed);
        }
    }

    /// Gives its engine something to do; a fault of the disk ends it.
    fn work(&mut self, work: Work) -> Result<(), Failure> {
        let Some(running) = &mut self.running else { return Ok(()) };
        match running.started.engine.step(vec![work]) {
            Ok(()) => self.told.read_on(&running.started.handle),
            Err(error) if is_simulated(&error.to_string()) => {
                self.fail();
                Ok(())
            }
            Err(error) => Err(Failure::of(format!("a step of shard {} failed: {error}", self.home.number()))),
        }
    }

    fn send_on(&mut self) -> Result<(), Failure> {
        let Some(running) = &mut self.running else { return Ok(()) };
        let done = running.sending.turn(&running.started.handle, &|| false);
        if self.sender.is_killed() {
            self.fail();
            return Ok(());
        }
        match done {
            // What failed is sent again by the next turn.
            Ok(_) | Err(route::SendError::Client(_)) => Ok(()),
            Err(route::SendError::Read(error)) => Err(error.into()),
        }
    }

    /// Where it reads on in a place.
    fn next(&self, (topic, partition): &(String, u32)) -> i64 {
        let next = self
            .running
            .as_ref()
            .and_then(|running| running.started.handle.read(|view| view.state.next_offset(topic, *partition as i32)));
        next.unwrap_or(0)
    }

    fn has_more(&self) -> bool {
        let broker = self.stage.broker.borrow();
        let is_open = |place: &(String, u32)| first(&broker, place, self.next(place)).is_some();
        self.places.iter().any(is_open)
    }

    /// Reads some messages of one of its partitions into its ledger, with the offset that they bring it to.
    fn read(&mut self) -> Result<(), Failure> {
        let stage = Rc::clone(&self.stage);
        let Some(running) = &self.running else { return Ok(()) };
        let handle = running.started.handle.clone();
        let broker = stage.broker.borrow();
        let next: Vec<i64> = self.places.iter().map(|place| self.next(place)).collect();
        let is_open = |at: &usize| first(&broker, &self.places[*at], next[*at]).is_some();
        let open: Vec<usize> = (0..self.places.len()).filter(is_open).collect();
        let Some(at) = open.get(stage.below(open.len())) else {
            let is_held = |(topic, partition): &(String, u32)| broker.is_held_back(topic, *partition);
            stage.note_if(self.places.iter().any(is_held), Situation::HeldBack);
            return Ok(());
        };
        let ((topic, partition), mut from) = (&self.places[*at], next[*at]);
        if stage.has_faults() && stage.cluster.rewinds && from > 0 && stage.one_in(8) {
            from = stage.below(from as usize) as i64;
            stage.note(Situation::ShardReadsAgain);
        }
        let most = 1 + stage.below(12);
        let mut batch = handle.batch();
        for (offset, message) in broker.committed(topic, *partition, from).take(most) {
            let arrival = Arrival::of(&message.value, format!("{topic}[{partition}]@{offset}"), handle.now());
            push(&arrival, &mut batch);
            batch.set_offset(topic, *partition as i32, offset + 1);
            if matches!(message.by, By::Shard(_)) && *topic == stage.topics.accounts {
                self.sender.take(&message.value);
            }
        }
        drop(broker);
        self.work(Work::Batch { batch, way: Default::default(), reply: None })
    }
}

/// The first message of a place from an offset on.
fn first(broker: &Broker, (topic, partition): &(String, u32), from: i64) -> Option<i64> {
    broker.committed(topic, *partition, from).next().map(|(offset, _)| offset)
}
