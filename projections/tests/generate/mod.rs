//! Small dense histories in which everything awkward happens often: few accounts, few codes, a coarse grid of times.
//!
//! Every event is a function of one number ([`event`]), drawn from small pools, so that identities collide, times
//! tie and parents go in circles by themselves. A history is a list of such numbers: it shrinks by leaving events out,
//! and the history of a size is the beginning of the longer one of the same seed.

#![allow(dead_code, unused_imports, reason = "each test target draws its own part")]

mod bodies;
mod event;
mod offers;
mod pools;

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::Config;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schemas::{Body, Event, Note, StreamKey, Timestamp};

pub use event::event;
pub use pools::{CODES, COUNTRIES, OWNERS, UIDS};

/// A moment by which most of what a history holds has happened, and some has not.
pub const NOW: Timestamp = pools::time(9, 43_200);

/// So many cases of each property, or as many as the environment asks for.
pub fn cases(default: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// A history of `size` events in order of arrival, some of them duplicates and conflicts.
pub fn history(seed: u64, size: usize) -> Vec<Event<'static>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..size).map(|_| event(rng.random())).collect()
}

/// Histories of up to `most` events that shrink by leaving events out.
pub fn histories(most: usize) -> impl Strategy<Value = Vec<Event<'static>>> {
    vec(any::<u64>().no_shrink(), 1..=most).prop_map(|seeds| seeds.into_iter().map(event).collect())
}

/// The same of nothing but what amounts hang on, long enough that most of it is there.
pub fn histories_of_amounts(most: usize) -> impl Strategy<Value = Vec<Event<'static>>> {
    let moves_amounts = |event: &Event<'_>| match &event.body {
        Body::Registration(_)
        | Body::Trade(_)
        | Body::Reversal(_)
        | Body::Affiliate(_)
        | Body::Code(_)
        | Body::Rebate(_)
        | Body::Program(_) => true,
        Body::Kyc(_)
        | Body::Deposit(_)
        | Body::Vip(_)
        | Body::Note(_)
        | Body::Offer(_)
        | Body::Campaign(_)
        | Body::Join(_)
        | Body::Application(_) => false,
    };
    vec(any::<u64>().no_shrink(), most / 2..=most)
        .prop_map(move |seeds| seeds.into_iter().map(event).filter(moves_amounts).collect())
}

/// The same events in another order of arrival, with some delivered again: copies anywhere, and after the event
/// itself others that share its identity and hold something else. Of a set of accepted events it accepts that set.
pub fn shuffles(seed: u64, events: &[Event<'static>]) -> Vec<Event<'static>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut arrivals = events.to_vec();
    arrivals.shuffle(&mut rng);
    for event in events {
        if rng.random_ratio(1, 4) {
            let at = rng.random_range(0..=arrivals.len());
            arrivals.insert(at, event.clone());
        }
    }
    for event in events {
        if rng.random_ratio(1, 6) {
            let first = arrivals.iter().position(|arrival| arrival == event).unwrap_or(arrivals.len() - 1);
            let at = rng.random_range(first + 1..=arrivals.len());
            arrivals.insert(at, impostor(event));
        }
    }
    arrivals
}

/// Another event of the same identity: later, and of another type where the identity allows one.
fn impostor(event: &Event<'static>) -> Event<'static> {
    let body = match event.stream() {
        StreamKey::Account(uid) => Body::Note(Note { uid, note: "impostor".into() }),
        StreamKey::Name(_) | StreamKey::Platform => event.body.clone(),
    };
    Event { time: event.time.plus_days(1), body, ..event.clone() }
}

/// When each arrival is recorded: never earlier than the one before, often at the same moment, and at most 24 hours
/// before the event's own time, as SPEC 1 asks of a valid event.
pub fn recorded(arrivals: &[Event<'static>]) -> Vec<Timestamp> {
    const HOUR: i64 = 3_600_000_000;
    let mut now = pools::time(0, 0);
    let mut recorded = Vec::with_capacity(arrivals.len());
    for (index, event) in arrivals.iter().enumerate() {
        let pause = if index % 3 == 0 { HOUR } else { 0 };
        now = Timestamp(now.0 + pause).max(event.time.plus_days(-1));
        recorded.push(now);
    }
    recorded
}
