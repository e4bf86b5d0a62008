//! The metrics over ranges, codes and countries: SPEC 3.

use schemas::{Day, KycStatus, Product, Uid};
use serde_json::{Value, json};

use crate::agreement::{Projected, check_ranges};
use crate::given::{
    as_of_kind, at, code, column, day, deposit, fields, from, futures, given, kyc, major, moment, reversal, trade,
};
use crate::oracle::{Interval, Known, Oracle, Refusal};

/// Referrer 1 has two codes and invitees in Germany, in Brazil and somewhere. Base 0.20 and 0.10, no rebate but
/// 0.05 with BETA.
fn story() -> Oracle {
    given([
        code("03-01 00:00", "ALPHA", 1, "0", "0"),
        code("03-01 00:00", "BETA", 1, "0.05", "0"),
        major("03-02 00:00", 7, Some("ALPHA")),
        from(Some("BR"), major("03-03 23:59", 8, Some("BETA"))),
        from(None, major("03-04 00:00", 9, Some("BETA"))),
        // Only the first verified check counts, and only four channels are deposits.
        kyc("03-03 00:00", 7, KycStatus::Pending),
        kyc("03-04 00:00", 7, KycStatus::Verified),
        kyc("03-05 00:00", 7, KycStatus::Verified),
        kyc("03-05 00:00", 8, KycStatus::Rejected),
        deposit("03-04 00:00", 8, "card"),
        deposit("03-04 01:00", 8, "P2P"),
        deposit("03-06 00:00", 8, "crypto"),
        // Spot of 7: fee 10, volume 1000, commission 2. Margin of 7: fee 5, volume 500, commission 1.
        trade("03-05 00:00", 7, "a", "10"),
        as_of_kind(Product::Margin, 2, trade("03-05 23:59", 7, "b", "5")),
        // Futures of 8: level 1: fee 10, volume 1000, commission 1; level 2: volume 300 and nothing else.
        as_of_kind(Product::Futures, 1, trade("03-06 00:00", 8, "c", "10")),
        as_of_kind(Product::Futures, 2, trade("03-06 00:00", 8, "d", "3")),
        // Spot of 9: fee 1, volume 100, total 0.2, rebate 0.05, commission 0.15; and one with a fee of 0, volume 100.
        trade("03-09 00:00", 9, "e", "1"),
        trade("03-10 00:00", 9, "f", "0"),
        // Taken back on the 11th.
        reversal("03-11 00:00", 9, "e"),
    ])
}

fn metrics(of: [&str; 12]) -> Value {
    let count = |text: &str| json!(text.parse::<u64>().expect("a count"));
    json!({
        "total_rewards": of[0], "spot_commission": of[1], "futures_commission": of[2], "shared_commission": of[3],
        "total_referrals": count(of[4]), "verified": count(of[5]), "deposited": count(of[6]),
        "first_time_trade": count(of[7]), "traded": count(of[8]),
        "spot_volume": of[9], "futures_volume": of[10], "total_volume": of[11],
    })
}

#[test]
fn a_range_holds_both_its_days_whole() {
    let oracle = story();
    let on = |first: &str, last: &str| {
        at(&oracle, "03-20 00:00").overview(Uid(1), day(first), day(last), None).expect("an overview")
    };
    // All: 2 + 1 + 0.15 − 0.15 of spot, 1 of futures; volume 1000 + 500 + 100 + 100 − 100 of spot, 1000 of futures at
    // a low level, and 300 more in all.
    assert_eq!(
        on("03-01", "03-31"),
        json!({
            "uid": 1, "from": "2026-03-01", "to": "2026-03-31", "code": null,
            "metrics": metrics(["4", "3", "1", "0", "3", "1", "1", "3", "3", "1600", "1000", "2900"]),
            "as_of": {"position": 19, "event_time": "2026-03-11T00:00:00Z"},
        })
    );
    assert_eq!(on("03-03", "03-04")["metrics"], metrics(["0", "0", "0", "0", "2", "1", "0", "0", "0", "0", "0", "0"]));
    assert_eq!(
        on("03-05", "03-05")["metrics"],
        metrics(["3", "3", "0", "0", "0", "0", "0", "1", "1", "1500", "0", "1500"])
    );
    assert_eq!(
        on("03-06", "03-06")["metrics"],
        metrics(["1", "0", "1", "0", "0", "0", "1", "1", "1", "0", "1000", "1300"])
    );
    assert_eq!(
        on("03-09", "03-10")["metrics"],
        metrics(["0.15", "0.15", "0", "0.05", "0", "0", "0", "1", "1", "200", "0", "200"])
    );
    assert_eq!(
        on("03-11", "03-11")["metrics"],
        metrics(["-0.15", "-0.15", "0", "-0.05", "0", "0", "0", "0", "0", "-100", "0", "-100"])
    );
}

#[test]
fn a_code_narrows_to_its_invitees_and_must_be_the_referrers_and_in_force() {
    let oracle = story();
    let known = at(&oracle, "03-20 00:00");
    let beta = known.overview(Uid(1), day("03-01"), day("03-31"), Some("BETA")).expect("its code");
    assert_eq!(beta["code"], "BETA");
    assert_eq!(beta["metrics"], metrics(["1", "0", "1", "0", "2", "0", "1", "2", "2", "100", "1000", "1400"]));
    assert_eq!(known.overview(Uid(2), None, None, Some("BETA")), Err(Refusal::NotFound));
    assert_eq!(known.overview(Uid(1), None, None, Some("GAMMA")), Err(Refusal::NotFound));
    // Until its time has come a code is nowhere, but its invitees are its owner's.
    let early = oracle.at(oracle.end(), moment("02-28 00:00"));
    assert_eq!(early.overview(Uid(1), None, None, Some("BETA")), Err(Refusal::NotFound));
    let all = early.overview(Uid(1), day("03-01"), day("03-31"), None).expect("an overview");
    assert_eq!(all["metrics"]["total_referrals"], 3);
}

#[test]
fn the_default_range_is_thirty_days_up_to_today_and_one_end_keeps_the_length() {
    let oracle = story();
    let range = |from, to| {
        let overview = at(&oracle, "03-20 23:59").overview(Uid(1), from, to, None)?;
        Ok(fields(&overview, &["from", "to"]))
    };
    let days = |from: &str, to: &str| Ok(vec![from.to_owned(), to.to_owned()]);
    assert_eq!(range(None, None), days("2026-02-19", "2026-03-20"));
    assert_eq!(range(day("03-05"), None), days("2026-03-05", "2026-04-03"));
    assert_eq!(range(None, day("03-30")), days("2026-03-01", "2026-03-30"));
    assert_eq!(range(day("03-05"), day("03-05")), days("2026-03-05", "2026-03-05"));
    assert_eq!(range(day("03-05"), day("03-04")), Err(Refusal::FromAfterTo));
}

#[test]
fn a_series_has_every_bucket_and_weeks_begin_on_monday() {
    let oracle = story();
    let points = |interval| {
        let known = at(&oracle, "03-20 00:00");
        // 2026-03-04 is a Wednesday.
        let series = known.series(Uid(1), day("03-04"), day("03-17"), None, interval).expect("a series");
        let points = series["points"].as_array().expect("points").clone();
        points.iter().map(|point| fields(point, &["date", "total_rewards", "traded"]).join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(points(Interval::Week), ["2026-03-04 4 2", "2026-03-09 0 1", "2026-03-16 0 0"]);
    assert_eq!(points(Interval::Month), ["2026-03-04 4 3"]);
    assert_eq!(points(Interval::Day)[..3], ["2026-03-04 0 0", "2026-03-05 3 1", "2026-03-06 1 1"]);
    assert_eq!(points(Interval::Day).len(), 14);
}

#[test]
fn countries_with_anything_stand_most_rewards_first_and_the_unknown_is_zz() {
    let oracle = story();
    let rows = |from: &str, to: &str| {
        let countries = at(&oracle, "03-20 00:00").countries(Uid(1), day(from), day(to)).expect("countries");
        let rows = countries["rows"].as_array().expect("rows").clone();
        rows.iter().map(|row| fields(row, &["country", "total_rewards"]).join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(rows("03-01", "03-31"), ["DE 3", "BR 1", "ZZ 0"]);
    assert_eq!(rows("03-03", "03-04"), ["BR 0", "DE 0", "ZZ 0"]);
    assert_eq!(rows("03-11", "03-11"), ["ZZ -0.15"]);
    assert_eq!(rows("03-12", "03-31"), [""; 0]);
}

#[test]
fn a_uid_never_seen_gives_zeros_and_empty_lists() {
    let oracle = story();
    let known = at(&oracle, "03-20 00:00");
    let overview = known.overview(Uid(999), None, None, None).expect("zeros");
    assert_eq!(overview["metrics"], metrics(["0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0"]));
    for list in [
        known.countries(Uid(999), None, None),
        known.referrals(Uid(999), &Default::default()),
        known.codes(Uid(999)),
        known.rewards(Uid(999), crate::oracle::Kind::Shared, None, None),
    ] {
        let list = list.expect("an empty list");
        assert_eq!(column(&list, "uid"), [""; 0]);
        assert_eq!(list["total"], 0);
    }
}

#[test]
fn what_happened_counts_at_any_time_even_after_now() {
    let oracle = given([
        code("03-01 00:00", "ALPHA", 1, "0", "0"),
        major("03-20 06:00", 7, Some("ALPHA")),
        futures("03-20 12:00", 7, "t", "10"),
    ]);
    let overview = at(&oracle, "03-20 00:00").overview(Uid(1), None, None, None).expect("an overview");
    assert_eq!(fields(&overview["metrics"], &["total_referrals", "traded", "total_rewards"]), ["1", "1", "1"]);
}

#[test]
fn a_range_near_either_end_of_the_dates_is_cut_there() {
    let oracle = story();
    let date = |text: &str| Day::parse(text).expect("a date");
    let known = at(&oracle, "03-20 00:00");
    let table = [
        (Some("9999-12-31"), None, "9999-12-31", "9999-12-31"),
        (Some("9999-12-10"), None, "9999-12-10", "9999-12-31"),
        (None, Some("0000-01-01"), "0000-01-01", "0000-01-01"),
        (None, Some("0000-01-05"), "0000-01-01", "0000-01-05"),
        (None, Some("0000-02-10"), "0000-01-12", "0000-02-10"),
        (Some("0000-01-01"), Some("0000-01-12"), "0000-01-01", "0000-01-12"),
    ];
    let ranges = table.map(|(from, to, ..)| (from.map(date), to.map(date)));
    check_ranges(&known, &Projected::of(oracle.entries()).at(moment("03-20 00:00")), Uid(1), &ranges);
    for ((from, to), (.., first, last)) in ranges.into_iter().zip(table) {
        let overview = known.overview(Uid(1), from, to, None).expect("an overview");
        assert_eq!(fields(&overview, &["from", "to"]), [first, last]);
    }
    // Where a series ends with the dates, so does its last bucket: 9999-12-27 is a Monday.
    let series = known.series(Uid(1), Some(date("9999-12-10")), None, None, Interval::Week).expect("a series");
    let points = series["points"].as_array().expect("points");
    assert_eq!(points.last().map(|point| &point["date"]), Some(&json!("9999-12-27")));
}

#[test]
fn a_default_range_that_holds_nothing_says_where_what_there_is_lies() {
    let oracle = story();
    let hint = |answer: &Value| answer.get("hint").map(|hint| fields(hint, &["from", "to"]).join(" "));
    let held = Some("2026-03-02 2026-03-11".to_owned());
    let later = at(&oracle, "06-01 00:00");
    let overview = |known: &Known<'_>, from, to, code| hint(&known.overview(Uid(1), from, to, code).expect("zeros"));
    assert_eq!(overview(&later, None, None, None), held);
    // Of BETA: from the registration of 8 to the reversal.
    assert_eq!(overview(&later, None, None, Some("BETA")), Some("2026-03-03 2026-03-11".to_owned()));
    assert_eq!(hint(&later.countries(Uid(1), None, None).expect("none")), held);
    assert_eq!(hint(&later.everybodys_overview(None, None, None).expect("zeros")), held);
    assert_eq!(hint(&later.referrers(None, None, "uid", true).expect("none")), held);
    // Amounts are dated from the first trade on.
    let rewards = later.rewards(Uid(1), crate::oracle::Kind::Commission, None, None).expect("none");
    assert_eq!(hint(&rewards), Some("2026-03-05 2026-03-11".to_owned()));
    // Nothing is said of a range that somebody gave, that holds something, or where there is nothing at all.
    assert_eq!(overview(&later, day("05-01"), None, None), None);
    assert_eq!(overview(&at(&oracle, "03-20 00:00"), None, None, None), None);
    assert_eq!(hint(&later.overview(Uid(999), None, None, None).expect("zeros")), None);
}
