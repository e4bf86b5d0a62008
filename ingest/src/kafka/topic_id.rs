//! The id that Kafka gives a topic when it is made (KIP-516). No safe call of the client tells it, so librdkafka's own
//! are made here, and nothing else is done here.
#![expect(unsafe_code, reason = "only librdkafka's own calls tell the id of a topic")]

use std::ffi::CString;
use std::ptr::null_mut;
use std::time::Duration;

use ledger::TopicId;
use rdkafka::bindings as native;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::types::RDKafkaRespErr;

use super::context::Context;

/// Something of librdkafka's that is freed when this is dropped.
struct Owned<T> {
    pointer: *mut T,
    free: unsafe extern "C" fn(*mut T),
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from the call that `free` belongs to, and is freed nowhere else; none of them was
        // given a null pointer but `queue_poll`'s event, which may be null when it is freed.
        unsafe { (self.free)(self.pointer) }
    }
}

/// Asks a broker for a topic's id; none if it gives its topics no ids, as those before Kafka 2.8.
///
/// # Errors
/// What the broker or the client says, as that there is no such topic, or that nobody answered in time.
pub(super) fn topic_id(
    consumer: &BaseConsumer<Context>,
    topic: &str,
    timeout: Duration,
) -> Result<Option<TopicId>, RDKafkaErrorCode> {
    let metadata = consumer.fetch_metadata(Some(topic), timeout);
    let metadata = metadata.map_err(|error| error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail))?;
    // Any broker knows it; left to itself, the client would ask the controller, which not every cluster names.
    let broker = metadata.brokers().first().ok_or(RDKafkaErrorCode::AllBrokersDown)?.id();
    let name = CString::new(topic).map_err(|_| RDKafkaErrorCode::InvalidTopic)?;
    let mut names = [name.as_ptr()];
    let millis = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
    let client = consumer.client().native_ptr();
    // SAFETY: the client lives as long as the consumer that is borrowed, and all that is made of it here is freed
    // before this returns. The names and the buffer outlive the calls that read them. What a result points to lives
    // as long as its event, and is copied before that is freed. A request that is still on its way when its queue is
    // freed holds the queue by a count of its own.
    let (most, least) = unsafe {
        let queue = Owned { pointer: native::rd_kafka_queue_new(client), free: native::rd_kafka_queue_destroy };
        let operation = native::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS;
        let options = Owned {
            pointer: native::rd_kafka_AdminOptions_new(client, operation),
            free: native::rd_kafka_AdminOptions_destroy,
        };
        told(native::rd_kafka_AdminOptions_set_request_timeout(options.pointer, millis, null_mut(), 0))?;
        told(native::rd_kafka_AdminOptions_set_broker(options.pointer, broker, null_mut(), 0))?;
        let topics = Owned {
            pointer: native::rd_kafka_TopicCollection_of_topic_names(names.as_mut_ptr(), names.len()),
            free: native::rd_kafka_TopicCollection_destroy,
        };
        native::rd_kafka_DescribeTopics(client, topics.pointer, options.pointer, queue.pointer);
        let polled = native::rd_kafka_queue_poll(queue.pointer, millis);
        let event = Owned { pointer: polled, free: native::rd_kafka_event_destroy };
        if event.pointer.is_null() {
            return Err(RDKafkaErrorCode::OperationTimedOut);
        }
        told(native::rd_kafka_event_error(event.pointer))?;
        let result = native::rd_kafka_event_DescribeTopics_result(event.pointer);
        if result.is_null() {
            return Err(RDKafkaErrorCode::Fail);
        }
        let mut count = 0;
        let descriptions = native::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
        if descriptions.is_null() || count == 0 {
            return Err(RDKafkaErrorCode::UnknownTopic);
        }
        let description = *descriptions;
        // No error is a null pointer, and its code that of none.
        told(native::rd_kafka_error_code(native::rd_kafka_TopicDescription_error(description)))?;
        let id = native::rd_kafka_TopicDescription_topic_id(description);
        if id.is_null() {
            return Ok(None);
        }
        (native::rd_kafka_Uuid_most_significant_bits(id), native::rd_kafka_Uuid_least_significant_bits(id))
    };
    let mut id = TopicId::default();
    id[..8].copy_from_slice(&most.to_be_bytes());
    id[8..].copy_from_slice(&least.to_be_bytes());
    Ok((id != TopicId::default()).then_some(id))
}

fn told(code: RDKafkaRespErr) -> Result<(), RDKafkaErrorCode> {
    if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR { Ok(()) } else { Err(code.into()) }
}
