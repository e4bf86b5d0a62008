//! How a cluster is reached.

mod tls;
mod unreachable;

use std::time::Duration;

use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::statement::{Consistency, SerialConsistency};

pub use self::tls::ClusterTls;
use crate::error::ServingError;

/// How long a node may take to be connected to, and to answer.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(30);

/// Which cluster, and which keyspace of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClusterOptions {
    /// Some of its nodes, host or host:port.
    pub hosts: Vec<String>,
    /// The keyspace.
    pub keyspace: String,
    /// The data centre whose nodes are asked first; none: any.
    pub datacenter: Option<String>,
    /// Who it is, and the password; none: nobody asks.
    pub login: Option<(String, String)>,
    /// TLS, as the nodes ask for it; none: they are spoken to in the open.
    pub tls: Option<ClusterTls>,
    /// On how many nodes a row is, where the keyspace has to be made.
    pub replication_factor: u32,
}

/// A secret must not get into a log.
impl std::fmt::Debug for ClusterOptions {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ClusterOptions")
            .field("hosts", &self.hosts)
            .field("keyspace", &self.keyspace)
            .field("datacenter", &self.datacenter)
            .field("user", &self.login.as_ref().map(|(user, _)| user))
            .field("tls", &self.tls)
            .field("replication_factor", &self.replication_factor)
            .finish_non_exhaustive()
    }
}

impl ClusterOptions {
    /// Whether a cluster can be asked with these; none is.
    ///
    /// # Errors
    /// If TLS is not built in, or one of its files cannot be used.
    pub(crate) fn check(&self) -> Result<(), ServingError> {
        self.tls.as_ref().map_or(Ok(()), ClusterTls::check)
    }

    /// Connects. Everything is read and written at QUORUM, so that who reads how far a shard is finds all rows up to there.
    pub(crate) async fn connect(&self) -> Result<Session, ServingError> {
        if !is_name(&self.keyspace) {
            return Err(ServingError::Name(self.keyspace.clone()));
        }
        // The files may be others by now.
        self.check()?;
        let mut profile = ExecutionProfile::builder()
            .consistency(Consistency::Quorum)
            .serial_consistency(Some(SerialConsistency::Serial))
            .request_timeout(Some(ANSWER));
        if let Some(datacenter) = &self.datacenter {
            let near = scylla::policies::load_balancing::DefaultPolicy::builder()
                .prefer_datacenter(datacenter.clone())
                .permit_dc_failover(true)
                .build();
            profile = profile.load_balancing_policy(near);
        }
        let mut builder = SessionBuilder::new()
            .known_nodes(&self.hosts)
            .connection_timeout(CONNECT)
            // Of its tables alone, by which a statement goes to a node that has the row.
            .keyspaces_to_fetch([&self.keyspace])
            .default_execution_profile_handle(profile.build().into_handle());
        if let Some((user, password)) = &self.login {
            builder = builder.user(user, password);
        }
        #[cfg(feature = "tls")]
        let judged = tls::context::Judged::default();
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            builder = builder.tls_context(Some(tls.context(&judged)?));
        }
        let session = builder.build().await;
        session.map_err(|error| {
            let why = unreachable::why(&error, self.tls.is_some());
            #[cfg(feature = "tls")]
            let why = judged.refusal().unwrap_or(why);
            ServingError::Unreachable { hosts: self.hosts.join(", "), why }
        })
    }
}

/// Whether a keyspace can be called so without quotes, which nobody then has to think of.
pub(crate) fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && name.len() <= 48
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_no_quotes() {
        for name in ["tributary", "a", "t_2", &"a".repeat(48)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "2a", "_a", "Tributary", "a-b", "a b", "a\"", &"a".repeat(49)] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_password_is_not_told() {
        let options = ClusterOptions {
            hosts: vec!["a".to_owned()],
            keyspace: "k".to_owned(),
            datacenter: None,
            login: Some(("user".to_owned(), "hidden".to_owned())),
            tls: None,
            replication_factor: 3,
        };
        let told = format!("{options:?}");
        assert!(told.contains("user") && !told.contains("hidden"), "{told}");
    }
}
