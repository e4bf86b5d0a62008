//! What is read from Kafka, and how.

use std::collections::BTreeMap;
use std::time::Duration;

use super::tokens::TokenSource;

/// How events are read from Kafka.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaOptions {
    /// The brokers to begin with, `host:port`.
    pub brokers: Vec<String>,
    /// The topics with the events.
    pub topics: Vec<String>,
    /// Which partitions of them are read.
    pub mode: KafkaMode,
    /// The group that is joined in [`KafkaMode::Group`]; in the others offsets are committed under it, for tools
    /// that show the lag. `None`: none are committed.
    pub group: Option<String>,
    /// Properties of librdkafka by their own names; they go over what is set here.
    pub properties: BTreeMap<String, String>,
    /// How often topics are asked for partitions added since.
    pub refresh: Duration,
    /// How often offsets are committed for tools.
    pub commit_interval: Duration,
    /// How long to wait before reading is tried again where it failed.
    pub retry_pause: Duration,
    /// Whether to go on at the broker's first offset where what the ledger reads next is gone.
    pub skip_lost: bool,
    /// The topics that an operator takes for new ones of their names.
    pub accept_new: AcceptNew,
    /// Where the tokens of SASL OAUTHBEARER come from.
    pub tokens: Option<TokenSource>,
    /// The topics whose messages say in a header who gave the command that they come from: those that nobody but routers and
    /// shards writes to.
    pub actors_in: Vec<String>,
}

/// An operator's word that topics of these names, where they are not those that were read, are to be read from their
/// beginning. It holds once: for what a topic is when its reading begins, and for no topic that is exchanged later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptNew {
    /// The topics.
    pub topics: Vec<String>,
    /// Who says so; it is kept in the ledger.
    pub by: String,
}

/// Which partitions of the topics are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KafkaMode {
    /// All of them, those added later too.
    Static,
    /// These, by topic.
    Subset(BTreeMap<String, Vec<i32>>),
    /// Those that Kafka gives this member of the group.
    Group,
}

impl KafkaOptions {
    /// All partitions of these topics, with the usual pauses.
    #[must_use]
    pub fn new(brokers: Vec<String>, topics: Vec<String>) -> KafkaOptions {
        KafkaOptions {
            brokers,
            topics,
            mode: KafkaMode::Static,
            group: None,
            properties: BTreeMap::new(),
            refresh: Duration::from_secs(30),
            commit_interval: Duration::from_secs(5),
            retry_pause: Duration::from_secs(5),
            skip_lost: false,
            accept_new: AcceptNew::default(),
            tokens: None,
            actors_in: Vec::new(),
        }
    }

    /// Whether a partition of one of the topics is to be read here; in a group that is Kafka's to say.
    pub(super) fn wants(&self, topic: &str, partition: i32) -> bool {
        match &self.mode {
            KafkaMode::Static | KafkaMode::Group => true,
            KafkaMode::Subset(chosen) => chosen.get(topic).is_some_and(|some| some.contains(&partition)),
        }
    }
}
