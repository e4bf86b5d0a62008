//! `traceparent` (W3C Trace Context): the trace and the span that a request or a message belongs to.

use std::fmt;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// A trace, a span of it, and whether the trace is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace: TraceId,
    span: SpanId,
    flags: TraceFlags,
}

impl TraceParent {
    /// Reads `version-trace-parent-flags`, in lower-case hexadecimal digits; none where it is not well formed.
    #[must_use]
    pub fn read(text: &str) -> Option<TraceParent> {
        let mut parts = text.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_hex = |text: &str, length: usize| {
            text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_whole = is_hex(version, 2) && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2);
        // A later version may have more parts.
        let ends = version != "00" || parts.next().is_none();
        if !is_whole || !ends || version == "ff" {
            return None;
        }
        let parent = TraceParent {
            trace: TraceId::from_hex(trace).ok()?,
            span: SpanId::from_hex(span).ok()?,
            // Of the flags, this one alone is known to every version.
            flags: TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED,
        };
        (parent.trace != TraceId::INVALID && parent.span != SpanId::INVALID).then_some(parent)
    }

    /// What a span is to those that it calls, and to who called it; none where nobody collects spans.
    #[must_use]
    pub fn of(span: &Span) -> Option<TraceParent> {
        if span.is_disabled() {
            return None;
        }
        let context = span.context();
        let of_it = context.span().span_context().clone();
        of_it.is_valid().then(|| TraceParent {
            trace: of_it.trace_id(),
            span: of_it.span_id(),
            flags: of_it.trace_flags() & TraceFlags::SAMPLED,
        })
    }

    /// The trace and the span that what is done here now belongs to; none where they are not collected.
    #[must_use]
    pub fn in_force() -> Option<TraceParent> {
        Context::map_current(|context| {
            let span = context.span();
            let of_it = span.span_context();
            let (trace, span, flags) = (of_it.trace_id(), of_it.span_id(), of_it.trace_flags() & TraceFlags::SAMPLED);
            of_it.is_sampled().then_some(TraceParent { trace, span, flags })
        })
    }

    /// The id of the trace, 32 hexadecimal digits.
    #[must_use]
    pub fn trace(&self) -> String {
        self.trace.to_string()
    }

    /// The id of the span, 16 hexadecimal digits.
    #[must_use]
    pub fn span(&self) -> String {
        self.span.to_string()
    }

    /// Whether who began the trace has it collected.
    pub(crate) fn is_kept(&self) -> bool {
        self.flags.is_sampled()
    }

    /// Makes a span that has not begun yet a child of this one.
    pub fn lead(&self, span: &Span) {
        // Where nobody collects spans, or not this one, there is nothing to lead.
        let _ = span.set_parent(Context::new().with_remote_span_context(self.context()));
    }

    pub(crate) fn context(&self) -> SpanContext {
        SpanContext::new(self.trace, self.span, self.flags, true, TraceState::NONE)
    }
}

/// As a header says it.
impl fmt::Display for TraceParent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "00-{}-{}-{:02x}", self.trace, self.span, self.flags.to_u8())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_read_if_it_is_well_formed() {
        for text in [
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
        ] {
            assert_eq!(TraceParent::read(text).map(|parent| parent.to_string()).as_deref(), Some(text));
        }
        let later = TraceParent::read("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03-more");
        let known = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(later.map(|parent| parent.to_string()).as_deref(), Some(known));
        for wrong in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceParent::read(wrong), None, "{wrong}");
        }
    }
}
