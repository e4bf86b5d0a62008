//! Metrics as they are made: each is registered, and remembered with what it means, so that the docs can be held against
//! them.

use std::fmt;

use parking_lot::Mutex;
use prometheus::core::Collector;
use prometheus::{
    Counter, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry,
};

/// What a metric can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, and begins at 0 with the process.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It counts what was observed, by how large it was.
    Histogram,
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        })
    }
}

/// What is to be known of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// What it can do.
    pub kind: Kind,
    /// Its labels.
    pub labels: Vec<String>,
    /// What it means.
    pub help: String,
}

/// The metrics that were made.
#[derive(Default)]
pub(super) struct Registered {
    pub(super) registry: Registry,
    described: Mutex<Vec<Described>>,
}

impl Registered {
    pub(super) fn add(&self, kind: Kind, collector: Box<dyn Collector>) -> prometheus::Result<()> {
        let described = collector.desc().into_iter().map(|desc| Described {
            name: desc.fq_name.clone(),
            kind,
            labels: desc.variable_labels.clone(),
            help: desc.help.clone(),
        });
        self.described.lock().extend(described);
        self.registry.register(collector)
    }

    pub(super) fn described(&self) -> Vec<Described> {
        self.described.lock().clone()
    }
}

/// Makes metrics and registers them. Names and labels are written here in the source, so a failure is ours: two
/// of one name, or a name that Prometheus does not take. A test makes them all.
pub(super) struct Make<'a> {
    pub(super) registered: &'a Registered,
}

impl Make<'_> {
    fn register<M: Collector + Clone + 'static>(&self, kind: Kind, made: prometheus::Result<M>) -> M {
        let metric = made.expect("its name and labels are well formed");
        self.registered.add(kind, Box::new(metric.clone())).expect("its name is given once");
        metric
    }

    pub(super) fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.register(Kind::Counter, IntCounter::new(name, help))
    }

    /// A counter of what is no whole number.
    pub(super) fn counter_of_parts(&self, name: &str, help: &str) -> Counter {
        self.register(Kind::Counter, Counter::with_opts(Opts::new(name, help)))
    }

    pub(super) fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.register(Kind::Counter, IntCounterVec::new(Opts::new(name, help), labels))
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.register(Kind::Gauge, IntGauge::new(name, help))
    }

    pub(super) fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.register(Kind::Gauge, IntGaugeVec::new(Opts::new(name, help), labels))
    }

    /// A gauge that is absent until it is set.
    pub(super) fn perhaps(&self, name: &str, help: &str) -> IntGaugeVec {
        self.gauges(name, help, &[])
    }

    /// A moment, absent until it is set: seconds since 1970.
    pub(super) fn moment(&self, name: &str, help: &str) -> GaugeVec {
        self.register(Kind::Gauge, GaugeVec::new(Opts::new(name, help), &[]))
    }

    pub(super) fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.register(Kind::Histogram, Histogram::with_opts(options))
    }

    pub(super) fn histograms(&self, name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> HistogramVec {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.register(Kind::Histogram, HistogramVec::new(options, labels))
    }
}
