//! How events are read from Kafka: the section `[kafka]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::kafka_security::KafkaTokens;
use super::read::Read;
use super::{ConfigError, Key};

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
    /// The files that are named for it, by their keys: they have to be there when it begins.
    pub(crate) files: Vec<(Key, PathBuf)>,
    /// Where tokens come from, with SASL OAUTHBEARER.
    pub(crate) tokens: Option<KafkaTokens>,
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

impl Read<'_> {
    pub(super) fn kafka(&self) -> Result<Kafka, ConfigError> {
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
            properties: self.kafka_security()?,
            files: self.kafka_files(),
            tokens: self.kafka_tokens()?,
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
