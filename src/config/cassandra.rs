//! The settings of `[cassandra]` and `[publish]`: the keyspace that projections are published to and answered from.

use std::path::PathBuf;
use std::time::Duration;

use serving::{ClusterOptions, ClusterTls};

use super::read::Read;
use super::{ConfigError, Key};

/// More than one a node is of no use, and no cluster has more.
const REPLICATION_MAX: u64 = 100;
/// A name of CQL has 48 characters at most.
const NAME_MAX: usize = 48;
const PORT: u16 = 9042;

/// How often a daemon publishes, and what it tells readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Publish {
    /// For so long what changed is gathered.
    pub(crate) interval: Duration,
    /// The address under which this daemon's API is found; empty: readers are told of none.
    pub(crate) address: String,
}

impl Read<'_> {
    /// The cluster; none where no node is named.
    pub(super) fn cassandra(&self) -> Result<Option<ClusterOptions>, ConfigError> {
        let keyspace = self.parsed(
            Key::CassandraKeyspace,
            "the name of a keyspace: 1 to 48 lower-case letters, digits and underscores, the first one a letter",
            |text| is_name(text).then(|| text.to_owned()),
        )?;
        let password = self.secret(Key::CassandraPassword, Key::CassandraPasswordFile)?;
        let user = self.text(Key::CassandraUser);
        let login = match (user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) => return Err(self.needs(Key::CassandraUser, Key::CassandraPassword)),
            (None, Some(_)) => {
                let given =
                    [Key::CassandraPassword, Key::CassandraPasswordFile].into_iter().find(|key| self.is_given(*key));
                return Err(self.needs(given.unwrap_or(Key::CassandraPassword), Key::CassandraUser));
            }
        };
        let tls = self.cluster_tls()?;
        let expected = "from 1 to 100, no more than there are nodes";
        let replication_factor = self.within(Key::CassandraReplicationFactor, &(1..=REPLICATION_MAX), expected)?;
        let hosts = self.texts(Key::CassandraHosts);
        if let Some(wrong) = hosts.iter().find(|host| !is_host(host)) {
            return Err(self.invalid(Key::CassandraHosts, "hosts, or host:port", wrong.clone()));
        }
        if hosts.is_empty() {
            return Ok(None);
        }
        let with_port = |host: String| if host.contains(':') { host } else { format!("{host}:{PORT}") };
        Ok(Some(ClusterOptions {
            hosts: hosts.into_iter().map(with_port).collect(),
            keyspace,
            datacenter: self.text(Key::CassandraDatacenter),
            login,
            tls,
            // It is at most 100.
            replication_factor: replication_factor as u32,
        }))
    }

    /// TLS; none where it is not asked for. What would say nothing then is refused: who wrote it believes that it does.
    fn cluster_tls(&self) -> Result<Option<ClusterTls>, ConfigError> {
        let (certificate, key) = (Key::CassandraCertificateFile, Key::CassandraKeyFile);
        if !self.flag(Key::CassandraTls) {
            return match [Key::CassandraCaFile, certificate, key].into_iter().find(|key| self.is_given(*key)) {
                Some(given) => Err(self.needs(given, Key::CassandraTls)),
                None => Ok(None),
            };
        }
        let path = |key: Key| self.text(key).map(PathBuf::from);
        let identity = match (path(certificate), path(key)) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) => return Err(self.needs(certificate, key)),
            (None, Some(_)) => return Err(self.needs(key, certificate)),
        };
        Ok(Some(ClusterTls { ca: path(Key::CassandraCaFile), identity }))
    }

    pub(super) fn publish(&self) -> Result<Publish, ConfigError> {
        let millis = self.within(Key::PublishIntervalMillis, &(50..=3_600_000), "from 50 to 3600000 milliseconds")?;
        let address = self.text(Key::PublishAddress).or_else(|| self.text(Key::HttpPublicUrl)).unwrap_or_default();
        if !address.is_empty() && !super::read::is_http_address(&address) {
            let expected = "the address of this daemon's API, such as https://shard-0.example:8080";
            return Err(self.invalid(Key::PublishAddress, expected, address));
        }
        Ok(Publish { interval: Duration::from_millis(millis), address: address.trim_end_matches('/').to_owned() })
    }

    fn needs(&self, key: Key, needs: Key) -> ConfigError {
        ConfigError::Incomplete { origin: self.origin(key), key: key.name(), needs: needs.name() }
    }
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && name.len() <= NAME_MAX
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A name or an address of version 4, with a port or without.
fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
        && port.is_none_or(is_port)
}
