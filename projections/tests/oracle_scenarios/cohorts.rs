//! Cohorts: who registered in a month, what has become of them, and what each month after it brought. SPEC 7.

use schemas::{Day, Event, KycStatus, Uid};
use serde_json::Value;

use crate::given::{at, code, column, day, deposit, fields, from, given, kyc, major, reversal, sub, trade};
use crate::oracle::{Oracle, Refusal};

/// 1 owns ALPHA and OTHER, 2 owns BETA. Base 0.20; ALPHA gives 0.05 of it back. Volume is a hundred times the fee.
fn story() -> Oracle {
    let events: [Event<'static>; 18] = [
        code("01-01 00:00", "ALPHA", 1, "0.05", "0"),
        code("01-01 00:00", "OTHER", 1, "0", "0"),
        code("01-01 00:00", "BETA", 2, "0", "0"),
        // January: 7 and 8, with a sub-account of 7 that comes in March.
        major("01-05 00:00", 7, Some("ALPHA")),
        from(None, major("01-31 23:59", 8, Some("OTHER"))),
        sub("03-01 00:00", 70, 7),
        // Nobody in February. March: 9 of 1, 10 of 2.
        major("03-01 00:00", 9, Some("ALPHA")),
        from(Some("BR"), major("03-31 23:59", 10, Some("BETA"))),
        kyc("02-10 00:00", 7, KycStatus::Verified),
        // Before the registration: as if at it.
        deposit("01-01 00:00", 8, "p2p"),
        trade("01-06 00:00", 7, "a", "10"),
        trade("01-07 00:00", 7, "b", "20"),
        // Both trades of March are those of one invitee.
        trade("03-02 00:00", 7, "c", "30"),
        trade("03-03 00:00", 70, "d", "40"),
        // Of January, taken back in April: the trade stays the first, and January keeps it.
        trade("01-31 23:59", 8, "e", "100"),
        reversal("04-01 00:00", 8, "e"),
        // Counts for nothing.
        trade("02-28 00:00", 9, "f", "1000"),
        trade("04-02 00:00", 9, "g", "2"),
    ];
    given(events)
}

/// The counts of each row, after its month.
fn counts(list: &Value) -> Vec<String> {
    let names = ["month", "registered", "verified", "deposited", "first_time_trade"];
    let columns = names.map(|name| column(list, name));
    (0..columns[0].len()).map(|row| columns.each_ref().map(|column| column[row].clone()).join(" ")).collect()
}

/// What each month of a row brought.
fn months(list: &Value, row: usize) -> Vec<String> {
    let months = list["rows"][row]["months"].as_array().expect("months");
    months.iter().map(|month| fields(month, &["traded", "commission", "rebate", "volume"]).join(" ")).collect()
}

const ALL_TIME: (Option<Day>, Option<Day>) = (None, None);

#[test]
fn each_month_of_registration_is_a_row_with_what_came_of_it_by_now() {
    let oracle = story();
    let known = at(&oracle, "04-20 00:00");
    let list = known.cohorts(Some(Uid(1)), None, None, ALL_TIME).expect("cohorts");
    assert_eq!(fields(&list, &["uid", "from", "to", "total"]), ["1", "2025-05-01", "2026-04-30", "2"]);
    assert_eq!(counts(&list), ["2026-01 2 1 1 2", "2026-03 1 0 0 1"]);
    // January: 30 of fees by ALPHA (0.15 and 0.05), 100 by OTHER (0.20). March: 70. In April the 100 are taken back.
    assert_eq!(months(&list, 0), ["2 24.5 1.5 13000", "0 0 0 0", "1 10.5 3.5 7000", "0 -20 0 -10000"]);
    assert_eq!(months(&list, 1), ["0 0 0 0", "1 0.3 0.1 200"]);
    // As of a month earlier there are as many months fewer.
    let earlier = at(&oracle, "03-20 00:00").cohorts(Some(Uid(1)), None, None, ALL_TIME).expect("cohorts");
    assert_eq!((months(&earlier, 0).len(), months(&earlier, 1).len()), (3, 1));
    // Registered in a month that is still to come: nothing is said of its months.
    let before = at(&oracle, "02-28 00:00").cohorts(Some(Uid(1)), None, None, (None, day("03-01"))).expect("cohorts");
    assert_eq!((counts(&before).len(), months(&before, 1).len()), (2, 0));
}

#[test]
fn a_range_is_of_whole_months_and_narrows_who_registered_not_what_they_did() {
    let oracle = story();
    let known = at(&oracle, "04-20 00:00");
    let ask = |from: &str, to: &str| known.cohorts(Some(Uid(1)), None, None, (day(from), day(to)));
    let january = ask("01-20", "02-10").expect("cohorts");
    assert_eq!(fields(&january, &["from", "to"]), ["2026-01-01", "2026-02-28"]);
    assert_eq!((counts(&january), months(&january, 0).len()), (vec!["2026-01 2 1 1 2".to_owned()], 4));
    assert_eq!(counts(&ask("02-01", "02-28").expect("cohorts")), [""; 0]);
    assert_eq!(ask("01-20", "01-19"), Err(Refusal::FromAfterTo));
    let on = known.cohorts(Some(Uid(1)), None, None, (day("03-31"), None)).expect("cohorts");
    assert_eq!(fields(&on, &["from", "to"]), ["2026-03-01", "2027-02-28"]);
    let until = known.cohorts(Some(Uid(1)), None, None, (None, day("02-01"))).expect("cohorts");
    assert_eq!(fields(&until, &["from", "to"]), ["2025-03-01", "2026-02-28"]);
}

#[test]
fn a_code_a_country_and_everybody_are_asked_for_as_elsewhere() {
    let oracle = story();
    let known = at(&oracle, "04-20 00:00");
    let counts_of = |uid: Option<u64>, code, country| {
        known.cohorts(uid.map(Uid), code, country, ALL_TIME).map(|list| counts(&list))
    };
    let rows = |rows: &[&str]| Ok(rows.iter().map(|row| (*row).to_owned()).collect::<Vec<String>>());
    assert_eq!(counts_of(Some(1), Some("OTHER"), None), rows(&["2026-01 1 0 1 1"]));
    assert_eq!(counts_of(Some(1), None, Some("ZZ")), rows(&["2026-01 1 0 1 1"]));
    assert_eq!(counts_of(Some(1), Some("ALPHA"), Some("ZZ")), rows(&[]));
    assert_eq!(counts_of(None, None, None), rows(&["2026-01 2 1 1 2", "2026-03 2 0 0 1"]));
    assert_eq!(counts_of(None, None, Some("BR")), rows(&["2026-03 1 0 0 0"]));
    assert_eq!(counts_of(None, Some("BETA"), None), rows(&["2026-03 1 0 0 0"]));
    assert_eq!(counts_of(Some(1), Some("BETA"), None), Err(Refusal::NotFound));
    assert_eq!(counts_of(None, Some("NONE"), None), Err(Refusal::NotFound));
    assert_eq!(counts_of(Some(123), None, None), rows(&[]));
}
