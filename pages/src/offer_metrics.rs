//! What the conditions of offers measure (SPEC 4.6), as pages show it.

use schemas::{Metric as Measured, Threshold};

use super::figures::Figure;
use super::metrics::Metric;

/// What it is called.
pub(crate) fn label(metric: Measured) -> &'static str {
    match metric {
        Measured::NewTraders => "New traders",
        Measured::NewTraderVolume => "Volume of new traders",
        Measured::NewSpotTraders => "New spot traders",
        Measured::NewFuturesTraders => "New futures traders",
        Measured::SpotFees => "Spot fees",
        Measured::FuturesFees => "Futures fees",
        Measured::EligibleSpotVolume => "Eligible spot volume",
        Measured::EligibleFuturesVolume => "Eligible futures volume",
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
        | Measured::TotalVolume => Metric::named(metric.as_str()).map_or(metric.as_str(), |metric| metric.label),
    }
}

/// What exactly it counts, over the running period.
pub(crate) fn definition(metric: Measured) -> &'static str {
    match metric {
        Measured::NewTraders => "Invitees whose first trade of any product lies in the period.",
        Measured::NewTraderVolume => {
            "Volume in the period of all trades of invitees whose first trade lies in it, net of reversals."
        }
        Measured::NewSpotTraders => {
            "Invitees whose registration and first spot or margin trade both lie in the period."
        }
        Measured::NewFuturesTraders => "Invitees whose registration and first futures trade both lie in the period.",
        Measured::SpotFees => "The positive fees of all invitees' spot and margin trades, net of reversals.",
        Measured::FuturesFees => "The positive fees of all invitees' futures trades, net of reversals.",
        Measured::EligibleSpotVolume => "Volume of eligible spot and margin trades, net of reversals.",
        Measured::EligibleFuturesVolume => "Volume of eligible futures trades, net of reversals.",
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
        | Measured::TotalVolume => Metric::named(metric.as_str()).map_or("", |metric| metric.definition),
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
