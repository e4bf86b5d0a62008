//! The settings of `[replication]`: which daemon is followed, and how many have to hold what is appended.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use api::parameters::is_standby_name;
use ingest::{Acks, ReplicationOptions, WithoutStandby};

use super::read::{Read, is_http_address};
use super::{ConfigError, Key};

/// Brokers take no shorter sessions than 6 seconds unless they are told to; a longer one than this is no election.
const SESSION_SECONDS: RangeInclusive<u64> = 6..=300;

/// Behind the name, a point and eight digits say which directory it is.
const NAME_MAX: usize = 55;

/// How the ledger is held by more than one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replication {
    /// The daemon that leads; `None`: this one does, or who is elected.
    pub(crate) leader: Option<LeaderAddress>,
    /// How who leads is elected; `None`: it is not.
    pub(crate) election: Option<ElectionSettings>,
    pub(crate) options: ReplicationOptions,
}

/// How who leads is elected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ElectionSettings {
    /// The topic, of one partition.
    pub(crate) topic: String,
    /// Where the other members reach this one; none: where it listens.
    pub(crate) url: Option<String>,
    /// A member that is not heard for so long is gone.
    pub(crate) session: Duration,
    /// What this one calls itself, and how the others are spoken to; their addresses stand on the topic.
    pub(crate) address: LeaderAddress,
}

/// A daemon that is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeaderAddress {
    pub(crate) url: String,
    /// What this one calls itself there.
    pub(crate) name: String,
    /// Where the token of an operator stands, which is shown to it.
    pub(crate) token_file: Option<PathBuf>,
    /// Its authorities; none: those that this machine trusts.
    pub(crate) ca_file: Option<PathBuf>,
    /// The certificate that is shown to it, and its key.
    pub(crate) certificate_file: Option<PathBuf>,
    pub(crate) key_file: Option<PathBuf>,
}

impl Read<'_> {
    pub(super) fn replication(&self) -> Result<Replication, ConfigError> {
        let url = self.text(Key::ReplicationFollow);
        if let Some(text) = url.as_ref().filter(|text| !is_http_address(text)) {
            let expected = "the address of a daemon such as https://ledger-a.example:8080";
            return Err(self.invalid(Key::ReplicationFollow, expected, text.clone()));
        }
        let name = self.parsed(Key::ReplicationName, "1 to 64 letters, digits, and . _ -", |text| {
            is_standby_name(text).then(|| text.to_owned())
        })?;
        let without_standby = self.parsed(Key::ReplicationWithoutStandby, "wait or go-on", |text| match text {
            "wait" => Some(WithoutStandby::Wait),
            "go-on" => Some(WithoutStandby::GoOn),
            _ => None,
        })?;
        let acks = if self.not_too_much(Key::ReplicationAcks)? == 0 { Acks::None } else { Acks::One };
        let address = LeaderAddress {
            url: String::new(),
            name,
            token_file: self.path(Key::ReplicationTokenFile),
            ca_file: self.path(Key::ReplicationCaFile),
            certificate_file: self.path(Key::ReplicationCertificateFile),
            key_file: self.path(Key::ReplicationKeyFile),
        };
        let election = self.election(&address)?;
        let exclude = |key: Key, other: Key| {
            Err(ConfigError::Exclusive { origin: self.origin(key), key: key.name(), other: other.name() })
        };
        if url.is_some() && election.is_some() {
            return exclude(Key::ReplicationElectTopic, Key::ReplicationFollow);
        }
        if self.flag(Key::ReadOnly) && url.is_some() {
            return exclude(Key::ReadOnly, Key::ReplicationFollow);
        }
        if self.flag(Key::ReadOnly) && election.is_some() {
            return exclude(Key::ReadOnly, Key::ReplicationElectTopic);
        }
        let leader = url.map(|url| LeaderAddress { url: url.trim_end_matches('/').to_owned(), ..address });
        let options = ReplicationOptions { is_standby: leader.is_some(), acks, without_standby };
        Ok(Replication { leader, election, options })
    }

    fn election(&self, address: &LeaderAddress) -> Result<Option<ElectionSettings>, ConfigError> {
        let url = self.text(Key::ReplicationUrl);
        if let Some(text) = url.as_ref().filter(|text| !is_http_address(text)) {
            let expected = "the address of this daemon such as https://ledger-a.example:8080";
            return Err(self.invalid(Key::ReplicationUrl, expected, text.clone()));
        }
        let session = self.within(
            Key::ReplicationSessionSeconds,
            &SESSION_SECONDS,
            "from 6 to 300 seconds: brokers take no shorter sessions unless group.min.session.timeout.ms says so",
        )?;
        let Some(topic) = self.text(Key::ReplicationElectTopic) else { return Ok(None) };
        let needs = |key: Key| {
            let (origin, of) = (self.origin(Key::ReplicationElectTopic), Key::ReplicationElectTopic.name());
            Err(ConfigError::Incomplete { origin, key: of, needs: key.name() })
        };
        if self.texts(Key::KafkaBrokers).is_empty() {
            return needs(Key::KafkaBrokers);
        }
        if !self.layers.given.contains_key(&Key::ReplicationName) {
            return needs(Key::ReplicationName);
        }
        if address.name.len() > NAME_MAX {
            let expected = "at most 55 letters, digits, and . _ - where leaders are elected";
            return Err(self.invalid(Key::ReplicationName, expected, address.name.clone()));
        }
        let (session, address) = (Duration::from_secs(session), address.clone());
        Ok(Some(ElectionSettings { topic, url, session, address }))
    }
}
