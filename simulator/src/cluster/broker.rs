//! The brokers of a cluster: topics with transactions, who may write in whose name, and the group that shares the source
//! topic's partitions. It is the part of Kafka's promises that routers and shards stand on, and nothing of its client.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::log::{Fate, Log, Message};

/// What producers write.
pub(crate) const SOURCE: &str = "referral-events";

/// Why a broker does not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Another one has taken the name over.
    Fenced,
    /// The group has given the partitions anew since, or has another member.
    OfOldGroup,
    /// There is no transaction to be ended.
    NoTransaction,
}

/// All of them.
pub(crate) struct Broker {
    topics: BTreeMap<String, Vec<Log>>,
    /// What became of each transaction that ever was.
    fates: Vec<Fate>,
    /// By their transactional ids.
    writers: BTreeMap<String, Writer>,
    group: Group,
}

/// Who writes in transactions under an id.
#[derive(Default)]
struct Writer {
    /// Who last took the id over: its number among those who did.
    epoch: u32,
    open: Option<Open>,
}

/// A transaction that is not ended.
struct Open {
    number: usize,
    touched: BTreeSet<(String, u32)>,
    messages: u64,
    offsets: BTreeMap<i32, i64>,
}

/// The group of the routers.
#[derive(Default)]
struct Group {
    /// Which process has each id's place.
    members: BTreeMap<String, u64>,
    generation: u64,
    committed: BTreeMap<i32, i64>,
}

/// What the group gives to a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// What it had.
    AsBefore,
    /// These partitions, to be read from these offsets on.
    Anew {
        /// Of which giving it is.
        generation: u64,
        /// By partition.
        starts: BTreeMap<i32, i64>,
    },
    /// Where reading goes on is not known yet: a transaction that says so is not ended.
    NotKnownYet,
}

impl Broker {
    /// Brokers of these topics, each with so many partitions.
    pub(crate) fn of(topics: &[(&str, u32)]) -> Broker {
        let empty =
            |(name, partitions): &(&str, u32)| ((*name).to_owned(), (0..*partitions).map(|_| Log::default()).collect());
        Broker {
            topics: topics.iter().map(empty).collect(),
            fates: Vec::new(),
            writers: BTreeMap::new(),
            group: Group::default(),
        }
    }

    fn log(&mut self, topic: &str, partition: u32) -> &mut Log {
        &mut self.topics.get_mut(topic).expect("a topic that was made")[partition as usize]
    }

    /// A partition, to be read.
    pub(crate) fn partition(&self, topic: &str, partition: u32) -> &Log {
        &self.topics[topic][partition as usize]
    }

    /// How many partitions a topic has.
    pub(crate) fn partitions(&self, topic: &str) -> u32 {
        self.topics[topic].len() as u32
    }

    /// Messages of a partition from an offset on that are committed, with their offsets.
    pub(crate) fn committed(&self, topic: &str, partition: u32, from: i64) -> impl Iterator<Item = (i64, &Message)> {
        self.partition(topic, partition).committed(from, &self.fates)
    }

    /// Whether a partition holds something beyond what is stable.
    pub(crate) fn is_held_back(&self, topic: &str, partition: u32) -> bool {
        let log = self.partition(topic, partition);
        log.stable_end(&self.fates) < log.end()
    }

    /// Puts a message there outside of any transaction.
    pub(crate) fn append(&mut self, topic: &str, partition: u32, message: Message) {
        self.log(topic, partition).append(message, None);
    }

    /// Leaves an offset without a message.
    pub(crate) fn leave_gap(&mut self, topic: &str, partition: u32) {
        self.log(topic, partition).mark();
    }

    /// Takes an id over: who had it is fenced, and its transaction taken back. The epoch to write with; and how many messages
    /// were taken back.
    pub(crate) fn take_over(&mut self, id: &str) -> (u32, u64) {
        let taken_back = self.end_open(id, Fate::Aborted).unwrap_or(0);
        let writer = self.writers.entry(id.to_owned()).or_default();
        writer.epoch += 1;
        (writer.epoch, taken_back)
    }

    fn writer(&mut self, id: &str, epoch: u32) -> Result<&mut Writer, Refused> {
        self.writers.get_mut(id).filter(|writer| writer.epoch == epoch).ok_or(Refused::Fenced)
    }

    fn open(&mut self, id: &str, epoch: u32) -> Result<&mut Open, Refused> {
        let number = self.fates.len();
        let writer = self.writer(id, epoch)?;
        let is_new = writer.open.is_none();
        writer.open.get_or_insert_with(|| Open {
            number,
            touched: BTreeSet::new(),
            messages: 0,
            offsets: BTreeMap::new(),
        });
        if is_new {
            self.fates.push(Fate::Open);
        }
        self.writer(id, epoch)?.open.as_mut().ok_or(Refused::NoTransaction)
    }

    /// Puts a message there within the transaction of an id, which begins with it if there is none.
    pub(crate) fn put(
        &mut self,
        (id, epoch): (&str, u32),
        (topic, partition): (&str, u32),
        message: Message,
    ) -> Result<(), Refused> {
        let open = self.open(id, epoch)?;
        open.touched.insert((topic.to_owned(), partition));
        open.messages += 1;
        let number = open.number;
        self.log(topic, partition).append(message, Some(number));
        Ok(())
    }

    /// Has a transaction say where the group goes on, if its writer is still who the group gave the partitions to.
    pub(crate) fn send_offsets(
        &mut self,
        (id, epoch): (&str, u32),
        (process, generation): (u64, u64),
        next: &BTreeMap<i32, i64>,
    ) -> Result<(), Refused> {
        self.writer(id, epoch)?;
        if self.group.members.get(id) != Some(&process) || self.group.generation != generation {
            return Err(Refused::OfOldGroup);
        }
        self.open(id, epoch)?.offsets.extend(next);
        Ok(())
    }

    /// Commits a transaction, or takes it back. How many messages it had.
    pub(crate) fn end(&mut self, id: &str, epoch: u32, fate: Fate) -> Result<u64, Refused> {
        self.writer(id, epoch)?;
        self.end_open(id, fate).ok_or(Refused::NoTransaction)
    }

    /// Takes the transaction of an id back that takes too long, and fences who had it. How many messages it had; none if it
    /// has no transaction.
    pub(crate) fn time_out(&mut self, id: &str) -> Option<u64> {
        let messages = self.end_open(id, Fate::Aborted)?;
        self.writers.entry(id.to_owned()).or_default().epoch += 1;
        Some(messages)
    }

    fn end_open(&mut self, id: &str, fate: Fate) -> Option<u64> {
        let open = self.writers.get_mut(id)?.open.take()?;
        self.fates[open.number] = fate;
        for (topic, partition) in &open.touched {
            self.log(topic, *partition).mark();
        }
        if fate == Fate::Committed {
            self.group.committed.extend(open.offsets);
        }
        Some(open.messages)
    }

    /// Whether a transaction of this writer is not ended, and has messages.
    pub(crate) fn is_amid(&self, id: &str, epoch: u32) -> bool {
        let writer = self.writers.get(id).filter(|writer| writer.epoch == epoch);
        writer.and_then(|writer| writer.open.as_ref()).is_some_and(|open| open.messages > 0)
    }

    /// The ids with a transaction that is not ended.
    pub(crate) fn writers_amid(&self) -> Vec<String> {
        self.writers.iter().filter(|(_, writer)| writer.open.is_some()).map(|(id, _)| id.clone()).collect()
    }

    /// Whether any transaction is not ended.
    pub(crate) fn has_open(&self) -> bool {
        self.writers.values().any(|writer| writer.open.is_some())
    }

    /// Gives a process the place of its id in the group. A new id, or one whose place was lost, has all partitions given
    /// anew; one that is started again under an id has what that had.
    pub(crate) fn join(&mut self, id: &str, process: u64) {
        if self.group.members.insert(id.to_owned(), process).is_none() {
            self.group.generation += 1;
        }
    }

    /// The group has heard nothing of an id for too long: its place is lost.
    pub(crate) fn expire(&mut self, id: &str) {
        if self.group.members.remove(id).is_some() {
            self.group.generation += 1;
        }
    }

    /// All partitions are given anew.
    pub(crate) fn give_anew(&mut self) {
        self.group.generation += 1;
    }

    /// The ids that have a place, with their processes.
    pub(crate) fn members(&self) -> Vec<(String, u64)> {
        self.group.members.iter().map(|(id, process)| (id.clone(), *process)).collect()
    }

    /// The process that has the place of an id.
    pub(crate) fn member(&self, id: &str) -> Option<u64> {
        self.group.members.get(id).copied()
    }

    /// What the group gives a member that knows of the giving named.
    pub(crate) fn given(&self, id: &str, known: Option<u64>) -> Given {
        let Group { members, generation, committed } = &self.group;
        if known == Some(*generation) {
            return Given::AsBefore;
        }
        let place = members.keys().position(|member| member == id).unwrap_or_default() as u32;
        let is_given = |partition: &u32| partition % members.len().max(1) as u32 == place;
        let is_pending = |partition: &i32| {
            let mut open = self.writers.values().filter_map(|writer| writer.open.as_ref());
            open.any(|open| open.offsets.contains_key(partition))
        };
        let partitions: Vec<i32> =
            (0..self.partitions(SOURCE)).filter(is_given).map(|partition| partition as i32).collect();
        if partitions.iter().any(is_pending) {
            return Given::NotKnownYet;
        }
        let start = |partition: i32| (partition, committed.get(&partition).copied().unwrap_or(0));
        Given::Anew { generation: *generation, starts: partitions.into_iter().map(start).collect() }
    }

    /// Where the group goes on in a partition of the source topic.
    pub(crate) fn next_offset(&self, partition: i32) -> i64 {
        self.group.committed.get(&partition).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::log::By;

    const OUT: &str = "out";

    fn message(text: &str) -> Message {
        Message { key: None, value: text.as_bytes().to_vec(), by: By::Producer }
    }

    fn read(broker: &Broker) -> Vec<String> {
        let texts = broker.committed(OUT, 0, 0);
        texts.map(|(_, message)| String::from_utf8_lossy(&message.value).into_owned()).collect()
    }

    fn brokers() -> Broker {
        Broker::of(&[(SOURCE, 2), (OUT, 1)])
    }

    #[test]
    fn what_is_not_committed_is_read_by_nobody_and_holds_back_what_comes_after() {
        let mut broker = brokers();
        let (a, _) = broker.take_over("a");
        let (b, _) = broker.take_over("b");
        assert_eq!(broker.put(("a", a), (OUT, 0), message("1")), Ok(()));
        assert_eq!(broker.put(("b", b), (OUT, 0), message("2")), Ok(()));
        assert_eq!(broker.end("b", b, Fate::Committed), Ok(1));
        assert!(read(&broker).is_empty() && broker.is_held_back(OUT, 0));
        assert_eq!(broker.end("a", a, Fate::Aborted), Ok(1));
        assert_eq!(read(&broker), ["2"]);
        // Two messages, and a mark for each transaction.
        assert_eq!(broker.partition(OUT, 0).end(), 4);
        assert_eq!(broker.end("a", a, Fate::Committed), Err(Refused::NoTransaction));
    }

    #[test]
    fn who_takes_an_id_over_takes_back_what_was_begun_and_fences_who_had_it() {
        let mut broker = brokers();
        let (before, _) = broker.take_over("a");
        assert_eq!(broker.put(("a", before), (OUT, 0), message("1")), Ok(()));
        let (after, taken_back) = broker.take_over("a");
        assert_eq!(taken_back, 1);
        assert_eq!(broker.put(("a", before), (OUT, 0), message("2")), Err(Refused::Fenced));
        assert_eq!(broker.end("a", before, Fate::Committed), Err(Refused::Fenced));
        assert_eq!(broker.put(("a", after), (OUT, 0), message("3")), Ok(()));
        assert_eq!(broker.time_out("a"), Some(1));
        assert_eq!(broker.end("a", after, Fate::Committed), Err(Refused::Fenced));
        assert!(read(&broker).is_empty() && !broker.has_open());
    }

    #[test]
    fn offsets_are_committed_with_their_transaction_by_who_has_the_partitions_alone() {
        let mut broker = brokers();
        let (epoch, _) = broker.take_over("a");
        broker.join("a", 1);
        let Given::Anew { generation, starts } = broker.given("a", None) else { panic!("it is given something") };
        assert_eq!(starts, BTreeMap::from([(0, 0), (1, 0)]));
        let next = BTreeMap::from([(1, 7)]);
        assert_eq!(broker.send_offsets(("a", epoch), (2, generation), &next), Err(Refused::OfOldGroup));
        assert_eq!(broker.send_offsets(("a", epoch), (1, generation), &next), Ok(()));
        broker.join("b", 2);
        // The second partition is b's now, and where it goes on is not known.
        assert_eq!(broker.given("b", None), Given::NotKnownYet);
        assert_eq!(broker.send_offsets(("a", epoch), (1, generation), &next), Err(Refused::OfOldGroup));
        assert_eq!(broker.end("a", epoch, Fate::Committed), Ok(0));
        let given = Given::Anew { generation: generation + 1, starts: BTreeMap::from([(1, 7)]) };
        assert_eq!(broker.given("b", Some(generation)), given);
        assert_eq!(broker.given("b", Some(generation + 1)), Given::AsBefore);
    }
}
