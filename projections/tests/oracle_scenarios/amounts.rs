//! What an eligible trade comes to: SPEC 2, base rate, suspended, rebate rate, amounts.

use schemas::{Event, Uid};
use serde_json::{Value, json};

use crate::given::{
    approved, at, code, column, explained, fields, futures, given, major, named, program, rebate, suspended, trade,
};

const AMOUNTS: [&str; 5] = ["total", "commission", "rebate", "eligible", "reason"];

/// Referrer 1 with a code of rebates 0.05 and 0.02, its invitee 7, and these events.
fn story(events: impl IntoIterator<Item = Event<'static>>) -> Vec<Event<'static>> {
    let before = [code("03-01 00:00", "ALPHA", 1, "0.05", "0.02"), major("03-02 00:00", 7, Some("ALPHA"))];
    before.into_iter().chain(events).collect()
}

/// What the trade `t` of the invitee comes to.
fn amounts(events: impl IntoIterator<Item = Event<'static>>) -> Vec<String> {
    fields(&explained(&given(story(events)), 7, "t"), &AMOUNTS)
}

/// The two rates of the trade `t`, and the type and position of the events they come from.
fn rates(oracle: &crate::oracle::Oracle) -> Value {
    let trade = explained(oracle, 7, "t");
    let shown = |rate: &Value| json!([rate["rate"], rate["event"]["type"], rate["event"]["position"]]);
    json!([shown(&trade["base_rate"]), shown(&trade["rebate_rate"])])
}

#[test]
fn the_built_in_rates_hold_until_a_program_event_and_its_until_an_affiliate_event() {
    let t = || trade("03-10 12:00", 7, "t", "10");
    // 10 × 0.20 = 2, of which 10 × 0.05 = 0.5 is rebate.
    assert_eq!(amounts([t()]), ["2", "1.5", "0.5", "true", "null"]);
    assert_eq!(rates(&given(story([t()]))), json!([["0.2", null, null], ["0.05", "referral.code.v1", 1]]));
    // At the trade's own moment a change is in force, a moment later it is not.
    let changed = |time| [t(), program(time, "0.30", "0.10", None)];
    assert_eq!(amounts(changed("03-10 12:00")), ["3", "2.5", "0.5", "true", "null"]);
    assert_eq!(amounts(changed("03-10 12:01")), ["2", "1.5", "0.5", "true", "null"]);
    // An affiliate event stands above the program, even an older one.
    let both = [t(), program("03-10 00:00", "0.30", "0.10", None), approved("03-05 00:00", 1, "0.41", "0.3", None)];
    assert_eq!(amounts(both.clone()), ["4.1", "3.6", "0.5", "true", "null"]);
    assert_eq!(
        rates(&given(story(both))),
        json!([["0.41", "referral.affiliate.v1", 5], ["0.05", "referral.code.v1", 1]])
    );
}

#[test]
fn futures_use_the_futures_rates() {
    // 10 × 0.10 = 1, of which 10 × 0.02 = 0.2 is rebate.
    assert_eq!(amounts([futures("03-10 12:00", 7, "t", "10")]), ["1", "0.8", "0.2", "true", "null"]);
}

#[test]
fn amounts_are_cut_to_eight_decimals_and_add_up() {
    // 0.00000033 × 0.20 = 0.000000066, cut to 0.00000006; × 0.05 = 0.0000000165, cut to 0.00000001; the rest 0.00000005.
    let odd = [trade("03-10 12:00", 7, "t", "0.00000033")];
    assert_eq!(amounts(odd), ["0.00000006", "0.00000005", "0.00000001", "true", "null"]);
    // 0.00000004 × 0.20 is below a unit: the trade is eligible and gives nothing.
    assert_eq!(amounts([trade("03-10 12:00", 7, "t", "0.00000004")]), ["0", "0", "0", "true", "rate_zero"]);
    // The largest fee: 999999999999999.99999999 × 0.20 = 199999999999999.999999998, cut;
    // × 0.05 = 49999999999999.9999999995, cut; the rest is 150000000000000.
    assert_eq!(
        amounts([trade("03-10 12:00", 7, "t", "999999999999999.99999999")]),
        ["199999999999999.99999999", "150000000000000", "49999999999999.99999999", "true", "null"]
    );
}

#[test]
fn a_rebate_is_the_invitees_own_else_the_codes_at_its_registration() {
    let t = || trade("03-10 12:00", 7, "t", "10");
    // A later change of the code changes no existing invitee; one at the registration's own moment is at it.
    assert_eq!(amounts([t(), code("03-02 00:01", "ALPHA", 1, "0.15", "0")])[2], "0.5");
    assert_eq!(amounts([t(), code("03-02 00:00", "ALPHA", 1, "0.15", "0")])[2], "1.5");
    // Its own rate holds from its time on; one from before the registration holds too.
    assert_eq!(amounts([t(), rebate("03-10 12:00", 7, "0.12", "0")])[2], "1.2");
    assert_eq!(amounts([t(), rebate("03-10 12:01", 7, "0.12", "0")])[2], "0.5");
    assert_eq!(amounts([t(), rebate("03-01 00:00", 7, "0.12", "0")])[2], "1.2");
    // Where all of the code's events come after the registration, the first of them counts.
    let late_code = given([
        major("03-02 00:00", 7, Some("ALPHA")),
        t(),
        code("03-07 00:00", "ALPHA", 1, "0.15", "0"),
        code("03-06 00:00", "ALPHA", 1, "0.07", "0"),
    ]);
    assert_eq!(explained(&late_code, 7, "t")["rebate"], "0.7");
}

#[test]
fn of_rates_of_one_moment_the_one_whose_id_comes_last_by_its_bytes_holds_whichever_arrived_last() {
    let t = || trade("03-10 12:00", 7, "t", "10");
    let (r2, r10) = (named("r2", rebate("03-05 00:00", 7, "0.12", "0")), rebate("03-05 00:00", 7, "0.07", "0"));
    let r10 = named("r10", r10);
    // `r10` comes before `r2`.
    assert_eq!(amounts([t(), r2.clone(), r10.clone()])[2], "1.2");
    assert_eq!(amounts([t(), r10, r2])[2], "1.2");
}

#[test]
fn a_rebate_is_capped_at_the_base_so_a_downgrade_takes_from_the_referrer_first() {
    let t = || trade("03-10 12:00", 7, "t", "10");
    // The base falls to 0.06: total 0.6, rebate still 0.5.
    assert_eq!(amounts([t(), approved("03-05 00:00", 1, "0.06", "0", None)]), ["0.6", "0.1", "0.5", "true", "null"]);
    // To 0.03: all of it is rebate, shown as capped, while the list shows what was agreed.
    let all = story([t(), approved("03-05 00:00", 1, "0.03", "0", None)]);
    assert_eq!(amounts(all[2..].to_vec()), ["0.3", "0", "0.3", "true", "rate_zero"]);
    let oracle = given(all);
    assert_eq!(rates(&oracle)[1][0], "0.03");
    let rows = at(&oracle, "03-31 00:00").referrals(Uid(1), &Default::default()).expect("a list");
    assert_eq!(column(&rows, "spot_rebate_rate"), ["0.05"]);
    // To nothing.
    assert_eq!(amounts([t(), approved("03-05 00:00", 1, "0", "0", None)]), ["0", "0", "0", "true", "rate_zero"]);
}

#[test]
fn while_suspended_the_referrer_earns_nothing_and_its_invitees_keep_their_capped_rebates() {
    let t = || trade("03-10 12:00", 7, "t", "10");
    let from = |time| [t(), suspended(time, 1, "0.20", "0.10")];
    assert_eq!(amounts(from("03-10 12:00")), ["0.5", "0", "0.5", "true", "suspended"]);
    assert_eq!(amounts(from("03-10 12:01")), ["2", "1.5", "0.5", "true", "null"]);
    // Capped at the rate in that event.
    assert_eq!(amounts([t(), suspended("03-05 00:00", 1, "0.01", "0")]), ["0.1", "0", "0.1", "true", "suspended"]);
    // Approved again before the trade.
    let again = [t(), suspended("03-05 00:00", 1, "0.01", "0"), approved("03-06 00:00", 1, "0.3", "0.1", None)];
    assert_eq!(amounts(again), ["3", "2.5", "0.5", "true", "null"]);
}
