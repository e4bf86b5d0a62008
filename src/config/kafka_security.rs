//! How the brokers are spoken to: TLS, SASL, and where tokens come from. What would say nothing, as a password where
//! none is sent, is refused: who wrote it believes that it does.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use api::is_guarded;

use super::listing::MASK;
use super::read::Read;
use super::{ConfigError, Key};

const PROTOCOL: &str = "security.protocol";
const OAUTHBEARER: &str = "OAUTHBEARER";

/// Where the tokens of SASL OAUTHBEARER come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KafkaTokens {
    /// From a file, which somebody writes anew before the one in it ends.
    File(PathBuf),
    /// From an authorization server.
    Endpoint(TokenEndpoint),
}

/// An authorization server, and as which client it is asked (RFC 6749, section 4.4).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TokenEndpoint {
    pub(crate) url: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) scope: Option<String>,
    /// Its authorities; none: those that this machine trusts.
    pub(crate) ca_file: Option<PathBuf>,
}

/// A secret must not get into a log.
impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TokenEndpoint { url, client_id, client_secret: _, scope, ca_file } = self;
        let mut shown = out.debug_struct("TokenEndpoint");
        shown.field("url", url).field("client_id", client_id).field("client_secret", &MASK);
        shown.field("scope", scope).field("ca_file", ca_file).finish()
    }
}

/// What has a meaning over TLS only.
const OF_TLS: [Key; 4] = [Key::KafkaCaFile, Key::KafkaCertificateFile, Key::KafkaKeyFile, Key::KafkaKeyPassword];

/// What has a meaning with SASL only.
const OF_SASL: [Key; 4] =
    [Key::KafkaSaslMechanism, Key::KafkaSaslUsername, Key::KafkaSaslPassword, Key::KafkaSaslPasswordFile];

/// What has a meaning with the mechanism OAUTHBEARER only.
const OF_TOKENS: [Key; 7] = [
    Key::KafkaOauthTokenFile,
    Key::KafkaOauthTokenUrl,
    Key::KafkaOauthClientId,
    Key::KafkaOauthClientSecret,
    Key::KafkaOauthClientSecretFile,
    Key::KafkaOauthScope,
    Key::KafkaOauthCaFile,
];

impl Read<'_> {
    /// Security in librdkafka's own names; what `kafka.properties` says itself comes last and wins.
    pub(super) fn kafka_security(&self) -> Result<BTreeMap<String, String>, ConfigError> {
        let security = self.parsed(Key::KafkaSecurity, "plaintext, ssl, sasl_plaintext or sasl_ssl", |text| {
            ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"].contains(&text).then(|| text.to_owned())
        })?;
        let mut properties = BTreeMap::from([(PROTOCOL.to_owned(), security)]);
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
        properties.extend(self.pairs(Key::KafkaProperties));
        self.check_kafka_security(&properties)?;
        Ok(properties)
    }

    fn sasl_mechanism(&self) -> Result<Option<String>, ConfigError> {
        const KNOWN: [&str; 4] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", OAUTHBEARER];
        match self.text(Key::KafkaSaslMechanism) {
            Some(found) if !KNOWN.contains(&found.as_str()) => {
                let expected = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER";
                Err(self.invalid(Key::KafkaSaslMechanism, expected, found))
            }
            mechanism => Ok(mechanism),
        }
    }

    /// Whether what is set goes together.
    fn check_kafka_security(&self, properties: &BTreeMap<String, String>) -> Result<(), ConfigError> {
        let has = |name: &str| properties.contains_key(name);
        let protocol = properties.get(PROTOCOL).map(|protocol| protocol.to_ascii_lowercase()).unwrap_or_default();
        let (is_over_tls, is_with_sasl) = (protocol.ends_with("ssl"), protocol.starts_with("sasl"));
        let mechanism = ["sasl.mechanism", "sasl.mechanisms"].iter().find_map(|name| properties.get(*name));
        let is_with_tokens = mechanism.is_some_and(|mechanism| mechanism.eq_ignore_ascii_case(OAUTHBEARER));
        for (keys, is_so, needs) in [
            (&OF_TLS[..], is_over_tls, "kafka.security = ssl or sasl_ssl"),
            (&OF_SASL[..], is_with_sasl, "kafka.security = sasl_plaintext or sasl_ssl"),
            (&OF_TOKENS[..], is_with_sasl && is_with_tokens, "kafka.sasl_mechanism = OAUTHBEARER"),
        ] {
            if let Some(key) = keys.iter().find(|key| !is_so && self.text(**key).is_some()) {
                return Err(ConfigError::Idle { origin: self.origin(*key), key: key.name(), needs });
            }
        }
        let incomplete =
            |key: Key, needs| Err(ConfigError::Incomplete { origin: self.origin(key), key: key.name(), needs });
        if has("ssl.certificate.location") && !has("ssl.key.location") && !has("ssl.key.pem") {
            return incomplete(Key::KafkaCertificateFile, Key::KafkaKeyFile.name());
        }
        if has("ssl.key.location") && !has("ssl.certificate.location") && !has("ssl.certificate.pem") {
            return incomplete(Key::KafkaKeyFile, Key::KafkaCertificateFile.name());
        }
        let has_tokens =
            [Key::KafkaOauthTokenFile, Key::KafkaOauthTokenUrl].iter().any(|key| self.text(*key).is_some());
        if is_with_sasl && is_with_tokens && !has_tokens {
            return incomplete(Key::KafkaSaslMechanism, "kafka.oauth_token_file or kafka.oauth_token_url");
        }
        match mechanism {
            None if is_with_sasl => incomplete(Key::KafkaSecurity, Key::KafkaSaslMechanism.name()),
            Some(_) if is_with_sasl && !is_with_tokens => {
                if !has("sasl.username") {
                    return incomplete(Key::KafkaSaslMechanism, Key::KafkaSaslUsername.name());
                }
                if !has("sasl.password") {
                    return incomplete(Key::KafkaSaslMechanism, Key::KafkaSaslPassword.name());
                }
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Where tokens come from, if the settings say it.
    pub(super) fn kafka_tokens(&self) -> Result<Option<KafkaTokens>, ConfigError> {
        let (file, url) = (self.path(Key::KafkaOauthTokenFile), self.text(Key::KafkaOauthTokenUrl));
        let Some(url) = url else { return Ok(file.map(KafkaTokens::File)) };
        if file.is_some() {
            let (key, other) = (Key::KafkaOauthTokenFile, Key::KafkaOauthTokenUrl);
            return Err(ConfigError::Exclusive { origin: self.origin(key), key: key.name(), other: other.name() });
        }
        // A client's secret goes over no network in the clear.
        if !is_guarded(&url) {
            let expected = "an address that begins with https://, or with http:// on this machine";
            return Err(self.invalid(Key::KafkaOauthTokenUrl, expected, url));
        }
        let incomplete = |needs: Key| {
            let key = Key::KafkaOauthTokenUrl;
            ConfigError::Incomplete { origin: self.origin(key), key: key.name(), needs: needs.name() }
        };
        let client_secret = self.secret(Key::KafkaOauthClientSecret, Key::KafkaOauthClientSecretFile)?;
        Ok(Some(KafkaTokens::Endpoint(TokenEndpoint {
            url,
            client_id: self.text(Key::KafkaOauthClientId).ok_or_else(|| incomplete(Key::KafkaOauthClientId))?,
            client_secret: client_secret.ok_or_else(|| incomplete(Key::KafkaOauthClientSecret))?,
            scope: self.text(Key::KafkaOauthScope),
            ca_file: self.path(Key::KafkaOauthCaFile),
        })))
    }

    /// The files that are named.
    pub(super) fn kafka_files(&self) -> Vec<(Key, PathBuf)> {
        let keys = [
            Key::KafkaCaFile,
            Key::KafkaCertificateFile,
            Key::KafkaKeyFile,
            Key::KafkaOauthTokenFile,
            Key::KafkaOauthCaFile,
        ];
        keys.into_iter().filter_map(|key| Some((key, self.path(key)?))).collect()
    }
}
