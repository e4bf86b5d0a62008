//! What became of spans: sent to who collects them, or lost; counted, and told when it begins and when it is over.

use std::time::Instant;

use prometheus::{IntCounter, IntCounterVec, Opts, Registry};

use crate::trouble::{Course, Troubles};

/// What becomes of the spans that are collected.
pub struct SpanBoard {
    sent: IntCounter,
    failed: IntCounter,
    dropped: IntCounter,
    troubles: Troubles<()>,
}

impl SpanBoard {
    /// None yet. The metric stands in this registry.
    #[must_use]
    pub fn new(registry: &Registry) -> SpanBoard {
        let about = "Spans of traces that are collected, by what became of them: sent; failed, since the collector did not take \
                     them; dropped, since as many waited as may.";
        let spans =
            IntCounterVec::new(Opts::new("tributary_trace_spans_total", about), &["outcome"]).expect("well formed");
        let [sent, failed, dropped] = ["sent", "failed", "dropped"].map(|outcome| spans.with_label_values(&[outcome]));
        if let Err(error) = registry.register(Box::new(spans)) {
            tracing::error!(%error, "the metric of spans is not shown");
        }
        SpanBoard { sent, failed, dropped, troubles: Troubles::default() }
    }

    /// The collector took so many.
    pub fn sent(&self, spans: usize) {
        self.sent.inc_by(spans as u64);
        for ((), Course { times, lasted }) in self.troubles.over(Instant::now(), |()| true) {
            tracing::info!(times, ?lasted, "over: the collector takes spans again");
        }
    }

    /// It did not take so many, which are lost.
    pub fn failed(&self, spans: usize) {
        self.failed.inc_by(spans as u64);
    }

    /// The collector was asked in vain.
    pub fn in_vain(&self, why: &str) {
        if let Some(Course { times, lasted }) = self.troubles.met((), Instant::now()) {
            let lost = self.failed.get() + self.dropped.get();
            tracing::warn!(error = why, times, ?lasted, lost, "the collector takes no spans: everything else goes on");
        }
    }

    /// As many wait as may: one more is lost.
    pub fn dropped(&self) {
        self.dropped.inc();
    }
}
