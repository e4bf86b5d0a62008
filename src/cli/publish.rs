//! `tributary publish`: a ledger's projections into Cassandra.

use clap::Args;

use super::CommonFlags;
use crate::config::{Flags, Key, Value};

/// Publish a ledger's projections to Cassandra, up to where it stands.
///
/// Fills a keyspace that is empty, and makes it if it is not there; of one that has been filled from this ledger it writes what
/// changed since. A daemon whose settings name a cluster publishes by itself: this is for the first time, and for a keyspace
/// beside the one in use. Reads the ledger, beside a daemon or without one. What lies in the keyspace, and for whom:
/// docs/CASSANDRA.md.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary publish --from-ledger --data ledger --cassandra cassandra.example
  tributary publish --from-ledger --data ledger --keyspace referrals_2 \\
      --cassandra a.example,b.example:9042 --replication-factor 3
  tributary publish --from-ledger --config /etc/tributary/shard-0.toml")]
pub(crate) struct PublishArgs {
    /// Take everything from the ledger in the directory: there is no other source.
    #[arg(long, required = true)]
    from_ledger: bool,

    /// The directory of the ledger.
    #[arg(long, value_name = "DIR")]
    data: Option<String>,

    #[command(flatten)]
    cluster: ClusterFlags,

    /// On how many nodes each row is, where the keyspace has to be made [default: 3].
    #[arg(long, value_name = "N", help_heading = "Settings")]
    replication_factor: Option<u64>,
}

/// Which keyspace of which cluster.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct ClusterFlags {
    /// Nodes of the cluster, host or host:port, by commas.
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    cassandra: Vec<String>,

    /// The keyspace [default: tributary].
    #[arg(long, value_name = "NAME")]
    keyspace: Option<String>,
}

impl ClusterFlags {
    /// What the flags say of settings.
    pub(super) fn given(self) -> Flags {
        let mut given = Flags::new();
        if !self.cassandra.is_empty() {
            given.push((Key::CassandraHosts, "cassandra", Value::Texts(self.cassandra)));
        }
        given.extend(self.keyspace.map(|keyspace| (Key::CassandraKeyspace, "keyspace", Value::Text(keyspace))));
        given
    }
}

impl PublishArgs {
    /// What the flags say of settings.
    pub(crate) fn given(self, common: &CommonFlags) -> Flags {
        let mut given = common.given();
        given.extend(self.cluster.given());
        given.extend(self.data.map(|data| (Key::Data, "data", Value::Text(data))));
        let factor = self.replication_factor;
        given.extend(factor.map(|of| (Key::CassandraReplicationFactor, "replication-factor", Value::Count(of))));
        given
    }
}
