//! Applications to become an affiliate: who waits for an answer.

use schemas::{Application, Body, Event, Uid};

use crate::given::{approved, at, column, event, given, suspended};
use crate::oracle::Oracle;

fn applied(time: &str, uid: u64, message: &'static str) -> Event<'static> {
    event(time, Body::Application(Application { uid: Uid(uid), message: message.into() }))
}

fn who_waits(oracle: &Oracle, now: &str) -> Vec<String> {
    column(&at(oracle, now).applications().expect("a list"), "uid")
}

#[test]
fn who_waits_longest_stands_first_with_what_it_wrote_last() {
    let oracle = given([
        applied("03-02 00:00", 8, "later"),
        applied("03-01 00:00", 7, "first"),
        applied("03-04 00:00", 7, "again"),
        applied("03-03 00:00", 9, "in between"),
    ]);
    let answer = at(&oracle, "04-01 00:00").applications().expect("a list");
    assert_eq!(column(&answer, "uid"), ["7", "8", "9"]);
    assert_eq!(column(&answer, "message"), ["again", "later", "in between"]);
    assert_eq!(column(&answer, "times"), ["2", "1", "1"]);
    assert_eq!(column(&answer, "waiting_since")[0], "2026-03-01T00:00:00Z");
}

#[test]
fn a_later_affiliate_event_answers_an_application_an_earlier_one_does_not() {
    let oracle = given([
        approved("03-01 00:00", 1, "0.30", "0.20", None),
        applied("03-02 00:00", 1, "a second try"),
        applied("03-02 00:00", 2, "answered with a yes"),
        approved("03-03 00:00", 2, "0.30", "0.20", None),
        applied("03-02 00:00", 3, "answered with a no"),
        suspended("03-03 00:00", 3, "0.20", "0.10"),
        applied("03-02 00:00", 4, "answered from the next month on"),
        approved("05-01 00:00", 4, "0.30", "0.20", None),
    ]);
    assert_eq!(who_waits(&oracle, "04-01 00:00"), ["1"]);
}

#[test]
fn an_answer_that_arrives_before_the_application_answers_it_too() {
    let oracle =
        given([approved("03-03 00:00", 1, "0.30", "0.20", None), applied("03-02 00:00", 1, "delayed on its way")]);
    assert!(who_waits(&oracle, "04-01 00:00").is_empty());
}

#[test]
fn an_application_of_tomorrow_waits_from_tomorrow_on() {
    let oracle = given([applied("03-02 00:00", 1, "a clock that runs fast")]);
    assert!(who_waits(&oracle, "03-01 00:00").is_empty());
    assert_eq!(who_waits(&oracle, "03-02 00:00"), ["1"]);
}
