//! Whose a trade is: SPEC 2, attribution, before the registration, sub-accounts.

use schemas::{Event, KycStatus, Uid};

use crate::given::{
    at, code, column, day, deposit, explained, fields, given, kyc, major, named, note, rebate, sub, trade, vip,
};

const WHOSE: [&str; 6] = ["invitee_uid", "parent_uid", "referrer_uid", "code", "reason", "commission"];

/// What a trade of `uid` at noon of 10 March with a fee of 10 comes to beside these events.
fn whose(events: impl IntoIterator<Item = Event<'static>>, uid: u64) -> Vec<String> {
    let oracle = given(events.into_iter().chain([trade("03-10 12:00", uid, "t", "10")]));
    fields(&explained(&oracle, uid, "t"), &WHOSE)
}

#[test]
fn an_invitee_belongs_to_the_owner_of_its_code_whatever_came_first() {
    // The base is the built-in 0.20, the rebate 0.05: 10 × 0.20 − 10 × 0.05 = 1.5 for the owner.
    let alpha = || code("03-01 00:00", "ALPHA", 1, "0.05", "0");
    let invitee = || major("03-02 00:00", 7, Some("ALPHA"));
    let expected = ["7", "null", "1", "ALPHA", "null", "1.5"];
    assert_eq!(whose([alpha(), invitee()], 7), expected);
    assert_eq!(whose([invitee(), alpha()], 7), expected);
    // A code whose time has not come, even after the trade, is its owner's all the same.
    assert_eq!(whose([invitee(), code("03-20 00:00", "ALPHA", 1, "0.05", "0")], 7), expected);
    // Whether the owner registered, and when, changes nothing.
    assert_eq!(whose([alpha(), invitee(), major("03-30 00:00", 1, None)], 7), expected);
}

#[test]
fn no_code_an_unknown_code_and_the_own_code_attribute_nobody() {
    let alpha = |owner| code("03-01 00:00", "ALPHA", owner, "0.05", "0");
    let invitee = |code| major("03-02 00:00", 7, code);
    assert_eq!(whose([alpha(1), invitee(None)], 7), ["7", "null", "null", "null", "not_attributed", "0"]);
    // Codes are compared exactly.
    assert_eq!(whose([alpha(1), invitee(Some("alpha"))], 7), ["7", "null", "null", "alpha", "not_attributed", "0"]);
    assert_eq!(whose([alpha(7), invitee(Some("ALPHA"))], 7), ["7", "null", "null", "ALPHA", "self_referral", "0"]);
    // Own is also what a sub-account of one's own holds.
    assert_eq!(
        whose([alpha(71), sub("03-01 00:00", 71, 7), invitee(Some("ALPHA"))], 7),
        ["7", "null", "null", "ALPHA", "self_referral", "0"]
    );
}

#[test]
fn a_code_of_a_sub_account_belongs_to_its_major_account() {
    let known = || [code("03-01 00:00", "ALPHA", 11, "0.05", "0"), major("03-02 00:00", 7, Some("ALPHA"))];
    let with = |more: Vec<Event<'static>>| whose(known().into_iter().chain(more), 7);
    // The owner is not registered: it stands for itself.
    assert_eq!(with(vec![]), ["7", "null", "11", "ALPHA", "null", "1.5"]);
    // It is a sub-account of nobody yet: the code attributes nobody.
    assert_eq!(with(vec![sub("03-05 00:00", 11, 1)]), ["7", "null", "null", "ALPHA", "not_attributed", "0"]);
    // Its parent is there.
    let family = vec![sub("03-05 00:00", 11, 1), major("03-06 00:00", 1, None)];
    assert_eq!(with(family), ["7", "null", "1", "ALPHA", "null", "1.5"]);
    // Its parents go in a circle: that is as good as none.
    let circle = vec![sub("03-05 00:00", 11, 1), sub("03-06 00:00", 1, 11)];
    assert_eq!(with(circle), ["7", "null", "null", "ALPHA", "not_attributed", "0"]);
}

#[test]
fn a_sub_account_trades_for_its_major_account_once_that_is_there() {
    let alpha = || code("03-01 00:00", "ALPHA", 1, "0.05", "0");
    let invitee = |time| major(time, 7, Some("ALPHA"));
    assert_eq!(whose([alpha()], 71), ["null", "null", "null", "null", "not_registered", "0"]);
    assert_eq!(whose([alpha(), sub("03-02 00:00", 71, 7)], 71), ["null", "7", "null", "null", "not_registered", "0"]);
    assert_eq!(
        whose([alpha(), sub("03-02 00:00", 71, 7), invitee("03-03 00:00")], 71),
        ["7", "7", "1", "ALPHA", "null", "1.5"]
    );
    // Through two parents; the latest registration on the way, here the middle one's, is the registration.
    let chain = |middle| [alpha(), sub("03-02 00:00", 711, 71), sub(middle, 71, 7), invitee("03-03 00:00")];
    assert_eq!(whose(chain("03-10 12:00"), 711), ["7", "71", "1", "ALPHA", "null", "1.5"]);
    assert_eq!(whose(chain("03-10 12:01"), 711), ["7", "71", "null", "ALPHA", "before_registration", "0"]);
    // Parents in a circle, or oneself, lead nowhere.
    assert_eq!(
        whose([sub("03-02 00:00", 71, 72), sub("03-02 00:00", 72, 71)], 71),
        ["null", "72", "null", "null", "not_registered", "0"]
    );
    assert_eq!(whose([sub("03-02 00:00", 71, 71)], 71), ["null", "71", "null", "null", "not_registered", "0"]);
}

#[test]
fn a_trade_before_the_registration_counts_for_nothing_and_one_at_its_moment_counts() {
    let alpha = || code("03-01 00:00", "ALPHA", 1, "0.05", "0");
    let early = [alpha(), major("03-10 12:01", 7, Some("ALPHA"))];
    assert_eq!(whose(early, 7), ["7", "null", "null", "ALPHA", "before_registration", "0"]);
    let same_moment = [alpha(), major("03-10 12:00", 7, Some("ALPHA"))];
    assert_eq!(whose(same_moment, 7), ["7", "null", "1", "ALPHA", "null", "1.5"]);
}

#[test]
fn kyc_and_deposit_before_the_registration_count_at_it_and_vip_rebate_and_note_may_lie_before() {
    let oracle = given([
        code("03-01 00:00", "ALPHA", 1, "0.05", "0"),
        kyc("03-02 00:00", 7, KycStatus::Verified),
        deposit("03-02 00:00", 7, "cash"),
        vip("03-02 00:00", 7, 2),
        rebate("03-02 00:00", 7, "0.10", "0"),
        note("03-02 00:00", 7, "early"),
        trade("03-02 00:00", 7, "t", "10"),
        major("03-05 06:00", 7, Some("ALPHA")),
    ]);
    let row = at(&oracle, "03-10 00:00").referral(Uid(1), Uid(7)).expect("an invitee")["referral"].clone();
    let names =
        ["verified_at", "first_deposit_at", "first_trade_at", "vip_level", "spot_rebate_rate", "note", "volume"];
    let registered = "2026-03-05T06:00:00Z";
    assert_eq!(fields(&row, &names), [registered, registered, "null", "2", "0.1", "early", "0"]);
    // Nor does the level of a trade before the registration count, though it is the latest that carries one.
    let late_vip_is_earlier = given([
        code("03-01 00:00", "ALPHA", 1, "0.05", "0"),
        vip("03-02 00:00", 7, 2),
        trade("03-03 00:00", 7, "t", "10"),
        major("03-05 06:00", 7, Some("ALPHA")),
    ]);
    let rows = at(&late_vip_is_earlier, "03-10 00:00").referrals(Uid(1), &Default::default()).expect("a list");
    assert_eq!(column(&rows, "vip_level"), ["2"]);
}

#[test]
fn what_a_sub_account_does_is_its_parents_and_it_is_in_no_list_and_no_count() {
    let oracle = given([
        code("03-01 00:00", "ALPHA", 1, "0", "0"),
        major("03-02 00:00", 7, Some("ALPHA")),
        sub("03-05 00:00", 71, 7),
        // The registration is the later of the two: 5 March.
        kyc("03-03 00:00", 71, KycStatus::Verified),
        deposit("03-06 00:00", 71, "p2p"),
        trade("03-07 00:00", 71, "t", "10"),
        vip("03-08 00:00", 71, 3),
        rebate("03-04 00:00", 71, "0.2", "0.1"),
        note("03-04 00:00", 71, "nowhere"),
    ]);
    let known = at(&oracle, "03-10 00:00");
    let rows = known.referrals(Uid(1), &Default::default()).expect("a list");
    assert_eq!(column(&rows, "uid"), ["7"]);
    let names =
        ["verified_at", "first_deposit_at", "first_trade_at", "vip_level", "spot_rebate_rate", "note", "commission"];
    assert_eq!(
        fields(&rows["rows"][0], &names),
        ["2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z", "2026-03-07T00:00:00Z", "3", "0", "", "2"]
    );
    let overview = known.overview(Uid(1), day("03-01"), day("03-31"), None).expect("an overview");
    let names = ["total_referrals", "verified", "deposited", "first_time_trade", "traded"];
    assert_eq!(fields(&overview["metrics"], &names), ["1", "1", "1", "1", "1"]);
}

#[test]
fn at_one_moment_the_later_source_and_id_by_bytes_decide() {
    // `t10` comes before `t2` and `/B` before `/a`: the level 3 of source `/a` is the latest.
    let level =
        |source: &'static str, id, level| Event { source: source.into(), ..named(id, vip("03-05 00:00", 7, level)) };
    let oracle = given([
        level("/a", "t2", 3),
        level("/B", "t9", 1),
        level("/a", "t10", 2),
        major("03-02 00:00", 7, Some("ALPHA")),
        code("03-01 00:00", "ALPHA", 1, "0", "0"),
    ]);
    let rows = at(&oracle, "03-10 00:00").referrals(Uid(1), &Default::default()).expect("a list");
    assert_eq!(column(&rows, "vip_level"), ["3"]);
}
