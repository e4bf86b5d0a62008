//! What was withheld because of a rule, and what was taken back: figures by hand.

use schemas::{Event, Product, Relationship, Uid};
use serde_json::Value;

use crate::given::{
    as_of_kind, at, code, column, day, fields, from, futures, given, major, only, program, reversal, suspended, trade,
};
use crate::oracle::{Forgone, ForgoneAsked, Oracle};

/// Base 0.20 and 0.10; ALPHA of 1 gives 0.05 of a fee back, BETA of 2 nothing.
fn story() -> Vec<Event<'static>> {
    vec![
        code("03-01 00:00", "ALPHA", 1, "0.05", "0.02"),
        code("03-01 00:00", "BETA", 2, "0", "0"),
        major("03-02 00:00", 7, Some("ALPHA")),
        from(None, only(Relationship::Spot, major("03-02 00:00", 8, Some("BETA")))),
        major("03-02 00:00", 2, Some("BETA")),
        major("03-02 00:00", 9, None),
        // Gives 1.5 and 0.5.
        trade("03-03 00:00", 7, "given", "10"),
        // Above the limit of 2: 15 and 5 withheld.
        as_of_kind(Product::Spot, 3, trade("03-03 01:00", 7, "vip", "100")),
        // Not covered: 0.10 of 50.
        futures("03-04 00:00", 8, "futures", "50"),
        // His own code: 0.20 of 30.
        trade("03-04 01:00", 2, "own", "30"),
        // Before the registration: 0.15 and 0.05 of 40.
        trade("03-01 12:00", 7, "early", "40"),
        // Nobody would earn.
        trade("03-04 02:00", 9, "nobodys", "1000"),
        // No fee, nothing withheld.
        trade("03-04 03:00", 8, "maker", "-3"),
    ]
}

fn march<'a>() -> ForgoneAsked<'a> {
    ForgoneAsked { from: day("03-01"), to: day("03-31"), ..ForgoneAsked::default() }
}

/// Each row in one text: its key, trades, fees, commission, rebate, and both together.
fn rows(list: &Value) -> Vec<String> {
    let rows = list["rows"].as_array().expect("rows").iter();
    rows.map(|row| fields(row, &["key", "trades", "fee_usd", "commission", "rebate", "total"]).join(" ")).collect()
}

fn sums(oracle: &Oracle, what: Forgone, asked: &ForgoneAsked<'_>, by: &str) -> Vec<String> {
    rows(&at(oracle, "03-20 00:00").forgone(what, asked, by).expect("a list"))
}

#[test]
fn each_trade_without_commission_withholds_what_its_rates_would_have_given() {
    let oracle = given(story());
    let withheld = |by| sums(&oracle, Forgone::Withheld, &march(), by);
    assert_eq!(withheld("referrer"), ["1 2 140 21 7 28", "2 3 77 11 0 11"]);
    assert_eq!(
        withheld("reason"),
        [
            "vip_level 1 100 15 5 20",
            "before_registration 1 40 6 2 8",
            "self_referral 1 30 6 0 6",
            "relationship 1 50 5 0 5",
            "fee_not_positive 1 -3 0 0 0",
        ]
    );
    assert_eq!(withheld("code"), ["ALPHA 2 140 21 7 28", "BETA 3 77 11 0 11"]);
    assert_eq!(withheld("country"), ["DE 3 170 27 7 34", "ZZ 2 47 5 0 5"]);
    assert_eq!(withheld("day"), ["2026-03-04 3 77 11 0 11", "2026-03-03 1 100 15 5 20", "2026-03-01 1 40 6 2 8"]);
    let list = at(&oracle, "03-20 00:00").forgone(Forgone::Withheld, &march(), "day").expect("a list");
    assert_eq!(
        fields(&list["sum"], &["trades", "fee_usd", "commission", "rebate", "total"]).join(" "),
        "5 217 32 7 39"
    );
    assert_eq!(sums(&oracle, Forgone::Clawbacks, &march(), "referrer"), [""; 0]);
    // The last 7 days where nothing is said.
    let list = at(&oracle, "03-09 12:00").forgone(Forgone::Withheld, &ForgoneAsked::default(), "day").expect("a list");
    assert_eq!((fields(&list, &["from", "to"]).join(" "), rows(&list).len()), ("2026-03-03 2026-03-09".to_owned(), 2));
}

#[test]
fn a_suspension_stamped_earlier_withholds_of_trades_that_had_given_something() {
    let mut events = story();
    let before = given(events.clone());
    let of_1 = ForgoneAsked { uid: Some(Uid(1)), reason: Some("suspended"), ..march() };
    assert_eq!(sums(&before, Forgone::Withheld, &of_1, "day"), [""; 0]);
    // By the rates of that event: 0.40 of 10, of which the invitee keeps its 0.05. Its VIP level still comes first.
    events.push(suspended("03-02 12:00", 1, "0.4", "0.4"));
    let oracle = given(events.clone());
    assert_eq!(sums(&oracle, Forgone::Withheld, &of_1, "day"), ["2026-03-03 1 10 3.5 0 3.5"]);
    // One that says a rate of 0 withholds nothing by it: of this trade not even the rebate is left.
    events.pop();
    events.push(suspended("03-02 12:00", 1, "0", "0"));
    assert_eq!(sums(&given(events), Forgone::Withheld, &of_1, "day"), ["2026-03-03 1 10 0 0 0"]);
}

#[test]
fn what_is_taken_back_counts_on_the_day_of_the_reversal_and_what_was_withheld_is_taken_off_there() {
    let mut events = story();
    // One before its trade comes, one of a trade that gave nothing, and one that is too late to take anything back.
    events.insert(0, reversal("03-05 00:00", 7, "given"));
    events.push(reversal("03-06 00:00", 7, "vip"));
    events.push(reversal("03-07 00:00", 7, "given"));
    let oracle = given(events);
    assert_eq!(sums(&oracle, Forgone::Clawbacks, &march(), "day"), ["2026-03-05 1 10 1.5 0.5 2"]);
    assert_eq!(sums(&oracle, Forgone::Clawbacks, &march(), "reason"), ["bust 1 10 1.5 0.5 2"]);
    let other = ForgoneAsked { reason: Some("fraud"), ..march() };
    assert_eq!(sums(&oracle, Forgone::Clawbacks, &other, "referrer"), [""; 0]);
    let vip = ForgoneAsked { reason: Some("vip_level"), ..march() };
    assert_eq!(
        sums(&oracle, Forgone::Withheld, &vip, "day"),
        ["2026-03-06 0 -100 -15 -5 -20", "2026-03-03 1 100 15 5 20"]
    );
    let known = at(&oracle, "03-20 00:00");
    let trades = known.forgone_trades(Forgone::Withheld, &vip).expect("a list");
    assert_eq!(column(&trades, "total"), ["20", "-20"]);
    assert_eq!(column(&trades, "date"), ["2026-03-03", "2026-03-06"]);
    assert_eq!(
        (&trades["rows"][0]["reversal"], &trades["rows"][1]["reversal"]["reason"]),
        (&Value::Null, &"bust".into())
    );
    let taken = known.forgone_trades(Forgone::Clawbacks, &march()).expect("a list");
    let names = ["referrer_uid", "invitee_uid", "code", "country", "reason", "fee_usd", "commission", "rebate"];
    assert_eq!(fields(&taken["rows"][0], &names).join(" "), "1 7 ALPHA DE null 10 1.5 0.5");
    assert_eq!(fields(&taken["rows"][0]["trade"], &["uid", "source", "id"]).join(" "), "7 /test given");
}

/// What late rules turn: 0.30 of all that is withheld, and a trade that gives its commission again is none of it.
#[test]
fn late_rules_change_what_was_withheld() {
    let mut events = story();
    events.push(program("03-02 12:00", "0.3", "0.1", None));
    let oracle = given(events);
    assert_eq!(sums(&oracle, Forgone::Withheld, &march(), "referrer"), ["1 2 140 31 7 38", "2 3 77 14 0 14"]);
}
