//! The way of a frame: what was on many ways is committed together.

use ledger::Position;
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use tracing::Span;
use tracing::field::Empty;
use tracing::span::Entered;

use super::{WAY, Way};

/// A frame's span, in the first trace that is collected; in each other one of its works a span of the same length, with a
/// link to it.
pub(crate) struct FrameWay {
    span: Span,
    others: Vec<Span>,
}

impl FrameWay {
    /// Begins with the ways of the works that share the frame.
    pub(crate) fn begin<'w>(ways: impl Iterator<Item = &'w Way>) -> FrameWay {
        let mut kept = ways.filter(|way| way.is_kept()).map(Way::span);
        let Some(first) = kept.next() else { return FrameWay { span: Span::none(), others: Vec::new() } };
        let span = commit(first);
        let others = kept.map(|way| {
            let other = commit(way);
            other.follows_from(&span);
            other
        });
        let others = others.collect();
        FrameWay { span, others }
    }

    /// What is done while this lives is part of it.
    pub(crate) fn enter(&self) -> Entered<'_> {
        self.span.enter()
    }

    /// So many events were decided on; the ledger stands at this position then.
    pub(crate) fn became(&self, events: usize, position: Position) {
        for span in self.others.iter().chain([&self.span]) {
            span.record("tributary.events", events).record("tributary.position", position);
        }
    }
}

fn commit(parent: &Span) -> Span {
    tracing::info_span!(target: WAY, parent: parent, "commit", tributary.events = Empty, tributary.position = Empty)
}

/// A step of what is done here now, as a span if that belongs to a trace that is collected; else none, and `begin` is not
/// called.
pub fn step(begin: impl FnOnce() -> Span) -> Span {
    let is_kept = Context::map_current(|context| context.span().span_context().is_sampled());
    if is_kept { begin() } else { Span::none() }
}
