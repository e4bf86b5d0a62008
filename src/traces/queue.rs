//! Spans on their way to the collector: so many wait at most, and what becomes of each is counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ingest::traces::SpanBoard;
use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};

/// How long a span waits for others to go with it.
const DELAY: Duration = Duration::from_secs(1);

/// OpenTelemetry's queue, with what does not go into it counted.
pub(super) struct Queue {
    behind: BatchSpanProcessor,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
    board: Arc<SpanBoard>,
}

/// What sends spans, with what became of them counted.
struct Counted<E> {
    behind: E,
    waiting: Arc<AtomicUsize>,
    board: Arc<SpanBoard>,
}

impl Queue {
    pub(super) fn new(exporter: impl SpanExporter + 'static, waiting_max: usize, board: Arc<SpanBoard>) -> Queue {
        let waiting = Arc::new(AtomicUsize::new(0));
        let counted = Counted { behind: exporter, waiting: Arc::clone(&waiting), board: Arc::clone(&board) };
        let config = BatchConfigBuilder::default().with_max_queue_size(waiting_max).with_scheduled_delay(DELAY).build();
        let behind = BatchSpanProcessor::builder(counted).with_batch_config(config).build();
        Queue { behind, waiting, waiting_max, board }
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.behind.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        // Those on their way to the collector count, too.
        let has_room = |waiting| (waiting < self.waiting_max).then_some(waiting + 1);
        match self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, has_room) {
            Ok(_) => self.behind.on_end(span),
            Err(_) => self.board.dropped(),
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.behind.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.behind.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.behind.set_resource(resource);
    }
}

impl<E: SpanExporter> SpanExporter for Counted<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let done = self.behind.export(batch).await;
        self.waiting.fetch_sub(count, Ordering::Relaxed);
        match &done {
            Ok(()) => self.board.sent(count),
            Err(_) => self.board.failed(count),
        }
        done
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.behind.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.behind.set_resource(resource);
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Queue").field("waiting_max", &self.waiting_max).finish_non_exhaustive()
    }
}

impl<E> std::fmt::Debug for Counted<E> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Counted").finish_non_exhaustive()
    }
}
