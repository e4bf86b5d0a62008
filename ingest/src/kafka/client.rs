//! The properties of the client, and which of them nobody may change.

use rdkafka::ClientConfig;
use rdkafka::client::Client;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::types::RDKafkaType;

use super::options::KafkaOptions;
use super::silent::Silent;
use super::{KafkaError, KafkaMode};

/// How often a client tells its statistics.
const STATISTICS: &str = "statistics.interval.ms";

/// What is set before the settings have their say. The default pause of a full queue, a second, stalls the reading;
/// checksums cost nothing that can be measured; a pipeline that waits for the disk must not lose its partitions.
const DEFAULTS: [(&str, &str); 6] = [
    ("client.id", "tributary"),
    ("check.crcs", "true"),
    ("fetch.queue.backoff.ms", "20"),
    ("queued.max.messages.kbytes", "65536"),
    (STATISTICS, "1000"),
    ("max.poll.interval.ms", "86400000"),
];

/// What must be so, and what would happen else.
const FIXED: [(&str, &str, &str); 3] = [
    ("enable.auto.commit", "false", "where reading goes on is the ledger's word"),
    ("enable.auto.offset.store", "false", "where reading goes on is the ledger's word"),
    ("auto.offset.reset", "error", "events that are gone would be skipped without a word"),
];

/// What is said elsewhere, so that what is told of it, in readiness, metrics and log, is what is so.
const SAID_ELSEWHERE: [(&str, &str); 3] = [
    ("bootstrap.servers", "the brokers are named by the setting kafka.brokers (--brokers)"),
    ("metadata.broker.list", "the brokers are named by the setting kafka.brokers (--brokers)"),
    ("group.id", "the group is named by the setting kafka.group (--group)"),
];

/// The group of a client that commits nothing: librdkafka assigns no partition to a client without one.
pub(super) const NO_GROUP: &str = "tributary-uncommitted";

impl KafkaOptions {
    /// Whether reading can begin with these, to be told before anything is opened; no broker is asked. The client is made
    /// without one, so that it judges what it judges only then: certificates, keys, mechanisms.
    ///
    /// # Errors
    /// If they ask for what is not built in, or cannot be meant.
    pub fn check(&self) -> Result<(), KafkaError> {
        let mut config = config(self)?;
        config.remove("bootstrap.servers");
        let native = config.create_native_config()?;
        Client::new(&config, native, RDKafkaType::RD_KAFKA_CONSUMER, Silent { tokens: None })?;
        Ok(())
    }

    /// The client's configuration, as every session has it: what else reads with it reads as the source does.
    ///
    /// # Errors
    /// If the settings ask for what is not built in, or cannot be meant.
    pub fn client_config(&self) -> Result<ClientConfig, KafkaError> {
        config(self)
    }

    /// The same of a client whose statistics nobody reads: it would log them each second.
    ///
    /// # Errors
    /// As [`KafkaOptions::client_config`].
    pub fn quiet_config(&self) -> Result<ClientConfig, KafkaError> {
        let mut config = self.client_config()?;
        config.remove(STATISTICS);
        Ok(config)
    }
}

/// The client's configuration.
pub(super) fn config(options: &KafkaOptions) -> Result<ClientConfig, KafkaError> {
    if options.topics.is_empty() {
        return Err(KafkaError::NoTopic);
    }
    if let Some(topic) = options.topics.iter().find(|topic| topic.starts_with('^')) {
        return Err(KafkaError::Pattern { topic: topic.clone() });
    }
    if let Some(topic) = options.accept_new.topics.iter().find(|topic| !options.topics.contains(topic)) {
        return Err(KafkaError::NotRead { topic: topic.clone() });
    }
    check_built_in(options)?;
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", options.brokers.join(","));
    config.set("group.id", options.group.as_deref().unwrap_or(NO_GROUP));
    for (name, value) in DEFAULTS {
        config.set(name, value);
    }
    for (name, value) in &options.properties {
        let fixed = FIXED.iter().find(|(fixed, _, _)| fixed == name);
        if let Some((name, wanted, why)) = fixed
            && value != wanted
        {
            return Err(KafkaError::Reserved { name: (*name).to_owned(), value: value.clone(), why });
        }
        if let Some((name, why)) = SAID_ELSEWHERE.iter().find(|(said, _)| said == name) {
            return Err(KafkaError::Reserved { name: (*name).to_owned(), value: value.clone(), why });
        }
        config.set(name, value);
    }
    for (name, value, _) in FIXED {
        config.set(name, value);
    }
    config.set_log_level(RDKafkaLogLevel::Info);
    Ok(config)
}

/// Whether offsets are committed for tools.
pub(super) fn commits(options: &KafkaOptions) -> bool {
    options.group.is_some() || options.mode == KafkaMode::Group
}

/// TLS, and SCRAM, which needs the same library, are there only if they were built in.
fn check_built_in(options: &KafkaOptions) -> Result<(), KafkaError> {
    if cfg!(feature = "tls") {
        return Ok(());
    }
    let property = |name: &str| options.properties.get(name).map(|value| value.to_ascii_lowercase());
    let missing = |what: String| Err(KafkaError::NotBuiltIn { what, feature: "tls" });
    if let Some(protocol) = property("security.protocol").filter(|protocol| protocol.ends_with("ssl")) {
        return missing(format!("TLS (security.protocol = {protocol})"));
    }
    let mechanism = property("sasl.mechanism").or_else(|| property("sasl.mechanisms"));
    match mechanism.filter(|mechanism| mechanism.starts_with("scram") || mechanism == "oauthbearer") {
        Some(mechanism) => missing(format!("SASL {}", mechanism.to_ascii_uppercase())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(properties: &[(&str, &str)]) -> KafkaOptions {
        let mut options = KafkaOptions::new(vec!["b:1".into(), "c:2".into()], vec!["t".into()]);
        options.properties = properties.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        options
    }

    fn refusal(properties: &[(&str, &str)]) -> String {
        config(&options(properties)).expect_err("refused").to_string()
    }

    #[test]
    fn a_property_goes_over_the_default_but_not_over_what_keeps_events() {
        let made = config(&options(&[("fetch.queue.backoff.ms", "5"), ("client.rack", "r1")])).expect("taken");
        for (name, value) in [
            ("bootstrap.servers", "b:1,c:2"),
            ("fetch.queue.backoff.ms", "5"),
            ("client.rack", "r1"),
            ("check.crcs", "true"),
            ("auto.offset.reset", "error"),
            ("enable.auto.commit", "false"),
        ] {
            assert_eq!(made.get(name), Some(value), "{name}");
        }
        assert!(made.create_native_config().is_ok());
        let quiet = options(&[("statistics.interval.ms", "200"), ("client.rack", "r1")]).quiet_config().expect("taken");
        assert_eq!((quiet.get("statistics.interval.ms"), quiet.get("client.rack")), (None, Some("r1")));
        assert!(config(&options(&[("auto.offset.reset", "error")])).is_ok());
        assert_eq!(
            refusal(&[("auto.offset.reset", "latest")]),
            "the property auto.offset.reset cannot be set to latest: events that are gone would be skipped without a word"
        );
        assert!(refusal(&[("enable.auto.commit", "true")]).contains("the ledger's word"));
        for name in ["bootstrap.servers", "metadata.broker.list", "group.id"] {
            assert!(refusal(&[(name, "x")]).contains("named by the setting kafka."), "{name}");
        }
    }

    #[test]
    fn topics_are_read_by_their_names_and_a_pattern_is_refused() {
        let options = KafkaOptions::new(vec!["b:1".into()], vec!["t".into(), "^t.*".into()]);
        let refusal = config(&options).expect_err("refused").to_string();
        assert_eq!(refusal, "^t.* is a pattern, and no topic's name: name each topic to read");
    }

    #[test]
    fn a_property_that_the_client_does_not_know_is_told() {
        let made = config(&options(&[("no.such.property", "1")])).expect("taken as it is");
        let error = KafkaError::from(made.create_native_config().err().expect("refused"));
        assert!(error.to_string().contains("no.such.property"), "{error}");
    }

    #[test]
    fn what_the_client_refuses_only_when_it_is_made_is_told_before_reading_begins() {
        let unknown = [("security.protocol", "sasl_plaintext"), ("sasl.mechanism", "NONE-SUCH")];
        assert!(options(&unknown).check().is_err_and(|error| error.to_string().contains("NONE-SUCH")));
        assert!(options(&[]).check().is_ok());
    }

    #[test]
    #[cfg(not(feature = "tls"))]
    fn what_is_not_built_in_is_said_at_the_start() {
        assert_eq!(
            refusal(&[("security.protocol", "SASL_SSL")]),
            "TLS (security.protocol = sasl_ssl) is asked for, but not built in: take a build made by cargo build --release \
             --features tls, on the system's OpenSSL, or --features tls-vendored, on one of its own"
        );
        assert!(refusal(&[("security.protocol", "ssl")]).starts_with("TLS"));
        let scram = [("security.protocol", "sasl_plaintext"), ("sasl.mechanism", "SCRAM-SHA-512")];
        assert!(refusal(&scram).starts_with("SASL SCRAM-SHA-512 is asked for"));
        let plain = [("security.protocol", "sasl_plaintext"), ("sasl.mechanism", "PLAIN")];
        let plain = [&plain[..], &[("sasl.username", "u"), ("sasl.password", "p")]].concat();
        assert!(options(&plain).check().is_ok());
    }
}
