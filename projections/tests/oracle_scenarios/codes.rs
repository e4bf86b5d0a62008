//! Codes and accounts: SPEC 4 and 4.2.

use schemas::Uid;
use serde_json::json;

use crate::given::{
    approved, as_default, at, code, column, fields, given, major, named, program, sub, suspended, trade,
};
use crate::oracle::{LINK, Refusal};

#[test]
fn a_code_shows_its_latest_state_and_what_the_referrer_keeps_now() {
    let oracle = given([
        code("03-05 00:00", "ALPHA", 1, "0.15", "0.12"),
        code("03-01 00:00", "ALPHA", 1, "0.05", "0"),
        code("03-30 00:00", "ALPHA", 1, "0", "0"),
        major("03-02 00:00", 7, Some("ALPHA")),
        major("03-06 00:00", 8, Some("ALPHA")),
        // The owner's own code makes it nobody's invitee.
        major("03-06 00:00", 1, Some("ALPHA")),
        // 7 has 0.05 of a base of 0.20: 1.5; 8 has 0.15: 0.5.
        trade("03-10 00:00", 7, "a", "10"),
        trade("03-10 00:00", 8, "b", "10"),
    ]);
    // Base now 0.20 and 0.10: it keeps 0.05, and of futures not less than nothing.
    assert_eq!(
        at(&oracle, "03-20 00:00").code(Uid(1), "ALPHA").expect("its code"),
        json!({
            "code": "ALPHA", "created_at": "2026-03-01T00:00:00Z", "referrals": 2, "commission": "2",
            "spot_rate": "0.05", "futures_rate": "0", "spot_rebate_rate": "0.15", "futures_rebate_rate": "0.12",
            "note": "", "is_default": false, "link": LINK,
            "as_of": {"position": 8, "event_time": "2026-03-30T00:00:00Z"},
        })
    );
    let referrals = at(&oracle, "03-20 00:00").code_referrals(Uid(1), "ALPHA").expect("its code");
    assert_eq!(column(&referrals, "uid"), ["8", "7"]);
}

#[test]
fn while_suspended_the_referrer_keeps_nothing() {
    let oracle = given([code("03-01 00:00", "ALPHA", 1, "0.05", "0"), suspended("03-10 00:00", 1, "0.4", "0.3")]);
    let kept = |now| {
        let row = at(&oracle, now).code(Uid(1), "ALPHA").expect("its code");
        fields(&row, &["spot_rate", "futures_rate"])
    };
    assert_eq!(kept("03-09 00:00"), ["0.15", "0.1"]);
    assert_eq!(kept("03-10 00:00"), ["0", "0"]);
}

#[test]
fn until_its_time_has_come_a_code_is_nowhere_and_it_is_its_owners_alone() {
    let oracle = given([
        code("03-10 00:00", "ALPHA", 1, "0", "0"),
        code("03-01 00:00", "BETA", 11, "0", "0"),
        sub("03-01 00:00", 11, 1),
        major("03-02 00:00", 1, None),
        code("03-01 00:00", "ORPHAN", 21, "0", "0"),
        sub("03-01 00:00", 21, 2),
    ]);
    let codes = |uid, now| column(&at(&oracle, now).codes(Uid(uid)).expect("a list"), "code");
    assert_eq!(codes(1, "03-09 00:00"), ["BETA"]);
    assert_eq!(codes(1, "03-10 00:00"), ["ALPHA", "BETA"]);
    // A sub-account's code is its major account's; one without a major account is nobody's.
    assert_eq!(codes(11, "03-10 00:00"), [""; 0]);
    assert_eq!(codes(21, "03-10 00:00"), [""; 0]);
    assert_eq!(at(&oracle, "03-09 00:00").code(Uid(1), "ALPHA"), Err(Refusal::NotFound));
    assert_eq!(at(&oracle, "03-10 00:00").code(Uid(2), "ALPHA"), Err(Refusal::NotFound));
    assert_eq!(at(&oracle, "03-10 00:00").code_referrals(Uid(2), "ALPHA"), Err(Refusal::NotFound));
}

#[test]
fn the_default_is_the_code_last_said_to_be_until_that_code_says_otherwise() {
    let oracle = given([
        as_default(code("03-01 00:00", "ALPHA", 1, "0", "0")),
        code("03-02 00:00", "BETA", 1, "0", "0"),
        as_default(code("03-03 00:00", "BETA", 1, "0", "0")),
        code("03-04 00:00", "ALPHA", 1, "0", "0"),
        code("03-05 00:00", "BETA", 1, "0", "0"),
        // At one moment the later id decides: true, then false.
        named("x", as_default(code("03-06 00:00", "ALPHA", 1, "0", "0"))),
        named("y", code("03-06 00:00", "ALPHA", 1, "0", "0")),
    ]);
    for (now, default) in [
        ("02-28 00:00", "null"),
        ("03-01 00:00", "ALPHA"),
        ("03-02 00:00", "ALPHA"),
        ("03-03 00:00", "BETA"),
        ("03-04 00:00", "BETA"),
        // BETA says false: there is none, not ALPHA again.
        ("03-05 00:00", "null"),
        ("03-06 00:00", "null"),
    ] {
        let known = at(&oracle, now);
        assert_eq!(fields(&known.account(Uid(1)).expect("an account"), &["default_code"]), [default], "{now}");
        for row in known.codes(Uid(1)).expect("a list")["rows"].as_array().expect("rows") {
            assert_eq!(row["is_default"], row["code"] == default, "{now} {row}");
        }
    }
}

#[test]
fn an_account_shows_its_standing_and_how_it_came_to_it() {
    let oracle = given([
        program("03-02 00:00", "0.25", "0.15", Some(90)),
        suspended("03-20 00:00", 1, "0.3", "0.2"),
        approved("03-10 00:00", 1, "0.41", "0.3", Some(30)),
        approved("03-10 00:00", 2, "0.9", "0.9", None),
    ]);
    let names = ["status", "spot_rate", "futures_rate", "futures_window_days"];
    let account = |now| at(&oracle, now).account(Uid(1)).expect("an account");
    assert_eq!(fields(&account("03-01 00:00"), &names), ["none", "0.2", "0.1", "null"]);
    assert_eq!(fields(&account("03-02 00:00"), &names), ["none", "0.25", "0.15", "90"]);
    assert_eq!(fields(&account("03-19 00:00"), &names), ["approved", "0.41", "0.3", "30"]);
    assert_eq!(account("03-19 00:00")["history"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        account("03-20 00:00"),
        json!({
            "uid": 1, "status": "suspended", "spot_rate": "0.3", "futures_rate": "0.2", "futures_window_days": null,
            "history": [
                {"time": "2026-03-10T00:00:00Z", "status": "approved", "spot_rate": "0.41", "futures_rate": "0.3",
                 "futures_window_days": 30},
                {"time": "2026-03-20T00:00:00Z", "status": "suspended", "spot_rate": "0.3", "futures_rate": "0.2",
                 "futures_window_days": null},
            ],
            "default_code": null,
            "as_of": {"position": 4, "event_time": "2026-03-20T00:00:00Z"},
        })
    );
}
