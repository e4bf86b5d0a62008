//! The settings of `[replication]`: which daemon is followed, and how many have to hold what is appended.

use std::path::PathBuf;

use api::parameters::is_standby_name;
use ingest::{Acks, ReplicationOptions, WithoutStandby};

use super::read::{Read, is_http_address};
use super::{ConfigError, Key};

/// How the ledger is held by more than one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replication {
    /// The daemon that leads; `None`: this one does.
    pub(crate) leader: Option<LeaderAddress>,
    pub(crate) options: ReplicationOptions,
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
        if url.is_some() && self.flag(Key::ReadOnly) {
            let (origin, key) = (self.origin(Key::ReadOnly), Key::ReadOnly.name());
            return Err(ConfigError::Exclusive { origin, key, other: Key::ReplicationFollow.name() });
        }
        let leader = url.map(|url| LeaderAddress {
            url: url.trim_end_matches('/').to_owned(),
            name,
            token_file: self.path(Key::ReplicationTokenFile),
            ca_file: self.path(Key::ReplicationCaFile),
            certificate_file: self.path(Key::ReplicationCertificateFile),
            key_file: self.path(Key::ReplicationKeyFile),
        });
        let options = ReplicationOptions { is_standby: leader.is_some(), acks, without_standby };
        Ok(Replication { leader, options })
    }
}
