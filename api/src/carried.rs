//! What is told on another thread is told of the request that it is done for, and belongs to its trace.

use tracing::{Instrument, Span};

tokio::task_local! {
    /// The span that gives the lines of a request's log their ids.
    static LOG: Span;
}

/// Answers a request between the spans that tell of it: `log` gives its lines their ids, `way` is collected.
pub(crate) async fn between<F: Future>(log: Span, way: Span, answering: F) -> F::Output {
    LOG.scope(log.clone(), answering.instrument(way).instrument(log)).await
}

/// The spans that tell of what is done here, for another thread.
pub(crate) struct Carried {
    log: Span,
    way: Span,
}

impl Carried {
    /// Those of the request that is being answered here; none where none is.
    pub(crate) fn here() -> Carried {
        Carried { log: LOG.try_with(Span::clone).unwrap_or_else(|_| Span::none()), way: Span::current() }
    }

    /// Does work between them.
    pub(crate) fn around<T>(&self, work: impl FnOnce() -> T) -> T {
        // NOTE: the log looks for its span among those entered, not among the parents of one.
        self.log.in_scope(|| self.way.in_scope(work))
    }
}
