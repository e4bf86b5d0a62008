//! The board on which the sources' threads write what they see.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use projections::State;
use schemas::Timestamp;

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
    /// When nothing was left to read, last.
    caught_up: Option<Timestamp>,
    /// When the last message that was read was written, as its topic says.
    written: Option<Timestamp>,
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

impl Partition {
    /// How many microseconds the oldest message that is not read waits at most. It is behind the last one that was read,
    /// and came after nothing was left.
    fn waits(&self, lag: u64, now: Timestamp) -> Option<i64> {
        if lag == 0 {
            return Some(0);
        }
        // Who writes a message may say any time, and one ahead does not tell that nothing waits.
        let since = self.caught_up.max(self.written.map(|at| at.min(now)))?;
        Some(now.0.saturating_sub(since.0).max(0))
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

    /// A partition's first offset, and the one after its last, as they are now; with the one that the ledger reads next.
    pub(crate) fn watermarks(
        &self,
        topic: &str,
        partition: i32,
        (earliest, end): (i64, i64),
        next_offset: Option<i64>,
        now: Timestamp,
    ) {
        self.change(topic, partition, |seen| {
            seen.watermarks = Some((earliest, end));
            if next_offset.unwrap_or(earliest) >= end {
                seen.caught_up = Some(now);
            }
        });
    }

    /// When the last message that was read of a partition was written, as its topic says.
    pub(crate) fn written(&self, topic: &str, partition: i32, at: Timestamp) {
        self.change(topic, partition, |seen| seen.written = Some(at));
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
    pub(crate) fn status(&self, state: &State, now: Timestamp) -> Vec<SourceStatus> {
        let seen = self.seen.lock();
        let status = seen.partitions.iter().map(|((topic, partition), partition_seen)| {
            let next_offset = state.next_offset(topic, *partition);
            let unread = partition_seen.unread.as_ref().or_else(|| seen.whole(topic));
            let known = partition_seen.watermarks.filter(|_| partition_seen.assigned && unread.is_none());
            let lag = known.map(|(earliest, end)| end.saturating_sub(next_offset.unwrap_or(earliest)));
            // The broker's word may be older than what was read since.
            let lag = lag.map(|lag| u64::try_from(lag).unwrap_or(0));
            SourceStatus {
                topic: topic.clone(),
                partition: *partition,
                assigned: partition_seen.assigned,
                next_offset,
                high_watermark: partition_seen.watermarks.map(|(_, end)| end),
                lag,
                waits_micros: lag.and_then(|lag| partition_seen.waits(lag, now)),
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
        board.status(&State::new(), Timestamp(0))[0].lag
    }

    #[test]
    fn lag_is_what_lies_between_the_ledger_and_the_end() {
        let board = SourceBoard::default();
        board.assigned("t", 0);
        assert_eq!(lag(&board), None);
        board.watermarks("t", 0, (5, 30), None, Timestamp(0));
        let status = &board.status(&State::new(), Timestamp(0))[0];
        assert_eq!((status.lag, status.high_watermark, status.next_offset), (Some(25), Some(30), None));
    }

    #[test]
    fn what_is_not_read_has_no_lag_even_where_an_end_is_known() {
        let board = SourceBoard::default();
        board.watermarks("t", 0, (0, 3), None, Timestamp(0));
        board.unread("t", 0, WhyUnread::Behind { next_offset: 9, end: 3 });
        assert_eq!(lag(&board), None);
        board.assigned("t", 0);
        assert_eq!(lag(&board), Some(3));
        for part in [topic("t"), SourcePart::Brokers { addresses: "b:1".into() }] {
            board.whole(part.clone(), Some(WhyUnread::Unknown));
            assert_eq!(
                (lag(&board), &board.status(&State::new(), Timestamp(0))[0].unread),
                (None, &Some(WhyUnread::Unknown))
            );
            board.whole(part, None);
        }
        board.whole(topic("u"), Some(WhyUnread::Unknown));
        assert_eq!(lag(&board), Some(3), "another topic's trouble is not its own");
    }

    #[test]
    fn what_waits_came_after_the_last_message_read_and_after_nothing_was_left() {
        let board = SourceBoard::default();
        board.assigned("t", 0);
        let waits = |now| board.status(&State::new(), Timestamp(now))[0].waits_micros;
        assert_eq!(waits(100), None, "no end is known");
        board.watermarks("t", 0, (0, 5), None, Timestamp(100));
        assert_eq!(waits(100), None, "nothing was read yet");
        board.written("t", 0, Timestamp(40));
        assert_eq!(waits(100), Some(60));
        board.written("t", 0, Timestamp(900));
        assert_eq!(waits(100), Some(0), "its time lies ahead");
        board.written("t", 0, Timestamp(40));
        board.watermarks("t", 0, (0, 5), Some(5), Timestamp(110));
        board.watermarks("t", 0, (0, 6), Some(5), Timestamp(120));
        assert_eq!(waits(150), Some(40), "the one that came waits since then at most, however old the one before is");
        board.watermarks("t", 0, (6, 6), None, Timestamp(160));
        assert_eq!(waits(170), Some(0));
    }
}
