//! A request's ids in what is told of it, and its way as a span, for whoever collects traces.

use axum::extract::MatchedPath;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use ingest::traces::{REQUEST, TraceParent, WAY};
use tracing::Span;
use tracing::field::Empty;

use crate::came::{RequestId, trace_parent};
use crate::carried;
use crate::probes::is_probe;

/// The trace and the span in which a request was answered, for who asked (W3C Trace Context, editors' draft).
const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// A request that is being answered.
#[derive(Clone)]
pub(super) struct Traced {
    /// What gives the lines of the log their ids.
    log: Span,
    /// What is collected; none where nobody does.
    way: Span,
}

impl Traced {
    /// A request came.
    pub(super) fn begin(
        method: &Method,
        endpoint: Option<&MatchedPath>,
        headers: &HeaderMap,
        id: &RequestId,
    ) -> Traced {
        let sender = trace_parent(headers);
        let log = tracing::error_span!(target: REQUEST, "request", request_id = id.0, trace_id = Empty);
        let endpoint = endpoint.map(MatchedPath::as_str);
        // What an orchestrator and Prometheus ask again and again is a trace of its own only where they say so.
        let way = if sender.is_none() && endpoint.is_some_and(is_probe) {
            Span::none()
        } else {
            let begun = tracing::info_span!(
                target: WAY,
                parent: &log,
                "request",
                otel.name = %format_args!("{method} {}", endpoint.unwrap_or_default()),
                otel.kind = "server",
                otel.status_code = Empty,
                http.request.method = %method,
                http.route = endpoint,
                http.response.status_code = Empty,
                tributary.request_id = id.0
            );
            sender.iter().for_each(|sender| sender.lead(&begun));
            begun
        };
        if let Some(trace) = TraceParent::of(&way).or(sender) {
            log.record("trace_id", trace.trace());
        }
        Traced { log, way }
    }

    /// What answers it.
    pub(super) fn around<F: Future>(&self, answering: F) -> impl Future<Output = F::Output> + use<F> {
        carried::between(self.log.clone(), self.way.clone(), answering)
    }

    /// Names the trace to who asked, where it is one.
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        let value = TraceParent::of(&self.way).and_then(|trace| HeaderValue::try_from(trace.to_string()).ok());
        if let Some(value) = value {
            headers.insert(TRACERESPONSE, value);
        }
    }

    /// It is answered.
    pub(super) fn answered(&self, status: StatusCode) {
        self.way.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            self.way.record("otel.status_code", "ERROR");
        }
    }

    /// Tells of it in the log.
    pub(super) fn log<T>(&self, tell: impl FnOnce() -> T) -> T {
        self.log.in_scope(|| self.way.in_scope(tell))
    }
}
