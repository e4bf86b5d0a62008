//! The cores share what they are given: each part is done once, and all are done when they return.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};

use projections::Workers;
use replay::CoreWorkers;

#[test]
fn each_part_is_done_once_whatever_the_number_of_threads() {
    for threads in [0, 1, 2, 5] {
        for parts in [0, 1, 4, 1_000] {
            let done: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
            CoreWorkers::new(threads).each(parts, &|part| {
                done[part].fetch_add(1, Ordering::Relaxed);
            });
            assert!(done.iter().all(|times| times.load(Ordering::Relaxed) == 1), "{threads} threads, {parts} parts");
        }
    }
}

#[test]
fn parts_are_done_at_the_same_time() {
    // Each part waits for the other: one thread alone would never come behind it.
    let both = Barrier::new(2);
    CoreWorkers::new(2).each(2, &|_| {
        both.wait();
    });
}

#[test]
fn who_asks_is_told_how_far_the_work_is() {
    let told = Mutex::new(Vec::new());
    let tell = |done, of| told.lock().expect("nobody panicked").push((done, of));
    CoreWorkers::new(2).telling(&tell).progress(3, 7);
    CoreWorkers::new(2).progress(4, 7);
    assert_eq!(told.into_inner().expect("nobody panicked"), [(3, 7)]);
}
