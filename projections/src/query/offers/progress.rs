//! What the metrics of an offer's conditions have come to over its running period (SPEC 4.6).

use ledger::{AccountId, ReadError};
use schemas::{Day, Metric, Offer, ProductGroup, Threshold, Uid, Usd};

use super::super::walk::WalkedTrade;
use super::super::{DateRange, QueryError, View};
use crate::accounts::NEVER;
use crate::history::PRESENT;
use crate::views::Metrics;

/// What a referrer's invitees have come to in a period.
pub(super) struct Progress {
    metrics: Metrics,
    of_trades: OfTrades,
}

/// What no cell holds: the trades of the period are read for it.
#[derive(Clone, Copy, Default)]
struct OfTrades {
    new_trader_volume: Usd,
    new_spot_traders: u64,
    new_futures_traders: u64,
    spot_fees: Usd,
    futures_fees: Usd,
    eligible_spot_volume: Usd,
    eligible_futures_volume: Usd,
}

/// A period while the trades of an invitee are read.
struct Period {
    range: DateRange,
    sums: OfTrades,
    is_new: bool,
    is_new_trader: bool,
    traded_spot: bool,
    traded_futures: bool,
}

impl Progress {
    /// The progress in the period of each offer. Trades are read once, whatever the number of offers that ask for them.
    pub(super) fn of_all(
        view: &View<'_>,
        uid: Uid,
        offers: &[(DateRange, &Offer<'_>)],
    ) -> Result<Vec<Progress>, QueryError> {
        let codes = view.codes_asked(Some(uid), None)?;
        let mut periods: Vec<Period> = Vec::new();
        for (range, offer) in offers {
            if needs_trades_of(offer) && periods.iter().all(|period| period.range != *range) {
                periods.push(Period::new(*range));
            }
        }
        let from = periods.iter().map(|period| period.range.from).min();
        let to = periods.iter().map(|period| period.range.to).max();
        if let (Some(from), Some(to)) = (from, to) {
            for code in &codes {
                for invitee in view.invitees_of(*code) {
                    add_invitee(view, invitee, DateRange { from, to }, &mut periods)?;
                }
            }
        }
        let progress = offers.iter().map(|(range, _)| {
            let period = periods.iter().find(|period| period.range == *range);
            let of_trades = period.map(|period| period.sums).unwrap_or_default();
            Progress { metrics: view.sum(&codes, *range), of_trades }
        });
        Ok(progress.collect())
    }

    pub(super) fn value(&self, metric: Metric) -> Threshold {
        let Progress { metrics, of_trades } = self;
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
            Metric::NewTraderVolume => Threshold::Usd(of_trades.new_trader_volume),
            Metric::NewSpotTraders => Threshold::Count(of_trades.new_spot_traders),
            Metric::NewFuturesTraders => Threshold::Count(of_trades.new_futures_traders),
            Metric::SpotFees => Threshold::Usd(of_trades.spot_fees),
            Metric::FuturesFees => Threshold::Usd(of_trades.futures_fees),
            Metric::EligibleSpotVolume => Threshold::Usd(of_trades.eligible_spot_volume),
            Metric::EligibleFuturesVolume => Threshold::Usd(of_trades.eligible_futures_volume),
        }
    }
}

impl Period {
    fn new(range: DateRange) -> Period {
        let sums = OfTrades::default();
        Period { range, sums, is_new: false, is_new_trader: false, traded_spot: false, traded_futures: false }
    }

    fn begin_invitee(&mut self, registered: Option<Day>, first_trade: Option<Day>) {
        let within = |day: Option<Day>| day.is_some_and(|day| self.range.contains(day));
        (self.is_new, self.is_new_trader) = (within(registered), within(first_trade));
        (self.traded_spot, self.traded_futures) = (false, false);
    }

    fn add(&mut self, walked: &WalkedTrade<'_>) {
        let signed = |amount: Usd| if walked.is_reversal { -amount } else { amount };
        let volume = signed(walked.trade.volume_usd);
        let fee = signed(walked.trade.fee_usd.max(Usd::ZERO));
        let eligible = if walked.rated.eligible { volume } else { Usd::ZERO };
        if self.is_new_trader {
            self.sums.new_trader_volume += volume;
        }
        match walked.trade.product.group() {
            ProductGroup::Spot => {
                self.traded_spot |= !walked.is_reversal;
                self.sums.spot_fees += fee;
                self.sums.eligible_spot_volume += eligible;
            }
            ProductGroup::Futures => {
                self.traded_futures |= !walked.is_reversal;
                self.sums.futures_fees += fee;
                self.sums.eligible_futures_volume += eligible;
            }
        }
    }

    /// A trade before the registration does not count, so the first of one who registered within the period lies
    /// within it if any does.
    fn end_invitee(&mut self) {
        self.sums.new_spot_traders += u64::from(self.is_new && self.traded_spot);
        self.sums.new_futures_traders += u64::from(self.is_new && self.traded_futures);
    }
}

/// Adds an invitee to every period; all lie within `hull`.
fn add_invitee(view: &View<'_>, head: AccountId, hull: DateRange, periods: &mut [Period]) -> Result<(), ReadError> {
    let row = view.state.account(head);
    let registered = row.registered.map(|registered| registered.time.day());
    let first_trade = (row.first_trade != NEVER).then(|| row.first_trade.day());
    for period in &mut *periods {
        period.begin_invitee(registered, first_trade);
    }
    view.walk_family(head, hull, &mut |walked: &WalkedTrade<'_>| {
        for period in periods.iter_mut().filter(|period| period.range.contains(walked.day)) {
            period.add(walked);
        }
    })?;
    for period in periods {
        period.end_invitee();
    }
    debug_assert!(view.state.attribution(head, PRESENT).is_some(), "an invitee is attributed");
    Ok(())
}

/// Whether an offer asks for what no cell holds.
pub(super) fn needs_trades_of(offer: &Offer<'_>) -> bool {
    offer.tiers.iter().flat_map(|tier| &tier.all).any(|condition| needs_trades(condition.metric))
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
