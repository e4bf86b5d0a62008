//! The digest is a function of the set of accepted events and of nothing else (SPEC 6).

#[path = "../../checkpoints/tests/given/mod.rs"]
mod given;

use std::sync::Arc;

use checkpoints::{KeepPolicy, KeptCheckpoints};
use ledger::{FrameCursor, MemoryStorage, Position};
use projections::State;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use replay::{ReplayError, Until, replay};

use given::{Book, accepted, digest, hostile};

fn random() -> (ChaCha8Rng, u64) {
    let seed: u64 = rand::rng().random();
    println!("seed {seed}");
    (ChaCha8Rng::seed_from_u64(seed), seed)
}

/// The state of a replay from the beginning.
fn replayed(book: &Book, until: Until, threads: usize) -> State {
    let mut state = State::new();
    let reader = book.reader();
    let end = replay(&reader, &mut state, FrameCursor::START, until, threads, &mut |_| {}).expect("replays");
    if until == Until::End {
        assert_eq!(end, reader.end(), "the place after the last frame");
    }
    state
}

#[test]
fn on_one_thread_or_many_the_digest_is_that_of_the_state_that_grew_with_the_ledger() {
    let (mut random, _) = random();
    let events = hostile(random.random(), 4_000);
    let book = Book::of(&events, 61);
    for threads in [1, 2, 3, 7] {
        assert_eq!(digest(&replayed(&book, Until::End, threads), &book.reader()), book.digest(), "{threads} threads");
    }
}

#[test]
fn another_order_of_arrival_gives_the_same_digest_and_one_event_more_another() {
    let (mut random, _) = random();
    let events = accepted(&hostile(random.random(), 2_500));
    let digest = Book::of(&events, 100).digest();
    for frame in [1, 77, 10_000] {
        let mut shuffled = events.clone();
        shuffled.shuffle(&mut random);
        assert_eq!(Book::of(&shuffled, frame).digest(), digest);
    }
    let without_one = Book::of(&events[..events.len() - 1], 100);
    assert_ne!(without_one.digest(), digest);
}

#[test]
fn up_to_a_position_it_is_the_digest_of_a_ledger_that_ends_there() {
    let (mut random, _) = random();
    let events = accepted(&hostile(random.random(), 1_500));
    let book = Book::of(&events, 40);
    for _ in 0..20 {
        let position: Position = random.random_range(1..=events.len() as Position);
        let threads = random.random_range(1..=3);
        let state = replayed(&book, Until::Position(position), threads);
        assert_eq!(state.position(), position);
        let short = Book::of(&events[..position as usize], 1_000);
        assert_eq!(digest(&state, &book.reader()), short.digest(), "up to {position}");
    }
}

#[test]
fn from_any_checkpoint_kept_along_the_way_it_is_the_same() {
    let (mut random, _) = random();
    let book = Book::of(&hostile(random.random(), 2_000), 50);
    let reader = book.reader();
    let kept = KeptCheckpoints::new(Arc::new(MemoryStorage::new()), KeepPolicy { interval: 1, count: u64::MAX });
    book.keep_due(&kept);
    let positions = kept.positions().expect("listed");
    assert!(positions.len() > 10);
    for position in positions {
        let (mut state, cursor) = kept.restore(position, &reader);
        assert_eq!(state.position(), position, "it starts there");
        replay(&reader, &mut state, cursor, Until::End, 2, &mut |_| {}).expect("replays");
        assert_eq!(digest(&state, &reader), book.digest(), "from {position}");
    }
}

#[test]
fn beyond_the_end_there_is_nothing_to_replay() {
    let book = Book::of(&hostile(1, 200), 50);
    let end = book.reader().durable_position();
    let mut state = State::new();
    for threads in [1, 3] {
        let until = Until::Position(end + 1);
        let refused = replay(&book.reader(), &mut state, FrameCursor::START, until, threads, &mut |_| {});
        assert!(
            matches!(refused, Err(ReplayError::BeyondEnd { position, end: last }) if (position, last) == (end + 1, end)),
            "{refused:?}"
        );
        state = State::new();
    }
}
