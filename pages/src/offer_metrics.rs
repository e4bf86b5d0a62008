//! What the conditions of offers measure (SPEC 4.6), as pages show it.

use schemas::{Metric as Measured, Threshold};

use super::figures::Figure;
use super::metrics::Metric;
use super::words::words;

/// What it is called.
pub(crate) fn label(metric: Measured) -> &'static str {
    match metric {
        Measured::NewTraders => words!("metrics-new-traders"),
        Measured::NewTraderVolume => words!("metrics-new-trader-volume"),
        Measured::NewSpotTraders => words!("metrics-new-spot-traders"),
        Measured::NewFuturesTraders => words!("metrics-new-futures-traders"),
        Measured::SpotFees => words!("metrics-spot-fees"),
        Measured::FuturesFees => words!("metrics-futures-fees"),
        Measured::EligibleSpotVolume => words!("metrics-eligible-spot-volume"),
        Measured::EligibleFuturesVolume => words!("metrics-eligible-futures-volume"),
        Measured::TotalRewards
        | Measured::SpotCommission
        | Measured::FuturesCommission
        | Measured::SharedCommission
        | Measured::TotalReferrals
        | Measured::Verified
        | Measured::Deposited
        | Measured::FirstTimeTrade
        | Measured::Traded
        | Measured::SpotVolume
        | Measured::FuturesVolume
        | Measured::TotalVolume => Metric::named(metric.as_str()).map_or(metric.as_str(), |metric| metric.label.say()),
    }
}

/// What exactly it counts, over the running period.
pub(crate) fn definition(metric: Measured) -> &'static str {
    match metric {
        Measured::NewTraders => words!("metrics-new-traders-counts"),
        Measured::NewTraderVolume => {
            words!("metrics-new-trader-volume-counts")
        }
        Measured::NewSpotTraders => {
            words!("metrics-new-spot-traders-counts")
        }
        Measured::NewFuturesTraders => words!("metrics-new-futures-traders-counts"),
        Measured::SpotFees => words!("metrics-spot-fees-counts"),
        Measured::FuturesFees => words!("metrics-futures-fees-counts"),
        Measured::EligibleSpotVolume => words!("metrics-eligible-spot-volume-counts"),
        Measured::EligibleFuturesVolume => words!("metrics-eligible-futures-volume-counts"),
        Measured::TotalRewards
        | Measured::SpotCommission
        | Measured::FuturesCommission
        | Measured::SharedCommission
        | Measured::TotalReferrals
        | Measured::Verified
        | Measured::Deposited
        | Measured::FirstTimeTrade
        | Measured::Traded
        | Measured::SpotVolume
        | Measured::FuturesVolume
        | Measured::TotalVolume => Metric::named(metric.as_str()).map_or("", |metric| metric.definition.say()),
    }
}

/// What a condition has come to, or must.
pub(crate) fn figure(threshold: Threshold) -> Figure {
    match threshold {
        Threshold::Count(count) => Figure::Count(count),
        Threshold::Usd(usd) => Figure::Money(usd),
    }
}

/// What is missing to a target; `None` where nothing is.
pub(crate) fn missing(current: Threshold, target: Threshold) -> Option<Figure> {
    match (current, target) {
        (Threshold::Count(current), Threshold::Count(target)) => {
            target.checked_sub(current).filter(|missing| *missing > 0).map(Figure::Count)
        }
        (Threshold::Usd(current), Threshold::Usd(target)) => {
            (target > current).then(|| Figure::Money(target - current))
        }
        // A metric is either a count or USD.
        (Threshold::Count(_), Threshold::Usd(_)) | (Threshold::Usd(_), Threshold::Count(_)) => None,
    }
}

/// How far a condition is, in tenths of a per cent, cut; at most the whole.
pub(crate) fn tenths(current: Threshold, target: Threshold) -> i128 {
    let (current, target) = (figure(current).steps(), figure(target).steps());
    if target <= current {
        return 1_000;
    }
    (current.max(0) * 1_000).checked_div(target).unwrap_or(0).clamp(0, 999)
}

#[cfg(test)]
mod tests {
    use schemas::Usd;

    use super::*;

    #[test]
    fn every_metric_has_a_name_and_a_definition() {
        for metric in Measured::ALL {
            assert_ne!(label(*metric), metric.as_str(), "{metric:?}");
            assert!(definition(*metric).len() > 10, "{metric:?}");
        }
    }

    #[test]
    fn progress_is_cut_and_full_only_when_met() {
        let count = Threshold::Count;
        let usd = |cents: i128| Threshold::Usd(Usd(cents * 1_000_000));
        let table = [
            (count(0), count(10), 0, Some(Figure::Count(10))),
            (count(9), count(10), 900, Some(Figure::Count(1))),
            (count(9_999), count(10_000), 999, Some(Figure::Count(1))),
            (count(10), count(10), 1_000, None),
            (count(0), count(0), 1_000, None),
            (usd(-5), usd(10), 0, Some(Figure::Money(Usd(15_000_000)))),
            (usd(20), usd(10), 1_000, None),
        ];
        for (current, target, expected, expected_missing) in table {
            assert_eq!((tenths(current, target), missing(current, target)), (expected, expected_missing));
        }
    }
}
