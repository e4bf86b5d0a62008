//! The metrics of SPEC 3 and those of an offer's conditions (4.6), each by its own definition over a range.

use schemas::{Metric, ProductGroup};
use serde_json::{Map, Value, json};

use super::portrait::{Movement, Portrait};
use super::range::Span;
use super::usd;

/// What a metric comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    Count(u64),
    /// In units of 10^-8 USD.
    Usd(i128),
}

impl Figure {
    pub(super) fn shown(self) -> Value {
        match self {
            Figure::Count(count) => json!(count),
            Figure::Usd(units) => json!(usd(units)),
        }
    }

    pub(super) fn is_zero(self) -> bool {
        matches!(self, Figure::Count(0) | Figure::Usd(0))
    }
}

/// The metrics of SPEC 3, in the order of its table.
pub(super) const SHOWN: [Metric; 12] = [
    Metric::TotalRewards,
    Metric::SpotCommission,
    Metric::FuturesCommission,
    Metric::SharedCommission,
    Metric::TotalReferrals,
    Metric::Verified,
    Metric::Deposited,
    Metric::FirstTimeTrade,
    Metric::Traded,
    Metric::SpotVolume,
    Metric::FuturesVolume,
    Metric::TotalVolume,
];

/// The metrics of SPEC 3 as fields of an answer.
pub(super) fn shown(invitees: &[Portrait<'_>], span: Span) -> Map<String, Value> {
    SHOWN.iter().map(|metric| (metric.as_str().to_owned(), figure(*metric, invitees, span).shown())).collect()
}

/// Whether the range holds anything of these invitees.
pub(super) fn any(invitees: &[Portrait<'_>], span: Span) -> bool {
    SHOWN.iter().any(|metric| !figure(*metric, invitees, span).is_zero())
}

/// One metric of these invitees over a range.
pub(super) fn figure(metric: Metric, invitees: &[Portrait<'_>], span: Span) -> Figure {
    use ProductGroup::{Futures, Spot};

    let count = |holds: &dyn Fn(&Portrait<'_>) -> bool| {
        Figure::Count(invitees.iter().filter(|invitee| holds(invitee)).count() as u64)
    };
    let sum = |amount: &dyn Fn(&Movement<'_>) -> i128| {
        let movements = invitees.iter().flat_map(|invitee| &invitee.movements);
        Figure::Usd(movements.filter(|movement| span.holds(movement.time)).map(amount).sum())
    };
    let of = |group: ProductGroup, movement: &Movement<'_>, amount: i128| {
        if movement.group() == group { amount } else { 0 }
    };
    let positive_fee = |movement: &Movement<'_>| if movement.rated.trade.fee_usd.0 > 0 { movement.fee() } else { 0 };
    let eligible_volume = |movement: &Movement<'_>| if movement.rated.eligible { movement.volume() } else { 0 };
    let began = |invitee: &Portrait<'_>, group| {
        span.holds(invitee.registered_at) && span.holds_some(invitee.first_trade_in(group))
    };

    match metric {
        Metric::TotalRewards => sum(&|movement| movement.commission()),
        Metric::SpotCommission => sum(&|movement| of(Spot, movement, movement.commission())),
        Metric::FuturesCommission => sum(&|movement| of(Futures, movement, movement.commission())),
        Metric::SharedCommission => sum(&|movement| movement.rebate()),
        Metric::TotalReferrals => count(&|invitee| span.holds(invitee.registered_at)),
        Metric::Verified => count(&|invitee| span.holds_some(invitee.verified_at)),
        Metric::Deposited => count(&|invitee| span.holds_some(invitee.first_deposit_at)),
        Metric::FirstTimeTrade | Metric::NewTraders => count(&|invitee| span.holds_some(invitee.first_trade_at())),
        Metric::Traded => {
            count(&|invitee| invitee.movements.iter().any(|movement| movement.is_trade() && span.holds(movement.time)))
        }
        Metric::SpotVolume => sum(&|movement| of(Spot, movement, movement.volume())),
        Metric::FuturesVolume => sum(&|movement| {
            if movement.rated.trade.vip_level <= 1 { of(Futures, movement, movement.volume()) } else { 0 }
        }),
        Metric::TotalVolume => sum(&|movement| movement.volume()),
        Metric::NewTraderVolume => {
            let new = invitees.iter().filter(|invitee| span.holds_some(invitee.first_trade_at()));
            let movements = new.flat_map(|invitee| &invitee.movements);
            Figure::Usd(movements.filter(|movement| span.holds(movement.time)).map(Movement::volume).sum())
        }
        Metric::NewSpotTraders => count(&|invitee| began(invitee, Spot)),
        Metric::NewFuturesTraders => count(&|invitee| began(invitee, Futures)),
        Metric::SpotFees => sum(&|movement| of(Spot, movement, positive_fee(movement))),
        Metric::FuturesFees => sum(&|movement| of(Futures, movement, positive_fee(movement))),
        Metric::EligibleSpotVolume => sum(&|movement| of(Spot, movement, eligible_volume(movement))),
        Metric::EligibleFuturesVolume => sum(&|movement| of(Futures, movement, eligible_volume(movement))),
    }
}
