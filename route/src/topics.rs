//! The names of the topics between router and shards.

/// The topics of a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    /// What is of one family, by partitions: each is one shard's.
    pub accounts: String,
    /// What every shard has to know: one partition.
    pub platform: String,
    /// The major accounts whose sub-accounts own codes: as many partitions as `accounts`, each read by all but its shard.
    pub heads: String,
}

impl Topics {
    /// Those that begin so.
    #[must_use]
    pub fn of(prefix: &str) -> Topics {
        let named = |end: &str| format!("{prefix}.{end}");
        Topics { accounts: named("accounts"), platform: named("platform"), heads: named("heads") }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> [&str; 3] {
        [&self.accounts, &self.platform, &self.heads]
    }
}
