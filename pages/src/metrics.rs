//! The metrics of SPEC 3 as pages show them: a name, a unit, and the exact definition.

use projections::views::Metrics;

use super::figures::Figure;
use super::words::{Key, words};

/// A metric of SPEC 3.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metric {
    /// The API's name.
    pub(crate) name: &'static str,
    /// What it is called.
    pub(crate) label: Key,
    /// The unit of its figures.
    pub(crate) unit: Key,
    /// What exactly it counts.
    pub(crate) definition: Key,
    figure: fn(&Metrics) -> Figure,
}

impl Metric {
    /// All metrics. The eleven that the overview shows first come first; `shared_commission` is one more.
    pub(crate) const ALL: [Metric; 12] = [
        Metric {
            name: "total_rewards",
            label: Key("metrics-total-rewards"),
            unit: Key("metrics-unit-usd"),
            definition: Key("metrics-total-rewards-counts"),
            figure: |metrics| Figure::Money(metrics.total_rewards),
        },
        Metric {
            name: "spot_commission",
            label: Key("metrics-spot-commission"),
            unit: Key("metrics-unit-usd"),
            definition: Key("metrics-spot-commission-counts"),
            figure: |metrics| Figure::Money(metrics.spot_commission),
        },
        Metric {
            name: "futures_commission",
            label: Key("metrics-futures-commission"),
            unit: Key("metrics-unit-usd"),
            definition: Key("metrics-futures-commission-counts"),
            figure: |metrics| Figure::Money(metrics.futures_commission),
        },
        Metric {
            name: "total_referrals",
            label: Key("metrics-total-referrals"),
            unit: Key("metrics-unit-invitees"),
            definition: Key("metrics-total-referrals-counts"),
            figure: |metrics| Figure::Count(metrics.total_referrals),
        },
        Metric {
            name: "verified",
            label: Key("metrics-verified"),
            unit: Key("metrics-unit-invitees"),
            definition: Key("metrics-verified-counts"),
            figure: |metrics| Figure::Count(metrics.verified),
        },
        Metric {
            name: "deposited",
            label: Key("metrics-deposited"),
            unit: Key("metrics-unit-invitees"),
            definition: Key("metrics-deposited-counts"),
            figure: |metrics| Figure::Count(metrics.deposited),
        },
        Metric {
            name: "first_time_trade",
            label: Key("metrics-first-time-trade"),
            unit: Key("metrics-unit-invitees"),
            definition: Key("metrics-first-time-trade-counts"),
            figure: |metrics| Figure::Count(metrics.first_time_trade),
        },
        Metric {
            name: "traded",
            label: Key("metrics-traded"),
            unit: Key("metrics-unit-invitees"),
            definition: Key("metrics-traded-counts"),
            figure: |metrics| Figure::Count(metrics.traded),
        },
        Metric {
            name: "spot_volume",
            label: Key("metrics-spot-volume"),
            unit: Key("metrics-unit-usd"),
            definition: Key("metrics-spot-volume-counts"),
            figure: |metrics| Figure::Money(metrics.spot_volume),
        },
        Metric {
            name: "futures_volume",
            label: Key("metrics-futures-volume"),
            unit: Key("metrics-unit-usd"),
            definition: Key("metrics-futures-volume-counts"),
            figure: |metrics| Figure::Money(metrics.futures_volume),
        },
        Metric {
            name: "total_volume",
            label: Key("metrics-total-volume"),
            unit: Key("metrics-unit-usd"),
            definition: Key("metrics-total-volume-counts"),
            figure: |metrics| Figure::Money(metrics.total_volume),
        },
        Metric {
            name: "shared_commission",
            label: Key("metrics-shared-commission"),
            unit: Key("metrics-unit-usd"),
            definition: Key("metrics-shared-commission-counts"),
            figure: |metrics| Figure::Money(metrics.shared_commission),
        },
    ];

    /// The metric of an API's name.
    pub(crate) fn named(name: &str) -> Option<Metric> {
        Metric::ALL.into_iter().find(|metric| metric.name == name)
    }

    /// What it is called, with its unit where that is one of money, as a column is headed.
    pub(crate) fn heading(&self) -> String {
        match (self.figure)(&Metrics::default()) {
            Figure::Money(_) => words!("metrics-with-unit", label = self.label, unit = self.unit),
            Figure::Count(_) => self.label.say().to_owned(),
        }
    }

    /// Its figure among all of them.
    pub(crate) fn of(&self, metrics: &Metrics) -> Figure {
        (self.figure)(metrics)
    }
}

#[cfg(test)]
mod tests {
    use api::views::Shown;

    use super::*;

    #[test]
    fn every_metric_of_the_api_is_here_under_its_name() {
        let metrics = Metrics { total_rewards: schemas::Usd(1), traded: 7, ..Metrics::default() };
        let serde_json::Value::Object(fields) = serde_json::to_value(metrics.shown()).expect("JSON") else {
            panic!("an object")
        };
        assert_eq!(fields.len(), Metric::ALL.len());
        for (name, value) in fields {
            let figure = Metric::named(&name).unwrap_or_else(|| panic!("no metric {name}")).of(&metrics);
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(figure.exact(), text, "{name}");
        }
    }
}
