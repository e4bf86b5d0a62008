//! The settings of `[route]` and `[shard]`: events divided by families among several ledgers.

use std::net::SocketAddr;

use super::read::Read;
use super::{ConfigError, Key};

/// A topic's name has 249 characters at most, and the longest that is put behind a prefix is `.accounts`.
const PREFIX_MAX: usize = 240;
/// There are at most as many shards as partitions that can be used.
const SHARDS_MAX: u64 = 100_000;

/// How events are routed to shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// What the topics between routers and shards begin with.
    pub(crate) prefix: String,
    /// A router's own name among those of its group.
    pub(crate) id: String,
    /// The group of the routers.
    pub(crate) group: String,
    /// Where its probes and metrics are answered; none: nowhere.
    pub(crate) listen: Option<SocketAddr>,
}

/// Which shard a ledger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// Its number, from 0.
    pub(crate) number: u32,
    /// How many there are.
    pub(crate) of: u32,
}

impl Read<'_> {
    pub(super) fn route(&self) -> Result<Route, ConfigError> {
        let name = |text: &str| Some(text.to_owned()).filter(|name| !name.is_empty());
        let listen = self.text(Key::RouteListen).map(|text| {
            let expected = "an address and a port such as 127.0.0.1:9091";
            text.parse().map_err(|_| self.invalid(Key::RouteListen, expected, text))
        });
        Ok(Route {
            listen: listen.transpose()?,
            prefix: self.parsed(
                Key::RoutePrefix,
                "the beginning of topics' names: 1 to 240 letters, digits, points, dashes and underscores",
                |text| name(text).filter(|prefix| is_prefix(prefix)),
            )?,
            id: self.parsed(Key::RouteId, "a name that no other router of the group has", name)?,
            group: self.parsed(Key::RouteGroup, "the name of a group", name)?,
        })
    }

    pub(super) fn shard(&self) -> Result<Option<Shard>, ConfigError> {
        let (number, of) = (self.given(Key::ShardNumber), self.given(Key::ShardOf));
        let incomplete = |key: Key, needs: Key| {
            Err(ConfigError::Incomplete { origin: self.origin(key), key: key.name(), needs: needs.name() })
        };
        match (number, of) {
            (None, None) => return Ok(None),
            (Some(_), None) => return incomplete(Key::ShardNumber, Key::ShardOf),
            (None, Some(_)) => return incomplete(Key::ShardOf, Key::ShardNumber),
            (Some(_), Some(_)) => {}
        }
        let of = self.within(Key::ShardOf, &(1..=SHARDS_MAX), "how many shards there are, 1 to 100000")?;
        let number = self.count(Key::ShardNumber);
        if number >= of {
            return Err(self.invalid(Key::ShardNumber, "a number from 0 to one below shard.of", number.to_string()));
        }
        // Which partitions a shard reads is not for the settings to say twice.
        for key in [Key::KafkaPartitions, Key::KafkaMode] {
            if self.layers.given.contains_key(&key) && self.text(key).as_deref() != Some("static") {
                return Err(ConfigError::Exclusive {
                    origin: self.origin(key),
                    key: key.name(),
                    other: Key::ShardNumber.name(),
                });
            }
        }
        if self.texts(Key::KafkaBrokers).is_empty() {
            return incomplete(Key::ShardNumber, Key::KafkaBrokers);
        }
        // Both are below 100,001.
        Ok(Some(Shard { number: number as u32, of: of as u32 }))
    }
}

fn is_prefix(prefix: &str) -> bool {
    prefix.len() <= PREFIX_MAX && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
