//! The settings with their meaning: checked, and in the types that the rooms take.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::http::Http;
use super::value::Value;
use super::{ConfigError, Given, Key, Layers, Origin};

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
    pub(crate) auth: Auth,
    pub(crate) checkpoint: Checkpoint,
    /// From how many events on that the index holds in memory they go to a run on disk.
    pub(crate) run_events: u64,
    /// How many states of the past are in memory at most.
    pub(crate) as_of_states: usize,
    pub(crate) limits: Limits,
    pub(crate) log: Log,
}

/// How events are read from Kafka.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kafka {
    pub(crate) brokers: Vec<String>,
    pub(crate) topics: Vec<String>,
    pub(crate) mode: KafkaMode,
    /// The group that is joined, or under which offsets are committed for lag tools.
    pub(crate) group: String,
    /// Whether to go on at the broker's first offset where what the ledger reads next is gone.
    pub(crate) skip_lost: bool,
    /// All that librdkafka is told besides, by its own names: security first, then the properties set.
    pub(crate) properties: BTreeMap<String, String>,
}

/// Which partitions are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KafkaMode {
    /// All partitions of the topics; ones added later are found.
    Static,
    /// Just these.
    Subset(Vec<Partitions>),
    /// Those that the group gives.
    Group,
}

/// Some partitions of a topic, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partitions {
    pub(crate) topic: String,
    pub(crate) partitions: Vec<i32>,
}

/// Whose tokens are taken. With neither, anyone on loopback is an operator.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Auth {
    /// The secret of HS256 tokens.
    pub(crate) hs256_secret: Option<Vec<u8>>,
    /// A file with public keys.
    pub(crate) jwks_file: Option<PathBuf>,
}

/// A secret must not get into a log.
impl std::fmt::Debug for Auth {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secret = self.hs256_secret.as_ref().map(|_| super::listing::MASK);
        out.debug_struct("Auth").field("hs256_secret", &secret).field("jwks_file", &self.jwks_file).finish()
    }
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
            auth: read.auth()?,
            checkpoint: Checkpoint {
                interval: Duration::from_secs(read.at_least_one(Key::CheckpointSeconds)?),
                events: read.at_least_one(Key::CheckpointEvents)?,
                keep: read.count(Key::CheckpointKeep),
            },
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
        })
    }
}

/// Reads single keys from the layers, their defaults where nobody said anything.
pub(super) struct Read<'a> {
    layers: &'a Layers,
}

impl Read<'_> {
    fn given(&self, key: Key) -> Option<Given> {
        self.layers.given.get(&key).cloned().or_else(|| {
            let value = key.default_value()?;
            Some(Given { value, origin: Origin::Default })
        })
    }

    fn origin(&self, key: Key) -> Origin {
        self.layers.given.get(&key).map_or(Origin::Default, |given| given.origin.clone())
    }

    pub(super) fn text(&self, key: Key) -> Option<String> {
        match self.given(key)?.value {
            Value::Text(text) if !text.is_empty() => Some(text),
            Value::Text(_) | Value::Flag(_) | Value::Count(_) | Value::Texts(_) | Value::Pairs(_) => None,
        }
    }

    fn path(&self, key: Key) -> Option<PathBuf> {
        self.text(key).map(PathBuf::from)
    }

    pub(super) fn texts(&self, key: Key) -> Vec<String> {
        match self.given(key).map(|given| given.value) {
            Some(Value::Texts(texts)) => texts,
            Some(Value::Text(_) | Value::Flag(_) | Value::Count(_) | Value::Pairs(_)) | None => Vec::new(),
        }
    }

    fn flag(&self, key: Key) -> bool {
        matches!(self.given(key).map(|given| given.value), Some(Value::Flag(true)))
    }

    fn count(&self, key: Key) -> u64 {
        match self.given(key).map(|given| given.value) {
            Some(Value::Count(count)) => count,
            Some(Value::Text(_) | Value::Flag(_) | Value::Texts(_) | Value::Pairs(_)) | None => 0,
        }
    }

    pub(super) fn invalid(&self, key: Key, expected: &'static str, found: String) -> ConfigError {
        ConfigError::Invalid { origin: self.origin(key), key: key.name(), expected, found }
    }

    pub(super) fn at_least_one(&self, key: Key) -> Result<u64, ConfigError> {
        let count = self.count(key);
        if count == 0 { Err(self.invalid(key, "at least 1", count.to_string())) } else { Ok(count) }
    }

    pub(super) fn size(&self, key: Key) -> Result<usize, ConfigError> {
        let count = self.at_least_one(key)?;
        usize::try_from(count).map_err(|_| self.invalid(key, "a size that fits into memory", count.to_string()))
    }

    fn parsed<T>(
        &self,
        key: Key,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let text = self.text(key).unwrap_or_default();
        parse(&text).ok_or_else(|| self.invalid(key, expected, text))
    }

    fn at_most(&self, key: Key, most: u64, expected: &'static str) -> Result<usize, ConfigError> {
        let count = self.count(key);
        let fits = usize::try_from(count).ok().filter(|_| count <= most);
        fits.ok_or_else(|| self.invalid(key, expected, count.to_string()))
    }

    fn within(&self, key: Key, range: &RangeInclusive<u64>, expected: &'static str) -> Result<u64, ConfigError> {
        let count = self.count(key);
        if range.contains(&count) { Ok(count) } else { Err(self.invalid(key, expected, count.to_string())) }
    }

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

    fn auth(&self) -> Result<Auth, ConfigError> {
        let secret = self.secret(Key::AuthHs256Secret, Key::AuthHs256SecretFile)?;
        if secret.as_ref().is_some_and(|secret| secret.len() < api::SECRET_BYTES_MIN) {
            // Which of the two it came from.
            let is_of_file = self.origin(Key::AuthHs256SecretFile).rank() >= self.origin(Key::AuthHs256Secret).rank()
                && self.path(Key::AuthHs256SecretFile).is_some();
            let key = if is_of_file { Key::AuthHs256SecretFile } else { Key::AuthHs256Secret };
            let found = "fewer, which may be guessed".to_owned();
            return Err(self.invalid(key, "a secret of at least 32 bytes", found));
        }
        Ok(Auth { hs256_secret: secret.map(String::into_bytes), jwks_file: self.path(Key::AuthJwksFile) })
    }

    /// A secret, from its key or from the file that another key names, less the line end at its end. Of the two
    /// the stronger layer's goes; one layer may not say both.
    fn secret(&self, key: Key, file_key: Key) -> Result<Option<String>, ConfigError> {
        let (secret, file) = (self.text(key), self.path(file_key));
        let Some(path) = file else { return Ok(secret) };
        if secret.is_some() {
            match self.origin(key).rank().cmp(&self.origin(file_key).rank()) {
                Ordering::Greater => return Ok(secret),
                Ordering::Less => {}
                Ordering::Equal => {
                    let origin = self.origin(file_key);
                    return Err(ConfigError::Exclusive { origin, key: file_key.name(), other: key.name() });
                }
            }
        }
        let text =
            std::fs::read_to_string(&path).map_err(|cause| ConfigError::Unreadable { path: path.clone(), cause })?;
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            return Err(self.invalid(file_key, "a file that holds a secret", path.display().to_string()));
        }
        Ok(Some(secret.to_owned()))
    }

    fn kafka(&self) -> Result<Kafka, ConfigError> {
        let (brokers, topics) = (self.texts(Key::KafkaBrokers), self.texts(Key::KafkaTopics));
        if topics.is_empty() && !brokers.is_empty() {
            let origin = self.origin(Key::KafkaBrokers);
            return Err(ConfigError::Incomplete {
                origin,
                key: Key::KafkaBrokers.name(),
                needs: Key::KafkaTopics.name(),
            });
        }
        let mode = self.kafka_mode(&topics)?;
        Ok(Kafka {
            brokers,
            mode,
            topics,
            group: self.parsed(Key::KafkaGroup, "the name of a group", |text| {
                Some(text.to_owned()).filter(|name| !name.is_empty())
            })?,
            skip_lost: self.flag(Key::KafkaSkipLost),
            properties: self.kafka_properties()?,
        })
    }

    fn kafka_mode(&self, topics: &[String]) -> Result<KafkaMode, ConfigError> {
        let partitions = self.texts(Key::KafkaPartitions);
        let mode = self.text(Key::KafkaMode).unwrap_or_default();
        match mode.as_str() {
            "static" | "group" if !partitions.is_empty() => {
                Err(self.invalid(Key::KafkaMode, "subset where kafka.partitions are given", mode))
            }
            "static" => Ok(KafkaMode::Static),
            "group" => Ok(KafkaMode::Group),
            "subset" if partitions.is_empty() => Err(ConfigError::Incomplete {
                origin: self.origin(Key::KafkaMode),
                key: Key::KafkaMode.name(),
                needs: Key::KafkaPartitions.name(),
            }),
            "subset" => {
                let expected = "partitions of one of kafka.topics, such as referral-events:0-3,7";
                let read = read_partitions(&partitions).ok_or(()).and_then(|all| {
                    if all.iter().all(|some| topics.contains(&some.topic)) { Ok(all) } else { Err(()) }
                });
                let all = read.map_err(|()| self.invalid(Key::KafkaPartitions, expected, partitions.join(", ")))?;
                Ok(KafkaMode::Subset(all))
            }
            _ => Err(self.invalid(Key::KafkaMode, "static, subset or group", mode)),
        }
    }

    fn sasl_mechanism(&self) -> Result<Option<String>, ConfigError> {
        const KNOWN: [&str; 5] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "GSSAPI", "OAUTHBEARER"];
        match self.text(Key::KafkaSaslMechanism) {
            Some(found) if !KNOWN.contains(&found.as_str()) => {
                let expected = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI or OAUTHBEARER";
                Err(self.invalid(Key::KafkaSaslMechanism, expected, found))
            }
            mechanism => Ok(mechanism),
        }
    }

    /// Security in librdkafka's own names; what `kafka.properties` says itself comes last and wins.
    fn kafka_properties(&self) -> Result<BTreeMap<String, String>, ConfigError> {
        let security = self.parsed(Key::KafkaSecurity, "plaintext, ssl, sasl_plaintext or sasl_ssl", |text| {
            ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"].contains(&text).then(|| text.to_owned())
        })?;
        let mut properties = BTreeMap::from([("security.protocol".to_owned(), security)]);
        let named = [
            ("ssl.ca.location", self.text(Key::KafkaCaFile)),
            ("ssl.certificate.location", self.text(Key::KafkaCertificateFile)),
            ("ssl.key.location", self.text(Key::KafkaKeyFile)),
            ("ssl.key.password", self.text(Key::KafkaKeyPassword)),
            ("sasl.mechanism", self.sasl_mechanism()?),
            ("sasl.username", self.text(Key::KafkaSaslUsername)),
            ("sasl.password", self.secret(Key::KafkaSaslPassword, Key::KafkaSaslPasswordFile)?),
        ];
        properties.extend(named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        for (name, given) in &self.layers.properties {
            if let Value::Text(value) = &given.value {
                properties.insert(name.clone(), value.clone());
            }
        }
        Ok(properties)
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

/// Reads partitions written `topic:0-3`, further ones of the topic before as `7` or `9-11`.
fn read_partitions(texts: &[String]) -> Option<Vec<Partitions>> {
    let mut all: Vec<Partitions> = Vec::new();
    for text in texts.iter().flat_map(|text| text.split(',')).map(str::trim) {
        let range = match text.rsplit_once(':') {
            Some((topic, range)) => {
                all.push(Partitions { topic: topic.to_owned(), partitions: Vec::new() });
                range
            }
            None => text,
        };
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (i32, i32) = (first.parse().ok()?, last.parse().ok()?);
        if first < 0 || last < first || last - first > 100_000 {
            return None;
        }
        all.last_mut()?.partitions.extend(first..=last);
    }
    for some in &mut all {
        some.partitions.sort_unstable();
        some.partitions.dedup();
    }
    Some(all)
}
