//! What the metrics of an offer's conditions have come to over its running period (SPEC 4.6).

use ledger::ReadError;
use schemas::{Metric, Offer, ProductGroup, Threshold, Uid, Usd};

use super::super::walk::Dated;
use super::super::{DateRange, QueryError, View};
use crate::accounts::NEVER;
use crate::history::PRESENT;
use crate::views::Metrics;

/// What a referrer's invitees have come to in a period.
#[derive(Default)]
pub(super) struct Progress {
    metrics: Metrics,
    new_trader_volume: Usd,
    new_spot_traders: u64,
    new_futures_traders: u64,
    spot_fees: Usd,
    futures_fees: Usd,
    eligible_spot_volume: Usd,
    eligible_futures_volume: Usd,
}

impl Progress {
    pub(super) fn of(view: &View<'_>, uid: Uid, range: DateRange, offer: &Offer<'_>) -> Result<Progress, QueryError> {
        let codes = view.codes_asked(uid, None)?;
        let mut progress = Progress { metrics: view.sum(&codes, range), ..Progress::default() };
        let mut metrics = offer.tiers.iter().flat_map(|tier| tier.all.iter().map(|condition| condition.metric));
        if metrics.any(needs_trades) {
            for code in codes {
                for invitee in view.invitees_of(code) {
                    progress.add_invitee(view, invitee, range)?;
                }
            }
        }
        Ok(progress)
    }

    fn add_invitee(&mut self, view: &View<'_>, head: ledger::AccountId, range: DateRange) -> Result<(), ReadError> {
        let row = view.state.account(head);
        let first_trade = row.first_trade;
        let is_new_trader = first_trade != NEVER && range.contains(first_trade.day());
        let registered = row.registered.map(|registered| registered.time.day());
        let is_new = registered.is_some_and(|day| range.contains(day));
        let (mut traded_spot, mut traded_futures) = (false, false);
        view.walk_family(head, range, &mut |dated: &Dated<'_>| {
            let signed = |amount: Usd| if dated.is_reversal { -amount } else { amount };
            let volume = signed(dated.trade.volume_usd);
            let fee = signed(dated.trade.fee_usd.max(Usd::ZERO));
            let eligible = if dated.rated.eligible { volume } else { Usd::ZERO };
            if is_new_trader {
                self.new_trader_volume += volume;
            }
            match dated.trade.product.group() {
                ProductGroup::Spot => {
                    traded_spot |= !dated.is_reversal;
                    self.spot_fees += fee;
                    self.eligible_spot_volume += eligible;
                }
                ProductGroup::Futures => {
                    traded_futures |= !dated.is_reversal;
                    self.futures_fees += fee;
                    self.eligible_futures_volume += eligible;
                }
            }
        })?;
        // A trade before the registration does not count, so the first of one who registered within the period
        // lies within it if any does.
        self.new_spot_traders += u64::from(is_new && traded_spot);
        self.new_futures_traders += u64::from(is_new && traded_futures);
        debug_assert!(view.state.attribution(head, PRESENT).is_some(), "an invitee is attributed");
        Ok(())
    }

    pub(super) fn value(&self, metric: Metric) -> Threshold {
        let metrics = &self.metrics;
        match metric {
            Metric::TotalRewards => Threshold::Usd(metrics.total_rewards),
            Metric::SpotCommission => Threshold::Usd(metrics.spot_commission),
            Metric::FuturesCommission => Threshold::Usd(metrics.futures_commission),
            Metric::SharedCommission => Threshold::Usd(metrics.shared_commission),
            Metric::TotalReferrals => Threshold::Count(metrics.total_referrals),
            Metric::Verified => Threshold::Count(metrics.verified),
            Metric::Deposited => Threshold::Count(metrics.deposited),
            Metric::FirstTimeTrade | Metric::NewTraders => Threshold::Count(metrics.first_time_trade),
            Metric::Traded => Threshold::Count(metrics.traded),
            Metric::SpotVolume => Threshold::Usd(metrics.spot_volume),
            Metric::FuturesVolume => Threshold::Usd(metrics.futures_volume),
            Metric::TotalVolume => Threshold::Usd(metrics.total_volume),
            Metric::NewTraderVolume => Threshold::Usd(self.new_trader_volume),
            Metric::NewSpotTraders => Threshold::Count(self.new_spot_traders),
            Metric::NewFuturesTraders => Threshold::Count(self.new_futures_traders),
            Metric::SpotFees => Threshold::Usd(self.spot_fees),
            Metric::FuturesFees => Threshold::Usd(self.futures_fees),
            Metric::EligibleSpotVolume => Threshold::Usd(self.eligible_spot_volume),
            Metric::EligibleFuturesVolume => Threshold::Usd(self.eligible_futures_volume),
        }
    }
}

/// Whether no cell holds a metric, so that the period's trades must be read.
fn needs_trades(metric: Metric) -> bool {
    match metric {
        Metric::NewTraderVolume
        | Metric::NewSpotTraders
        | Metric::NewFuturesTraders
        | Metric::SpotFees
        | Metric::FuturesFees
        | Metric::EligibleSpotVolume
        | Metric::EligibleFuturesVolume => true,
        Metric::TotalRewards
        | Metric::SpotCommission
        | Metric::FuturesCommission
        | Metric::SharedCommission
        | Metric::TotalReferrals
        | Metric::Verified
        | Metric::Deposited
        | Metric::FirstTimeTrade
        | Metric::Traded
        | Metric::SpotVolume
        | Metric::FuturesVolume
        | Metric::TotalVolume
        | Metric::NewTraders => false,
    }
}
