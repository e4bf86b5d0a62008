//! Excerpts in place of past states: the same, shared, held within their bounds, and none of a referrer too large.

#[path = "../../checkpoints/tests/given/mod.rs"]
mod given;

use std::convert::Infallible;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicUsize, Ordering};

use ledger::Position;
use projections::query::{Links, RangeRequest};
use projections::{ExcerptPlan, State, View};
use replay::{ExcerptError, ExcerptLimits, Excerpts, PastStates, Until, replay};
use schemas::Uid;

use given::{Book, accepted, hostile};

/// More entries than are noted one by one, so that the latest event time of earlier ones is looked up.
const EVENTS: u64 = 4_000;

fn book() -> Book {
    Book::of(&accepted(&hostile(11, EVENTS)), 30)
}

/// The present state, replayed by two threads.
fn present(book: &Book) -> State {
    let mut state = State::new();
    replay(&book.reader(), &mut state, ledger::FrameCursor::START, Until::End, 2, &mut |_| {}).expect("it can be read");
    state
}

fn referrers(state: &State, book: &Book) -> Vec<Uid> {
    let (reader, links) = (book.reader(), Links::default());
    let now = state.recorded_at().expect("there are entries");
    let view = View { state, reader: &reader, now, links: &links, is_past: false };
    view.largest_referrers(5).into_iter().map(|referrer| referrer.uid).collect()
}

fn any_weight() -> ExcerptLimits {
    ExcerptLimits { events: NonZeroU64::MAX, bytes: usize::MAX }
}

#[test]
fn an_excerpt_says_of_its_referrer_and_of_the_moment_what_the_past_state_says() {
    let book = book();
    let state = present(&book);
    let end = state.position();
    let (reader, links) = (book.reader(), Links::default());
    let past = PastStates::new(reader.clone(), None, 1, 2);
    let excerpts: Excerpts<Infallible> = Excerpts::new(reader.clone(), any_weight(), 2);
    for position in [1, 29, 1_023, 1_024, 1_025, end / 2, end - 1] {
        let (of_then, _) = past.at(position).expect("a state");
        for referrer in referrers(&state, &book) {
            let plan = |events_max| Ok(state.plan_excerpt(referrer, position, events_max));
            let (excerpt, making) = excerpts.at(referrer, position, plan).expect("it can be read").expect("light");
            assert!(making.was_made);
            let told = |view: View<'_>| {
                let ever = RangeRequest { from: Some(schemas::Day(15_000)), to: Some(schemas::Day(40_000)) };
                (view.as_of(), view.now, view.overview(referrer, ever, None), view.account_standing(referrer))
            };
            let answered = told(excerpt.past().view(&reader, &links));
            assert_eq!(answered, told(of_then.past().view(&reader, &links)), "{referrer} as of {position}");
        }
    }
}

#[test]
fn one_that_is_held_is_not_made_again_and_those_asked_for_last_are_held() {
    let book = book();
    let state = present(&book);
    let referrer = referrers(&state, &book)[0];
    let planned = AtomicUsize::new(0);
    let ask = |excerpts: &Excerpts<Infallible>, position: Position| {
        let plan = |events_max: NonZeroU64| -> Result<Option<ExcerptPlan>, Infallible> {
            planned.fetch_add(1, Ordering::SeqCst);
            Ok(state.plan_excerpt(referrer, position, events_max))
        };
        let (excerpt, making) = excerpts.at(referrer, position, plan).expect("it can be read").expect("light");
        (excerpt.past().state().memory_bytes(), making.was_made)
    };
    let roomy = Excerpts::new(book.reader(), any_weight(), 1);
    let (bytes, was_made) = ask(&roomy, 900);
    assert!(was_made);
    assert_eq!((ask(&roomy, 900), planned.load(Ordering::SeqCst)), ((bytes, false), 1));
    // Room for one and a half of them.
    let narrow = Excerpts::new(book.reader(), ExcerptLimits { bytes: bytes * 3 / 2, ..any_weight() }, 1);
    for position in [900, 899, 898] {
        ask(&narrow, position);
    }
    assert_eq!(narrow.held(), [(referrer, 898)]);
    assert_eq!((roomy.memory_bytes(), narrow.memory_bytes()), (bytes, ask(&narrow, 898).0));
    // Who asks at the same time for one that is made shares it.
    let before = planned.load(Ordering::SeqCst);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| ask(&roomy, 700));
        }
    });
    assert_eq!(planned.load(Ordering::SeqCst), before + 1);
}

#[test]
fn of_a_referrer_too_large_there_is_none_and_that_is_remembered() {
    let book = book();
    let state = present(&book);
    let referrer = referrers(&state, &book)[0];
    let limits = ExcerptLimits { events: NonZeroU64::MIN, ..any_weight() };
    let excerpts: Excerpts<Infallible> = Excerpts::new(book.reader(), limits, 1);
    let plan = |events_max| Ok(state.plan_excerpt(referrer, state.position() - 1, events_max));
    assert!(excerpts.at(referrer, state.position() - 1, plan).expect("it can be read").is_none());
    let again = |_| panic!("it is known that there is none");
    assert!(excerpts.at(referrer, state.position() - 1, again).expect("it can be read").is_none());
}

#[test]
fn one_that_cannot_be_planned_just_now_is_tried_again_by_who_asks_next() {
    let book = book();
    let state = present(&book);
    let (referrer, position) = (referrers(&state, &book)[0], state.position() - 1);
    let excerpts = Excerpts::new(book.reader(), any_weight(), 1);
    let refused = excerpts.at(referrer, position, |_| Err("not now"));
    assert!(matches!(refused, Err(ExcerptError::Plan("not now"))));
    assert_eq!(excerpts.held(), []);
    let plan = |events_max| Ok(state.plan_excerpt(referrer, position, events_max));
    assert!(excerpts.at(referrer, position, plan).expect("it can be read").is_some());
}
