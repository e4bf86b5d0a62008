//! A partition of a simulated topic: messages at offsets, some of them of transactions that are not committed, or never will
//! be.

/// Who put a message there, as the auditor knows it and no reader is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
    /// A producer.
    Producer,
    /// A router that had read it at this place.
    Router {
        /// Its partition of the source topic.
        partition: i32,
        /// Its offset there.
        offset: i64,
    },
    /// A shard that sent it on.
    Shard(u32),
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Vec<u8>,
    pub(crate) by: By,
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Open,
    Committed,
    Aborted,
}

/// What an offset holds: a message, perhaps of a transaction; or the mark at which one ended, or nothing that anybody reads.
enum Record {
    Message(Message, Option<usize>),
    Mark,
}

/// A partition.
#[derive(Default)]
pub(crate) struct Log(Vec<Record>);

impl Log {
    pub(crate) fn append(&mut self, message: Message, transaction: Option<usize>) {
        self.0.push(Record::Message(message, transaction));
    }

    pub(crate) fn mark(&mut self) {
        self.0.push(Record::Mark);
    }

    /// The offset after the last one.
    pub(crate) fn end(&self) -> i64 {
        self.0.len() as i64
    }

    /// The last stable offset: before the first message of a transaction that is not ended, or the end.
    pub(crate) fn stable_end(&self, fates: &[Fate]) -> i64 {
        let is_open = |record: &Record| matches!(record, Record::Message(_, Some(of)) if fates[*of] == Fate::Open);
        self.0.iter().position(is_open).unwrap_or(self.0.len()) as i64
    }

    /// The messages from an offset on that are committed, up to the last stable offset.
    pub(crate) fn committed<'a>(&'a self, from: i64, fates: &'a [Fate]) -> impl Iterator<Item = (i64, &'a Message)> {
        let (from, end) = (from.max(0) as usize, self.stable_end(fates) as usize);
        let records = self.0.iter().enumerate().take(end).skip(from);
        records.filter_map(move |(offset, record)| match record {
            Record::Message(message, transaction) => {
                let is_committed = transaction.is_none_or(|of| fates[of] == Fate::Committed);
                is_committed.then_some((offset as i64, message))
            }
            Record::Mark => None,
        })
    }
}
