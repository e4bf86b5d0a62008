//! The board on which the sources' threads write what they see.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use projections::State;

use super::{SourcePart, SourceStatus, Unread, WhyUnread};

/// The sources as their threads see them.
#[derive(Default)]
pub(crate) struct SourceBoard {
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    partitions: BTreeMap<(String, i32), Partition>,
    /// What is wrong with the brokers, the group or a topic as a whole.
    wholes: BTreeMap<SourcePart, WhyUnread>,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    assigned: bool,
    /// The broker's first offset, and the one after the last that can be read.
    watermarks: Option<(i64, i64)>,
    unread: Option<WhyUnread>,
}

impl Seen {
    /// Why nothing of a topic is read, whatever is assigned.
    fn whole(&self, topic: &str) -> Option<&WhyUnread> {
        let of_topic = |part: &SourcePart| match part {
            SourcePart::Brokers { .. } => true,
            SourcePart::Topic { topic: known } => known == topic,
            SourcePart::Group { .. } | SourcePart::Partition { .. } => false,
        };
        self.wholes.iter().find(|(part, _)| of_topic(part)).map(|(_, why)| why)
    }
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

    /// What is wrong with the brokers, the group or a topic as a whole, or that nothing is.
    pub(crate) fn whole(&self, part: SourcePart, why: Option<WhyUnread>) {
        let mut seen = self.seen.lock();
        match why {
            Some(why) => drop(seen.wholes.insert(part, why)),
            None => drop(seen.wholes.remove(&part)),
        }
    }

    /// Every partition seen, with how far the ledger is. What is not read has no lag: how much came since nobody
    /// knows, and that is not 0.
    pub(crate) fn status(&self, state: &State) -> Vec<SourceStatus> {
        let seen = self.seen.lock();
        let status = seen.partitions.iter().map(|((topic, partition), partition_seen)| {
            let next_offset = state.next_offset(topic, *partition);
            let unread = partition_seen.unread.as_ref().or_else(|| seen.whole(topic));
            let known = partition_seen.watermarks.filter(|_| partition_seen.assigned && unread.is_none());
            let lag = known.map(|(earliest, end)| end.saturating_sub(next_offset.unwrap_or(earliest)));
            SourceStatus {
                topic: topic.clone(),
                partition: *partition,
                assigned: partition_seen.assigned,
                next_offset,
                high_watermark: partition_seen.watermarks.map(|(_, end)| end),
                // The broker's word may be older than what was read since.
                lag: lag.map(|lag| u64::try_from(lag).unwrap_or(0)),
                unread: unread.cloned(),
            }
        });
        status.collect()
    }

    /// What is not read: the wholes first.
    pub(crate) fn all_unread(&self) -> Vec<Unread> {
        let seen = self.seen.lock();
        let wholes = seen.wholes.iter().map(|(part, why)| Unread { part: part.clone(), why: why.clone() });
        let partitions = seen.partitions.iter().filter_map(|((topic, partition), seen)| {
            let part = SourcePart::Partition { topic: topic.clone(), partition: *partition };
            Some(Unread { part, why: seen.unread.clone()? })
        });
        wholes.chain(partitions).collect()
    }

    fn change(&self, topic: &str, partition: i32, change: impl FnOnce(&mut Partition)) {
        change(self.seen.lock().partitions.entry((topic.to_owned(), partition)).or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(name: &str) -> SourcePart {
        SourcePart::Topic { topic: name.to_owned() }
    }

    fn lag(board: &SourceBoard) -> Option<u64> {
        board.status(&State::new())[0].lag
    }

    #[test]
    fn lag_is_what_lies_between_the_ledger_and_the_end() {
        let board = SourceBoard::default();
        board.assigned("t", 0);
        assert_eq!(lag(&board), None);
        board.watermarks("t", 0, 5, 30);
        let status = &board.status(&State::new())[0];
        assert_eq!((status.lag, status.high_watermark, status.next_offset), (Some(25), Some(30), None));
    }

    #[test]
    fn what_is_not_read_has_no_lag_even_where_an_end_is_known() {
        let board = SourceBoard::default();
        board.watermarks("t", 0, 0, 3);
        board.unread("t", 0, WhyUnread::Behind { next_offset: 9, end: 3 });
        assert_eq!(lag(&board), None);
        board.assigned("t", 0);
        assert_eq!(lag(&board), Some(3));
        for part in [topic("t"), SourcePart::Brokers { addresses: "b:1".into() }] {
            board.whole(part.clone(), Some(WhyUnread::Unknown));
            assert_eq!((lag(&board), &board.status(&State::new())[0].unread), (None, &Some(WhyUnread::Unknown)));
            board.whole(part, None);
        }
        board.whole(topic("u"), Some(WhyUnread::Unknown));
        assert_eq!(lag(&board), Some(3), "another topic's trouble is not its own");
    }
}
