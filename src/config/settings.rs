//! The settings with their meaning: checked, and in the types that the rooms take.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use serving::ClusterOptions;

use super::auth::Auth;
use super::backup::Backup;
use super::cassandra::Publish;
use super::http::Http;
use super::kafka::Kafka;
use super::read::Read;
use super::replication::Replication;
use super::shards::{Route, Shard};
use super::traces::Traces;
use super::{ConfigError, Key, Layers};

/// No machine has as many cores.
const DECODERS_MAX: u64 = 1_024;
/// A frame of the ledger holds 1 GiB, with the last batch that is gathered for it.
const BATCH_BYTES_MAX: u64 = 512 << 20;

/// Below it there is a file for each few frames, above it what is held in memory takes 8 GB and more.
const RUN_EVENTS: RangeInclusive<u64> = 10_000..=1_000_000_000;

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The directory of the ledger, if one is named.
    pub(crate) data: Option<PathBuf>,
    /// Where the API listens.
    pub(crate) listen: SocketAddr,
    /// Whether the ledger is only read.
    pub(crate) read_only: bool,
    /// What stands before `/register` and `/campaigns` in links to share; empty: relative links.
    pub(crate) link_base: String,
    pub(crate) http: Http,
    /// Where events come from; `None` without brokers.
    pub(crate) kafka: Option<Kafka>,
    /// How events are routed to shards, and which topics shards read.
    pub(crate) route: Route,
    /// Which shard the ledger is; `None`: it holds all families.
    pub(crate) shard: Option<Shard>,
    pub(crate) auth: Auth,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) backup: Backup,
    pub(crate) replication: Replication,
    /// The cluster that projections are published to, or answered from; `None`: there is none.
    pub(crate) cassandra: Option<ClusterOptions>,
    pub(crate) publish: Publish,
    /// From how many events on that the index holds in memory they go to a run on disk.
    pub(crate) run_events: u64,
    /// How many states of the past are in memory at most.
    pub(crate) as_of_states: usize,
    pub(crate) limits: Limits,
    pub(crate) log: Log,
    /// Who collects traces; `None`: nobody.
    pub(crate) traces: Option<Traces>,
}

/// When the state is kept: after so long, or so many events, whichever is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) interval: Duration,
    pub(crate) events: u64,
    /// How many are kept along the way for questions about the past; 0: none.
    pub(crate) keep: u64,
}

/// What bounds the memory between a source and the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) channel_bytes: usize,
    pub(crate) batch_events: usize,
    pub(crate) batch_bytes: usize,
    /// How many threads decode; 0: as many as there are cores.
    pub(crate) decoders: usize,
    /// How long the end may take in all.
    pub(crate) stop: Duration,
}

/// What is told while running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Log {
    /// A level, or directives such as `info,ledger=debug`.
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Settings {
    /// Gives the layers their meaning.
    pub(super) fn from_layers(layers: &Layers) -> Result<Settings, ConfigError> {
        let read = Read { layers };
        Ok(Settings {
            data: read.path(Key::Data),
            listen: read
                .parsed(Key::Listen, "an address and a port such as 127.0.0.1:8080", |text| text.parse().ok())?,
            read_only: read.flag(Key::ReadOnly),
            link_base: read.link_base()?,
            http: read.http()?,
            // Judged also where there is no broker: a mistake is told when it is made, not when it is used.
            kafka: Some(read.kafka()?).filter(|kafka| !kafka.brokers.is_empty()),
            route: read.route()?,
            shard: read.shard()?,
            auth: read.auth()?,
            checkpoint: Checkpoint {
                interval: Duration::from_secs(read.at_least_one(Key::CheckpointSeconds)?),
                events: read.at_least_one(Key::CheckpointEvents)?,
                keep: read.not_too_much(Key::CheckpointKeep)?,
            },
            backup: read.backup()?,
            replication: read.replication()?,
            cassandra: read.cassandra()?,
            publish: read.publish()?,
            run_events: read.within(
                Key::IndexRunEvents,
                &RUN_EVENTS,
                "from 10000 to 1000000000 events, of 8 bytes of memory each",
            )?,
            as_of_states: read.size(Key::AsOfStates)?,
            limits: Limits {
                channel_bytes: read.size(Key::LimitsChannelBytes)?,
                batch_events: read.size(Key::LimitsBatchEvents)?,
                batch_bytes: {
                    read.at_least_one(Key::LimitsBatchBytes)?;
                    read.at_most(
                        Key::LimitsBatchBytes,
                        BATCH_BYTES_MAX,
                        "at most 536870912, half of what a frame holds",
                    )?
                },
                decoders: read.at_most(Key::LimitsDecoders, DECODERS_MAX, "at most 1024")?,
                stop: Duration::from_secs(read.at_least_one(Key::LimitsStopSeconds)?),
            },
            log: Log {
                level: read.parsed(
                    Key::LogLevel,
                    "a level (off, error, warn, info, debug, trace), or directives such as info,ledger=debug",
                    |text| is_log_level(text).then(|| text.to_owned()),
                )?,
                format: read.parsed(Key::LogFormat, "text or json", |text| match text {
                    "text" => Some(LogFormat::Text),
                    "json" => Some(LogFormat::Json),
                    _ => None,
                })?,
            },
            traces: read.traces()?,
        })
    }
}

impl Read<'_> {
    /// What stands before the path of a link: an address, a path, or nothing.
    fn link_base(&self) -> Result<String, ConfigError> {
        let text = self.text(Key::LinkBase).unwrap_or_default();
        let is_base = ["", "https://", "http://", "/"].iter().any(|begin| match *begin {
            "" => text.is_empty(),
            begin => text.starts_with(begin) && !text.contains(char::is_whitespace),
        });
        if !is_base {
            return Err(self.invalid(Key::LinkBase, "an address such as https://exchange.example", text));
        }
        Ok(text.trim_end_matches('/').to_owned())
    }
}

/// Whether a text says what is told: a level, or directives for parts of the program. A word that is neither would be
/// taken for the name of a part, and nothing else be told.
fn is_log_level(text: &str) -> bool {
    let is_directive = |directive: &str| {
        directive.contains(['=', '[']) || directive.trim().parse::<tracing::level_filters::LevelFilter>().is_ok()
    };
    text.split(',').all(is_directive) && tracing_subscriber::EnvFilter::try_new(text).is_ok()
}
