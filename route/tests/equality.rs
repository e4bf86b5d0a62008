//! Whatever the number of shards, of routers and of partitions, and however late everything is: the answers of the shards,
//! added up, have the digits of one ledger.

mod answers;
#[path = "../../projections/tests/generate/mod.rs"]
mod generate;
#[path = "../../projections/tests/agreement/memory.rs"]
#[allow(dead_code, reason = "histories here are accepted by the shards themselves")]
mod memory;
#[path = "../../projections/tests/oracle/mod.rs"]
mod oracle;
mod world;

use memory::Projected;
use proptest::prelude::*;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schemas::{Event, Timestamp, Uid};
use world::shard::{Accepted, RECORDED_AT, Verdict};
use world::{Layout, World};

/// The events of a history that one ledger accepts.
fn accepted(arrivals: Vec<Event<'static>>) -> Vec<Event<'static>> {
    let mut accepted = Accepted::default();
    arrivals.into_iter().filter(|event| accepted.judge(event) == Verdict::Accepted).collect()
}

/// The same events in another order, some of them delivered again.
fn shuffled(events: &[Event<'static>], rng: &mut ChaCha8Rng) -> Vec<Event<'static>> {
    let mut arrivals = events.to_vec();
    arrivals.extend(events.iter().filter(|_| rng.random_ratio(1, 8)).cloned());
    arrivals.shuffle(rng);
    arrivals
}

fn one_ledger(events: &[Event<'static>]) -> Projected {
    let mut projected = Projected::default();
    events.iter().for_each(|event| projected.apply(RECORDED_AT, event.clone()));
    projected
}

/// Every account that an event of the pools can name.
fn uids() -> Vec<Uid> {
    let mut uids = generate::UIDS.to_vec();
    uids.push(Uid(99));
    uids
}

fn check(world: &World, one: &Projected, now: Timestamp, events: &[Event<'static>]) {
    let shards: Vec<_> = world.shards.iter().map(|shard| shard.projected.at(now)).collect();
    answers::check(&one.at(now), &shards, &uids(), &generate::CODES, events);
}

fn layouts() -> impl Strategy<Value = Layout> {
    (prop_oneof![Just(1u32), Just(2), Just(5)], 0..20u32, 1..4usize, any::<bool>()).prop_map(
        |(shards, more, routers, is_repeating)| Layout {
            shards,
            partitions: shards + more,
            routers,
            is_repeating,
            sends_on: true,
        },
    )
}

proptest! {
    #![proptest_config(generate::cases(40))]

    #[test]
    fn the_answers_of_all_shards_together_are_those_of_one_ledger(
        arrivals in generate::histories(120),
        layout in layouts(),
        seed in any::<u64>(),
    ) {
        let events = accepted(arrivals);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut world = World::new(layout, &shuffled(&events, &mut rng));
        world.run(&mut rng);
        let one = one_ledger(&events);
        for now in [generate::NOW, generate::NOW.plus_days(40)] {
            check(&world, &one, now, &events);
        }
        prop_assert!(world.shards.iter().all(|shard| shard.conflicts.is_empty()));
    }
}

/// What the test above holds would not hold if nothing were sent on.
#[test]
fn without_sending_on_events_would_be_missed() {
    let missed = (0..20u64).filter(|seed| {
        let events = accepted(generate::history(*seed, 120));
        let mut rng = ChaCha8Rng::seed_from_u64(*seed);
        let layout = Layout { shards: 5, partitions: 12, routers: 2, is_repeating: false, sends_on: false };
        let mut world = World::new(layout, &shuffled(&events, &mut rng));
        world.run(&mut rng);
        let one = one_ledger(&events);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            check(&world, &one, generate::NOW.plus_days(40), &events);
        }))
        .is_err()
    });
    assert!(missed.count() > 5);
}
