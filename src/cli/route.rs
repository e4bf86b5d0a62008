//! `tributary route`: events to the shards that their families belong to.

use std::path::PathBuf;

use clap::Args;

use super::CommonFlags;
use crate::config::{Flags, Key, Value};

/// Route events to shards, by families.
///
/// Reads the topics that producers write, and writes each event to where its shard reads it, exactly once: what is of one
/// family to a partition of PREFIX.accounts, what all shards have to know to PREFIX.platform. Several routers share the
/// partitions; each needs an id of its own. Keeps nothing on disk. Ends at SIGTERM and SIGINT.
///
/// --check reads the topics instead, as they stand, and says whether producers key events by the family already, so that
/// no router is needed (docs/SHARDS.md). Exit code 1 if not.
///
/// --from-ledgers puts what the ledgers of shards hold into the topics of another prefix, for shards of another number, and
/// ends. Begun anew it puts the same there again: an event counts once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary route --brokers localhost:9092 --topic referral-events \\
      --id router-1 --listen 127.0.0.1:9091
  tributary route --config /etc/tributary/route.toml
  tributary route --brokers localhost:9092 --topic referral-events --check
  tributary route --config grown.toml --from-ledgers shard-0,shard-1")]
pub(crate) struct RouteArgs {
    /// The Kafka brokers, host:port by commas.
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',')]
    brokers: Vec<String>,

    /// The topics that producers write [default: referral-events].
    #[arg(long = "topic", value_name = "TOPIC", value_delimiter = ',')]
    topics: Vec<String>,

    /// The group of the routers [default: tributary-route].
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,

    /// What the topics of the shards begin with [default: referral].
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,

    /// This router's name among those of its group [default: 1].
    #[arg(long, value_name = "ID")]
    id: Option<String>,

    /// Where probes and metrics are answered [default: nowhere].
    #[arg(long, value_name = "ADDR", conflicts_with = "check")]
    listen: Option<String>,

    /// How the brokers are spoken to: plaintext, ssl, sasl_plaintext, sasl_ssl [default: plaintext].
    #[arg(long, value_name = "PROTOCOL")]
    security: Option<String>,

    /// Any property of librdkafka, by its own name; repeatable.
    #[arg(long = "kafka-property", value_name = "NAME=VALUE", value_parser = super::settings::read_pair)]
    kafka_properties: Vec<(String, String)>,

    /// Say whether a router is needed, and route nothing.
    #[arg(long)]
    pub(crate) check: bool,

    /// Put what these ledgers hold into the topics of the shards, read no topic, and end: for another number of shards.
    #[arg(long, value_name = "DIR", value_delimiter = ',', conflicts_with_all = ["check", "topics", "group", "id", "listen"])]
    pub(crate) from_ledgers: Vec<PathBuf>,
}

impl RouteArgs {
    /// What the flags say of settings.
    pub(crate) fn given(self, common: &CommonFlags) -> Flags {
        let mut given = common.given();
        let texts = [
            (Key::RouteGroup, "group", self.group),
            (Key::RoutePrefix, "prefix", self.prefix),
            (Key::RouteId, "id", self.id),
            (Key::RouteListen, "listen", self.listen),
            (Key::KafkaSecurity, "security", self.security),
        ];
        given.extend(texts.into_iter().filter_map(|(key, name, text)| Some((key, name, Value::Text(text?)))));
        let lists = [(Key::KafkaBrokers, "brokers", self.brokers), (Key::KafkaTopics, "topic", self.topics)];
        let named = lists.into_iter().filter(|(_, _, list)| !list.is_empty());
        given.extend(named.map(|(key, name, list)| (key, name, Value::Texts(list))));
        if !self.kafka_properties.is_empty() {
            let pairs = self.kafka_properties.into_iter().collect();
            given.push((Key::KafkaProperties, "kafka-property", Value::Pairs(pairs)));
        }
        given
    }
}
