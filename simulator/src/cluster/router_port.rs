//! What a router reaches of the simulated brokers: the port of its loop. Each thing that it asks for may be what it is killed
//! before or after, stands still before, or hears nothing of.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use route::{NextOffsets, Outlets, PlatformRead, RouteError, RouterPort, SourceMessage, parent_of, partition_of_uid};
use schemas::json::read_event;
use schemas::{Body, Uid};

use crate::cluster::NO_END;
use crate::cluster::broker::{Given, Refused, SOURCE};
use crate::cluster::families::{account_of, chain};
use crate::cluster::log::{By, Fate, Message};
use crate::cluster::stage::{Stage, Turn};
use crate::situations::Situation;

/// A process that routes, as the auditor knows it.
pub(crate) struct Process {
    pub(crate) id: String,
    pub(crate) number: u64,
    is_killed: Cell<bool>,
    /// Whether it was told that another one has its id.
    is_fenced: Cell<bool>,
    /// Whose parents it has read of, in the platform's topic; of two the first.
    learned: RefCell<BTreeMap<Uid, Uid>>,
    /// Those that it put there, or tried to.
    put: RefCell<BTreeMap<Uid, Uid>>,
}

impl Process {
    pub(crate) fn new(id: String, number: u64) -> Process {
        Process {
            id,
            number,
            is_killed: Cell::new(false),
            is_fenced: Cell::new(false),
            learned: RefCell::default(),
            put: RefCell::default(),
        }
    }

    pub(crate) fn is_killed(&self) -> bool {
        self.is_killed.get()
    }

    pub(crate) fn is_fenced(&self) -> bool {
        self.is_fenced.get()
    }

    /// The head of an account's family by what this process has read and put; none where the chain turns back on itself.
    fn head(&self, uid: Uid) -> Option<Uid> {
        let (learned, put) = (self.learned.borrow(), self.put.borrow());
        let chain = chain(uid, |at| learned.get(&at).or_else(|| put.get(&at)).copied())?;
        chain.last().copied()
    }
}

/// A message as a router reads it.
pub(crate) struct Read {
    partition: i32,
    offset: i64,
    key: Option<Vec<u8>>,
    value: Vec<u8>,
}

impl SourceMessage for Read {
    fn topic(&self) -> &str {
        SOURCE
    }

    fn partition(&self) -> i32 {
        self.partition
    }

    fn offset(&self) -> i64 {
        self.offset
    }

    fn key(&self) -> Option<&[u8]> {
        self.key.as_deref()
    }

    fn payload(&self) -> Option<&[u8]> {
        Some(&self.value)
    }
}

/// The port of one session.
pub(crate) struct Port {
    stage: Rc<Stage>,
    process: Rc<Process>,
    epoch: u32,
    platform_next: i64,
    is_end_told: bool,
    /// Of which giving of the group what it reads is, and where it goes on.
    generation: Option<u64>,
    next: BTreeMap<i32, i64>,
    changes: u64,
    /// Messages that were given since partitions were, and no transaction has yet.
    given: u64,
}

impl Port {
    /// The port of a session that has read the platform's topic up to an offset.
    pub(crate) fn open(stage: &Rc<Stage>, process: &Rc<Process>, next: i64) -> Result<(Port, Outlets), RouteError> {
        let port = Port {
            stage: Rc::clone(stage),
            process: Rc::clone(process),
            epoch: 0,
            platform_next: next,
            is_end_told: false,
            generation: None,
            next: BTreeMap::new(),
            changes: 0,
            given: 0,
        };
        Ok((port, Outlets { topics: stage.topics.clone(), partitions: stage.cluster.partitions }))
    }

    fn kill(&self) -> RouteError {
        if !self.process.is_killed.replace(true) {
            let is_amid = self.stage.broker.borrow().is_amid(&self.process.id, self.epoch);
            self.stage.note_if(is_amid, Situation::RouterKilled);
        }
        RouteError::Broken("it was killed".to_owned())
    }

    /// Does something, or what is drawn in its place.
    fn step<T>(&mut self, many: u32, act: impl FnOnce(&mut Port) -> Result<T, RouteError>) -> Result<T, RouteError> {
        // What a process that is gone would still do is not done.
        if self.process.is_killed() {
            return Err(self.kill());
        }
        match self.stage.draw(many) {
            Turn::Well => act(self),
            Turn::KilledBefore => Err(self.kill()),
            Turn::KilledAfter => {
                let done = act(self);
                Err(done.err().filter(RouteError::is_final).unwrap_or_else(|| self.kill()))
            }
            Turn::FailsBefore => Err(RouteError::Broken("no broker answers".to_owned())),
            Turn::FailsAfter => {
                act(self)?;
                Err(RouteError::Broken("the answer was lost".to_owned()))
            }
            Turn::Pause => {
                self.stage.pause();
                act(self)
            }
        }
    }

    fn refused(&self, refused: Refused) -> RouteError {
        match refused {
            Refused::Fenced => {
                self.process.is_fenced.set(true);
                self.stage.note(Situation::RouterFenced);
                RouteError::Fenced { id: self.process.id.clone() }
            }
            Refused::OfOldGroup => {
                self.stage.note(Situation::RouterOfOldGroup);
                RouteError::Broken("the group has given the partitions anew".to_owned())
            }
            Refused::NoTransaction => RouteError::Broken("there is no transaction".to_owned()),
        }
    }

    /// Holds where a message goes against what the process can know.
    fn look_at(&self, message: &Read, topic: &str, partition: u32, key: Option<&[u8]>) {
        let Ok(event) = read_event(&message.value, NO_END) else {
            if *topic != self.stage.topics.accounts {
                self.stage.accuse(format!("what cannot be read went to {topic}"));
            }
            return;
        };
        if let Some((uid, parent)) = parent_of(&event) {
            self.process.put.borrow_mut().entry(uid).or_insert(parent);
        }
        let topics = &self.stage.topics;
        let Some(uid) = account_of(&event) else {
            if *topic != topics.platform {
                self.stage.accuse(format!("what every shard has to know went to {topic}: {event:?}"));
            }
            return;
        };
        // Registrations of major accounts head their families whatever is said of them.
        let is_registration = matches!(event.body, Body::Registration(_));
        let head = if is_registration { Some(uid) } else { self.process.head(uid) };
        let Some(head) = head else { return };
        let is_right = key == Some(head.to_string().as_bytes())
            && partition == partition_of_uid(head, self.stage.cluster.partitions);
        if !is_right || *topic != topics.accounts {
            let key = key.map(String::from_utf8_lossy);
            self.stage.accuse(format!(
                "{event:?} went to {topic}[{partition}] under {key:?}, though its router knew that it is of the family of {head}"
            ));
        }
    }

    /// Takes what the group gives, if that is not what it has; false where there is nothing to be read yet.
    fn take_given(&mut self) -> Result<bool, RouteError> {
        let id = &self.process.id;
        let member = self.stage.broker.borrow().member(id);
        match member {
            Some(number) if number == self.process.number => {}
            Some(_) => return Err(self.refused(Refused::Fenced)),
            None => self.stage.broker.borrow_mut().join(id, self.process.number),
        }
        let given = self.stage.broker.borrow().given(id, self.generation);
        match given {
            Given::AsBefore => return Ok(true),
            Given::NotKnownYet => {
                self.stage.note(Situation::OffsetsAwaited);
                (self.generation, self.next) = (None, BTreeMap::new());
            }
            Given::Anew { generation, starts } => (self.generation, self.next) = (Some(generation), starts),
        }
        self.changes += 1;
        self.stage.note_if(self.given > 0, Situation::GroupChanged);
        self.given = 0;
        Ok(self.generation.is_some())
    }
}

impl RouterPort for Port {
    type Message = Read;

    fn take_over(&mut self) -> Result<(), RouteError> {
        self.step(12, |port| {
            if port.process.is_fenced() {
                port.stage.accuse(format!("router {} was fenced, and takes its id over again", port.process.id));
            }
            let (epoch, taken_back) = port.stage.broker.borrow_mut().take_over(&port.process.id);
            port.stage.note_if(taken_back > 0, Situation::TransactionOfPredecessor);
            port.epoch = epoch;
            Ok(())
        })
    }

    fn join(&mut self) -> Result<(), RouteError> {
        self.step(12, |port| {
            port.stage.broker.borrow_mut().join(&port.process.id, port.process.number);
            Ok(())
        })
    }

    fn look_at_topics(&mut self) -> Result<(), RouteError> {
        Ok(())
    }

    fn read_platform(
        &mut self,
        _: Duration,
        take: &mut dyn FnMut(i64, Option<&[u8]>),
    ) -> Result<PlatformRead, RouteError> {
        if self.process.is_killed() {
            return Err(self.kill());
        }
        // Its client may not have it yet, also where it is there.
        if self.stage.one_in(4) {
            return Ok(PlatformRead::Nothing);
        }
        let broker = self.stage.broker.borrow();
        let platform = &self.stage.topics.platform;
        let next = broker.committed(platform, 0, self.platform_next).next();
        let Some((offset, message)) = next else {
            self.stage.note_if(broker.is_held_back(platform, 0), Situation::HeldBack);
            let is_told = std::mem::replace(&mut self.is_end_told, true);
            return Ok(if is_told { PlatformRead::Nothing } else { PlatformRead::End });
        };
        (self.platform_next, self.is_end_told) = (offset + 1, false);
        if let Ok(event) = read_event(&message.value, NO_END)
            && let Some((uid, parent)) = parent_of(&event)
        {
            self.process.learned.borrow_mut().entry(uid).or_insert(parent);
        }
        take(offset, Some(&message.value));
        Ok(PlatformRead::Message)
    }

    fn poll(&mut self, _: Duration) -> Result<Option<Read>, RouteError> {
        self.step(60, |port| {
            let stage = Rc::clone(&port.stage);
            if stage.has_faults() && stage.cluster.changes && stage.one_in(40) {
                stage.broker.borrow_mut().give_anew();
            }
            if !port.take_given()? || stage.one_in(8) {
                return Ok(None);
            }
            let broker = stage.broker.borrow();
            let first = |(partition, next): (&i32, &i64)| {
                let (offset, message) = broker.committed(SOURCE, *partition as u32, *next).next()?;
                let Message { key, value, by: _ } = message.clone();
                Some(Read { partition: *partition, offset, key, value })
            };
            let mut open: Vec<Read> = port.next.iter().filter_map(first).collect();
            if open.is_empty() {
                return Ok(None);
            }
            let read = open.swap_remove(stage.below(open.len()));
            port.next.insert(read.partition, read.offset + 1);
            port.given += 1;
            Ok(Some(read))
        })
    }

    fn changes(&self) -> u64 {
        self.changes
    }

    fn begin(&mut self) -> Result<(), RouteError> {
        self.given = 0;
        self.step(20, |_| Ok(()))
    }

    fn put(&mut self, message: &Read, topic: &str, partition: u32, key: Option<&[u8]>) -> Result<(), RouteError> {
        if self.process.is_killed() {
            return Err(self.kill());
        }
        self.look_at(message, topic, partition, key);
        self.step(25, |port| {
            let by = By::Router { partition: message.partition, offset: message.offset };
            let put = Message { key: key.map(<[u8]>::to_vec), value: message.value.clone(), by };
            let writer = (port.process.id.as_str(), port.epoch);
            let done = port.stage.broker.borrow_mut().put(writer, (topic, partition), put);
            done.map_err(|refused| port.refused(refused))
        })
    }

    fn send_offsets(&mut self, next: &NextOffsets<'_>) -> Result<(), RouteError> {
        let next: BTreeMap<i32, i64> = next.iter().map(|((_, partition), next)| (*partition, *next)).collect();
        self.step(5, |port| {
            let (writer, process) = ((port.process.id.as_str(), port.epoch), port.process.number);
            let generation = port.generation.ok_or_else(|| RouteError::Broken("it is in no group".to_owned()))?;
            let done = port.stage.broker.borrow_mut().send_offsets(writer, (process, generation), &next);
            done.map_err(|refused| port.refused(refused))
        })
    }

    fn commit(&mut self) -> Result<(), RouteError> {
        let mut is_done = false;
        let committed = self.step(4, |port| {
            let done = port.stage.broker.borrow_mut().end(&port.process.id, port.epoch, Fate::Committed);
            let messages = done.map_err(|refused| port.refused(refused))?;
            is_done = messages > 0;
            Ok(())
        });
        if is_done && committed.is_err() {
            let is_killed = self.process.is_killed();
            self.stage.note(if is_killed { Situation::KilledBehindCommit } else { Situation::CommitUnheard });
        }
        committed
    }

    fn abort(&mut self) -> Result<(), RouteError> {
        self.step(4, |port| {
            let done = port.stage.broker.borrow_mut().end(&port.process.id, port.epoch, Fate::Aborted);
            let messages = done.map_err(|refused| port.refused(refused))?;
            port.stage.note_if(messages > 0, Situation::TransactionTakenBack);
            Ok(())
        })
    }

    fn now(&self) -> Duration {
        self.stage.since_begin()
    }
}
