//! The way of a batch of messages: from the first that is taken to where all are applied. Messages whose senders have
//! their traces collected are seen in those traces too.

use std::time::SystemTime;

use ledger::Outcome;
use opentelemetry::trace::{Span as _, TraceContextExt, Tracer};
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{TraceParent, WAY, Way};

/// So many messages of a batch are seen in the traces of their senders; as many links a span has.
const MESSAGES_MAX: usize = 128;

/// A batch that is being gathered. Its trace is a new one: it is collected by chance, or because that of a message is.
pub(crate) struct BatchWay {
    span: Span,
    /// When the first message was taken; none where nobody collects spans.
    began: Option<SystemTime>,
    messages: Vec<MessageWay>,
}

/// A message in the trace of its sender, until it is known what became of it.
pub(crate) struct MessageWay {
    /// Its place in the batch.
    at: usize,
    span: Span,
}

impl BatchWay {
    /// Of what nobody follows.
    pub(crate) fn none() -> BatchWay {
        BatchWay { span: Span::none(), began: None, messages: Vec::new() }
    }

    /// The first message is taken.
    pub(crate) fn begin() -> BatchWay {
        let span = tracing::info_span!(
            target: WAY,
            parent: None,
            "batch",
            otel.kind = "consumer",
            messaging.system = "kafka",
            messaging.batch.message_count = Empty
        );
        let began = (!span.is_disabled()).then(SystemTime::now);
        BatchWay { span, began, messages: Vec::new() }
    }

    /// Whether it is worth it to look for the trace of one more message.
    pub(crate) fn follows_more(&self) -> bool {
        self.began.is_some() && self.messages.len() < MESSAGES_MAX
    }

    /// The message at a place of the batch belongs to a trace.
    pub(crate) fn message(&mut self, at: usize, sender: &TraceParent, topic: &str, partition: i32, offset: i64) {
        if !sender.is_kept() {
            return;
        }
        let span = tracing::info_span!(
            target: WAY,
            parent: None,
            "process",
            otel.name = %format_args!("process {topic}"),
            otel.kind = "consumer",
            messaging.system = "kafka",
            messaging.operation.type = "process",
            messaging.destination.name = topic,
            messaging.destination.partition.id = %partition,
            messaging.kafka.offset = offset,
            tributary.outcome = Empty,
            tributary.reason = Empty,
            tributary.position = Empty
        );
        sender.lead(&span);
        self.span.add_link(sender.context());
        self.messages.push(MessageWay { at, span });
    }

    /// All its messages are taken, so many. Its way, and those of its messages.
    pub(crate) fn fetched(self, count: usize) -> (Way, Vec<MessageWay>) {
        let BatchWay { span, began, messages } = self;
        if let Some(began) = began {
            span.record("messaging.batch.message_count", count);
            // NOTE: only now, since whether it is collected hangs on all links.
            let context = span.context();
            for message in &messages {
                message.span.follows_from(&span);
            }
            if context.span().span_context().is_sampled() {
                let tracer = opentelemetry::global::tracer("tributary");
                let fetch = tracer.span_builder("fetch").with_start_time(began);
                fetch.start_with_context(&tracer, &context).end();
            }
        }
        (span.into(), messages)
    }
}

impl MessageWay {
    /// What became of each event of the batch is known, and so of this one.
    pub(crate) fn became(self, outcomes: &[Outcome]) {
        let MessageWay { at, span } = self;
        let (outcome, position) = match outcomes.get(at) {
            Some(Outcome::Accepted { position }) => ("accepted", Some(*position)),
            Some(Outcome::Duplicate { of }) => ("duplicate", Some(*of)),
            Some(Outcome::Quarantined { rejection, .. }) => {
                span.record("tributary.reason", rejection.reason.as_str());
                ("quarantined", None)
            }
            None => return,
        };
        span.record("tributary.outcome", outcome);
        if let Some(position) = position {
            span.record("tributary.position", position);
        }
    }
}
