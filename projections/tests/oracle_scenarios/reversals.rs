//! What a reversal takes back, and the day it does it on: SPEC 2, reversal; 3.

use std::collections::HashMap;

use ledger::IdentityMark;
use schemas::{Product, Uid};

use crate::given::{as_of_kind, at, code, day, explained, fields, given, major, named, reversal, trade};
use crate::oracle::Oracle;

const NAMES: [&str; 6] =
    ["total_rewards", "shared_commission", "total_volume", "spot_volume", "first_time_trade", "traded"];

fn metrics(oracle: &Oracle, from: &str, to: &str) -> Vec<String> {
    let overview = at(oracle, "04-01 00:00").overview(Uid(1), day(from), day(to), None).expect("an overview");
    fields(&overview["metrics"], &NAMES)
}

/// Base 0.20, rebate 0.05; a trade of fee 10 and volume 1000 on 10 March: commission 1.5, rebate 0.5.
fn story(reversals: impl IntoIterator<Item = schemas::Event<'static>>) -> Oracle {
    let before = [
        code("03-01 00:00", "ALPHA", 1, "0.05", "0"),
        major("03-02 00:00", 7, Some("ALPHA")),
        trade("03-10 12:00", 7, "t", "10"),
    ];
    given(before.into_iter().chain(reversals))
}

#[test]
fn a_reversal_changes_the_day_of_its_own_time_and_never_that_of_its_trade() {
    let oracle = story([reversal("03-12 12:00", 7, "t")]);
    assert_eq!(metrics(&oracle, "03-10", "03-10"), ["1.5", "0.5", "1000", "1000", "1", "1"]);
    assert_eq!(metrics(&oracle, "03-12", "03-12"), ["-1.5", "-0.5", "-1000", "-1000", "0", "0"]);
    // First trade and traded counts stay.
    assert_eq!(metrics(&oracle, "03-01", "03-31"), ["0", "0", "0", "0", "1", "1"]);
    let explained = explained(&oracle, 7, "t");
    assert_eq!(
        fields(&explained, &["total", "commission", "rebate", "eligible", "reason"]),
        ["2", "1.5", "0.5", "true", "null"]
    );
    assert_eq!(fields(&explained["reversal"], &["time", "position", "reason"]), ["2026-03-12T12:00:00Z", "4", "bust"]);
}

#[test]
fn a_reversal_may_lie_and_arrive_before_its_trade() {
    let oracle = given([
        reversal("03-05 00:00", 7, "t"),
        trade("03-10 12:00", 7, "t", "10"),
        major("03-02 00:00", 7, Some("ALPHA")),
        code("03-01 00:00", "ALPHA", 1, "0.05", "0"),
    ]);
    assert_eq!(metrics(&oracle, "03-05", "03-05"), ["-1.5", "-0.5", "-1000", "-1000", "0", "0"]);
    assert_eq!(metrics(&oracle, "03-10", "03-10"), ["1.5", "0.5", "1000", "1000", "1", "1"]);
}

#[test]
fn only_the_earliest_reversal_takes_back_and_only_the_trade_it_names() {
    // The second to arrive is the earlier; at one moment the id decides.
    let oracle = story([
        reversal("03-13 00:00", 7, "t"),
        named("b", reversal("03-12 00:00", 7, "t")),
        named("a", reversal("03-12 00:00", 7, "t")),
        // Of another account, of no trade, and of an event that is none.
        reversal("03-11 00:00", 8, "t"),
        reversal("03-11 00:00", 7, "unknown"),
        named("c", reversal("03-11 00:00", 7, "a")),
    ]);
    assert_eq!(metrics(&oracle, "03-12", "03-12")[0], "-1.5");
    assert_eq!(metrics(&oracle, "03-13", "03-13")[0], "0");
    assert_eq!(metrics(&oracle, "03-11", "03-11")[0], "0");
    assert_eq!(explained(&oracle, 7, "t")["reversal"]["id"], "a");
}

#[test]
fn a_reversal_of_a_trade_before_the_registration_takes_back_nothing() {
    let oracle = given([
        code("03-01 00:00", "ALPHA", 1, "0.05", "0"),
        trade("03-01 12:00", 7, "t", "10"),
        major("03-02 00:00", 7, Some("ALPHA")),
        reversal("03-12 00:00", 7, "t"),
    ]);
    assert_eq!(metrics(&oracle, "03-01", "03-31"), ["0", "0", "0", "0", "0", "0"]);
}

#[test]
fn the_volume_of_a_trade_that_earned_nothing_is_taken_back_too_and_its_level_stays() {
    // VIP 3 is above the limit: no commission, but volume; futures at level 3 are no futures volume.
    let oracle = given([
        code("03-01 00:00", "ALPHA", 1, "0.05", "0"),
        major("03-02 00:00", 7, Some("ALPHA")),
        as_of_kind(Product::Futures, 3, trade("03-10 12:00", 7, "t", "10")),
        reversal("03-12 12:00", 7, "t"),
    ]);
    let names = ["futures_volume", "total_volume"];
    let on = |date: &str| {
        let known = at(&oracle, "04-01 00:00");
        fields(&known.overview(Uid(1), day(date), day(date), None).expect("an overview")["metrics"], &names)
    };
    assert_eq!(on("03-10"), ["0", "1000"]);
    assert_eq!(on("03-12"), ["0", "-1000"]);
    let row = at(&oracle, "04-01 00:00").referral(Uid(1), Uid(7)).expect("an invitee")["referral"].clone();
    assert_eq!(fields(&row, &["vip_level", "volume"]), ["3", "0"]);
}

/// Two ids of one source with one mark, of which that many differ that some two of a few hundred thousand have the same.
fn two_of_one_mark() -> [&'static str; 2] {
    let mut by_mark = HashMap::new();
    for number in 0..1_000_000 {
        let id: String = format!("trade-{number}");
        if let Some(other) = by_mark.insert(IdentityMark::naming("/test", &id).number(), id.clone()) {
            return [other.leak(), id.leak()];
        }
    }
    panic!("a million ids have as many marks of 32 bits");
}

#[test]
fn a_reversal_that_waits_does_not_take_back_another_trade_that_has_the_mark_of_its_own() {
    let [named, other] = two_of_one_mark();
    let before = || {
        [
            code("03-01 00:00", "ALPHA", 1, "0.05", "0"),
            major("03-02 00:00", 7, Some("ALPHA")),
            reversal("03-12 12:00", 7, named),
            trade("03-10 12:00", 7, other, "10"),
        ]
    };
    assert_eq!(metrics(&given(before()), "03-01", "03-31")[0], "1.5");
    let with_its_own = given(before().into_iter().chain([trade("03-11 12:00", 7, named, "20")]));
    assert_eq!(metrics(&with_its_own, "03-11", "03-11")[0], "3");
    assert_eq!(metrics(&with_its_own, "03-12", "03-12")[0], "-3");
}
