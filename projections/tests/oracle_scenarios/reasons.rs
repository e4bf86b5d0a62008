//! Why a trade gives nothing: the first reason that holds, SPEC 2.

use schemas::{Body, Event, Product, Program, Relationship};

use crate::given::{
    approved, as_of_kind, code, event, explained, fields, futures, given, major, only, program, sub, suspended, trade,
};

/// What the trade `t` of invitee 7 says about itself.
fn reason(events: impl IntoIterator<Item = Event<'static>>) -> [String; 2] {
    let before = [code("03-01 00:00", "ALPHA", 1, "0", "0"), major("03-02 00:00", 7, Some("ALPHA"))];
    let oracle = given(before.into_iter().chain(events));
    let shown = fields(&explained(&oracle, 7, "t"), &["reason", "eligible"]);
    [shown[0].clone(), shown[1].clone()]
}

#[test]
fn a_product_outside_the_relationship_gives_nothing() {
    let cases = [
        (Relationship::Spot, Product::Spot, "null"),
        (Relationship::Spot, Product::Margin, "null"),
        (Relationship::Spot, Product::Futures, "relationship"),
        (Relationship::Futures, Product::Spot, "relationship"),
        (Relationship::Futures, Product::Margin, "relationship"),
        (Relationship::Futures, Product::Futures, "null"),
        (Relationship::Both, Product::Margin, "null"),
    ];
    for (relationship, product, expected) in cases {
        let oracle = given([
            code("03-01 00:00", "ALPHA", 1, "0", "0"),
            only(relationship, major("03-02 00:00", 7, Some("ALPHA"))),
            as_of_kind(product, 0, trade("03-10 12:00", 7, "t", "10")),
        ]);
        assert_eq!(fields(&explained(&oracle, 7, "t"), &["reason"]), [expected], "{relationship:?} {product:?}");
    }
}

#[test]
fn the_vip_level_of_the_trade_is_held_against_the_limit_in_force_at_it() {
    let t = |product, level| as_of_kind(product, level, trade("03-10 12:00", 7, "t", "10"));
    for (product, level, expected) in [
        (Product::Spot, 2, ["null", "true"]),
        (Product::Margin, 3, ["vip_level", "false"]),
        (Product::Futures, 1, ["null", "true"]),
        (Product::Futures, 2, ["vip_level", "false"]),
    ] {
        assert_eq!(reason([t(product, level)]), expected, "{product:?} {level}");
    }
    let limits =
        |time| event(time, Body::Program(Program { spot_vip_max: 0, futures_vip_max: 20, ..Program::BUILT_IN }));
    assert_eq!(reason([t(Product::Spot, 1), limits("03-10 12:00")]), ["vip_level", "false"]);
    assert_eq!(reason([t(Product::Spot, 1), limits("03-10 12:01")]), ["null", "true"]);
    assert_eq!(reason([t(Product::Futures, 20), limits("03-10 12:00")]), ["null", "true"]);
}

#[test]
fn a_fee_that_is_not_positive_gives_nothing() {
    for (fee, expected) in [
        ("0", ["fee_not_positive", "false"]),
        ("-0.5", ["fee_not_positive", "false"]),
        ("0.00000001", ["rate_zero", "true"]),
    ] {
        assert_eq!(reason([trade("03-10 12:00", 7, "t", fee)]), expected, "{fee}");
    }
}

#[test]
fn the_futures_window_ends_so_many_days_after_the_registration() {
    // Registered on 2 March at midnight; three days end on 5 March at midnight, which is outside.
    let within = |time| [futures(time, 7, "t", "10"), program("03-01 00:00", "0.2", "0.1", Some(3))];
    assert_eq!(reason(within("03-04 23:59")), ["null", "true"]);
    assert_eq!(reason(within("03-05 00:00")), ["window_ended", "false"]);
    // Spot has no window.
    assert_eq!(
        reason([trade("03-30 00:00", 7, "t", "10"), program("03-01 00:00", "0.2", "0.1", Some(3))]),
        ["null", "true"]
    );
    // An affiliate's null is no window, whatever the program says; its own window replaces the program's.
    let own = |days| {
        let rules = program("03-01 00:00", "0.2", "0.1", Some(3));
        [futures("03-06 00:00", 7, "t", "10"), rules, approved("03-01 00:00", 1, "0.2", "0.1", days)]
    };
    assert_eq!(reason(own(None)), ["null", "true"]);
    assert_eq!(reason(own(Some(5))), ["null", "true"]);
    assert_eq!(reason(own(Some(4))), ["window_ended", "false"]);
    // A window of no days is over at the registration's own moment.
    assert_eq!(
        reason([futures("03-02 00:00", 7, "t", "10"), program("03-01 00:00", "0.2", "0.1", Some(0))]),
        ["window_ended", "false"]
    );
}

#[test]
fn the_window_of_a_sub_account_counts_from_the_invitees_own_registration() {
    // The invitee's three days end on 5 March, whenever an account of its family was opened: on the 4th, or after.
    let trade_at = |opened: [&'static str; 2], time| {
        given([
            code("03-01 00:00", "ALPHA", 1, "0", "0"),
            major("03-02 00:00", 7, Some("ALPHA")),
            sub(opened[0], 71, 7),
            sub(opened[1], 711, 71),
            program("03-01 00:00", "0.2", "0.1", Some(3)),
            futures(time, 711, "t", "10"),
        ])
    };
    let early = ["03-04 00:00", "03-04 12:00"];
    for (opened, time, expected) in [
        (early, "03-04 23:59", "null"),
        (early, "03-05 00:00", "window_ended"),
        (early, "03-06 23:59", "window_ended"),
        (["03-20 00:00", "03-20 00:00"], "03-21 00:00", "window_ended"),
        // Before the later registration of the chain it counts for nothing at all.
        (["03-04 00:00", "03-20 00:00"], "03-10 00:00", "before_registration"),
    ] {
        assert_eq!(fields(&explained(&trade_at(opened, time), 711, "t"), &["reason"]), [expected], "{opened:?} {time}");
    }
}

#[test]
fn of_several_reasons_the_first_in_the_contracts_order_is_given() {
    // Each row takes one reason away from a trade for which all of the later ones hold.
    let everything = |relationship, level, fee, time, rate| {
        given([
            code("03-01 00:00", "ALPHA", 1, "0", "0"),
            only(relationship, major("03-02 00:00", 7, Some("ALPHA"))),
            approved("03-01 00:00", 1, "0", rate, Some(3)),
            suspended("03-09 00:00", 1, "0", rate),
            // The suspension has no window; the approval after it has one again and ends the suspension.
            approved("03-12 00:00", 1, "0", rate, Some(3)),
            as_of_kind(Product::Futures, level, trade(time, 7, "t", fee)),
        ])
    };
    let reason = |oracle| fields(&explained(&oracle, 7, "t"), &["reason"])[0].clone();
    let both = Relationship::Both;
    assert_eq!(reason(everything(Relationship::Spot, 9, "0", "03-20 00:00", "0")), "relationship");
    assert_eq!(reason(everything(both, 9, "0", "03-20 00:00", "0")), "vip_level");
    assert_eq!(reason(everything(both, 0, "0", "03-20 00:00", "0")), "fee_not_positive");
    assert_eq!(reason(everything(both, 0, "1", "03-20 00:00", "0")), "window_ended");
    assert_eq!(reason(everything(both, 0, "1", "03-10 00:00", "0")), "suspended");
    assert_eq!(reason(everything(both, 0, "1", "03-03 00:00", "0")), "rate_zero");
    assert_eq!(reason(everything(both, 0, "1", "03-03 00:00", "0.1")), "null");
}
