//! Where a partition's reading begins, and whether what the ledger reads next is still there, and in the same topic.

use std::collections::BTreeMap;
use std::time::Duration;

use ledger::TopicId;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset, TopicPartitionList};

use super::context::Context;
use super::identity::{Identity, Judgement};
use super::record_before::{RecordBefore, records_before};
use super::troubles::About;
use crate::sources::{AnotherBy, NOT_THE_ONE_READ, WhyUnread};
use crate::trouble::Course;

/// How long a broker may take to say where a partition begins and ends.
const TIMEOUT: Duration = Duration::from_secs(5);

impl Context {
    /// The partitions are read from now on, each from its place; those that cannot be are left out and said.
    pub(super) fn assign(
        &self,
        consumer: &BaseConsumer<Context>,
        places: impl Iterator<Item = (String, i32)>,
    ) -> TopicPartitionList {
        let mut by_topic: BTreeMap<String, Vec<i32>> = BTreeMap::new();
        places.for_each(|(topic, partition)| by_topic.entry(topic).or_default().push(partition));
        let mut read = TopicPartitionList::new();
        for (topic, partitions) in by_topic {
            for (partition, start) in starts(consumer, &topic, &partitions) {
                self.begin(&mut read, &topic, partition, start);
            }
        }
        read
    }
}

/// Where the reading of each of these partitions begins, or why it does not. The topic is held against what is kept of
/// the one that was read; if an operator took it for a new one, it begins at its beginning.
fn starts(consumer: &BaseConsumer<Context>, topic: &str, partitions: &[i32]) -> Starts {
    let context = consumer.context();
    let (told, starts) = look(consumer, topic, partitions);
    let is_another = starts.values().any(|start| start.as_ref().is_err_and(WhyUnread::is_another));
    if !context.offsets.is_acceptable(topic) {
        return starts;
    }
    if !is_another {
        tracing::warn!(
            topic,
            "to be accepted as a new topic, but it is the one that was read: take --accept-new-topic away"
        );
        return starts;
    }
    if !context.offsets.accept(topic, told) {
        return starts;
    }
    tracing::warn!(topic, "accepted as a new topic of its name: it is read from its beginning");
    look(consumer, topic, partitions).1
}

/// Where partitions begin.
type Starts = BTreeMap<i32, Result<Offset, WhyUnread>>;

fn look(consumer: &BaseConsumer<Context>, topic: &str, partitions: &[i32]) -> (Option<TopicId>, Starts) {
    let context = consumer.context();
    let identity = Identity::of(consumer, topic);
    if let Some(why) = identity.refusal() {
        return (identity.told, partitions.iter().map(|partition| (*partition, Err(why.clone()))).collect());
    }
    let mut starts: Starts =
        partitions.iter().map(|partition| (*partition, start_of(consumer, topic, *partition))).collect();
    hold_against_records(context, topic, identity.judgement == Judgement::Same, &mut starts);
    if let Judgement::Keep(id) = identity.judgement {
        let is_another = starts.values().any(|start| start.as_ref().is_err_and(WhyUnread::is_another));
        // The refusal has to hold after the next start too, and the id of the one that was read nobody knows.
        context.offsets.keep_identity(topic, if is_another { NOT_THE_ONE_READ } else { id });
    }
    (identity.told, starts)
}

/// Refuses the partitions whose record before the next offset is not the one that was read there.
fn hold_against_records(context: &Context, topic: &str, is_sure: bool, starts: &mut Starts) {
    let checks: BTreeMap<i32, (i64, u64)> = starts
        .iter()
        .filter(|(_, start)| start.is_ok())
        .filter_map(|(partition, _)| Some((*partition, context.offsets.check(topic, *partition)?)))
        .collect();
    if checks.is_empty() {
        return;
    }
    let next_offsets: Vec<(i32, i64)> = checks.iter().map(|(partition, (next, _))| (*partition, *next)).collect();
    let records = records_before(&context.options, topic, &next_offsets);
    for (partition, (next_offset, kept)) in checks {
        let offset = next_offset - 1;
        let why = match records.get(&partition) {
            Some(RecordBefore::Is(found)) if *found != kept => WhyUnread::Another { by: AnotherBy::Record { offset } },
            // Its id has told already that it is the one.
            None if !is_sure => WhyUnread::Failed { detail: format!("no broker gave the record at offset {offset}") },
            Some(RecordBefore::Is(_) | RecordBefore::Gone) | None => continue,
        };
        starts.insert(partition, Err(why));
    }
}

/// Where a partition's reading begins: at the ledger's offset, or the first time at its beginning. Asks the broker
/// whether that offset is there; when it does not answer, the reading begins all the same and will tell.
fn start_of(consumer: &BaseConsumer<Context>, topic: &str, partition: i32) -> Result<Offset, WhyUnread> {
    let context = consumer.context();
    let next = context.offsets.next(topic, partition);
    let begin = next.map_or(Offset::Beginning, Offset::Offset);
    let (earliest, end) = match consumer.fetch_watermarks(topic, partition, TIMEOUT) {
        Ok(watermarks) => watermarks,
        Err(error) => {
            if let Some(Course { times, lasted }) = context.troubles.met(About::Ends(topic.to_owned(), partition)) {
                let says = "the broker does not say where the partition begins and ends";
                tracing::warn!(topic, partition, %error, times, ?lasted, "{says}");
            }
            return Ok(begin);
        }
    };
    context.troubles.ends_are_known(topic, partition);
    let now = context.published.moments.arrival();
    context.published.sources.watermarks(topic, partition, (earliest, end), next, now);
    let Some(next_offset) = next else { return Ok(begin) };
    if next_offset < earliest {
        if !context.options.skip_lost {
            return Err(WhyUnread::Lost { next_offset, earliest });
        }
        tracing::warn!(
            topic,
            partition,
            from = next_offset,
            to = earliest - 1,
            "offsets that are gone from the broker are skipped, as the settings say"
        );
        context.offsets.skip_to(topic, partition, earliest);
        return Ok(Offset::Offset(earliest));
    }
    if next_offset > end {
        return Err(WhyUnread::Behind { next_offset, end });
    }
    Ok(begin)
}
