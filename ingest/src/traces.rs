//! Traces (OpenTelemetry): the way of a request and of a batch as spans, for whoever collects them. Nobody may: then a span
//! costs a look at whether it is wanted, once a request, a batch and a frame, and nothing for each event.
//!
//! A span is one of `tracing`; the binary says where to they go. Spans of the target [`WAY`] are collected. The one of the
//! target [`REQUEST`] stands around a request so that each line of the log bears its ids, whoever collects what.

mod batch;
mod board;
mod frame;
mod parent;
mod way;

pub(crate) use batch::BatchWay;
pub use board::SpanBoard;
pub(crate) use frame::FrameWay;
pub use frame::step;
pub use parent::TraceParent;
pub use way::Way;

/// The target of spans that are collected, at the level `info`.
pub const WAY: &str = "tributary::way";

/// The target of the span that gives the lines of a request's log their ids, at the level `error`, so that it is there
/// whatever the level.
pub const REQUEST: &str = "tributary::request";
