//! The referral list and one referral: SPEC 4.1.

use schemas::{KycStatus, Relationship, Uid};
use serde_json::json;

use crate::given::{
    as_of_kind, at, code, column, day, deposit, fields, from, given, kyc, major, note, only, rebate, sub, trade, vip,
};
use crate::oracle::{Filter, Oracle, Refusal};

/// Invitees 7, 70, 71 and 8 of referrer 1, and 72 of another.
fn story() -> Oracle {
    given([
        code("03-01 00:00", "ALPHA", 1, "0.05", "0.02"),
        code("03-01 00:00", "BETA", 1, "0", "0"),
        code("03-01 00:00", "OTHER", 2, "0", "0"),
        major("03-02 12:00", 7, Some("ALPHA")),
        only(Relationship::Spot, from(None, major("03-03 12:00", 70, Some("ALPHA")))),
        only(Relationship::Futures, from(Some("BR"), major("03-03 12:00", 71, Some("BETA")))),
        from(Some("BR"), major("03-04 12:00", 8, Some("BETA"))),
        major("03-04 12:00", 72, Some("OTHER")),
        note("03-05 00:00", 7, "first"),
        note("03-06 00:00", 7, "Über friend"),
        note("03-30 00:00", 7, "still to come"),
        note("03-05 00:00", 8, "friend"),
        kyc("03-05 00:00", 70, KycStatus::Verified),
        deposit("03-06 00:00", 71, "fiat"),
        vip("03-06 00:00", 71, 2),
        vip("03-30 00:00", 71, 9),
        rebate("03-06 00:00", 7, "0.3", "0"),
        rebate("03-30 00:00", 7, "0", "0"),
        // 7: base 0.20 caps the rebate of 0.3: total and rebate 2, commission 0, volume 1000.
        trade("03-07 00:00", 7, "a", "10"),
        // 70: rebate 0.05: commission 1.5, rebate 0.5, volume 1000.
        trade("03-08 00:00", 70, "b", "10"),
        // 8: no rebate: commission 20, volume 10000, at level 1.
        as_of_kind(schemas::Product::Margin, 1, trade("03-08 00:00", 8, "c", "100")),
    ])
}

fn uids(filter: &Filter) -> String {
    let oracle = story();
    column(&at(&oracle, "03-20 00:00").referrals(Uid(1), filter).expect("a list"), "uid").join(" ")
}

#[test]
fn a_row_shows_what_is_agreed_uncapped_and_what_holds_up_to_now() {
    let oracle = story();
    let list = at(&oracle, "03-20 00:00").referrals(Uid(1), &Filter::default()).expect("a list");
    assert_eq!(list["total"], 4);
    assert_eq!(
        list["rows"][3],
        json!({
            "uid": 7, "registered_at": "2026-03-02T12:00:00Z", "code": "ALPHA", "country": "DE",
            "verified_at": null, "first_deposit_at": null, "first_trade_at": "2026-03-07T00:00:00Z",
            "commission": "0", "rebate": "2", "volume": "1000", "vip_level": 0, "commission_type": "both",
            "spot_rebate_rate": "0.3", "futures_rebate_rate": "0", "note": "Über friend",
        })
    );
    let brazilian = fields(&list["rows"][1], &["uid", "country", "vip_level", "commission_type", "spot_rebate_rate"]);
    assert_eq!(brazilian, ["71", "BR", "2", "futures", "0"]);
}

#[test]
fn the_latest_registration_comes_first_unless_asked_otherwise() {
    // Equal values stand by uid in the same direction: 71 before 70 where it descends.
    assert_eq!(uids(&Filter::default()), "8 71 70 7");
    assert_eq!(uids(&Filter { descending: false, ..Filter::default() }), "7 70 71 8");
}

#[test]
fn every_column_sorts_and_rows_without_a_value_come_last_either_way() {
    for (sort, ascending, descending) in [
        ("uid", "7 8 70 71", "71 70 8 7"),
        ("code", "7 70 8 71", "71 8 70 7"),
        ("country", "8 71 7 70", "7 71 8 70"),
        ("verified_at", "70 7 8 71", "70 71 8 7"),
        ("first_deposit_at", "71 7 8 70", "71 70 8 7"),
        ("first_trade_at", "7 8 70 71", "70 8 7 71"),
        // 0, 20, 1.5, 0 as numbers.
        ("commission", "7 71 70 8", "8 70 71 7"),
        ("rebate", "8 71 70 7", "7 70 71 8"),
        ("volume", "71 7 70 8", "8 70 7 71"),
        ("vip_level", "7 70 8 71", "71 8 70 7"),
        ("commission_type", "7 8 71 70", "70 71 8 7"),
        ("spot_rebate_rate", "8 71 70 7", "7 70 71 8"),
        ("futures_rebate_rate", "7 8 71 70", "70 71 8 7"),
        // No note is a value, the least one; a capital umlaut comes after a small letter.
        ("note", "70 71 8 7", "7 8 71 70"),
    ] {
        assert_eq!(uids(&Filter { sort, descending: false, ..Filter::default() }), ascending, "{sort}");
        assert_eq!(uids(&Filter { sort, ..Filter::default() }), descending, "{sort} descending");
    }
}

#[test]
fn filters_combine() {
    let all = || Filter { sort: "uid", descending: false, ..Filter::default() };
    let q = |text: &str| Filter { q: Some(text.to_owned()), ..all() };
    let country = |text: &str| Filter { country: Some(text.to_owned()), ..all() };
    let kind = |kind| Filter { commission_type: Some(kind), ..all() };
    for (filter, expected) in [
        (q("7"), "7 70 71"),
        (q("FRIEND"), "7 8"),
        (q("über"), "7"),
        (q("70"), "70"),
        (q(""), "7 8 70 71"),
        (Filter { registered_from: day("03-03"), registered_to: day("03-03"), ..all() }, "70 71"),
        (Filter { registered_from: day("03-04"), ..all() }, "8"),
        (Filter { vip: Some(vec![1, 2]), ..all() }, "8 71"),
        (Filter { verified: Some(true), ..all() }, "70"),
        (Filter { deposited: Some(false), ..all() }, "7 8 70"),
        (Filter { traded: Some(true), ..all() }, "7 8 70"),
        (Filter { code: Some("BETA".to_owned()), ..all() }, "8 71"),
        (country("BR"), "8 71"),
        (country("ZZ"), "70"),
        (kind(Relationship::Spot), "7 8 70"),
        (kind(Relationship::Futures), "7 8 71"),
        (kind(Relationship::Both), "7 8"),
        (Filter { traded: Some(true), verified: Some(false), ..q("friend") }, "7 8"),
        (Filter { traded: Some(true), vip: Some(vec![0]), ..q("friend") }, "7"),
    ] {
        assert_eq!(uids(&filter), expected, "{filter:?}");
    }
    let oracle = story();
    let other = Filter { code: Some("OTHER".to_owned()), ..Filter::default() };
    assert_eq!(at(&oracle, "03-20 00:00").referrals(Uid(1), &other), Err(Refusal::NotFound));
}

#[test]
fn a_referral_shows_its_latest_twenty_trades_each_explained_and_is_the_referrers_own() {
    const IDS: [&str; 22] = [
        "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17",
        "18", "19", "20", "21",
    ];
    // At one moment the greater id is the newer. One trade is a sub-account's and before its registration.
    let trades = IDS.iter().map(|id| trade("03-07 00:00", 7, id, "10"));
    let before = [
        code("03-01 00:00", "ALPHA", 1, "0", "0"),
        major("03-02 00:00", 7, Some("ALPHA")),
        sub("03-09 00:00", 77, 7),
        trade("03-08 00:00", 77, "sub", "10"),
    ];
    let oracle = given(before.into_iter().chain(trades));
    let known = at(&oracle, "03-20 00:00");
    let referral = known.referral(Uid(1), Uid(7)).expect("an invitee");
    let shown = referral["trades"].as_array().expect("trades");
    let ids: Vec<&str> = shown.iter().filter_map(|trade| trade["event"]["id"].as_str()).collect();
    assert_eq!(ids[..2], ["sub", "21"]);
    assert_eq!(ids[19], "03");
    assert_eq!(ids.len(), 20);
    assert_eq!(shown[0]["reason"], "before_registration");
    for (referrer, invitee) in [(1, 77), (1, 1), (2, 7), (1, 999)] {
        assert_eq!(known.referral(Uid(referrer), Uid(invitee)), Err(Refusal::NotFound), "{referrer} {invitee}");
    }
}
