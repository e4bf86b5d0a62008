//! Where a partition's reading begins, and whether what the ledger reads next is still there.

use std::time::Duration;

use rdkafka::Offset;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::context::Context;
use super::troubles::About;
use crate::sources::WhyUnread;
use crate::trouble::Course;

/// How long a broker may take to say where a partition begins and ends.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where a partition's reading begins: at the ledger's offset, or the first time at its beginning. Asks the broker
/// whether that offset is there; when it does not answer, the reading begins all the same and will tell.
pub(super) fn start_of(consumer: &BaseConsumer<Context>, topic: &str, partition: i32) -> Result<Offset, WhyUnread> {
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
    context.published.sources.watermarks(topic, partition, earliest, end);
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
