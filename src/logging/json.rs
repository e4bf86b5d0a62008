//! Lines of the log as JSON, an object each, with the ids that lead from one to another: the request's and its trace's.

use std::fmt;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// The library's JSON, with ids at the end of the object: `request_id` and `trace_id` of what is told while a request is
/// answered, `trace_id` of what is done for a batch that is collected, `span_id` where a span is collected.
pub(super) struct WithIds {
    line: Format<Json>,
}

impl WithIds {
    pub(super) fn of(line: Format<Json>) -> WithIds {
        WithIds { line: line.flatten_event(true).with_current_span(false).with_span_list(false) }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, JsonFields> for WithIds {
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.line.format_event(context, Writer::new(&mut line), event)?;
        let Some(object) = line.trim_end().strip_suffix('}') else { return out.write_str(&line) };
        out.write_str(object)?;
        // The only span that lines know is the request's, whose fields are its ids.
        let mut has_trace = false;
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<JsonFields>>().map_or("", |fields| fields.as_str());
            let ids = fields.trim_start_matches('{').trim_end_matches('}');
            if !ids.is_empty() {
                write!(out, ",{ids}")?;
                has_trace |= ids.contains("\"trace_id\":");
            }
        }
        Context::map_current(|current| {
            let span = current.span();
            let ids = span.span_context();
            if ids.is_valid() && !has_trace {
                write!(out, ",\"trace_id\":\"{}\"", ids.trace_id())?;
            }
            if ids.is_valid() { write!(out, ",\"span_id\":\"{}\"", ids.span_id()) } else { Ok(()) }
        })?;
        out.write_str("}\n")
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use ingest::traces::REQUEST;
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
    use serde_json::Value;
    use tracing::field::Empty;
    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// Lines that are told, kept.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Lines {
        type Writer = Lines;

        fn make_writer(&'a self) -> Lines {
            self.clone()
        }
    }

    /// What is told while this is done, a line each.
    fn told(done: impl FnOnce()) -> Vec<Value> {
        let lines = Lines::default();
        let layer = tracing_subscriber::fmt::layer().with_writer(lines.clone()).json().map_event_format(WithIds::of);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), done);
        let text = lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8(text).expect("UTF-8");
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    }

    #[test]
    fn a_line_bears_the_ids_of_the_request_and_of_the_span_in_force() {
        let lines = told(|| {
            tracing::info!(count = 3, "beside any request: \"quoted\" {{");
            let request = tracing::error_span!(target: REQUEST, "request", request_id = "a\"b", trace_id = Empty);
            let _within = request.enter();
            tracing::warn!("before its trace is known");
            request.record("trace_id", "0af7651916cd43dd8448eb211c80319c");
            let (trace, span) = (TraceId::from_bytes([1; 16]), SpanId::from_bytes([2; 8]));
            let collected = SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::NONE);
            let _attached = Context::new().with_remote_span_context(collected).attach();
            tracing::warn!("within");
        });
        assert_eq!((&lines[0]["count"], &lines[0]["message"]), (&3.into(), &"beside any request: \"quoted\" {".into()));
        assert_eq!(
            (&lines[0]["request_id"], &lines[0]["trace_id"], &lines[0]["span_id"]),
            (&Value::Null, &Value::Null, &Value::Null)
        );
        assert_eq!((&lines[1]["request_id"], &lines[1]["trace_id"]), (&"a\"b".into(), &Value::Null));
        let ids = (&lines[2]["request_id"], &lines[2]["trace_id"], &lines[2]["span_id"]);
        assert_eq!(ids, (&"a\"b".into(), &"0af7651916cd43dd8448eb211c80319c".into(), &"0202020202020202".into()));
        assert_eq!(lines[2]["level"], "WARN");
    }

    #[test]
    fn what_is_done_for_a_batch_bears_its_trace() {
        let lines = told(|| {
            let (trace, span) = (TraceId::from_bytes([3; 16]), SpanId::from_bytes([4; 8]));
            let collected = SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::NONE);
            let _attached = Context::new().with_remote_span_context(collected).attach();
            tracing::info!("within");
        });
        assert_eq!((&lines[0]["trace_id"], &lines[0]["span_id"]), (&"03".repeat(16).into(), &"04".repeat(8).into()));
    }
}
