//! Offers with every metric and both periods, campaigns, and who joins them.

use rand::Rng;
use schemas::{Campaign, Condition, Day, Join, Metric, Offer, OfferKind, Period, Threshold, Tier, Visibility};

use super::pools::{self, DAYS, UIDS, pick};

/// A day of the history.
fn day(rng: &mut impl Rng) -> Day {
    pools::time(rng.random_range(0..DAYS), 0).day()
}

/// None more often than a day.
fn maybe_day(rng: &mut impl Rng) -> Option<Day> {
    if rng.random_ratio(1, 3) { Some(day(rng)) } else { None }
}

/// An offer; one of its ids is a code's name.
pub(super) fn offer(rng: &mut impl Rng) -> Offer<'static> {
    let tiers = rng.random_range(0..4);
    Offer {
        id: pick(rng, &["bonus", "evaluation", "ALPHA"]).into(),
        kind: pick(rng, OfferKind::ALL),
        title: "Offer".into(),
        url: "/offer".into(),
        period: pick(rng, Period::ALL),
        starts: maybe_day(rng),
        ends: maybe_day(rng),
        affiliates_only: rng.random_ratio(1, 2),
        tiers: (0..tiers).map(|_| tier(rng)).collect(),
    }
}

fn tier(rng: &mut impl Rng) -> Tier<'static> {
    let conditions = rng.random_range(1..4);
    Tier {
        name: pick(rng, &["gold", "silver", "bronze"]).into(),
        reward: pick(rng, &["100 USDT", ""]).into(),
        all: (0..conditions).map(|_| condition(rng)).collect(),
    }
}

fn condition(rng: &mut impl Rng) -> Condition {
    let metric = pick(rng, Metric::ALL);
    let at_least = if metric.is_count() {
        Threshold::Count(rng.random_range(0..3))
    } else {
        Threshold::Usd(pools::usd(pick(rng, &["0", "0.5", "100", "1500.25"])))
    };
    Condition { metric, at_least }
}

/// A campaign; its ids are none of an offer's.
pub(super) fn campaign(rng: &mut impl Rng) -> Campaign<'static> {
    let (one, other) = (day(rng), day(rng));
    Campaign {
        id: pick(rng, &["spring", "easter"]).into(),
        visibility: pick(rng, Visibility::ALL),
        title: "Campaign".into(),
        description: "Trade and win".into(),
        url: "/campaign".into(),
        starts: one.min(other),
        ends: one.max(other),
    }
}

/// A referrer joins a campaign, or one that is not there.
pub(super) fn join(rng: &mut impl Rng) -> Join<'static> {
    Join { uid: pick(rng, &UIDS[..5]), campaign_id: pick(rng, &["spring", "easter", "winter"]).into() }
}
