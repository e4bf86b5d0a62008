//! Past states: the right ones, shared, and never more than fit.

#[path = "../../checkpoints/tests/given/mod.rs"]
mod given;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use checkpoints::{KeepPolicy, KeptCheckpoints};
use ledger::EventReader;
use ledger::{MemoryStorage, Position};
use rand::{Rng, SeedableRng};
use replay::{PastError, PastStates, ReplayError};

use given::{Book, accepted, digest, hostile};

fn book() -> (Book, Vec<schemas::Event<'static>>) {
    let events = accepted(&hostile(11, 1_200));
    (Book::of(&events, 30), events)
}

fn with_kept(book: &Book) -> Arc<KeptCheckpoints> {
    let kept = KeptCheckpoints::new(Arc::new(MemoryStorage::new()), KeepPolicy { interval: 100, count: 1_000 });
    book.keep_due(&kept);
    Arc::new(kept)
}

#[test]
fn a_past_state_is_that_of_a_ledger_that_ends_there_at_the_moment_that_was_recorded() {
    let (book, events) = book();
    let reader = book.reader();
    for kept in [None, Some(with_kept(&book))] {
        let past = PastStates::new(reader.clone(), kept, 2, 2);
        for position in [1, 2, 29, 30, 31, 100, 333, events.len() as Position] {
            let (state, making) = past.at(position).expect("a state");
            assert!(making.was_made);
            let short = Book::of(&events[..position as usize], 1_000);
            assert_eq!(digest(state.past().state(), &reader), short.digest(), "{position}");
            assert_eq!(state.past().now(), reader.recorded_at(position).expect("an entry"));
        }
    }
}

#[test]
fn what_is_held_is_not_made_again_and_the_one_out_of_use_the_longest_goes() {
    let (book, _) = book();
    let past = PastStates::new(book.reader(), None, 2, 1);
    let made = |position| past.at(position).expect("a state").1.was_made;
    assert_eq!(past.memory_bytes(), 0);
    assert_eq!([made(10), made(20), made(10)], [true, true, false]);
    let bytes = |position| past.at(position).expect("a state").0.past().state().memory_bytes();
    assert_eq!(past.memory_bytes(), bytes(20) + bytes(10));
    // 20 was asked for before 10 was again.
    assert_eq!((made(30), past.positions()), (true, vec![10, 30]));
    assert_eq!([made(10), made(20), made(30)], [false, true, true]);
}

#[test]
fn a_state_in_use_stays_and_who_wants_one_more_waits_for_it() {
    let (book, _) = book();
    let past = PastStates::new(book.reader(), None, 1, 1);
    let (held, _) = past.at(10).expect("a state");
    let is_released = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let (state, _) = past.at(20).expect("a state, after a while");
            assert!(is_released.load(Ordering::SeqCst), "it was given while the other was in use");
            state.past().state().position()
        });
        assert_eq!(held.past().state().position(), 10);
        is_released.store(true, Ordering::SeqCst);
        drop(held);
        assert_eq!(waiting.join().expect("no panic"), 20);
    });
    assert_eq!(past.positions(), [20]);
}

#[test]
fn however_many_ask_no_more_are_in_memory_than_fit_and_each_gets_its_own() {
    let (book, events) = book();
    let past = PastStates::new(book.reader(), Some(with_kept(&book)), 3, 1);
    let (asked, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for seed in 0..6 {
            let (past, asked, most, events) = (&past, &asked, &most, &events);
            scope.spawn(move || {
                let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
                for _ in 0..25 {
                    let position = random.random_range(1..=events.len() as Position);
                    let (state, _) = past.at(position).expect("a state");
                    assert_eq!(state.past().state().position(), position);
                    most.fetch_max(past.positions().len(), Ordering::SeqCst);
                    asked.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(asked.load(Ordering::SeqCst), 150);
    assert!(most.load(Ordering::SeqCst) <= 3);
}

#[test]
fn those_who_ask_for_one_moment_at_a_time_share_its_making() {
    let (book, events) = book();
    let past = PastStates::new(book.reader(), None, 4, 1);
    let barrier = std::sync::Barrier::new(8);
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let (state, _) = past.at(events.len() as Position).expect("a state");
                    std::ptr::from_ref(state.past()) as usize
                })
            })
            .collect();
        let states: Vec<usize> = asking.into_iter().map(|asked| asked.join().expect("no panic")).collect();
        assert!(states.iter().all(|state| *state == states[0]), "it is one state");
    });
    assert_eq!(past.positions().len(), 1);
}

#[test]
fn what_cannot_be_made_is_told_to_each_and_not_held() {
    let (book, events) = book();
    let past = PastStates::new(book.reader(), None, 1, 1);
    let beyond = events.len() as Position + 1;
    for _ in 0..2 {
        let refused = past.at(beyond).err().expect("nothing there");
        assert!(
            matches!(&refused, PastError::Replay(error) if matches!(**error, ReplayError::BeyondEnd { .. })),
            "{refused}"
        );
    }
    assert_eq!(past.positions(), [] as [Position; 0]);
}
