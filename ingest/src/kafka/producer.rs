//! The properties of a client that writes to the brokers that events are read from.

use rdkafka::ClientConfig;

use super::{KafkaError, KafkaOptions};

/// Properties of consumers alone: a producer warns of each.
const OF_CONSUMERS: [&str; 20] = [
    "group.id",
    "group.protocol",
    "group.instance.id",
    "partition.assignment.strategy",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "check.crcs",
    "fetch.queue.backoff.ms",
    "fetch.wait.max.ms",
    "fetch.min.bytes",
    "fetch.message.max.bytes",
    "max.partition.fetch.bytes",
    "queued.max.messages.kbytes",
    "queued.min.messages",
    "max.poll.interval.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "isolation.level",
    "enable.partition.eof",
];

impl KafkaOptions {
    /// The configuration of a producer beside the source: brokers, security and properties are the source's, and each message is
    /// written once, however often it is sent. It tells no statistics.
    ///
    /// # Errors
    /// As [`KafkaOptions::client_config`].
    pub fn producer_config(&self) -> Result<ClientConfig, KafkaError> {
        let mut config = self.quiet_config()?;
        for name in OF_CONSUMERS {
            config.remove(name);
        }
        config.set("enable.idempotence", "true");
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_producer_has_the_secrets_of_the_source_and_nothing_of_consumers() {
        let mut options = KafkaOptions::new(vec!["b:1".into()], vec!["t".into()]);
        for (name, value) in [
            ("security.protocol", "sasl_plaintext"),
            ("sasl.mechanism", "PLAIN"),
            ("sasl.username", "u"),
            ("sasl.password", "of the user"),
        ] {
            options.properties.insert(name.into(), value.into());
        }
        let made = options.producer_config().expect("a configuration");
        assert_eq!(made.get("sasl.password"), Some("of the user"));
        for name in ["group.id", "fetch.queue.backoff.ms", "statistics.interval.ms"] {
            assert_eq!(made.get(name), None, "{name}");
        }
        assert_eq!(made.get("enable.idempotence"), Some("true"));
    }
}
