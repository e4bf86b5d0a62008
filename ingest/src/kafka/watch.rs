//! Looks again and again which partitions the topics have: one added later is read from its beginning, one that is
//! not read is said.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::RDKafkaErrorCode;

use super::context::Context;
use super::identity::Identity;
use super::options::KafkaMode;
use super::troubles::About;
use crate::sources::{SourcePart, WhyUnread};
use crate::threads::{NoThread, start_thread};
use crate::trouble::Course;

/// How long a broker may take to describe a topic. The end waits for it where no broker answers.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What the reading has to know.
pub(super) enum TopicNews {
    /// Partitions that are to be read and are not.
    Partitions(Vec<(String, i32)>),
    /// A topic that is read is gone, or another.
    Changed {
        /// The topic.
        topic: String,
        /// What was seen.
        how: String,
    },
}

/// Watches the topics, until the sender that `stopped` belongs to is dropped.
pub(super) fn watch(
    consumer: Arc<BaseConsumer<Context>>,
    news: Sender<TopicNews>,
    stopped: Receiver<()>,
) -> Result<JoinHandle<()>, NoThread> {
    start_thread("kafka-watch", move || {
        let refresh = consumer.context().options.refresh;
        loop {
            for seen in look(&consumer, &stopped) {
                if news.send(seen).is_err() {
                    return;
                }
            }
            if stopped.recv_timeout(refresh) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    })
}

/// Looks at all topics once. Looks at no further one once stopped.
fn look(consumer: &BaseConsumer<Context>, stopped: &Receiver<()>) -> Vec<TopicNews> {
    let context = consumer.context();
    let (options, sources) = (&context.options, &context.published.sources);
    let (mut missing, mut changed) = (Vec::new(), Vec::new());
    for topic in &options.topics {
        if stopped.try_recv() == Err(TryRecvError::Disconnected) {
            break;
        }
        let partitions = match partitions(consumer, topic) {
            Ok(partitions) => partitions,
            Err(why) => {
                if let Some(Course { times, lasted }) = context.troubles.met(About::Topic(topic.clone())) {
                    tracing::warn!(topic, %why, times, ?lasted, "the topic cannot be looked at");
                }
                if why == WhyUnread::Unknown && is_read(context, topic) {
                    changed.push(TopicNews::Changed { topic: topic.clone(), how: why.to_string() });
                }
                sources.whole(SourcePart::Topic { topic: topic.clone() }, Some(why));
                continue;
            }
        };
        context.troubles.topic_is_well(topic);
        if is_read(context, topic)
            && let Some(why) = Identity::of(consumer, topic).refusal()
        {
            changed.push(TopicNews::Changed { topic: topic.clone(), how: why.to_string() });
            continue;
        }
        for partition in &partitions {
            if context.offsets.is_assigned(topic, *partition) {
                continue;
            }
            match &options.mode {
                // What the group gave and took since is said where it happens.
                KafkaMode::Group => sources.unread_so_far(topic, *partition, WhyUnread::NotGiven),
                KafkaMode::Static | KafkaMode::Subset(_) if options.wants(topic, *partition) => {
                    sources.unread_so_far(topic, *partition, WhyUnread::Awaited);
                    missing.push((topic.clone(), *partition));
                }
                KafkaMode::Static | KafkaMode::Subset(_) => {
                    sources.unread(topic, *partition, WhyUnread::NotChosen);
                }
            }
        }
        if let KafkaMode::Subset(chosen) = &options.mode {
            let unknown = chosen.get(topic).into_iter().flatten().filter(|some| !partitions.contains(some));
            unknown.for_each(|partition| sources.unread(topic, *partition, WhyUnread::Unknown));
        }
        // Only now, when each of its partitions is told of: it is never ready between the two.
        sources.whole(SourcePart::Topic { topic: topic.clone() }, None);
    }
    if !missing.is_empty() {
        changed.push(TopicNews::Partitions(missing));
    }
    changed
}

/// Whether any partition of a topic is read.
fn is_read(context: &Context, topic: &str) -> bool {
    context.offsets.assigned().iter().any(|(known, _)| known == topic)
}

/// The partitions that a topic has now.
fn partitions(consumer: &BaseConsumer<Context>, topic: &str) -> Result<Vec<i32>, WhyUnread> {
    let failed = |detail: String| WhyUnread::Failed { detail };
    let context = consumer.context();
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT).map_err(|error| {
        let reason = context.unreachable.lock();
        failed(reason.as_ref().map_or_else(|| error.to_string(), |reason| format!("{error}: {reason}")))
    })?;
    context.answered();
    let described = metadata.topics().iter().find(|described| described.name() == topic).ok_or(WhyUnread::Unknown)?;
    match described.error().map(RDKafkaErrorCode::from) {
        None => Ok(described.partitions().iter().map(|partition| partition.id()).collect()),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => Err(WhyUnread::Unknown),
        Some(code) => Err(failed(code.to_string())),
    }
}
