//! Puts what the ledgers of shards hold into topics that other shards read: another number of shards, or of partitions, without
//! what producers' topics no longer keep.
//!
//! Ledgers are read twice: first for who is whose parent, so that each event goes to the head of its family at once, then to
//! put it there. What is put there a second time is a duplicate by its identity, so who breaks off begins anew.
//!
//! One thing in a shard's ledger is not as its producer wrote it: shards tell each other of a major account by its registration
//! without code and country (`sent_on.rs`). It has the identity of the whole one, so it may not come before that: it is put
//! only where no ledger has another.

use std::time::{Duration, Instant};

use hashbrown::HashMap;
use ingest::kafka::{KafkaOptions, actor_headers};
use ledger::{EventReader, FrameCursor, LedgerError, LedgerReader, Position, Quarantine, QuarantineState};
use projections::commands::COMMAND_SOURCE;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use schemas::json::{Predictor, write_event};
use schemas::{AccountType, Event, Registration, Relationship, Uid};

use crate::clients::{Talk, producer_config, put};
use crate::destination::{Destination, destination, registration};
use crate::error::RouteError;
use crate::far_future::FAR_FUTURE;
use crate::murmur2::{partition_of_key, partition_of_uid};
use crate::parents::Parents;
use crate::partition_counts::count_partitions;
use crate::topics::Topics;

/// How long the brokers may take to take anything, before it is an error.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(60);
/// So many messages are put between two looks at whether all were taken.
const LOOK_EVERY: u64 = 10_000;

/// A ledger of a shard, and what people call it.
pub struct NamedLedger {
    /// Its directory, say.
    pub name: String,
    /// Reads it, up to where it ended when this was opened: a daemon may write on.
    pub reader: LedgerReader,
}

/// What was put into the topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FromLedgers {
    /// Entries that the ledgers held.
    pub entries: u64,
    /// Messages for one family.
    pub to_families: u64,
    /// Messages for all shards: what all shards know stands in each of their ledgers, and is put once for each of these.
    pub to_platform: u64,
    /// Messages that are open in quarantine, put as they came.
    pub quarantined: u64,
}

/// Puts all that ledgers hold at the moment into the topics, and waits until the brokers have it.
///
/// # Errors
/// If a ledger cannot be read or reads one of these topics, the topics are not as they have to be, or the brokers do not take
/// what is put; or it was told to stop. It can be begun anew.
pub fn route_ledgers(
    kafka: &KafkaOptions,
    topics: &Topics,
    ledgers: &[NamedLedger],
    stop: &dyn Fn() -> bool,
) -> Result<FromLedgers, RouteError> {
    let partitions = count_partitions(kafka, topics)?;
    let mut parents = Parents::new();
    let (mut quarantines, mut bare) = (Vec::new(), HashMap::new());
    for (number, ledger) in ledgers.iter().enumerate() {
        let take = &mut |position, event: &Event<'_>| {
            parents.learn(event);
            if let Some(uid) = bare_registration(event) {
                bare.entry(uid).or_insert((number, position));
            }
        };
        quarantines.push(learn(ledger, topics, take, stop)?);
    }
    tracing::info!(ledgers = ledgers.len(), sub_accounts = parents.len(), "who is whose sub-account is read");
    let producer = producer_config(kafka)?.create_with_context(Talk::new(kafka));
    let producer = producer.map_err(|error: KafkaError| RouteError::Broken(error.to_string()))?;
    let mut putting = Putting {
        producer,
        topics,
        partitions,
        parents,
        done: FromLedgers::default(),
        bare,
        told: Instant::now(),
        text: Vec::new(),
        actor: None,
    };
    for (ledger, quarantine) in ledgers.iter().zip(&quarantines) {
        putting.put_entries(ledger, stop)?;
        putting.put_quarantine(ledger, quarantine)?;
    }
    putting.put_bare(ledgers, stop)?;
    putting.flush(stop)?;
    Ok(putting.done)
}

/// The account of a major account's registration that says nothing more: what shards tell each other, or what a producer wrote.
fn bare_registration(event: &Event<'_>) -> Option<Uid> {
    let is_bare = |data: &Registration<'_>| {
        data.account_type == AccountType::Major
            && data.code.is_none()
            && data.country.is_none()
            && data.relationship == Relationship::Both
    };
    registration(event).filter(|data| is_bare(data)).map(|data| data.uid)
}

/// Gives each entry of a ledger, and what is in its quarantine.
fn learn(
    ledger: &NamedLedger,
    topics: &Topics,
    take: &mut dyn FnMut(Position, &Event<'_>),
    stop: &dyn Fn() -> bool,
) -> Result<Quarantine, RouteError> {
    let of_shards = [&topics.accounts, &topics.platform, &topics.heads];
    let mut quarantine = Quarantine::default();
    let dictionary = ledger.reader.dictionary();
    for frame in ledger.reader.frames(&FrameCursor::START) {
        if stop() {
            return Err(broken_off());
        }
        let frame = frame.map_err(|error| unreadable(ledger, error))?;
        if let Some((topic, ..)) = frame.offsets().find(|(topic, ..)| of_shards.iter().any(|name| *name == topic)) {
            return Err(RouteError::ReadByLedger { topic: topic.to_owned(), ledger: ledger.name.clone() });
        }
        quarantine.apply(&frame);
        for entry in frame.entries(&dictionary) {
            let (position, event) = entry.map_err(|error| unreadable(ledger, error))?;
            take(position, &event);
        }
    }
    Ok(quarantine)
}

struct Putting<'t> {
    producer: ThreadedProducer<Talk>,
    topics: &'t Topics,
    partitions: u32,
    parents: Parents,
    done: FromLedgers,
    /// Where the first bare registration of an account stands: which ledger, which position. Taken away once another one of
    /// the account is put.
    bare: HashMap<Uid, (usize, Position)>,
    told: Instant,
    text: Vec<u8>,
    /// Who gave the command that the event is of, as headers have it.
    actor: Option<OwnedHeaders>,
}

impl Putting<'_> {
    fn put_entries(&mut self, ledger: &NamedLedger, stop: &dyn Fn() -> bool) -> Result<(), RouteError> {
        let dictionary = ledger.reader.dictionary();
        for frame in ledger.reader.frames(&FrameCursor::START) {
            let frame = frame.map_err(|error| unreadable(ledger, error))?;
            let mut deeds = frame.deeds().filter(|deed| !deed.events.is_empty()).peekable();
            for entry in frame.entries(&dictionary) {
                let (position, event) = entry.map_err(|error| unreadable(ledger, error))?;
                while deeds.next_if(|deed| deed.events.end <= position).is_some() {}
                let of_deed =
                    deeds.peek().filter(|deed| deed.events.contains(&position) && event.source == COMMAND_SOURCE);
                self.actor = of_deed.map(|deed| actor_headers(&deed.actor));
                self.done.entries += 1;
                if bare_registration(&event).is_none() {
                    if let Some(data) = registration(&event) {
                        self.bare.remove(&data.uid);
                    }
                    self.put_entry(&event)?;
                }
                if self.done.entries.is_multiple_of(LOOK_EVERY) {
                    self.look(ledger, stop)?;
                }
            }
        }
        self.actor = None;
        Ok(())
    }

    /// Puts the registrations of accounts of which no ledger has another one.
    fn put_bare(&mut self, ledgers: &[NamedLedger], stop: &dyn Fn() -> bool) -> Result<(), RouteError> {
        for (number, position) in std::mem::take(&mut self.bare).into_values() {
            if stop() {
                return Err(broken_off());
            }
            let ledger = &ledgers[number];
            let event = ledger.reader.event(position);
            let event = event.map_err(|error| RouteError::Broken(format!("the ledger in {}: {error}", ledger.name)))?;
            self.put_entry(&event)?;
        }
        Ok(())
    }

    fn put_entry(&mut self, event: &Event<'_>) -> Result<(), RouteError> {
        self.text.clear();
        write_event(event, &mut self.text);
        self.put_event(event)
    }

    fn look(&mut self, ledger: &NamedLedger, stop: &dyn Fn() -> bool) -> Result<(), RouteError> {
        if stop() {
            return Err(broken_off());
        }
        self.all_taken()?;
        if self.told.elapsed() >= TELL_EVERY {
            let FromLedgers { entries, to_families, to_platform, .. } = self.done;
            tracing::info!(ledger = ledger.name, entries, to_families, to_platform, "routed so far");
            self.told = Instant::now();
        }
        Ok(())
    }

    /// Puts the text of an event where it belongs.
    fn put_event(&mut self, event: &Event<'_>) -> Result<(), RouteError> {
        match destination(event, &mut self.parents) {
            Destination::Platform => {
                self.done.to_platform += 1;
                self.put(&self.topics.platform, 0, None)
            }
            Destination::Family(head) => {
                self.done.to_families += 1;
                let partition = partition_of_uid(head, self.partitions);
                self.put(&self.topics.accounts, partition, Some(&head.to_string()))
            }
        }
    }

    /// What waits in quarantine waits there again: its bytes as they came.
    fn put_quarantine(&mut self, ledger: &NamedLedger, quarantine: &Quarantine) -> Result<(), RouteError> {
        let mut read = Predictor::new();
        for row in quarantine.after(None).filter(|row| row.state == QuarantineState::Open) {
            let kept = ledger.reader.quarantined(row.location).map_err(|error| unreadable(ledger, error))?;
            self.text.clone_from(&kept.raw);
            self.done.quarantined += 1;
            match read.read_event(&kept.raw, FAR_FUTURE) {
                Ok(event) => self.put_event(&event)?,
                Err(_) => self.put(&self.topics.accounts, partition_of_key(&kept.raw, self.partitions), None)?,
            }
        }
        Ok(())
    }

    fn put(&self, topic: &str, partition: u32, key: Option<&str>) -> Result<(), RouteError> {
        // There are at most `PARTITIONS_MAX`.
        let mut record: BaseRecord<'_, str, [u8]> = BaseRecord::to(topic).partition(partition as i32);
        record.key = key;
        record.payload = Some(&self.text);
        record.headers.clone_from(&self.actor);
        put(&self.producer, record, PATIENCE).map_err(|error| match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::MessageSizeTooLarge) => {
                RouteError::TooLarge { topic: topic.to_owned(), bytes: self.text.len() }
            }
            Some(_) | None => RouteError::Broken(error.to_string()),
        })
    }

    /// Waits until the brokers have all of it.
    fn flush(&self, stop: &dyn Fn() -> bool) -> Result<(), RouteError> {
        let until = Instant::now() + PATIENCE;
        while let Err(error) = self.producer.flush(Duration::from_millis(500)) {
            if stop() {
                return Err(broken_off());
            }
            if Instant::now() > until {
                return Err(RouteError::Broken(error.to_string()));
            }
        }
        self.all_taken()
    }

    fn all_taken(&self) -> Result<(), RouteError> {
        let Some((code, topic, bytes)) = self.producer.context().take_failed() else { return Ok(()) };
        if code == RDKafkaErrorCode::MessageSizeTooLarge {
            return Err(RouteError::TooLarge { topic, bytes });
        }
        Err(RouteError::Broken(format!("topic {topic} did not take a message of {bytes} bytes: {code}")))
    }
}

fn unreadable(ledger: &NamedLedger, error: LedgerError) -> RouteError {
    RouteError::Ledger { ledger: ledger.name.clone(), error: Box::new(error) }
}

fn broken_off() -> RouteError {
    RouteError::Broken("broken off: begin anew, what is there twice counts once".to_owned())
}
