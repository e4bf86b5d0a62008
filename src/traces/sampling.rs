//! Which traces are collected: those that their senders have collected, and of those that begin here one in so many.

use std::num::NonZeroU64;

use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

/// As OpenTelemetry's parent-based sampler with a ratio of trace ids, and links count too: a batch is collected if a message
/// of it is.
#[derive(Clone, Debug)]
pub(super) struct Sampling {
    /// Ids below are collected, of 63 bits.
    below: u64,
}

impl Sampling {
    pub(super) fn one_in(count: NonZeroU64) -> Sampling {
        Sampling { below: (1 << 63) / count }
    }

    /// By the id alone, so that all who keep the same share keep the same traces.
    fn keeps(&self, trace: TraceId) -> bool {
        let [.., a, b, c, d, e, f, g, h] = trace.to_bytes();
        u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1 < self.below
    }
}

impl ShouldSample for Sampling {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        _name: &str,
        _kind: &SpanKind,
        _attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let is_kept = match parent.filter(|parent| parent.has_active_span()) {
            Some(parent) => parent.span().span_context().is_sampled(),
            None => links.iter().any(|link| link.span_context.is_sampled()) || self.keeps(trace),
        };
        let decision = if is_kept { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop };
        let trace_state = parent.map(|parent| parent.span().span_context().trace_state().clone()).unwrap_or_default();
        SamplingResult { decision, attributes: Vec::new(), trace_state }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceState};

    use super::*;

    fn is_kept(sampling: &Sampling, parent: Option<&Context>, trace: u128, links: &[Link]) -> bool {
        let trace = TraceId::from_bytes(trace.to_be_bytes());
        let result = sampling.should_sample(parent, trace, "a span", &SpanKind::Server, &[], links);
        result.decision == SamplingDecision::RecordAndSample
    }

    fn remote(flags: TraceFlags) -> SpanContext {
        let (trace, span) = (TraceId::from_bytes([1; 16]), SpanId::from_bytes([1; 8]));
        SpanContext::new(trace, span, flags, true, TraceState::NONE)
    }

    #[test]
    fn of_those_that_begin_here_one_in_so_many_is_kept_by_its_id() {
        let all = Sampling::one_in(NonZeroU64::MIN);
        let tenth = Sampling::one_in(NonZeroU64::new(10).expect("not 0"));
        // Ids that are spread evenly.
        let ids = || (0..10_000_u64).map(|number| u128::from(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        assert_eq!(ids().filter(|id| is_kept(&all, None, *id, &[])).count(), 10_000);
        let kept = ids().filter(|id| is_kept(&tenth, None, *id, &[])).count();
        assert!((900..1_100).contains(&kept), "{kept} of 10000");
        assert!(is_kept(&all, None, u128::MAX, &[]) && !is_kept(&tenth, None, u128::MAX, &[]));
    }

    #[test]
    fn what_its_sender_says_of_a_trace_goes_and_a_link_to_one_that_is_kept_keeps() {
        let (all, few) = (Sampling::one_in(NonZeroU64::MIN), Sampling::one_in(NonZeroU64::MAX));
        let of = |flags| Context::new().with_remote_span_context(remote(flags));
        assert!(is_kept(&few, Some(&of(TraceFlags::SAMPLED)), u128::MAX, &[]));
        assert!(!is_kept(&all, Some(&of(TraceFlags::NOT_SAMPLED)), 1, &[]));
        let link = |flags| [Link::with_context(remote(flags))];
        assert!(is_kept(&few, None, u128::MAX, &link(TraceFlags::SAMPLED)));
        assert!(!is_kept(&few, None, u128::MAX, &link(TraceFlags::NOT_SAMPLED)));
    }
}
