//! Why nothing can be published or read: what, where, and what to do.

use ingest::AsOfError;
use ledger::{LedgerError, Position, ReadError};

/// Why nothing is published, or read.
#[derive(Debug, thiserror::Error)]
pub enum ServingError {
    /// No node answers, or none takes the user.
    #[error("no node of Cassandra at {hosts} can be spoken with: {why}")]
    Unreachable {
        /// Which were asked.
        hosts: String,
        /// What happened, and what to do where that is known.
        why: String,
    },
    /// TLS to the cluster cannot be used.
    #[error("TLS to Cassandra: {0}")]
    Tls(String),
    /// The cluster did not do what it was asked for.
    #[error("Cassandra did not {what}: {cause}")]
    Refused {
        /// What it was to do.
        what: &'static str,
        /// What it said.
        cause: String,
    },
    /// A name that CQL does not take.
    #[error(
        "{0:?} is no name of a keyspace: 1 to 48 lower-case letters, digits and underscores, the first one a letter"
    )]
    Name(String),
    /// There is no such keyspace, or nothing in it.
    #[error("there is no keyspace {keyspace}, or it holds nothing of Tributary: `tributary publish` fills one")]
    NoKeyspace {
        /// Its name.
        keyspace: String,
    },
    /// Another version of Tributary has made it.
    #[error(
        "keyspace {keyspace} is of version {found}, and this program writes and reads version {expected}: fill another one \
         (`tributary publish --from-ledger`), and switch to it"
    )]
    Version {
        /// Its name.
        keyspace: String,
        /// What it is of.
        found: i32,
        /// What this program is of.
        expected: i32,
    },
    /// There is another ledger under the number.
    #[error(
        "shard {shard} of keyspace {keyspace} is published from another ledger, whose first frame is {found}: two shards have \
         one number (shard.number), or the keyspace is another platform's"
    )]
    OtherLedger {
        /// Its name.
        keyspace: String,
        /// The number.
        shard: i32,
        /// The hash of the other's first frame.
        found: String,
    },
    /// It is of another number of shards.
    #[error(
        "keyspace {keyspace} is of {found} shards, and this ledger one of {expected} (shard.of): fill another keyspace"
    )]
    OtherCount {
        /// Its name.
        keyspace: String,
        /// How many it is of.
        found: i32,
        /// How many the settings say.
        expected: i32,
    },
    /// What was published is no beginning of this ledger.
    #[error(
        "what was published up to position {position} is no beginning of this ledger, which ends at {end}: it is a copy that \
         went another way, or was cut back. Fill another keyspace from it, and switch to that"
    )]
    Diverged {
        /// The position that was published.
        position: Position,
        /// Where this ledger ends.
        end: Position,
    },
    /// Another publisher has taken the shard.
    #[error(
        "another publisher has taken shard {shard} of keyspace {keyspace}: it publishes now, and this one does not"
    )]
    Taken {
        /// Its name.
        keyspace: String,
        /// The number.
        shard: i32,
    },
    /// Not all shards have published.
    #[error("shard {shard} of {of} has published nothing to keyspace {keyspace} yet")]
    Incomplete {
        /// Its name.
        keyspace: String,
        /// The shard.
        shard: i32,
        /// How many there are to be.
        of: i32,
    },
    /// Rows went on faster than they could be read.
    #[error("rows were published faster than they could be read: ask again")]
    Overtaken,
    /// More rows than one answer is made of.
    #[error("more than {most} cells lie in the range: ask for a shorter one, or the shards")]
    TooManyRows {
        /// How many may.
        most: usize,
    },
    /// More rows than one answer is made of.
    #[error("it is about more than {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many may.
        most: usize,
    },
    /// A row is not what this version writes.
    #[error("a row of table {table} makes no sense: {why}")]
    Row {
        /// The table.
        table: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The state as of a position cannot be had.
    #[error(transparent)]
    Past(#[from] AsOfError),
    /// It was told to end.
    #[error("told to end")]
    Ended,
    /// A thread or a runtime cannot be had.
    #[error("{0}")]
    Process(String),
}

impl ServingError {
    /// Whether it stays so until somebody does something: to try again at once helps nobody.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            ServingError::Name(_)
            | ServingError::Tls(_)
            | ServingError::Version { .. }
            | ServingError::OtherLedger { .. }
            | ServingError::OtherCount { .. }
            | ServingError::Diverged { .. }
            | ServingError::Taken { .. }
            | ServingError::Row { .. } => true,
            ServingError::Unreachable { .. }
            | ServingError::Refused { .. }
            | ServingError::NoKeyspace { .. }
            | ServingError::Incomplete { .. }
            | ServingError::Overtaken
            | ServingError::TooManyRows { .. }
            | ServingError::TooMany { .. }
            | ServingError::Ledger(_)
            | ServingError::Past(_)
            | ServingError::Ended
            | ServingError::Process(_) => false,
        }
    }
}

impl From<ReadError> for ServingError {
    fn from(error: ReadError) -> ServingError {
        ServingError::Ledger(error.into())
    }
}

/// What the driver says, told with what was to be done.
pub(crate) trait Told<T> {
    /// The same, or what could not be done.
    fn told(self, what: &'static str) -> Result<T, ServingError>;
}

impl<T, E: std::error::Error> Told<T> for Result<T, E> {
    fn told(self, what: &'static str) -> Result<T, ServingError> {
        self.map_err(|error| ServingError::Refused { what, cause: error.to_string() })
    }
}
