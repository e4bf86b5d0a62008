//! The rewards records: SPEC 4.3.

use schemas::{Product, Uid};
use serde_json::json;

use crate::given::{as_of_kind, at, code, day, fields, given, major, reversal, sub, trade};
use crate::oracle::{Kind, Oracle};

/// Base 0.20 and 0.10, rebates 0.05 and 0.10: of futures nothing is left for the referrer.
fn story() -> Oracle {
    given([
        code("03-01 00:00", "ALPHA", 1, "0.05", "0.10"),
        major("03-02 00:00", 7, Some("ALPHA")),
        major("03-02 00:00", 8, Some("ALPHA")),
        sub("03-02 00:00", 77, 7),
        // 10 March, spot of 7: fees 10 and, by its sub-account, 2: commission 1.5 + 0.3, rebate 0.5 + 0.1.
        trade("03-10 00:00", 7, "a", "10"),
        trade("03-10 12:00", 77, "b", "2"),
        // Eligible, but its commission and its rebate are cut to nothing: no part of a record.
        trade("03-10 12:00", 7, "c", "0.00000001"),
        // Margin of 7, fee 4: commission 0.6, rebate 0.2. Futures of 7, fee 10: rebate 1 only.
        as_of_kind(Product::Margin, 0, trade("03-10 12:00", 7, "d", "4")),
        as_of_kind(Product::Futures, 0, trade("03-10 12:00", 7, "e", "10")),
        // Spot of 8 on the 11th, fee 1: commission 0.15, rebate 0.05.
        trade("03-11 00:00", 8, "f", "1"),
        // On the 11th the first trade of 7 is taken back, on the same day that of 8 too.
        reversal("03-11 06:00", 7, "a"),
        reversal("03-11 06:00", 8, "f"),
    ])
}

fn rows(uid: u64, kind: Kind, counterparty: &str) -> Vec<String> {
    let oracle = story();
    let list = at(&oracle, "03-12 00:00").rewards(Uid(uid), kind, None, None).expect("a list");
    let rows = list["rows"].as_array().expect("rows").clone();
    let names = ["date", counterparty, "product", "trades", "fee_usd", "amount"];
    rows.iter().map(|row| fields(row, &names).join(" ")).collect()
}

#[test]
fn commission_has_a_record_a_day_invitee_and_product_newest_first() {
    assert_eq!(
        rows(1, Kind::Commission, "invitee_uid"),
        [
            "2026-03-11 7 spot 0 -10 -1.5",
            "2026-03-11 8 spot 1 0 0",
            "2026-03-10 7 margin 1 4 0.6",
            "2026-03-10 7 spot 2 12 1.8",
        ]
    );
}

#[test]
fn shared_is_what_an_invitee_got_back_of_its_own_fees() {
    assert_eq!(
        rows(7, Kind::Shared, "referrer_uid"),
        [
            "2026-03-11 1 spot 0 -10 -0.5",
            "2026-03-10 1 futures 1 10 1",
            "2026-03-10 1 margin 1 4 0.2",
            "2026-03-10 1 spot 2 12 0.6",
        ]
    );
    // Its sub-account's is its own; the referrer itself got nothing back.
    assert_eq!(rows(77, Kind::Shared, "referrer_uid"), [""; 0]);
    assert_eq!(rows(1, Kind::Shared, "referrer_uid"), [""; 0]);
}

#[test]
fn the_default_range_is_seven_days_up_to_today() {
    let oracle = story();
    let dates = |now, from, to| {
        let list = at(&oracle, now).rewards(Uid(1), Kind::Commission, from, to).expect("a list");
        [fields(&list, &["from", "to", "total"]).join(" "), list["rows"][0]["kind"].to_string()]
    };
    assert_eq!(dates("03-16 12:00", None, None)[0], "2026-03-10 2026-03-16 4");
    assert_eq!(dates("03-17 12:00", None, None)[0], "2026-03-11 2026-03-17 2");
    assert_eq!(
        dates("03-16 12:00", day("03-10"), day("03-10")),
        ["2026-03-10 2026-03-10 2".to_owned(), json!("commission").to_string()]
    );
}
