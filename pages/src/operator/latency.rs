//! How long the steps of ingestion take, from the process's own histograms: between which bounds a quantile lies.

use prometheus::Registry;
use std::time::Duration;

use crate::words::{Key, words};

/// A step's durations since the process started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Latency {
    /// What the step is.
    pub(super) step: Key,
    /// How often it was done.
    pub(super) count: u64,
    /// Half of the times it took no longer than this.
    pub(super) p50: Option<Bounds>,
    /// In 99 of 100 times it took no longer than this.
    pub(super) p99: Option<Bounds>,
}

/// The bucket that a quantile lies in: above the first, up to the second; no second where it is beyond all buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    above: Duration,
    upto: Option<Duration>,
}

impl Bounds {
    /// `1 ms to 2.5 ms`.
    pub(super) fn say(self) -> String {
        match self.upto {
            Some(upto) if self.above.is_zero() => words!("operator-bounds-upto", upto = say(upto)),
            Some(upto) => words!("operator-bounds", above = say(self.above), upto = say(upto)),
            None => words!("operator-bounds-over", above = say(self.above)),
        }
    }
}

/// The steps from a batch to what is asked, each with the name of its histogram.
const STEPS: [(Key, &str); 4] = [
    (Key("operator-step-append"), "tributary_ledger_append_duration_seconds"),
    (Key("operator-step-fsync"), "tributary_ledger_fsync_duration_seconds"),
    (Key("operator-step-apply"), "tributary_apply_duration_seconds"),
    (Key("operator-step-checkpoint"), "tributary_checkpoint_duration_seconds"),
];

/// The latencies of all steps, as they are now.
pub(super) fn latencies(registry: &Registry) -> Vec<Latency> {
    let families = registry.gather();
    let of = |name: &str| {
        let family = families.iter().find(|family| family.name() == name)?;
        let metric = family.get_metric().first()?;
        let histogram = metric.get_histogram();
        let buckets: Vec<(Option<Duration>, u64)> = histogram
            .get_bucket()
            .iter()
            .map(|bucket| (Duration::try_from_secs_f64(bucket.upper_bound()).ok(), bucket.cumulative_count()))
            .collect();
        Some((histogram.get_sample_count(), buckets))
    };
    STEPS
        .into_iter()
        .map(|(step, name)| {
            let (count, buckets) = of(name).unwrap_or_default();
            let at = |percent| quantile(&buckets, count, percent);
            Latency { step, count, p50: at(50), p99: at(99) }
        })
        .collect()
}

/// The checkpoint's position as the process last told it; `None` where none was taken.
pub(super) fn checkpoint_position(registry: &Registry) -> Option<u64> {
    let families = registry.gather();
    let family = families.iter().find(|family| family.name() == "tributary_checkpoint_position")?;
    let position = family.get_metric().first()?.get_gauge().get_value();
    // A gauge is told in binary floating point; a position fits into one exactly.
    format!("{position:.0}").parse().ok().filter(|position| *position > 0)
}

/// The bucket that so many of a hundred observations lie in or below. Buckets are cumulative, ascending.
fn quantile(buckets: &[(Option<Duration>, u64)], count: u64, percent: u64) -> Option<Bounds> {
    if count == 0 {
        return None;
    }
    let wanted = (count * percent).div_ceil(100);
    let mut above = Duration::ZERO;
    for (bound, cumulative) in buckets {
        if *cumulative >= wanted {
            return Some(Bounds { above, upto: *bound });
        }
        above = bound.unwrap_or(above);
    }
    Some(Bounds { above, upto: None })
}

/// A duration in its largest unit that leaves no long tail: `250 µs`, `2.5 ms`, `1 s`.
fn say(duration: Duration) -> String {
    let micros = duration.as_micros();
    let in_units = |unit: u128| match micros % unit * 10 / unit {
        0 => (micros / unit).to_string(),
        tenths => format!("{}.{tenths}", micros / unit),
    };
    match micros {
        0..1_000 => words!("operator-micros", number = micros.to_string()),
        1_000..1_000_000 => words!("operator-millis", number = in_units(1_000)),
        _ => words!("operator-seconds", number = in_units(1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(count: u64) -> Option<Duration> {
        Some(Duration::from_millis(count))
    }

    #[test]
    fn a_quantile_lies_between_the_bounds_of_its_bucket() {
        let buckets = [(ms(1), 50), (ms(10), 98), (ms(1_000), 99)];
        let said = |count, percent| quantile(&buckets, count, percent).map(Bounds::say);
        assert_eq!(said(100, 50).as_deref(), Some("up to 1 ms"));
        assert_eq!(said(100, 51).as_deref(), Some("1 ms to 10 ms"));
        assert_eq!(said(100, 99).as_deref(), Some("10 ms to 1 s"));
        assert_eq!(said(100, 100).as_deref(), Some("over 1 s"));
        assert_eq!(said(0, 50), None);
    }

    #[test]
    fn durations_are_told_in_their_unit() {
        for (micros, said) in [(50, "50 µs"), (250, "250 µs"), (1_000, "1 ms"), (2_500, "2.5 ms"), (10_000_000, "10 s")]
        {
            assert_eq!(say(Duration::from_micros(micros)), said);
        }
    }

    #[test]
    fn the_process_tells_every_step() {
        let metrics = ingest::metrics::Metrics::new();
        let all = latencies(metrics.registry());
        assert_eq!(all.len(), STEPS.len());
        for (_, name) in STEPS {
            assert!(metrics.registry().gather().iter().any(|family| family.name() == name), "{name}");
        }
        assert_eq!(checkpoint_position(metrics.registry()), None);
    }
}
