//! What was learned between two positions about one period: SPEC 6, restatement.

use schemas::{Event, Uid};

use crate::agreement::{Projected, Restated, check_restatement};
use crate::given::{
    approved, code, column, day, fields, futures, given, major, moment, named, program, reversal, sub, trade,
};
use crate::oracle::{Oracle, Position, Refusal};

/// The rows about a range of March, as `position trades commission rebate`, then what was earned before and after.
fn learned_by(oracle: &Oracle, uid: u64, range: (&str, &str), since: Position) -> Vec<String> {
    asked(oracle, uid, range, None, since, oracle.end())
}

fn asked(
    oracle: &Oracle,
    uid: u64,
    (from, to): (&str, &str),
    code: Option<&'static str>,
    since: Position,
    until: Position,
) -> Vec<String> {
    let (uid, from, to, present) = (Uid(uid), day(from), day(to), moment("04-01 00:00"));
    let projected = Projected::of(&oracle.entries()[..until as usize]);
    check_restatement(oracle, &projected, present, &Restated { uid, from, to, code, since, until });
    let answer = oracle.as_of(until).restatement(uid, from, to, code, since, present).expect("an answer");
    let columns = ["position", "trades", "commission", "rebate"].map(|name| column(&answer, name));
    let rows = (0..columns[0].len()).map(|row| columns.each_ref().map(|column| column[row].clone()).join(" "));
    let earned = |name: &str| format!("{name} {}", fields(&answer[name], &["commission", "rebate"]).join(" "));
    rows.chain([earned("before"), earned("after")]).collect()
}

const MARCH: (&str, &str) = ("03-01", "03-31");

/// Base 0.20, rebate 0.05, fee 10: commission 1.5, rebate 0.5.
fn alpha() -> Event<'static> {
    code("03-01 00:00", "ALPHA", 1, "0.05", "0")
}

fn invitee() -> Event<'static> {
    major("03-02 00:00", 7, Some("ALPHA"))
}

fn t() -> Event<'static> {
    trade("03-10 12:00", 7, "t", "10")
}

#[test]
fn from_nothing_known_it_tells_how_all_came_to_be() {
    let oracle = given([alpha(), invitee(), t(), trade("03-11 12:00", 7, "u", "2")]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 0), ["3 1 1.5 0.5", "4 1 0.3 0.1", "before 0 0", "after 1.8 0.6"]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 3), ["4 1 0.3 0.1", "before 1.5 0.5", "after 1.8 0.6"]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 4), ["before 1.8 0.6", "after 1.8 0.6"]);
    assert_eq!(asked(&oracle, 1, MARCH, None, 0, 3), ["3 1 1.5 0.5", "before 0 0", "after 1.5 0.5"]);
    // Of a day on which nothing is dated, and of who earned nothing.
    assert_eq!(learned_by(&oracle, 1, ("03-12", "03-31"), 0), ["before 0 0", "after 0 0"]);
    assert_eq!(learned_by(&oracle, 7, MARCH, 0), ["before 0 0", "after 0 0"]);
}

#[test]
fn a_late_registration_or_code_brings_all_trades_that_waited_for_it() {
    let u = || trade("03-11 12:00", 7, "u", "2");
    for events in [[alpha(), t(), u(), invitee()], [invitee(), t(), u(), alpha()]] {
        let oracle = given(events);
        assert_eq!(learned_by(&oracle, 1, MARCH, 3), ["4 2 1.8 0.6", "before 0 0", "after 1.8 0.6"]);
        assert_eq!(learned_by(&oracle, 1, ("03-11", "03-11"), 0), ["4 1 0.3 0.1", "before 0 0", "after 0.3 0.1"]);
    }
    // A trade from before the registration changes nothing when that comes.
    let oracle = given([alpha(), trade("03-01 12:00", 7, "t", "10"), invitee()]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 0), ["before 0 0", "after 0 0"]);
    // A late parent brings what its sub-account traded.
    let oracle = given([alpha(), sub("03-03 00:00", 77, 7), trade("03-10 12:00", 77, "t", "10"), invitee()]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 0), ["4 1 1.5 0.5", "before 0 0", "after 1.5 0.5"]);
}

#[test]
fn a_late_rate_changes_the_trades_that_it_reaches() {
    // From 11 March on the base was 0.30: of u, of fee 2, the commission is 0.5.
    let late = |rate: fn(&'static str) -> Event<'static>| {
        given([alpha(), invitee(), t(), trade("03-11 12:00", 7, "u", "2"), rate("03-11 00:00")])
    };
    for oracle in [late(|time| approved(time, 1, "0.30", "0", None)), late(|time| program(time, "0.30", "0.10", None))]
    {
        assert_eq!(learned_by(&oracle, 1, MARCH, 4), ["5 1 0.2 0", "before 1.8 0.6", "after 2 0.6"]);
        assert_eq!(learned_by(&oracle, 1, ("03-10", "03-10"), 4), ["before 1.5 0.5", "after 1.5 0.5"]);
    }
    // The invitee's own rebate was 0.10 all along: 0.2 and 1 go to it, the total stays.
    let oracle = late(|_| crate::given::rebate("03-01 00:00", 7, "0.10", "0"));
    assert_eq!(learned_by(&oracle, 1, MARCH, 4), ["5 2 -0.6 0.6", "before 1.8 0.6", "after 1.2 1.2"]);
    // So was the code's at the registration, by an event of it that was held up.
    let oracle = late(|_| code("03-01 12:00", "ALPHA", 1, "0.10", "0"));
    assert_eq!(learned_by(&oracle, 1, MARCH, 4), ["5 2 -0.6 0.6", "before 1.8 0.6", "after 1.2 1.2"]);
    // One after the registration changes no existing invitee.
    let oracle = late(|_| code("03-03 00:00", "ALPHA", 1, "0.10", "0"));
    assert_eq!(learned_by(&oracle, 1, MARCH, 4), ["before 1.8 0.6", "after 1.8 0.6"]);
}

#[test]
fn a_reversal_changes_its_own_day() {
    let oracle = given([alpha(), invitee(), t(), reversal("03-12 00:00", 7, "t")]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 3), ["4 1 -1.5 -0.5", "before 1.5 0.5", "after 0 0"]);
    assert_eq!(learned_by(&oracle, 1, ("03-10", "03-11"), 3), ["before 1.5 0.5", "after 1.5 0.5"]);
    assert_eq!(learned_by(&oracle, 1, ("03-12", "03-12"), 0), ["4 1 -1.5 -0.5", "before 0 0", "after -1.5 -0.5"]);
}

#[test]
fn what_adds_up_to_nothing_is_a_row_all_the_same() {
    // A reversal that waited for its trade: the trade brings both amounts.
    let oracle = given([alpha(), invitee(), reversal("03-12 00:00", 7, "t"), t()]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 0), ["4 1 0 0", "before 0 0", "after 0 0"]);
    assert_eq!(learned_by(&oracle, 1, ("03-12", "03-12"), 0), ["4 1 -1.5 -0.5", "before 0 0", "after -1.5 -0.5"]);
    // A late rate of a trade that is taken back: both its amounts change, though nothing is posted.
    let rate = || approved("03-05 00:00", 1, "0.30", "0", None);
    let oracle = given([alpha(), invitee(), t(), reversal("03-12 00:00", 7, "t"), rate()]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 4), ["5 1 0 0", "before 0 0", "after 0 0"]);
    assert_eq!(learned_by(&oracle, 1, ("03-10", "03-10"), 4), ["5 1 1 0", "before 1.5 0.5", "after 2.5 0.5"]);
    assert_eq!(learned_by(&oracle, 1, ("03-12", "03-12"), 4), ["5 1 -1 0", "before -1.5 -0.5", "after -2.5 -0.5"]);
    // Two trades of which one gains what the other loses: spot 0.30 for 0.20, futures 0 for 0.10, each of fee 10.
    let oracle = given([alpha(), invitee(), t(), futures("03-11 00:00", 7, "u", "10"), rate()]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 4), ["5 2 0 0", "before 2.5 0.5", "after 2.5 0.5"]);
}

#[test]
fn an_earlier_reversal_that_comes_later_moves_the_taking_back() {
    let two = |first: &'static str, second: &'static str| {
        given([alpha(), invitee(), t(), reversal(first, 7, "t"), named("r", reversal(second, 7, "t"))])
    };
    let oracle = two("03-13 00:00", "03-12 00:00");
    assert_eq!(learned_by(&oracle, 1, MARCH, 4), ["5 1 0 0", "before 0 0", "after 0 0"]);
    assert_eq!(learned_by(&oracle, 1, ("03-12", "03-12"), 4), ["5 1 -1.5 -0.5", "before 0 0", "after -1.5 -0.5"]);
    assert_eq!(learned_by(&oracle, 1, ("03-13", "03-31"), 4), ["5 1 1.5 0.5", "before -1.5 -0.5", "after 0 0"]);
    // Where it moves within one day, or comes later and is later, no day's amount changes.
    for oracle in [two("03-12 09:00", "03-12 08:00"), two("03-12 00:00", "03-13 00:00")] {
        assert_eq!(learned_by(&oracle, 1, MARCH, 4), ["before 0 0", "after 0 0"]);
    }
}

#[test]
fn what_an_owner_earned_goes_to_the_parent_that_it_turns_out_to_have() {
    // Of nobody at first, so that all is taken from 1; then 2 earns.
    let oracle = given([alpha(), invitee(), t(), sub("03-01 00:00", 1, 2), major("03-20 00:00", 2, None)]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 0), ["3 1 1.5 0.5", "4 1 -1.5 -0.5", "before 0 0", "after 0 0"]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 3), ["4 1 -1.5 -0.5", "before 1.5 0.5", "after 0 0"]);
    assert_eq!(learned_by(&oracle, 2, MARCH, 3), ["5 1 1.5 0.5", "before 0 0", "after 1.5 0.5"]);
    // Of a parent that is there, in one entry.
    let oracle = given([major("03-20 00:00", 2, None), alpha(), invitee(), t(), sub("03-01 00:00", 1, 2)]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 4), ["5 1 -1.5 -0.5", "before 1.5 0.5", "after 0 0"]);
    assert_eq!(learned_by(&oracle, 2, MARCH, 4), ["5 1 1.5 0.5", "before 0 0", "after 1.5 0.5"]);
    // The code is 2's at the end, and what 1 earned by it before is not 2's.
    assert_eq!(asked(&oracle, 2, MARCH, Some("ALPHA"), 0, 5), ["5 1 1.5 0.5", "before 0 0", "after 1.5 0.5"]);
    assert_eq!(asked(&oracle, 1, MARCH, Some("ALPHA"), 0, 4), ["4 1 1.5 0.5", "before 0 0", "after 1.5 0.5"]);
}

#[test]
fn it_is_asked_of_one_code_once_its_time_has_come() {
    let beta = code("03-25 00:00", "BETA", 1, "0.05", "0");
    let other = major("03-02 00:00", 8, Some("BETA"));
    let mut oracle = Oracle::default();
    for event in [alpha(), invitee(), beta, other, t(), trade("03-10 12:00", 8, "t", "2")] {
        oracle.take(moment("03-24 23:59"), event);
    }
    oracle.take(moment("03-25 00:00"), trade("03-24 12:00", 8, "u", "2"));
    assert_eq!(
        learned_by(&oracle, 1, MARCH, 0),
        ["5 1 1.5 0.5", "6 1 0.3 0.1", "7 1 0.3 0.1", "before 0 0", "after 2.1 0.7"]
    );
    assert_eq!(asked(&oracle, 1, MARCH, Some("ALPHA"), 0, 6), ["5 1 1.5 0.5", "before 0 0", "after 1.5 0.5"]);
    // Recorded before its time it is not in the list of codes, though what it brings is earned at once.
    let (uid, from, to, code) = (Uid(1), day("03-01"), day("03-31"), Some("BETA"));
    let present = moment("04-01 00:00");
    let projected = Projected::of(&oracle.entries()[..6]);
    check_restatement(&oracle, &projected, present, &Restated { uid, from, to, code, since: 0, until: 6 });
    assert_eq!(oracle.as_of(6).restatement(uid, from, to, code, 0, present), Err(Refusal::NotFound));
    // Of what was earned by it all counts, before its time had come too.
    assert_eq!(asked(&oracle, 1, MARCH, code, 0, 7), ["6 1 0.3 0.1", "7 1 0.3 0.1", "before 0 0", "after 0.6 0.2"]);
    assert_eq!(asked(&oracle, 1, MARCH, code, 6, 7), ["7 1 0.3 0.1", "before 0.3 0.1", "after 0.6 0.2"]);
}

#[test]
fn a_trade_that_earned_nothing_is_no_row() {
    // Fee and rate are there; what comes of them is cut to nothing.
    let oracle =
        given([alpha(), invitee(), trade("03-10 12:00", 7, "t", "0.00000001"), reversal("03-12 00:00", 7, "t")]);
    assert_eq!(learned_by(&oracle, 1, MARCH, 0), ["before 0 0", "after 0 0"]);
}
