//! Commands given to a shard. One that changes an invitee is the invitee's shard's, which appends it as one machine does. One of
//! which all shards have to know what came (a code, a join, an application) is decided by the shard of the family that
//! acts, which puts the event into the platform's topic and answers once it has read it back: so what was decided at two shards
//! at a time has the order of the topic, for all of them.

mod delivery;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ingest::kafka::{KafkaOptions, actor_headers};
use ingest::{CommandError, CommandWay, Done, DoneDecision, GivenCommand, Handle};
use ledger::{Actor, Position};
use parking_lot::Mutex;
use projections::commands::{COMMAND_SOURCE, Command, Decision, Refusal};
use schemas::json::write_event;
use schemas::{Event, Uid};

use self::delivery::Delivery;
use crate::error::RouteError;
use crate::home::Home;
use crate::topics::Topics;

/// How long a command may take in all: less than a serving node waits for its answer.
const WHOLE: Duration = Duration::from_secs(25);
/// How long it may wait for those of the same families.
const TURN_MAX: Duration = Duration::from_secs(5);
/// How long the shard may take to read what the topic holds when a command is given, and then the command itself.
const READ_MAX: Duration = Duration::from_secs(8);
/// How often it is looked how far it has read.
const LOOK: Duration = Duration::from_millis(2);
/// So many families' commands are on their way at a time, one of each.
const TURNS: usize = 256;
/// So many commands wait for the topic at a time: fewer than the API's places for what appends, so that what needs no broker goes on.
const AT_ONCE: usize = 64;

/// The commands of a shard.
pub struct ShardCommands {
    /// Open: what is to be appended here is.
    ledger: Handle,
    home: Home,
    topics: Topics,
    delivery: Delivery,
    turns: Vec<Mutex<Turn>>,
    under_way: AtomicUsize,
}

/// The turn of some families.
struct Turn {
    /// Whether everything that was put into the topic for them has been read back. At the start nobody knows.
    is_read_back: bool,
}

/// A place among the commands that wait for the topic.
struct Place<'c>(&'c AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl ShardCommands {
    /// No broker is asked yet.
    ///
    /// # Errors
    /// If the settings cannot be meant.
    pub fn new(
        ledger: Handle,
        kafka: &KafkaOptions,
        (topics, home): (Topics, Home),
    ) -> Result<ShardCommands, RouteError> {
        let delivery = Delivery::new(kafka, &topics.platform)?;
        let turns = (0..TURNS).map(|_| Mutex::new(Turn { is_read_back: false })).collect();
        Ok(ShardCommands { ledger, home, topics, delivery, turns, under_way: AtomicUsize::new(0) })
    }

    /// Decides on a command, puts its event into the platform's topic, and waits until it has come back.
    fn by_topic(&self, head: Uid, given: GivenCommand) -> Result<Done, CommandError> {
        let until = Instant::now() + WHOLE;
        let _place = self.place()?;
        let mut turn = self.turns[(head.0 % TURNS as u64) as usize].try_lock_for(TURN_MAX).ok_or_else(|| {
            CommandError::NoWay("others of the same family are under way and wait for the brokers".to_owned())
        })?;
        if !turn.is_read_back {
            // What an earlier start, or a command that was not seen to arrive, has put there.
            self.read_to(self.delivery.end()?, until).map_err(CommandError::NoWay)?;
            turn.is_read_back = true;
        }
        let GivenCommand { uid, command, key, actor } = given;
        // An event's identity is its key's. One that says nothing has one of its own, so that no other command has it.
        let key = key.unwrap_or_else(|| format!("none given: {:032x}", rand::random::<u128>()));
        let event = match self.decide(uid, &command, &key)? {
            Decision::Append(event) => *event,
            Decision::DoneBefore { position } => return Ok(done_before(position)),
        };
        turn.is_read_back = false;
        let offset = self.put(uid, &event, actor.as_ref())?;
        self.read_to(offset + 1, until).map_err(CommandError::Unsure)?;
        turn.is_read_back = true;
        match self.position_of(&event)? {
            Some(position) => {
                self.is_published(position, until).map_err(CommandError::Unsure)?;
                Ok(Done { decision: DoneDecision::Appended { position }, event: Some(event) })
            }
            // One of the same key may have arrived late, before it; else another one that came before it contradicts it.
            None => match self.decide(uid, &command, &key)? {
                Decision::DoneBefore { position } => Ok(done_before(position)),
                Decision::Append(_) => Err(CommandError::NoWay(format!(
                    "its event, id {}, contradicts one that came before it, and lies in quarantine",
                    event.id
                ))),
            },
        }
    }

    fn place(&self) -> Result<Place<'_>, CommandError> {
        if self.under_way.fetch_add(1, Ordering::AcqRel) >= AT_ONCE {
            self.under_way.fetch_sub(1, Ordering::AcqRel);
            return Err(CommandError::NoWay(format!("{AT_ONCE} others wait for the brokers here: give it again")));
        }
        Ok(Place(&self.under_way))
    }

    /// Decides, at a moment after all commands that its stream holds: also those of another leader, whose clock was ahead.
    fn decide(&self, uid: Uid, command: &Command, key: &str) -> Result<Decision, CommandError> {
        let decision = self.ledger.decide(uid, command, Some(key))?;
        let Decision::Append(event) = &decision else { return Ok(decision) };
        let last = self.ledger.read(|view| {
            let last = view.state.index().stream_positions(event.stream()).next_back();
            last.map(|position| view.reader.event(position).map(|last| (last.source == COMMAND_SOURCE, last.time)))
                .transpose()
        });
        match last.map_err(Refusal::Read)? {
            Some((true, time)) if time >= event.time => {
                self.ledger.raise_moment(time);
                self.ledger.decide(uid, command, Some(key))
            }
            Some(_) | None => Ok(decision),
        }
    }

    fn put(&self, uid: Uid, event: &Event<'_>, actor: Option<&Actor>) -> Result<i64, CommandError> {
        let mut text = Vec::new();
        write_event(event, &mut text);
        self.delivery.put(&uid.to_string(), &text, actor.map(actor_headers))
    }

    /// Waits until the ledger has read the platform's topic up to this offset.
    fn read_to(&self, end: i64, until: Instant) -> Result<(), String> {
        let topic = &self.topics.platform;
        let until = until.min(Instant::now() + READ_MAX);
        loop {
            let next = self.ledger.read(|view| view.state.next_offset(topic, 0).unwrap_or(0));
            if next >= end {
                return Ok(());
            }
            if self.ledger.is_settled() {
                return Err("the daemon is stopping".to_owned());
            }
            if Instant::now() > until {
                return Err(format!("the shard has read {topic} up to offset {next}, and not up to {end} yet"));
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Where an event stands that was read back; none where another one of its identity stands, or one that contradicts it.
    fn position_of(&self, event: &Event<'static>) -> Result<Option<Position>, CommandError> {
        let found = self.ledger.read(|view| {
            let index = view.state.index();
            let found = index.find(event.stream(), &event.source, &event.id, view.reader)?;
            let held = found.map(|position| view.reader.event(position)).transpose()?;
            Ok(found.filter(|_| held.is_some_and(|held| held == *event)))
        });
        Ok(found.map_err(Refusal::Read)?)
    }

    /// Waits until it may be shown: with standbys that have to hold it, that is later than it is applied.
    fn is_published(&self, position: Position, until: Instant) -> Result<(), String> {
        while self.ledger.position() < position {
            if Instant::now() > until || self.ledger.is_settled() {
                return Err("no standby holds it yet".to_owned());
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }
}

fn done_before(position: Option<Position>) -> Done {
    Done { decision: DoneDecision::DoneBefore { position }, event: None }
}

impl CommandWay for ShardCommands {
    fn command(&self, given: GivenCommand) -> Result<Done, CommandError> {
        let about = match &given.command {
            Command::SetNote { invitee, .. } | Command::SetRebate { invitee, .. } => *invitee,
            Command::CreateCode { .. }
            | Command::ChangeCode { .. }
            | Command::JoinCampaign { .. }
            | Command::Apply { .. } => given.uid,
        };
        let head = self.ledger.read(|view| view.state.chain_top(about)).unwrap_or(about);
        if !self.home.is_of(head) {
            let (shard, of) = (self.home.shard_of(head), self.home.of());
            return Err(CommandError::Elsewhere { about, shard, of });
        }
        match &given.command {
            Command::SetNote { .. } | Command::SetRebate { .. } => {
                let GivenCommand { uid, command, key, actor } = given;
                self.ledger.command(uid, command, key, actor)
            }
            Command::CreateCode { .. }
            | Command::ChangeCode { .. }
            | Command::JoinCampaign { .. }
            | Command::Apply { .. } => self.by_topic(head, given),
        }
    }
}
