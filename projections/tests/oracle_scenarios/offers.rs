//! Offers with their progress, and campaigns: SPEC 4.6.

use schemas::{
    Body, Campaign, Condition, Day, Event, Join, Metric, Offer, OfferKind, Period, Product, Threshold, Tier, Uid, Usd,
    Visibility,
};
use serde_json::{Value, json};

use crate::given::{
    approved, as_of_kind, at, code, column, day, event, fields, futures, given, major, reversal, suspended, trade,
};
use crate::oracle::{LINK, Oracle};

fn usd(text: &str) -> Threshold {
    Threshold::Usd(Usd::parse(text).expect("an amount"))
}

fn tier(name: &'static str, all: &[(Metric, Threshold)]) -> Tier<'static> {
    let all = all.iter().map(|(metric, at_least)| Condition { metric: *metric, at_least: *at_least }).collect();
    Tier { name: name.into(), reward: "".into(), all }
}

fn offer(period: Period, starts: Option<Day>, ends: Option<Day>, tiers: Vec<Tier<'static>>) -> Offer<'static> {
    Offer {
        id: "bonus".into(),
        kind: OfferKind::Bonus,
        title: "Bonus".into(),
        url: "/bonus".into(),
        period,
        starts,
        ends,
        affiliates_only: true,
        tiers,
    }
}

/// In February and March: base 0.20 and 0.10, no rebates.
fn story(offer: Offer<'static>) -> Oracle {
    given([
        event("01-01 00:00", Body::Offer(offer)),
        approved("01-01 00:00", 1, "0.20", "0.10", None),
        code("01-01 00:00", "ALPHA", 1, "0", "0"),
        major("02-10 00:00", 7, Some("ALPHA")),
        major("03-05 00:00", 8, Some("ALPHA")),
        // 7 first traded in February: spot of fee 10, volume 1000.
        trade("02-20 00:00", 7, "a", "10"),
        // In March: spot of fee 5 and volume 500; one of a maker, fee −1, volume 100; futures of fee 3, volume 300.
        trade("03-06 00:00", 7, "b", "5"),
        trade("03-06 00:00", 7, "c", "-1"),
        futures("03-07 00:00", 7, "d", "3"),
        // 8 in March: spot above the VIP limit, fee 2, volume 200; futures of fee 4, volume 400, taken back in March.
        as_of_kind(Product::Spot, 5, trade("03-08 00:00", 8, "e", "2")),
        futures("03-09 00:00", 8, "f", "4"),
        reversal("03-10 00:00", 8, "f"),
        // February's trade is taken back in March too.
        reversal("03-11 00:00", 7, "a"),
    ])
}

/// What each metric of an offer comes to over March, and whether it is at least 1, of a count, or 0, of an amount.
#[test]
fn every_metric_has_its_progress_over_the_running_period() {
    for (metric, expected, met) in [
        (Metric::SpotCommission, "-1", false),
        (Metric::FuturesCommission, "0.3", true),
        (Metric::TotalRewards, "-0.7", false),
        (Metric::SharedCommission, "0", true),
        (Metric::TotalReferrals, "1", true),
        (Metric::Verified, "0", false),
        (Metric::Deposited, "0", false),
        (Metric::FirstTimeTrade, "1", true),
        (Metric::Traded, "2", true),
        // 500 + 100 + 200 − 1000.
        (Metric::SpotVolume, "-200", false),
        (Metric::FuturesVolume, "300", true),
        (Metric::TotalVolume, "100", true),
        (Metric::NewTraders, "1", true),
        // Of 8 alone: 200 + 400 − 400.
        (Metric::NewTraderVolume, "200", true),
        (Metric::NewSpotTraders, "1", true),
        // 7 first traded futures in March but registered in February.
        (Metric::NewFuturesTraders, "1", true),
        // 5 + 2 − 10; the maker's rebate is no fee.
        (Metric::SpotFees, "-3", false),
        // 3 + 4 − 4.
        (Metric::FuturesFees, "3", true),
        // 500 − 1000; neither the maker's nor the one above the limit is eligible.
        (Metric::EligibleSpotVolume, "-500", false),
        (Metric::EligibleFuturesVolume, "300", true),
    ] {
        let least = if metric.is_count() { Threshold::Count(1) } else { usd("0") };
        let oracle = story(offer(Period::Month, None, None, vec![tier("only", &[(metric, least)])]));
        let offers = at(&oracle, "03-20 00:00").offers(Uid(1)).expect("offers");
        let condition = &offers["rows"][0]["tiers"][0]["conditions"][0];
        assert_eq!(fields(condition, &["metric", "current"]), [metric.as_str(), expected]);
        assert_eq!(condition["met"], met, "{metric:?}");
    }
}

#[test]
fn reached_is_the_first_tier_from_the_top_with_all_met_and_next_the_one_above() {
    let row = |highest: &str, lowest: u64| {
        let tiers = vec![
            tier("gold", &[(Metric::FuturesVolume, usd(highest)), (Metric::Traded, Threshold::Count(2))]),
            tier("silver", &[(Metric::FuturesVolume, usd("300"))]),
            tier("bronze", &[(Metric::Traded, Threshold::Count(lowest))]),
        ];
        let oracle = story(offer(Period::Month, None, None, tiers));
        at(&oracle, "03-20 00:00").offers(Uid(1)).expect("offers")["rows"][0].clone()
    };
    assert_eq!(
        row("300.5", 3),
        json!({
            "id": "bonus", "kind": "bonus", "title": "Bonus", "url": "/bonus",
            "period": {"kind": "month", "from": "2026-03-01", "to": "2026-03-31"},
            "eligible": true,
            "tiers": [
                {"name": "gold", "reward": "", "met": false, "conditions": [
                    {"metric": "futures_volume", "current": "300", "target": "300.5", "met": false},
                    {"metric": "traded", "current": 2, "target": 2, "met": true},
                ]},
                {"name": "silver", "reward": "", "met": true, "conditions": [
                    {"metric": "futures_volume", "current": "300", "target": "300", "met": true},
                ]},
                {"name": "bronze", "reward": "", "met": false, "conditions": [
                    {"metric": "traded", "current": 2, "target": 3, "met": false},
                ]},
            ],
            "reached": "silver",
            "next": "gold",
        })
    );
    assert_eq!(fields(&row("300", 3), &["reached", "next"]), ["gold", "null"]);
    let none = |oracle: &Oracle| {
        fields(&at(oracle, "04-20 00:00").offers(Uid(1)).expect("offers")["rows"][0], &["reached", "next"])
    };
    let tiers = vec![
        tier("gold", &[(Metric::Traded, Threshold::Count(9))]),
        tier("bronze", &[(Metric::Traded, Threshold::Count(1))]),
    ];
    assert_eq!(none(&story(offer(Period::Month, None, None, tiers))), ["null", "bronze"]);
    assert_eq!(none(&story(offer(Period::Month, None, None, Vec::new()))), ["null", "null"]);
}

#[test]
fn an_offer_runs_between_its_dates_and_its_period_is_cut_to_them() {
    let period = |period, starts: Option<Day>, ends: Option<Day>, now| {
        let oracle = story(offer(period, starts, ends, Vec::new()));
        let offers = at(&oracle, now).offers(Uid(1)).expect("offers");
        let rows = offers["rows"].as_array().expect("rows").clone();
        rows.iter().map(|row| fields(&row["period"], &["from", "to"]).join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(period(Period::Quarter, None, None, "03-20 00:00"), ["2026-01-01 2026-03-31"]);
    assert_eq!(period(Period::Quarter, day("02-03"), day("06-30"), "03-20 00:00"), ["2026-02-03 2026-03-31"]);
    assert_eq!(period(Period::Month, day("02-03"), day("03-20"), "03-20 23:59"), ["2026-03-01 2026-03-20"]);
    assert_eq!(period(Period::Month, None, day("03-20"), "03-21 00:00"), [""; 0]);
    assert_eq!(period(Period::Month, day("03-21"), None, "03-20 23:59"), [""; 0]);
    // Its state in force is its latest up to now; before its first there is none.
    let mut changed = offer(Period::Month, None, None, Vec::new());
    changed.title = "Later".into();
    let oracle = given([
        event("03-10 00:00", Body::Offer(offer(Period::Month, None, None, Vec::new()))),
        event("03-20 00:00", Body::Offer(changed)),
    ]);
    let titles = |now| column(&at(&oracle, now).offers(Uid(1)).expect("offers"), "title");
    assert_eq!(titles("03-09 00:00"), [""; 0]);
    assert_eq!(titles("03-19 00:00"), ["Bonus"]);
    assert_eq!(titles("03-20 00:00"), ["Later"]);
}

#[test]
fn affiliates_only_lets_in_who_is_approved_now_and_shows_anyones_progress() {
    let with = |standing: Option<Event<'static>>| {
        let oracle = given(
            [event("01-01 00:00", Body::Offer(offer(Period::Month, None, None, Vec::new())))]
                .into_iter()
                .chain(standing),
        );
        at(&oracle, "03-20 00:00").offers(Uid(1)).expect("offers")["rows"][0]["eligible"].clone()
    };
    assert_eq!(with(None), json!(false));
    assert_eq!(with(Some(approved("03-20 00:00", 1, "0", "0", None))), json!(true));
    assert_eq!(with(Some(approved("03-20 00:01", 1, "0", "0", None))), json!(false));
    assert_eq!(with(Some(suspended("03-20 00:00", 1, "0", "0"))), json!(false));
}

fn campaign(id: &'static str, visibility: Visibility) -> Event<'static> {
    event(
        "03-01 00:00",
        Body::Campaign(Campaign {
            id: id.into(),
            visibility,
            title: "Spring".into(),
            description: "Trade".into(),
            url: "/spring".into(),
            starts: day("03-10").expect("a day"),
            ends: day("03-20").expect("a day"),
        }),
    )
}

#[test]
fn campaigns_are_those_ongoing_and_exclusive_ones_are_for_approved_affiliates() {
    let join = event("03-30 00:00", Body::Join(Join { uid: Uid(1), campaign_id: "open".into() }));
    let oracle = given([
        campaign("open", Visibility::Public),
        campaign("closed", Visibility::Exclusive),
        approved("03-01 00:00", 1, "0.2", "0.1", None),
        join,
    ]);
    let ids = |uid, now, visibility| {
        column(&at(&oracle, now).campaigns(Uid(uid), visibility).expect("campaigns"), "id").join(" ")
    };
    assert_eq!(ids(1, "03-10 00:00", None), "closed open");
    assert_eq!(ids(1, "03-20 23:59", Some(Visibility::Public)), "open");
    assert_eq!(ids(1, "03-20 23:59", Some(Visibility::Exclusive)), "closed");
    assert_eq!(ids(1, "03-09 23:59", None), "");
    assert_eq!(ids(1, "03-21 00:00", None), "");
    assert_eq!(ids(2, "03-10 00:00", None), "open");
    // A join is what happened: it counts though its time has not come.
    let row = |uid| -> Value {
        at(&oracle, "03-10 00:00").campaigns(Uid(uid), Some(Visibility::Public)).expect("campaigns")["rows"][0].clone()
    };
    assert_eq!(
        row(1),
        json!({
            "id": "open", "visibility": "public", "title": "Spring", "description": "Trade", "url": "/spring",
            "starts": "2026-03-10", "ends": "2026-03-20", "joined": true, "share_link": LINK,
        })
    );
    assert_eq!(fields(&row(2), &["joined", "share_link"]), ["false", "null"]);
}
