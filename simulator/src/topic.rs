//! A topic as a consumer sees it: partitions of messages at growing offsets, with gaps where a transaction was aborted.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::plan::Plan;

/// What the topic is called.
pub(crate) const TOPIC: &str = "referral-events";

/// A topic.
pub(crate) struct Topic {
    partitions: Vec<Vec<Message>>,
}

/// A message at its offset.
pub(crate) struct Message {
    pub(crate) offset: i64,
    pub(crate) value: Vec<u8>,
}

impl Topic {
    /// The texts dealt out to partitions in their order. Some offsets hold no message, if the plan has gaps.
    pub(crate) fn of(plan: &Plan, texts: Vec<Vec<u8>>, rng: &mut ChaCha8Rng) -> Topic {
        let mut partitions: Vec<Vec<Message>> = (0..plan.partitions).map(|_| Vec::new()).collect();
        let mut next = vec![0; partitions.len()];
        for value in texts {
            let partition = rng.random_range(0..partitions.len());
            let gap = if plan.faults.gaps && rng.random_ratio(1, 5) { rng.random_range(1..4) } else { 0 };
            let offset = next[partition] + gap;
            next[partition] = offset + 1;
            partitions[partition].push(Message { offset, value });
        }
        Topic { partitions }
    }

    /// How many partitions there are.
    pub(crate) fn partitions(&self) -> i32 {
        self.partitions.len() as i32
    }

    /// Up to so many messages of a partition from an offset on.
    pub(crate) fn fetch(&self, partition: i32, from: i64, most: usize) -> &[Message] {
        let messages = &self.partitions[partition as usize];
        let begin = messages.partition_point(|message| message.offset < from);
        &messages[begin..messages.len().min(begin + most)]
    }

    /// The offset after the last message of a partition.
    pub(crate) fn end(&self, partition: i32) -> i64 {
        self.partitions[partition as usize].last().map_or(0, |message| message.offset + 1)
    }
}
