//! OpenMetrics' text format, in which buckets of histograms bear exemplars. The `prometheus` crate writes the older format
//! alone; what it gathers is written here.

use std::fmt::Write;

use prometheus::proto::{Histogram, LabelPair, Metric, MetricFamily, MetricType};

use super::exemplars::{Exemplar, Exemplars};

/// What stands at the end, so that a text that was cut off is seen.
const END: &str = "# EOF\n";

/// Writes families of metrics.
pub(super) fn written(families: &[MetricFamily], exemplars: &Exemplars) -> String {
    let mut out = String::new();
    for family in families {
        write_family(&mut out, family, exemplars);
    }
    out.push_str(END);
    out
}

fn write_family(out: &mut String, family: &MetricFamily, exemplars: &Exemplars) {
    let name = family.name();
    let kind = family.get_field_type();
    // A counter's family is called without what its sample is called by.
    let (family_name, kind_name) = match kind {
        MetricType::COUNTER => (name.strip_suffix("_total").unwrap_or(name), "counter"),
        MetricType::GAUGE => (name, "gauge"),
        MetricType::HISTOGRAM => (name, "histogram"),
        // None is made here.
        MetricType::SUMMARY | MetricType::UNTYPED => return,
    };
    line(out, format_args!("# HELP {family_name} {}", escaped(family.help())));
    line(out, format_args!("# TYPE {family_name} {kind_name}"));
    for metric in family.get_metric() {
        let labels = metric.get_label();
        match kind {
            MetricType::COUNTER => {
                sample(out, (family_name, "_total"), labels, None, metric.get_counter().get_value(), None);
            }
            MetricType::GAUGE => sample(out, (name, ""), labels, None, metric.get_gauge().get_value(), None),
            MetricType::HISTOGRAM => write_histogram(out, name, metric, exemplars),
            MetricType::SUMMARY | MetricType::UNTYPED => {}
        }
    }
}

fn write_histogram(out: &mut String, name: &str, metric: &Metric, exemplars: &Exemplars) {
    let (labels, histogram): (_, &Histogram) = (metric.get_label(), metric.get_histogram());
    let of_buckets = exemplars.of(name, labels.iter().map(LabelPair::value));
    let exemplar = |bucket: usize| of_buckets.get(bucket).copied().flatten();
    let mut buckets = 0;
    for bucket in histogram.get_bucket().iter().filter(|bucket| bucket.upper_bound().is_finite()) {
        let (bound, count) = (number(bucket.upper_bound()), bucket.cumulative_count() as f64);
        sample(out, (name, "_bucket"), labels, Some(&bound), count, exemplar(buckets));
        buckets += 1;
    }
    let count = histogram.get_sample_count() as f64;
    sample(out, (name, "_bucket"), labels, Some("+Inf"), count, exemplar(buckets));
    sample(out, (name, "_sum"), labels, None, histogram.get_sample_sum(), None);
    sample(out, (name, "_count"), labels, None, count, None);
}

fn sample(
    out: &mut String,
    (name, suffix): (&str, &str),
    labels: &[LabelPair],
    bound: Option<&str>,
    value: f64,
    exemplar: Option<Exemplar>,
) {
    let labels = labels.iter().map(|label| (label.name(), label.value()));
    let labels: Vec<String> = labels
        .chain(bound.map(|bound| ("le", bound)))
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
        .collect();
    let braced = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    match exemplar {
        None => line(out, format_args!("{name}{suffix}{braced} {}", plain(value))),
        Some(Exemplar { trace, value: observed, at }) => line(
            out,
            format_args!(
                "{name}{suffix}{braced} {} # {{trace_id=\"{}\",span_id=\"{}\"}} {observed} {}.{:06}",
                plain(value),
                trace.trace(),
                trace.span(),
                at.0.div_euclid(1_000_000),
                at.0.rem_euclid(1_000_000)
            ),
        ),
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // A text takes whatever is written.
    let _ = writeln!(out, "{text}");
}

/// A bound as the format has it: never a bare whole number.
fn number(value: f64) -> String {
    let text = value.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// A value, as both formats take it.
fn plain(value: f64) -> String {
    if value == f64::INFINITY {
        "+Inf".to_owned()
    } else if value == f64::NEG_INFINITY {
        "-Inf".to_owned()
    } else {
        value.to_string()
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry};
    use schemas::Timestamp;

    use super::*;
    use crate::traces::TraceParent;

    #[test]
    fn counters_gauges_and_histograms_are_written_with_exemplars_where_there_are_some() {
        let registry = Registry::new();
        let counters =
            IntCounterVec::new(Opts::new("things_total", "Things, by \"kind\"."), &["kind"]).expect("formed");
        counters.with_label_values(&["a\\b\n\"c\""]).inc_by(3);
        let gauge = IntGauge::new("level", "The level.").expect("formed");
        gauge.set(-7);
        let bounds = [0.5, 1.0, 10.0];
        let options = HistogramOpts::new("took_seconds", "How long.").buckets(bounds.to_vec());
        let histogram = HistogramVec::new(options, &["endpoint"]).expect("formed");
        for value in [0.25, 0.75, 1.0, 99.5] {
            histogram.with_label_values(&["/v1"]).observe(value);
        }
        registry.register(Box::new(counters)).expect("once");
        registry.register(Box::new(gauge)).expect("once");
        registry.register(Box::new(histogram)).expect("once");

        let exemplars = Exemplars::default();
        let trace = TraceParent::read("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").expect("a parent");
        for (value, micros) in [(0.75, 1), (1.0, 2_500_000), (99.5, 3)] {
            exemplars.keep("took_seconds", &["/v1"], &bounds, Exemplar { trace, value, at: Timestamp(micros) });
        }
        let expected = r#"# HELP level The level.
# TYPE level gauge
level -7
# HELP things Things, by \"kind\".
# TYPE things counter
things_total{kind="a\\b\n\"c\""} 3
# HELP took_seconds How long.
# TYPE took_seconds histogram
took_seconds_bucket{endpoint="/v1",le="0.5"} 1
took_seconds_bucket{endpoint="/v1",le="1.0"} 3 # {trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"} 1 2.500000
took_seconds_bucket{endpoint="/v1",le="10.0"} 3
took_seconds_bucket{endpoint="/v1",le="+Inf"} 4 # {trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"} 99.5 0.000003
took_seconds_sum{endpoint="/v1"} 101.5
took_seconds_count{endpoint="/v1"} 4
# EOF
"#;
        assert_eq!(written(&registry.gather(), &exemplars), expected);
    }
}
