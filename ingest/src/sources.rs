//! What is known of the sources: which partitions are read, how far they go, and what is not read and why.

use std::collections::BTreeMap;
use std::fmt;

use parking_lot::Mutex;
use projections::State;

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
    /// How many offsets lie between the two.
    pub lag: Option<u64>,
    /// Why it is not read, if it is not.
    pub unread: Option<WhyUnread>,
}

/// A topic or partition that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The topic.
    pub topic: String,
    /// The partition; `None`: the whole topic.
    pub partition: Option<i32>,
    /// Why.
    pub why: WhyUnread,
}

impl fmt::Display for Unread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.partition {
            Some(partition) => write!(out, "{}[{partition}]: {}", self.topic, self.why),
            None => write!(out, "{}: {}", self.topic, self.why),
        }
    }
}

/// Why a topic or partition is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhyUnread {
    /// The settings name other partitions.
    #[error("not among the partitions that are set")]
    NotChosen,
    /// Another member of the group reads it, or nobody does yet.
    #[error("not given to this member of the group")]
    NotGiven,
    /// The broker knows no such topic or partition.
    #[error("the broker does not know it; it is looked for again and again")]
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
         anew, or lost what was read. Give the topic of before, or the new one another name"
    )]
    Behind {
        /// The ledger's next offset.
        next_offset: i64,
        /// The offset after the broker's last message.
        end: i64,
    },
    /// Reading failed; it begins again after a pause at the place where it failed.
    #[error("reading failed, and is tried again: {detail}")]
    Failed {
        /// What the client said.
        detail: String,
    },
}

impl WhyUnread {
    /// Whether the ledger stays incomplete until somebody acts.
    #[must_use]
    pub fn needs_help(&self) -> bool {
        match self {
            WhyUnread::Lost { .. } | WhyUnread::Behind { .. } => true,
            WhyUnread::NotChosen | WhyUnread::NotGiven | WhyUnread::Unknown | WhyUnread::Failed { .. } => false,
        }
    }
}

/// Whether questions get whole answers, and what is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Whether the state reflects the whole ledger.
    pub caught_up: bool,
    /// Why the ledger takes nothing more, if it does not.
    pub failure: Option<String>,
    /// What is not read, and why.
    pub unread: Vec<Unread>,
}

impl Readiness {
    /// Whether the numbers reflect the ledger, and the ledger what can be read.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.caught_up && self.failure.is_none() && !self.unread.iter().any(|unread| unread.why.needs_help())
    }
}

/// The sources as their threads see them.
#[derive(Default)]
pub(crate) struct SourceBoard {
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    partitions: BTreeMap<(String, i32), Partition>,
    /// What is wrong with a topic as a whole.
    topics: BTreeMap<String, WhyUnread>,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    assigned: bool,
    /// The broker's first offset, and the one after the last that can be read.
    watermarks: Option<(i64, i64)>,
    unread: Option<WhyUnread>,
}

impl SourceBoard {
    /// A partition is read from now on.
    pub(crate) fn assigned(&self, topic: &str, partition: i32) {
        self.change(topic, partition, |seen| (seen.assigned, seen.unread) = (true, None));
    }

    /// A partition is not read, and why.
    pub(crate) fn unread(&self, topic: &str, partition: i32, why: WhyUnread) {
        self.change(topic, partition, |seen| (seen.assigned, seen.unread) = (false, Some(why)));
    }

    /// A partition that nothing is known of yet is not read, and why.
    pub(crate) fn unread_so_far(&self, topic: &str, partition: i32, why: WhyUnread) {
        let place = (topic.to_owned(), partition);
        self.seen.lock().partitions.entry(place).or_insert(Partition { unread: Some(why), ..Partition::default() });
    }

    /// A partition's first offset, and the one after its last.
    pub(crate) fn watermarks(&self, topic: &str, partition: i32, earliest: i64, end: i64) {
        self.change(topic, partition, |seen| seen.watermarks = Some((earliest, end)));
    }

    /// What is wrong with a topic as a whole, or that nothing is.
    pub(crate) fn topic(&self, topic: &str, why: Option<WhyUnread>) {
        let mut seen = self.seen.lock();
        match why {
            Some(why) => drop(seen.topics.insert(topic.to_owned(), why)),
            None => drop(seen.topics.remove(topic)),
        }
    }

    /// Every partition seen, with how far the ledger is.
    pub(crate) fn status(&self, state: &State) -> Vec<SourceStatus> {
        let seen = self.seen.lock();
        let status = seen.partitions.iter().map(|((topic, partition), seen)| {
            let next_offset = state.next_offset(topic, *partition);
            let lag = seen.watermarks.map(|(earliest, end)| end.saturating_sub(next_offset.unwrap_or(earliest)));
            SourceStatus {
                topic: topic.clone(),
                partition: *partition,
                assigned: seen.assigned,
                next_offset,
                high_watermark: seen.watermarks.map(|(_, end)| end),
                // The broker's word may be older than what was read since.
                lag: lag.map(|lag| u64::try_from(lag).unwrap_or(0)),
                unread: seen.unread.clone(),
            }
        });
        status.collect()
    }

    /// What is not read.
    pub(crate) fn all_unread(&self) -> Vec<Unread> {
        let seen = self.seen.lock();
        let topics =
            seen.topics.iter().map(|(topic, why)| Unread { topic: topic.clone(), partition: None, why: why.clone() });
        let partitions = seen.partitions.iter().filter_map(|((topic, partition), seen)| {
            Some(Unread { topic: topic.clone(), partition: Some(*partition), why: seen.unread.clone()? })
        });
        topics.chain(partitions).collect()
    }

    fn change(&self, topic: &str, partition: i32, change: impl FnOnce(&mut Partition)) {
        change(self.seen.lock().partitions.entry((topic.to_owned(), partition)).or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_help_is_not_ready_and_what_is_meant_so_is() {
        let board = SourceBoard::default();
        let readiness = || Readiness { caught_up: true, failure: None, unread: board.all_unread() };
        board.unread("t", 0, WhyUnread::NotChosen);
        board.assigned("t", 1);
        assert!(readiness().is_ready());
        assert_eq!(readiness().unread[0].to_string(), "t[0]: not among the partitions that are set");
        board.unread("t", 1, WhyUnread::Lost { next_offset: 3, earliest: 10 });
        assert!(!readiness().is_ready());
        let told = readiness().unread[1].to_string();
        assert!(told.starts_with(
            "t[1]: the ledger reads on at offset 3, but the broker's first is 10: offsets 3 to 9 are gone"
        ));
        board.assigned("t", 1);
        board.topic("u", Some(WhyUnread::Unknown));
        assert!(readiness().is_ready());
        assert_eq!(readiness().unread[0].partition, None);
        let failed = Readiness { failure: Some("full".into()), ..readiness() };
        assert!(!failed.is_ready());
    }

    #[test]
    fn lag_is_what_lies_between_the_ledger_and_the_end() {
        let (board, state) = (SourceBoard::default(), State::new());
        board.assigned("t", 0);
        assert_eq!(board.status(&state)[0].lag, None);
        board.watermarks("t", 0, 5, 30);
        let status = &board.status(&state)[0];
        assert_eq!((status.lag, status.high_watermark, status.next_offset), (Some(25), Some(30), None));
    }
}
