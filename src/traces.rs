//! Traces to a collector, by OTLP over HTTP: what is sent, how it is bounded, and its end. Without one nothing of this is
//! made.

mod collector;
mod queue;
mod sampling;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use ingest::metrics::Metrics;
use ingest::traces::{SpanBoard, WAY};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::{Layer, Registry};

use self::collector::Collector;
use self::queue::Queue;
use self::sampling::Sampling;
use crate::config::Traces;
use crate::exit::Failure;

/// How long the collector may take for what it is sent at a time.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long the end waits for the collector to take what is left.
const FLUSH: Duration = Duration::from_secs(3);

/// What traces are sent with. To be finished at the end.
pub(crate) struct Tracing {
    provider: SdkTracerProvider,
}

impl Tracing {
    /// Makes ready to send traces, if the settings name a collector; it is not asked yet.
    ///
    /// # Errors
    /// If its address or authority cannot be used, which is bad usage.
    pub(crate) fn start(traces: Option<&Traces>, metrics: &Metrics) -> Result<Option<Tracing>, Failure> {
        let Some(traces) = traces else { return Ok(None) };
        let board = Arc::new(SpanBoard::new(metrics.registry()));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(traces, TIMEOUT, Arc::clone(&board))?)
            .with_endpoint(&traces.endpoint)
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(TIMEOUT)
            .with_retry_policy(RetryPolicy::recommended())
            .build()
            .context("traces.endpoint")
            .map_err(Failure::usage)?;
        let resource = Resource::builder().with_service_name(traces.service_name.clone());
        let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.with_attribute(version).build())
            .with_sampler(Sampling::one_in(traces.one_in))
            .with_span_processor(Queue::new(exporter, traces.queue_spans, board))
            .build();
        opentelemetry::global::set_tracer_provider(provider.clone());
        Ok(Some(Tracing { provider }))
    }

    /// What takes the spans.
    pub(crate) fn layer(&self) -> Box<dyn Layer<Registry> + Send + Sync> {
        let layer = tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("tributary"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false);
        layer.with_filter(Targets::new().with_target(WAY, LevelFilter::INFO)).boxed()
    }

    /// Sends what is left, for as long as the end waits.
    pub(crate) fn finish(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(FLUSH) {
            tracing::warn!(%error, "the collector did not take the last spans");
        }
    }
}
