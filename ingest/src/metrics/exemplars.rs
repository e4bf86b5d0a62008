//! Exemplars: of each bucket of a histogram, the last observation of which a trace is collected, so that one who sees slow
//! requests has a slow request to look at.

use std::collections::HashMap;

use parking_lot::Mutex;
use schemas::Timestamp;

use crate::clock::{Clock, SystemClock};
use crate::traces::TraceParent;

/// An observation, and the trace that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Exemplar {
    pub(super) trace: TraceParent,
    pub(super) value: f64,
    pub(super) at: Timestamp,
}

/// The last of each bucket. There are as many at most as there are buckets shown.
#[derive(Default)]
pub(super) struct Exemplars {
    last: Mutex<HashMap<Series, Buckets>>,
}

/// A histogram's name, and the values of its labels in the order of their names.
#[derive(PartialEq, Eq, Hash)]
struct Series {
    name: &'static str,
    labels: Vec<String>,
}

/// One for each upper bound, and for what lies above all.
type Buckets = Vec<Option<Exemplar>>;

impl Exemplars {
    /// Keeps an observation, if it is made within a trace that is collected. Else nothing is done.
    pub(super) fn note(&self, name: &'static str, labels: &[&str], bounds: &[f64], value: f64) {
        if let Some(trace) = TraceParent::in_force() {
            let at = SystemClock::new().now();
            self.keep(name, labels, bounds, Exemplar { trace, value, at });
        }
    }

    pub(super) fn keep(&self, name: &'static str, labels: &[&str], bounds: &[f64], exemplar: Exemplar) {
        let series = Series { name, labels: labels.iter().map(|value| (*value).to_owned()).collect() };
        let bucket = bounds.partition_point(|bound| *bound < exemplar.value);
        let mut last = self.last.lock();
        let buckets = last.entry(series).or_insert_with(|| vec![None; bounds.len() + 1]);
        if let Some(kept) = buckets.get_mut(bucket) {
            *kept = Some(exemplar);
        }
    }

    /// Those of a histogram, by bucket; none where there are none.
    pub(super) fn of<'l>(&self, name: &str, labels: impl Iterator<Item = &'l str>) -> Vec<Option<Exemplar>> {
        let last = self.last.lock();
        if last.is_empty() {
            return Vec::new();
        }
        let labels: Vec<&str> = labels.collect();
        let of_it = last.iter().find(|(series, _)| series.name == name && series.labels == labels);
        of_it.map(|(_, buckets)| buckets.clone()).unwrap_or_default()
    }
}
