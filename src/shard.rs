//! Which shard a ledger is: what the settings say, held against what its directory keeps, against the topics, and against
//! what the ledger has read.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use ingest::kafka::{KafkaMode, KafkaOptions};
use ingest::{Handle, Pipeline};
use route::{Home, RouteError, SendingOn, SendingOptions, ShardCommands, Topics, count_partitions};
use serde::{Deserialize, Serialize};

use crate::config::{Key, Settings};
use crate::exit::Failure;
use crate::place::Place;

/// The file in the directory that says which shard its ledger is.
const LABEL: &str = "shard.toml";
/// The file in it that keeps up to which position was sent on what is of others.
const SENT_ON: &str = "shard.sent-on";

/// Which shard a directory's ledger is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Label {
    prefix: String,
    number: u32,
    of: u32,
    partitions: u32,
}

/// The shard that a daemon is.
pub(crate) struct Shard {
    home: Home,
    topics: Topics,
    label: Label,
    folder: PathBuf,
}

impl Shard {
    /// The shard that the settings make of a directory; none where they make it none. Asks the brokers how many partitions there
    /// are; those that do not answer are not waited for, except the first time.
    ///
    /// # Errors
    /// If settings, directory and topics do not say the same.
    pub(crate) fn of(
        settings: &Settings,
        place: &Place,
        kafka: Option<&KafkaOptions>,
    ) -> Result<Option<Shard>, Failure> {
        let folder = place.folder();
        let kept = read(folder)?;
        let (Some(shard), Some(kafka)) = (settings.shard, kafka) else {
            return match kept {
                None => Ok(None),
                Some(kept) => Err(Failure::usage(anyhow!(
                    "{} is shard {} of {}: set {} and {}, and the brokers, or name another directory",
                    folder.display(),
                    kept.number,
                    kept.of,
                    Key::ShardNumber.name(),
                    Key::ShardOf.name()
                ))),
            };
        };
        let prefix = settings.route.prefix.clone();
        let topics = Topics::of(&prefix);
        if let Some(kept) = &kept
            && (kept.number, kept.of, &kept.prefix) != (shard.number, shard.of, &prefix)
        {
            return Err(Failure::usage(anyhow!(
                "{} is shard {} of {} of the topics {}.…, and not shard {} of {} of {prefix}.…: name the directory of that one. \
                 Another number of shards takes new ledgers (docs/SHARDS.md)",
                folder.display(),
                kept.number,
                kept.of,
                kept.prefix,
                shard.number,
                shard.of
            )));
        }
        let partitions = match (count_partitions(kafka, &topics), &kept) {
            (Ok(found), Some(kept)) if found != kept.partitions => {
                let (topic, before) = (topics.accounts, kept.partitions);
                return Err(Failure::failed(RouteError::PartitionsChanged { topic, found, before }.into()));
            }
            (Ok(found), _) => found,
            (Err(error), _) if error.is_final() => return Err(Failure::failed(error.into())),
            (Err(error), Some(kept)) => {
                tracing::warn!(%error, "the brokers do not say how many partitions there are");
                kept.partitions
            }
            (Err(error), None) => {
                let first = "a shard's first start has to know how many partitions there are";
                return Err(Failure::failed(anyhow::Error::from(error).context(first)));
            }
        };
        let home = Home::new(shard.number, shard.of, partitions).map_err(|error| Failure::usage(error.into()))?;
        let label = Label { prefix, number: shard.number, of: shard.of, partitions };
        Ok(Some(Shard { home, topics, label, folder: folder.to_owned() }))
    }

    /// What the shard reads: its partitions of accounts, the platform's topic, and what other shards tell of heads.
    pub(crate) fn reads(&self, options: &mut KafkaOptions) {
        let numbers =
            |partitions: &mut dyn Iterator<Item = u32>| partitions.map(|partition| partition as i32).collect();
        let by_topic = [
            (self.topics.accounts.clone(), numbers(&mut self.home.own())),
            (self.topics.platform.clone(), vec![0]),
            (self.topics.heads.clone(), numbers(&mut self.home.others())),
        ];
        options.mode = KafkaMode::Subset(by_topic.into());
        options.actors_in = vec![self.topics.accounts.clone(), self.topics.platform.clone()];
    }

    /// Holds what the ledger has read against which shard it is to be, and keeps it in the directory.
    ///
    /// # Errors
    /// If it is the ledger of another shard, or of none; if the directory cannot be written.
    pub(crate) fn settle(&self, pipeline: &Pipeline) -> Result<(), Failure> {
        let accounts = &self.topics.accounts;
        let (position, others, was_read) = pipeline.handle().read(|view| {
            let is_read = |partition: &u32| view.state.next_offset(accounts, *partition as i32).is_some();
            let was_read = self.topics.all().iter().any(|topic| view.state.was_topic_read(topic));
            (view.state.position(), self.home.others().find(is_read), was_read)
        });
        let folder = self.folder.display();
        if let Some(partition) = others {
            return Err(Failure::failed(anyhow!(
                "the ledger in {folder} has read partition {partition} of {accounts}, which is not shard {}'s of {}: it is \
                 another shard's",
                self.home.number(),
                self.home.of()
            )));
        }
        if position > 0 && !was_read {
            return Err(Failure::failed(anyhow!(
                "the ledger in {folder} has events, and none of them from the topics {}.…: a shard begins with an empty \
                 directory",
                self.label.prefix
            )));
        }
        if read(&self.folder)?.as_ref() != Some(&self.label) {
            write(&self.folder, &self.label).with_context(|| format!("can't write {LABEL} in {folder}"))?;
        }
        Ok(())
    }

    /// The ledger, for those who ask it: no events are put in by them, and commands are given so that all shards know of them.
    ///
    /// # Errors
    /// If Kafka's settings cannot be meant.
    pub(crate) fn closed(&self, handle: &Handle, kafka: &KafkaOptions) -> Result<Handle, Failure> {
        let of_shard = (self.topics.clone(), self.home);
        let commands = ShardCommands::new(handle.clone(), kafka, of_shard);
        let commands = commands.map_err(|error| Failure::usage(error.into()))?;
        Ok(handle.clone().closed(&closed_because(&self.label)).with_commands(Arc::new(commands)))
    }

    /// What a standby sent on when it led does not tell how far the one that leads now is: it begins anew.
    pub(crate) fn forget_sent_on(&self) {
        // One that was never there is forgotten.
        let _ = fs::remove_file(self.folder.join(SENT_ON));
    }

    /// Sends on what is of other shards.
    pub(crate) fn send_on(&self, handle: &Handle, kafka: KafkaOptions) -> Result<SendingOn, Failure> {
        let progress = self.folder.join(SENT_ON);
        let options = SendingOptions { kafka, topics: self.topics.clone(), home: self.home, progress };
        SendingOn::start(handle.clone(), options).map_err(|error| Failure::failed(error.into()))
    }
}

/// Which shard the ledger of a directory is, and of how many; the first of one where it holds all families.
///
/// # Errors
/// If what the directory keeps of it cannot be read.
pub(crate) fn identity_of(place: &Place) -> Result<(u32, u32), Failure> {
    Ok(read(place.folder())?.map_or((0, 1), |label| (label.number, label.of)))
}

/// Refuses to put anything into the ledger of a shard by a command of the shell.
///
/// # Errors
/// If it is one's.
pub(crate) fn refuse_to_write(place: &Place) -> Result<(), Failure> {
    match read(place.folder())? {
        None => Ok(()),
        Some(label) => Err(Failure::usage(anyhow!("{}: {}", place.folder().display(), closed_because(&label)))),
    }
}

fn closed_because(label: &Label) -> String {
    format!(
        "this is shard {} of {}, to which events come through Kafka alone, so that every shard has what it has to know: send \
         the event to a topic that the routers read",
        label.number, label.of
    )
}

fn read(folder: &Path) -> Result<Option<Label>, Failure> {
    let path = folder.join(LABEL);
    match fs::read_to_string(&path) {
        Ok(text) => {
            let label = toml::from_str(&text).with_context(|| format!("{} cannot be read", path.display()))?;
            Ok(Some(label))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(Failure::failed(anyhow::Error::from(error).context(format!("can't read {}", path.display()))))
        }
    }
}

/// Whole or not at all.
fn write(folder: &Path, label: &Label) -> Result<(), anyhow::Error> {
    let (path, beside) = (folder.join(LABEL), folder.join(format!("{LABEL}.part")));
    let mut file = File::create(&beside)?;
    file.write_all(toml::to_string(label)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, &path)?;
    Ok(File::open(folder)?.sync_all()?)
}
