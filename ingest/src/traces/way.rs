//! To which trace work belongs.

use opentelemetry::trace::TraceContextExt;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// To which trace a work belongs, by the span that it is part of; to none by default.
#[derive(Clone, Debug)]
pub struct Way(Span);

impl Default for Way {
    fn default() -> Way {
        Way(Span::none())
    }
}

impl From<Span> for Way {
    fn from(span: Span) -> Way {
        Way(span)
    }
}

impl Way {
    /// The trace that what is done here now belongs to.
    #[must_use]
    pub fn here() -> Way {
        Way(Span::current())
    }

    /// The span that the work is part of.
    pub(crate) fn span(&self) -> &Span {
        &self.0
    }

    /// Does a part of the work, as a span of its own where the trace is collected: `begin` makes it, below the one given.
    pub(crate) fn step<T>(&self, begin: impl FnOnce(&Span) -> Span, work: impl FnOnce() -> T) -> T {
        if self.is_kept() { begin(&self.0).in_scope(work) } else { work() }
    }

    /// Whether its trace is collected.
    pub(crate) fn is_kept(&self) -> bool {
        !self.0.is_disabled() && self.0.context().span().span_context().is_sampled()
    }
}
