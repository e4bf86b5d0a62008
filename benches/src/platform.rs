//! What the platform itself decides: program rules, offers, campaigns. The same few for every workload, dated
//! by its days.

use std::borrow::Cow;

use schemas::{
    Body, Campaign, Condition, Event, Metric, Offer, OfferKind, Period, Program, Rate, Threshold, Tier, Timestamp, Usd,
    Visibility,
};

use crate::scribe::Scribe;
use crate::workload::Workload;

const SOURCE: &str = "/program";

/// The ids of the campaigns, in the order of `campaigns`.
pub(crate) const CAMPAIGNS: [&str; 6] =
    ["spring-cup", "learn-earn", "affiliate-sprint", "vip-dinner", "old-league", "next-season"];

/// All of it, each with the moment it arrives.
pub(crate) fn opening(workload: &Workload, scribe: &mut Scribe) -> Vec<(Timestamp, Event<'static>)> {
    let start = workload.start();
    let day = |share: i64| start.plus_days(i64::from(workload.days.max(1)) * share / 90);
    let before = start.plus_days(-400);
    let mut all = Vec::new();
    let mut add = |arrival: Timestamp, time: Timestamp, prefix, body| {
        all.push((arrival, scribe.event(SOURCE, prefix, time, body)));
    };

    add(before, before, "pr-", Body::Program(Program::BUILT_IN));
    let windowed = Program { default_futures_window_days: Some(180), ..Program::BUILT_IN };
    add(day(30), day(30), "pr-", Body::Program(windowed.clone()));
    // Decided three days after it took effect, as far as the history reaches.
    let generous = Program { default_spot_rate: Rate(220_000), spot_vip_max: 3, ..windowed };
    add(day(63), day(60), "pr-", Body::Program(generous));

    for (at, offer) in offers(workload) {
        add(day(at), day(at), "of-", Body::Offer(offer));
    }
    for campaign in campaigns(workload) {
        add(before, before, "ca-", Body::Campaign(campaign));
    }
    all
}

fn usd(metric: Metric, dollars: i128) -> Condition {
    Condition { metric, at_least: Threshold::Usd(Usd(dollars * Usd::UNITS)) }
}

fn count(metric: Metric, least: u64) -> Condition {
    Condition { metric, at_least: Threshold::Count(least) }
}

fn tier(name: &'static str, reward: &'static str, all: Vec<Condition>) -> Tier<'static> {
    Tier { name: Cow::Borrowed(name), reward: Cow::Borrowed(reward), all }
}

/// The offers, each with the ninetieth of the history at which it is published or changed.
fn offers(workload: &Workload) -> Vec<(i64, Offer<'static>)> {
    let (first, last) = (workload.start().day(), workload.end.day());
    let bonus = Offer {
        id: Cow::Borrowed("futures-bonus"),
        kind: OfferKind::Bonus,
        title: Cow::Borrowed("Futures Bonus"),
        url: Cow::Borrowed("https://example.invalid/offers/futures-bonus"),
        period: Period::Month,
        starts: None,
        ends: None,
        affiliates_only: true,
        tiers: vec![
            tier(
                "gold",
                "$5,000",
                vec![usd(Metric::EligibleFuturesVolume, 50_000_000), count(Metric::NewFuturesTraders, 20)],
            ),
            tier(
                "silver",
                "$1,000",
                vec![usd(Metric::EligibleFuturesVolume, 5_000_000), count(Metric::NewFuturesTraders, 5)],
            ),
            tier("bronze", "$200", vec![usd(Metric::FuturesFees, 500)]),
        ],
    };
    let evaluation = Offer {
        id: Cow::Borrowed("spot-evaluation"),
        kind: OfferKind::Evaluation,
        title: Cow::Borrowed("Spot Evaluation"),
        url: Cow::Borrowed("https://example.invalid/offers/spot-evaluation"),
        period: Period::Quarter,
        starts: Some(first),
        ends: Some(last.plus(60)),
        affiliates_only: true,
        tiers: vec![
            tier(
                "50 %",
                "base rate 0.50",
                vec![
                    usd(Metric::SpotVolume, 100_000_000),
                    count(Metric::NewSpotTraders, 100),
                    usd(Metric::SpotFees, 50_000),
                ],
            ),
            tier(
                "45 %",
                "base rate 0.45",
                vec![usd(Metric::EligibleSpotVolume, 10_000_000), count(Metric::FirstTimeTrade, 25)],
            ),
            tier("41 %", "base rate 0.41", vec![count(Metric::NewTraders, 5)]),
        ],
    };
    let welcome = Offer {
        id: Cow::Borrowed("welcome"),
        kind: OfferKind::Bonus,
        title: Cow::Borrowed("Bienvenue à <tous> & toutes"),
        url: Cow::Borrowed("https://example.invalid/offers/welcome"),
        period: Period::Month,
        starts: Some(last.plus(-5)),
        ends: Some(last.plus(5)),
        affiliates_only: false,
        tiers: vec![
            tier(
                "all of it",
                "mug",
                vec![
                    count(Metric::TotalReferrals, 10),
                    count(Metric::Verified, 8),
                    count(Metric::Deposited, 6),
                    count(Metric::Traded, 5),
                    usd(Metric::TotalVolume, 10_000),
                    usd(Metric::NewTraderVolume, 1_000),
                ],
            ),
            tier("first steps", "sticker", vec![usd(Metric::TotalRewards, 1)]),
        ],
    };
    let ended = Offer {
        id: Cow::Borrowed("last-season"),
        title: Cow::Borrowed("Last season"),
        starts: Some(first.plus(-90)),
        ends: Some(last.plus(-1)),
        ..bonus.clone()
    };
    let eased = Offer { title: Cow::Borrowed("Futures Bonus, eased"), ..bonus.clone() };
    vec![(0, bonus), (1, evaluation), (2, welcome), (3, ended), (70, eased)]
}

fn campaigns(workload: &Workload) -> Vec<Campaign<'static>> {
    let last = workload.end.day();
    let drawn = [
        (Visibility::Public, "Spring Cup", "Trade, climb, win.", -20, 10),
        (Visibility::Public, "Learn & Earn", "Lessons with \"quizzes\" — 学んで稼ぐ", -60, 30),
        (Visibility::Exclusive, "Affiliate Sprint", "Most new traders in two weeks 🏁", -7, 7),
        (Visibility::Exclusive, "VIP dinner", "By invitation", -1, 1),
        (Visibility::Public, "Old League", "Over.", -200, -100),
        (Visibility::Exclusive, "Next Season", "Not yet.", 20, 50),
    ];
    drawn
        .into_iter()
        .zip(CAMPAIGNS)
        .map(|((visibility, title, description, starts, ends), id)| Campaign {
            id: Cow::Borrowed(id),
            visibility,
            title: Cow::Borrowed(title),
            description: Cow::Borrowed(description),
            url: Cow::Owned(format!("https://example.invalid/campaigns/{id}")),
            starts: last.plus(starts),
            ends: last.plus(ends),
        })
        .collect()
}
