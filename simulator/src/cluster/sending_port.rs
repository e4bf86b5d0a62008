//! What a shard that sends on reaches of the simulated brokers and of its own disk. Messages go out when the client sees fit,
//! and all of them by the time that it is waited for; what had not gone out is gone with the process.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use ledger::{MemoryStorage, Position, Storage};
use route::{SendError, SendingPort};

use crate::cluster::log::{By, Message};
use crate::cluster::stage::{Stage, Turn};
use crate::failure::Failure;
use crate::situations::Situation;

/// The file that keeps how far it came.
const FILE: &str = "sent-on";

/// What a shard has sent on, and whether it still runs.
pub(crate) struct Sender {
    pub(crate) number: u32,
    is_killed: Cell<bool>,
    /// What went out, with its topic, as the auditor remembers it over all lives of the shard.
    sent: RefCell<BTreeSet<(String, Vec<u8>, u32)>>,
    /// What other shards had sent on to it.
    got: RefCell<BTreeSet<Vec<u8>>>,
}

impl Sender {
    pub(crate) fn new(number: u32) -> Sender {
        Sender { number, is_killed: Cell::new(false), sent: RefCell::default(), got: RefCell::default() }
    }

    pub(crate) fn is_killed(&self) -> bool {
        self.is_killed.get()
    }

    /// A new process.
    pub(crate) fn begin(&self) {
        self.is_killed.set(false);
    }

    /// Another shard had sent this on to it.
    pub(crate) fn take(&self, value: &[u8]) {
        self.got.borrow_mut().insert(value.to_vec());
    }
}

/// The port of one process.
pub(crate) struct Port {
    stage: Rc<Stage>,
    sender: Rc<Sender>,
    disk: MemoryStorage,
    /// What has not gone out yet.
    waiting: Vec<(String, u32, Message)>,
    /// How many messages went out since it was last kept how far that is.
    unkept: u64,
}

impl Port {
    pub(crate) fn new(stage: &Rc<Stage>, sender: &Rc<Sender>, disk: &MemoryStorage) -> Port {
        Port { stage: Rc::clone(stage), sender: Rc::clone(sender), disk: disk.clone(), waiting: Vec::new(), unkept: 0 }
    }

    fn kill(&self) -> SendError {
        let was_alive = !self.sender.is_killed.replace(true);
        self.stage.note_if(was_alive && self.unkept > 0, Situation::KilledBeforeKept);
        SendError::Client("it was killed".to_owned())
    }

    fn step<T>(&mut self, many: u32, act: impl FnOnce(&mut Port) -> Result<T, SendError>) -> Result<T, SendError> {
        if self.sender.is_killed() {
            return Err(self.kill());
        }
        match self.stage.draw(many) {
            // The others go on between its steps in any case.
            Turn::Well | Turn::Pause => act(self),
            Turn::KilledBefore => Err(self.kill()),
            Turn::KilledAfter => {
                act(self)?;
                Err(self.kill())
            }
            Turn::FailsBefore => Err(SendError::Client("no broker answers".to_owned())),
            Turn::FailsAfter => {
                act(self)?;
                Err(SendError::Client("the answer was lost".to_owned()))
            }
        }
    }

    /// The first so many of what waits go out.
    fn go_out(&mut self, count: usize) {
        for (topic, partition, message) in self.waiting.drain(..count) {
            self.unkept += 1;
            let is_new = self.sender.sent.borrow_mut().insert((topic.clone(), message.value.clone(), partition));
            self.stage.note_if(!is_new, Situation::SentOnAgain);
            self.stage.note_if(self.sender.got.borrow().contains(&message.value), Situation::SentOnFurther);
            let is_head = topic == self.stage.topics.heads;
            self.stage.note(if is_head { Situation::HeadTold } else { Situation::SentOn });
            self.stage.broker.borrow_mut().append(&topic, partition, message);
        }
    }

    fn write(&self, done: Position) -> Result<(), Failure> {
        let beside = format!("{FILE}.part");
        let file = self.disk.create(&beside, 8)?;
        file.write_at(0, &done.to_le_bytes())?;
        file.sync()?;
        Ok(self.disk.rename(&beside, FILE)?)
    }
}

impl SendingPort for Port {
    fn kept(&mut self) -> Option<Position> {
        let bytes = self.disk.contents(FILE).ok()??;
        Some(Position::from_le_bytes(bytes.try_into().ok()?))
    }

    fn keep(&mut self, done: Position) {
        // Killed, or it is not kept: then the next start sends it again. Few keep anything after they sent, so of those many are
        // killed.
        if self.unkept > 0 && self.stage.has_faults() && self.stage.cluster.kills && self.stage.one_in(4) {
            self.kill();
            return;
        }
        let _ = self.step(3, |port| {
            if let Err(failure) = port.write(done) {
                port.stage.accuse(format!("how far was sent on could not be kept: {failure}"));
            }
            port.unkept = 0;
            Ok(())
        });
    }

    fn put(&mut self, topic: &str, partition: u32, key: &str, text: &[u8]) -> Result<(), SendError> {
        self.step(15, |port| {
            let by = By::Shard(port.sender.number);
            let message = Message { key: Some(key.as_bytes().to_vec()), value: text.to_vec(), by };
            port.waiting.push((topic.to_owned(), partition, message));
            let count = port.stage.below(port.waiting.len() + 1);
            if port.stage.one_in(3) {
                port.go_out(count);
            }
            Ok(())
        })
    }

    fn flush(&mut self, _: &dyn Fn() -> bool) -> Result<(), SendError> {
        self.step(3, |port| {
            let count = port.waiting.len();
            port.go_out(count);
            Ok(())
        })
    }

    fn now(&self) -> Duration {
        self.stage.since_begin()
    }
}
