//! `tributary serve`: the API from published rows.

use clap::Args;

use super::CommonFlags;
use super::publish::ClusterFlags;
use crate::config::{Flags, Key, Value};

/// Answer questions from Cassandra, without a ledger.
///
/// Answers overview, series and countries of a referrer from the rows that ledgers publish, with the digits that these
/// themselves answer with; `as_of` tells a position a shard. What rows do not answer and one shard does, it asks of that shard,
/// where that says that it is (publish.address); of rewards, offers and long lists it asks all shards, and makes one answer of
/// theirs; all else is refused, with the addresses of the shards. It keeps nothing: any number of these stand beside each
/// other. Ends at SIGTERM and SIGINT.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary serve --cassandra cassandra.example
  tributary serve --cassandra a.example,b.example --keyspace referrals \\
      --listen 127.0.0.1:8090
  tributary serve --config /etc/tributary/serve.toml")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    cluster: ClusterFlags,

    /// Where the API listens [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR", help_heading = "Settings")]
    listen: Option<String>,

    /// The file that holds the secret of HS256 tokens.
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    hs256_secret_file: Option<String>,

    /// The file with the public keys of EdDSA and RS256 tokens.
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    jwks_file: Option<String>,
}

impl ServeArgs {
    /// What the flags say of settings.
    pub(crate) fn given(self, common: &CommonFlags) -> Flags {
        let mut given = common.given();
        given.extend(self.cluster.given());
        let texts = [
            (Key::Listen, "listen", self.listen),
            (Key::AuthHs256SecretFile, "hs256-secret-file", self.hs256_secret_file),
            (Key::AuthJwksFile, "jwks-file", self.jwks_file),
        ];
        given.extend(texts.into_iter().filter_map(|(key, name, text)| Some((key, name, Value::Text(text?)))));
        given
    }
}
