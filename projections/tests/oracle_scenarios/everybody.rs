//! Everybody's numbers: all referrers together, and the list of them. SPEC 7.

use schemas::{Day, Event};
use serde_json::Value;

use crate::given::{at, code, column, day, fields, given, major, sub, suspended, trade};
use crate::oracle::{Oracle, Refusal};

/// 1 owns ALPHA and, by its sub-account 11, OTHER; 2 owns BETA and is suspended on the 20th; 3 owns a code nobody came by;
/// 4 owns one whose time comes on the 25th. Base 0.20, no rebate.
fn story() -> Oracle {
    given([
        major("03-01 00:00", 1, None),
        sub("03-01 00:00", 11, 1),
        code("03-01 00:00", "ALPHA", 1, "0", "0"),
        code("03-01 00:00", "OTHER", 11, "0", "0"),
        code("03-01 00:00", "BETA", 2, "0", "0"),
        code("03-01 00:00", "NOBODY", 3, "0", "0"),
        code("03-25 00:00", "LATER", 4, "0", "0"),
        major("03-02 00:00", 7, Some("ALPHA")),
        major("03-02 00:00", 8, Some("OTHER")),
        major("03-03 00:00", 9, Some("BETA")),
        major("03-04 00:00", 10, Some("LATER")),
        // Of 1: 2 by ALPHA and 1 by OTHER; of 2: 3; of 4: 1, though its code's time has not come.
        trade("03-05 00:00", 7, "a", "10"),
        trade("03-05 00:00", 8, "b", "5"),
        trade("03-06 00:00", 9, "c", "15"),
        trade("03-07 00:00", 10, "d", "5"),
        suspended("03-20 00:00", 2, "0.20", "0"),
    ])
}

fn rows(list: &Value) -> Vec<String> {
    let names = ["uid", "status", "codes", "total_rewards", "total_referrals"];
    let columns = names.map(|name| column(list, name));
    (0..columns[0].len()).map(|row| columns.each_ref().map(|column| column[row].clone()).join(" ")).collect()
}

fn march() -> (Option<Day>, Option<Day>) {
    (day("03-01"), day("03-31"))
}

#[test]
fn each_owner_of_a_code_with_anything_in_the_range_is_a_row() {
    let oracle = story();
    let (from, to) = march();
    let known = at(&oracle, "03-20 12:00");
    let list = known.referrers(from, to, "total_rewards", true).expect("a list");
    // 1 and 2 have the same rewards: by uid, in the same direction.
    assert_eq!(rows(&list), ["2 suspended 1 3 1", "1 none 2 3 2", "4 none 0 1 1"]);
    let list = known.referrers(from, to, "total_rewards", false).expect("a list");
    assert_eq!(rows(&list), ["4 none 0 1 1", "1 none 2 3 2", "2 suspended 1 3 1"]);
    // On the 6th only 2 has anything.
    let list = known.referrers(day("03-06"), day("03-06"), "uid", true).expect("a list");
    assert_eq!(rows(&list), ["2 suspended 1 3 0"]);
    // The last thirty days where nothing is said.
    let list = at(&oracle, "04-20 00:00").referrers(None, None, "uid", true).expect("a list");
    assert_eq!((rows(&list), fields(&list, &["from", "to"])), (vec![], vec!["2026-03-22".into(), "2026-04-20".into()]));
}

#[test]
fn all_together_are_the_sum_and_any_code_that_is_there_narrows_them() {
    let oracle = story();
    let (from, to) = march();
    let known = at(&oracle, "03-20 12:00");
    let all = |code| {
        known.everybodys_overview(from, to, code).map(|all| fields(&all["metrics"], &["total_rewards", "traded"]))
    };
    let figures = |rewards: &str, traded: &str| Ok(vec![rewards.to_owned(), traded.to_owned()]);
    assert_eq!(all(None), figures("7", "4"));
    assert_eq!(all(Some("OTHER")), figures("1", "1"));
    assert_eq!(all(Some("NOBODY")), figures("0", "0"));
    assert_eq!(all(Some("LATER")), Err(Refusal::NotFound));
    assert_eq!(all(Some("NONE")), Err(Refusal::NotFound));
    let countries = known.everybodys_countries(from, to).expect("countries");
    assert_eq!(column(&countries, "total_rewards"), ["7"]);
}

#[test]
fn a_code_that_belongs_to_nobody_is_there_and_has_nothing() {
    // 11's major account does not exist.
    let events: [Event<'static>; 4] = [
        sub("03-01 00:00", 11, 1),
        code("03-01 00:00", "OTHER", 11, "0", "0"),
        major("03-02 00:00", 8, Some("OTHER")),
        trade("03-05 00:00", 8, "b", "5"),
    ];
    let oracle = given(events);
    let (from, to) = march();
    let known = at(&oracle, "03-20 12:00");
    let overview = known.everybodys_overview(from, to, Some("OTHER")).expect("it is there");
    assert_eq!(fields(&overview["metrics"], &["total_rewards", "total_referrals"]), ["0", "0"]);
    assert_eq!(rows(&known.referrers(from, to, "uid", true).expect("a list")), [""; 0]);
}
