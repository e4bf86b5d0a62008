//! Flags that set what the file and the variables set too. They are checked where the others are.

use clap::Args;

use super::CommonFlags;
use crate::config::{Flags, Key, Value};

/// The settings of the daemon.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct SettingFlags {
    /// The directory of the ledger.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// Where the API listens [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,

    /// Only read the ledger, beside a daemon that writes it.
    #[arg(long)]
    pub(crate) read_only: bool,

    /// Follow the daemon at this address: a standby, which takes its frames and answers questions.
    #[arg(long, value_name = "URL")]
    pub(crate) follow: Option<String>,

    /// The Kafka brokers, host:port by commas. Without them no event comes from Kafka.
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',')]
    pub(crate) brokers: Vec<String>,

    /// The topics with the events [default: referral-events].
    #[arg(long = "topic", value_name = "TOPIC", value_delimiter = ',')]
    pub(crate) topics: Vec<String>,

    /// The group to join, or to commit offsets under for lag tools [default: tributary].
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,

    /// Which partitions are read: static (all), subset (those of --partition), group [default: static].
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<String>,

    /// A partition to read, as topic:0 or topic:0-3; repeatable.
    #[arg(long = "partition", value_name = "TOPIC:RANGE")]
    pub(crate) partitions: Vec<String>,

    /// How the brokers are spoken to: plaintext, ssl, sasl_plaintext, sasl_ssl [default: plaintext].
    #[arg(long, value_name = "PROTOCOL")]
    pub(crate) security: Option<String>,

    /// Any property of librdkafka, by its own name; repeatable.
    #[arg(long = "kafka-property", value_name = "NAME=VALUE", value_parser = read_pair)]
    pub(crate) kafka_properties: Vec<(String, String)>,

    /// The file that holds the secret of HS256 tokens.
    #[arg(long, value_name = "FILE")]
    pub(crate) hs256_secret_file: Option<String>,

    /// The file with the public keys of EdDSA and RS256 tokens.
    #[arg(long, value_name = "FILE")]
    pub(crate) jwks_file: Option<String>,

    /// How many seconds lie between two checkpoints at most [default: 60].
    #[arg(long, value_name = "SECONDS")]
    pub(crate) checkpoint_seconds: Option<u64>,
}

pub(super) fn read_pair(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE"),
    }
}

impl SettingFlags {
    /// What the flags say, besides those of every command.
    pub(crate) fn given(self, common: &CommonFlags) -> Flags {
        let mut given = common.given();
        let texts = [
            (Key::Data, "data", self.data),
            (Key::Listen, "listen", self.listen),
            (Key::ReplicationFollow, "follow", self.follow),
            (Key::KafkaGroup, "group", self.group),
            (Key::KafkaMode, "mode", self.mode),
            (Key::KafkaSecurity, "security", self.security),
            (Key::AuthHs256SecretFile, "hs256-secret-file", self.hs256_secret_file),
            (Key::AuthJwksFile, "jwks-file", self.jwks_file),
        ];
        given.extend(texts.into_iter().filter_map(|(key, name, text)| Some((key, name, Value::Text(text?)))));
        let lists = [
            (Key::KafkaBrokers, "brokers", self.brokers),
            (Key::KafkaTopics, "topic", self.topics),
            (Key::KafkaPartitions, "partition", self.partitions),
        ];
        let named = lists.into_iter().filter(|(_, _, list)| !list.is_empty());
        given.extend(named.map(|(key, name, list)| (key, name, Value::Texts(list))));
        if self.read_only {
            given.push((Key::ReadOnly, "read-only", Value::Flag(true)));
        }
        if let Some(seconds) = self.checkpoint_seconds {
            given.push((Key::CheckpointSeconds, "checkpoint-seconds", Value::Count(seconds)));
        }
        if !self.kafka_properties.is_empty() {
            let pairs = self.kafka_properties.into_iter().collect();
            given.push((Key::KafkaProperties, "kafka-property", Value::Pairs(pairs)));
        }
        given
    }
}

impl CommonFlags {
    /// What the flags of every command say.
    pub(crate) fn given(&self) -> Flags {
        let texts = [(Key::LogLevel, "log-level", &self.log_level), (Key::LogFormat, "log-format", &self.log_format)];
        texts.into_iter().filter_map(|(key, name, text)| Some((key, name, Value::Text(text.clone()?)))).collect()
    }
}
