//! The metrics of SPEC 3 as pages show them: a name, a unit, and the exact definition.

use projections::views::Metrics;

use super::figures::Figure;

/// A metric of SPEC 3.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metric {
    /// The API's name.
    pub(crate) name: &'static str,
    /// What it is called.
    pub(crate) label: &'static str,
    /// The unit of its figures.
    pub(crate) unit: &'static str,
    /// What exactly it counts.
    pub(crate) definition: &'static str,
    figure: fn(&Metrics) -> Figure,
}

impl Metric {
    /// All metrics. The eleven that the overview shows first come first; `shared_commission` is one more.
    pub(crate) const ALL: [Metric; 12] = [
        Metric {
            name: "total_rewards",
            label: "Total rewards",
            unit: "USD",
            definition: "Spot commission and futures commission together.",
            figure: |metrics| Figure::Money(metrics.total_rewards),
        },
        Metric {
            name: "spot_commission",
            label: "Spot commission",
            unit: "USD",
            definition: "Commission of eligible spot and margin trades in these days, net of reversals. A trade is \
                eligible up to the VIP level that the program sets (2 unless it says otherwise).",
            figure: |metrics| Figure::Money(metrics.spot_commission),
        },
        Metric {
            name: "futures_commission",
            label: "Futures commission",
            unit: "USD",
            definition: "Commission of eligible futures trades in these days, net of reversals. A trade is eligible \
                up to the VIP level that the program sets (1 unless it says otherwise), and within the futures window \
                where there is one.",
            figure: |metrics| Figure::Money(metrics.futures_commission),
        },
        Metric {
            name: "total_referrals",
            label: "Total referrals",
            unit: "invitees",
            definition: "Major accounts that registered in these days. Sub-accounts and other accounts are not \
                counted.",
            figure: |metrics| Figure::Count(metrics.total_referrals),
        },
        Metric {
            name: "verified",
            label: "Verified",
            unit: "invitees",
            definition: "Invitees whose first passed identity check lies in these days.",
            figure: |metrics| Figure::Count(metrics.verified),
        },
        Metric {
            name: "deposited",
            label: "Deposited",
            unit: "invitees",
            definition: "Invitees whose first deposit by P2P, crypto, fiat or cash lies in these days.",
            figure: |metrics| Figure::Count(metrics.deposited),
        },
        Metric {
            name: "first_time_trade",
            label: "First-time trade",
            unit: "invitees",
            definition: "Invitees whose first trade of any product lies in these days.",
            figure: |metrics| Figure::Count(metrics.first_time_trade),
        },
        Metric {
            name: "traded",
            label: "Traded",
            unit: "invitees",
            definition: "Invitees with at least one trade in these days, each counted once.",
            figure: |metrics| Figure::Count(metrics.traded),
        },
        Metric {
            name: "spot_volume",
            label: "Spot trading volume",
            unit: "USD",
            definition: "Volume of spot and margin trades of all invitees, at every VIP level, net of reversals.",
            figure: |metrics| Figure::Money(metrics.spot_volume),
        },
        Metric {
            name: "futures_volume",
            label: "Futures trading volume",
            unit: "USD",
            definition: "Volume of futures trades made at VIP level 0 or 1, net of reversals.",
            figure: |metrics| Figure::Money(metrics.futures_volume),
        },
        Metric {
            name: "total_volume",
            label: "Total trading volume",
            unit: "USD",
            definition: "Volume of all trades, every product and every VIP level, net of reversals. It is not the sum \
                of the other two: futures trades above VIP level 1 count here only.",
            figure: |metrics| Figure::Money(metrics.total_volume),
        },
        Metric {
            name: "shared_commission",
            label: "Shared commission",
            unit: "USD",
            definition: "Rebates that invitees got back of their fees of these days, net of reversals.",
            figure: |metrics| Figure::Money(metrics.shared_commission),
        },
    ];

    /// The metric of an API's name.
    pub(crate) fn named(name: &str) -> Option<Metric> {
        Metric::ALL.into_iter().find(|metric| metric.name == name)
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
