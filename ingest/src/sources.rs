//! What is known of the sources: which partitions are read, how far they go, and what is not read and why.

mod another;
mod board;

use std::fmt;

pub use self::another::AnotherBy;
pub(crate) use self::another::NOT_THE_ONE_READ;
pub(crate) use self::board::SourceBoard;

/// A partition of a topic, as it is read here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceStatus {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Whether it is read here.
    pub assigned: bool,
    /// The offset that the ledger reads next; `None` if nothing of it was read yet.
    pub next_offset: Option<i64>,
    /// The offset after the last message that can be read, as the broker last said.
    pub high_watermark: Option<i64>,
    /// How many offsets lie between the two; `None` where it is not read, or no end is known.
    pub lag: Option<u64>,
    /// How many microseconds the oldest message that is not read yet waits at most; 0 where none is left, `None` where that
    /// is not known.
    pub waits_micros: Option<i64>,
    /// Why it is not read, if it is not.
    pub unread: Option<WhyUnread>,
}

/// Something that is to be read, as a whole or in part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourcePart {
    /// All that the brokers have.
    Brokers {
        /// Those that are set, by commas.
        addresses: String,
    },
    /// All that a group gives to this member.
    Group {
        /// The group.
        group: String,
    },
    /// All partitions of a topic.
    Topic {
        /// The topic.
        topic: String,
    },
    /// A partition.
    Partition {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
    },
}

impl fmt::Display for SourcePart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourcePart::Brokers { addresses } => write!(out, "brokers {addresses}"),
            SourcePart::Group { group } => write!(out, "group {group}"),
            SourcePart::Topic { topic } => write!(out, "topic {topic}"),
            SourcePart::Partition { topic, partition } => write!(out, "partition {topic}[{partition}]"),
        }
    }
}

/// Something that is not read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What.
    pub part: SourcePart,
    /// Why.
    pub why: WhyUnread,
}

/// Why something is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhyUnread {
    /// The settings name other partitions.
    #[error("not among the partitions that are set")]
    NotChosen,
    /// Another member of the group reads it, or nobody does yet.
    #[error("not given to this member of the group")]
    NotGiven,
    /// It was asked about, or for, and no answer has come yet.
    #[error("no broker has answered for it yet")]
    Awaited,
    /// The broker knows no such topic or partition.
    #[error("the broker does not know it; it is looked for again and again. Is the name right?")]
    Unknown,
    /// What the ledger reads next is gone from the broker.
    #[error(
        "the ledger reads on at offset {next_offset}, but the broker's first is {earliest}: offsets {next_offset} to \
         {} are gone. Import them from a copy of the topic if there is one; then start once with kafka.skip_lost = \
         true, to go on at {earliest}",
        earliest - 1
    )]
    Lost {
        /// The ledger's next offset.
        next_offset: i64,
        /// The first offset that the broker has.
        earliest: i64,
    },
    /// The broker's partition ends before the place where the ledger reads next: it is not the one that was read.
    #[error(
        "the ledger reads on at offset {next_offset}, but the broker's partition ends at {end}: the topic was made \
         anew, or lost what was read. Nothing of it is read until somebody decides: give the topic of before back, or \
         start once with --accept-new-topic and its name, to read this one from its beginning; what it repeats counts \
         once"
    )]
    Behind {
        /// The ledger's next offset.
        next_offset: i64,
        /// The offset after the broker's last message.
        end: i64,
    },
    /// The topic is another than the one that was read under its name.
    #[error(
        "it is not the topic that was read: {by}. It was made anew under its name. Nothing of it is read until somebody \
         decides: give the topic of before back, or start once with --accept-new-topic and its name, to read this one \
         from its beginning; what it repeats counts once"
    )]
    Another {
        /// By what it was seen.
        by: AnotherBy,
    },
    /// Reading failed; it begins again after a pause at the place where it failed.
    #[error("reading failed, and is tried again: {detail}")]
    Failed {
        /// What the client said.
        detail: String,
    },
}

impl WhyUnread {
    /// Whether it is not to be read here: the settings, or the group, have it read elsewhere or not at all.
    #[must_use]
    pub fn is_meant(&self) -> bool {
        match self {
            WhyUnread::NotChosen | WhyUnread::NotGiven => true,
            WhyUnread::Awaited
            | WhyUnread::Unknown
            | WhyUnread::Lost { .. }
            | WhyUnread::Behind { .. }
            | WhyUnread::Another { .. }
            | WhyUnread::Failed { .. } => false,
        }
    }

    /// Whether the topic seems to be another than the one that was read, so that an operator may take it for a new one.
    pub(crate) fn is_another(&self) -> bool {
        match self {
            WhyUnread::Behind { .. } | WhyUnread::Another { .. } => true,
            WhyUnread::NotChosen
            | WhyUnread::NotGiven
            | WhyUnread::Awaited
            | WhyUnread::Unknown
            | WhyUnread::Lost { .. }
            | WhyUnread::Failed { .. } => false,
        }
    }
}
