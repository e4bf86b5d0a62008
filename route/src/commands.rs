//! Commands given to a shard. One that changes an invitee is the invitee's shard's, which appends it as one machine does. One of
//! which all shards have to know what came (a code, a join, an application) is decided by the shard of the family that
//! acts, which puts the event into the platform's topic and answers once it has read it back: so what was decided at two shards
//! at a time has the order of the topic, for all of them.

mod delivery;

use std::time::{Duration, Instant};

use ingest::kafka::{KafkaOptions, actor_header};
use ingest::{CommandError, CommandWay, Done, DoneDecision, GivenCommand, Handle};
use ledger::{Actor, Position};
use parking_lot::Mutex;
use projections::commands::{Command, Decision, Refusal};
use schemas::json::write_event;
use schemas::{Event, StreamKey, Uid};

use self::delivery::Delivery;
use crate::error::RouteError;
use crate::home::Home;
use crate::topics::Topics;

/// How long the shard may take to read what the topic holds when a command is given, and then the command itself.
const READ_MAX: Duration = Duration::from_secs(8);
/// How often it is looked how far it has read.
const LOOK: Duration = Duration::from_millis(2);
/// So many families' commands are on their way at a time, one of each.
const TURNS: usize = 256;

/// The commands of a shard.
pub struct ShardCommands {
    /// Open: what is to be appended here is.
    ledger: Handle,
    home: Home,
    topics: Topics,
    delivery: Delivery,
    turns: Vec<Mutex<Turn>>,
}

/// The turn of some families.
struct Turn {
    /// Whether everything that was put into the topic for them has been read back. At the start nobody knows.
    is_read_back: bool,
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
        Ok(ShardCommands { ledger, home, topics, delivery, turns })
    }

    /// Decides on a command, puts its event into the platform's topic, and waits until it has come back.
    fn by_topic(&self, head: Uid, given: GivenCommand) -> Result<Done, CommandError> {
        let GivenCommand { uid, command, key, actor } = given;
        let mut turn = self.turns[(head.0 % TURNS as u64) as usize].lock();
        if !turn.is_read_back {
            // What an earlier start, or a command that was not seen to arrive, has put there.
            self.read_to(self.delivery.end()?).map_err(CommandError::NoWay)?;
            turn.is_read_back = true;
        }
        let event = match self.ledger.decide(uid, &command, key.as_deref())? {
            Decision::Append(event) => *event,
            Decision::DoneBefore { position } => {
                return Ok(Done { decision: DoneDecision::DoneBefore { position }, event: None });
            }
        };
        turn.is_read_back = false;
        let offset = self.put(uid, &event, actor.as_ref())?;
        self.read_to(offset + 1).map_err(CommandError::Unsure)?;
        turn.is_read_back = true;
        self.became(event, &command)
    }

    fn put(&self, uid: Uid, event: &Event<'_>, actor: Option<&Actor>) -> Result<i64, CommandError> {
        let mut text = Vec::new();
        write_event(event, &mut text);
        self.delivery.put(&uid.to_string(), &text, actor.map(actor_header).as_deref())
    }

    /// Waits until the ledger has read the platform's topic up to this offset.
    fn read_to(&self, end: i64) -> Result<(), String> {
        let topic = &self.topics.platform;
        let begun = Instant::now();
        loop {
            let next = self.ledger.read(|view| view.state.next_offset(topic, 0).unwrap_or(0));
            if next >= end {
                return Ok(());
            }
            if self.ledger.is_settled() {
                return Err("the daemon is stopping".to_owned());
            }
            if begun.elapsed() > READ_MAX {
                return Err(format!(
                    "the shard has read {topic} up to offset {next}, and not up to {end}, within {READ_MAX:?}"
                ));
            }
            std::thread::sleep(LOOK);
        }
    }

    /// What became of an event that was read back.
    fn became(&self, event: Event<'static>, command: &Command) -> Result<Done, CommandError> {
        let found = self.ledger.read(|view| {
            let index = view.state.index();
            let found = index.find(event.stream(), &event.source, &event.id, view.reader)?;
            let held = found.map(|position| view.reader.event(position)).transpose()?;
            Ok(found.filter(|_| held.is_some_and(|held| held == event)))
        });
        match found.map_err(Refusal::Read)? {
            Some(position) => {
                self.is_published(position).map_err(CommandError::Unsure)?;
                Ok(Done { decision: DoneDecision::Appended { position }, event: Some(event) })
            }
            None => Err(ShardCommands::refused(&event, command)),
        }
    }

    /// Why an event that was read back is not in the ledger: another one that came before it contradicts it.
    fn refused(event: &Event<'_>, command: &Command) -> CommandError {
        if let (Command::CreateCode { .. }, StreamKey::Name(code)) = (command, event.stream()) {
            return Refusal::CodeTaken { code: code.to_owned() }.into();
        }
        CommandError::NoWay(format!(
            "its event, id {}, contradicts one that came before it, and lies in quarantine",
            event.id
        ))
    }

    /// Waits until it may be shown: with standbys that have to hold it, that is later than it is applied.
    fn is_published(&self, position: Position) -> Result<(), String> {
        let begun = Instant::now();
        while self.ledger.position() < position {
            if begun.elapsed() > READ_MAX || self.ledger.is_settled() {
                return Err("no standby holds it yet".to_owned());
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }
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
