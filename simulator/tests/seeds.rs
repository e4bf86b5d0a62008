//! A fixed set of seeds, so that every build runs some; that a seed repeats itself; and that what a disk must not do is
//! found. `just sim` runs more.

use std::panic::catch_unwind;

use simulator::{Plan, run};

#[test]
fn given_any_of_these_seeds_when_it_is_run_then_nothing_is_lost_twice_or_unexplained() {
    let mut crashes = 0;
    for seed in 1..=60 {
        let report = run(&Plan::of(seed)).unwrap_or_else(|failure| panic!("seed {seed}: {failure}"));
        crashes += report.crashes;
    }
    assert!(crashes > 20, "only {crashes} lives ended by a fault");
}

#[test]
fn a_seed_gives_the_same_run_each_time() {
    let with_cluster = (1..).filter(|seed| Plan::of(*seed).cluster.is_some());
    for seed in [3, 14, 159, 2_653].into_iter().chain(with_cluster.take(3)) {
        assert_eq!(run(&Plan::of(seed)), run(&Plan::of(seed)), "seed {seed}");
    }
}

#[test]
fn a_disk_that_forgets_what_it_said_was_durable_is_found_out() {
    let found = (1..=40).filter(|seed| {
        let mut plan = Plan { lies: true, ..Plan::of(*seed) };
        plan.faults.power = true;
        !matches!(catch_unwind(|| run(&plan)), Ok(Ok(_)))
    });
    assert!(found.count() > 10, "a disk that lies must not pass for one that does not");
}
