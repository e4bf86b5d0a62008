//! The law of cost: what an event that was never seen looks at grows with the number of runs, and that with the logarithm of
//! the number of events. Looks are counted, and no time is taken.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::asking::ASKED_TOGETHER;
use super::bucket::{bucket_count, bucket_of};
use super::chain::Runs;
use super::merging::{due, merge};
use super::run::{Run, run_hash};
use super::writing::{Plan, Writing};
use crate::cursor::FrameCursor;
use crate::position::Position;
use crate::storage::{MemoryStorage, Storage};

thread_local! {
    static BUCKETS: Cell<u64> = const { Cell::new(0) };
    static LOWS: Cell<u64> = const { Cell::new(0) };
    static HASHES: Cell<u64> = const { Cell::new(0) };
}

/// Counts that the line of a bucket was looked at, by this test's thread.
pub(super) fn count_bucket() {
    BUCKETS.set(BUCKETS.get() + 1);
}

/// Counts that the lowest bits of so many hashes were read.
pub(super) fn count_lows(count: usize) {
    LOWS.set(LOWS.get() + count as u64);
}

/// Counts that a whole hash was read.
pub(super) fn count_hash() {
    HASHES.set(HASHES.get() + 1);
}

/// What was looked at, in all.
#[derive(Clone, Copy, Debug)]
struct Looks {
    buckets: u64,
    lows: u64,
    hashes: u64,
}

fn looks(work: impl FnOnce()) -> Looks {
    let before = (BUCKETS.get(), LOWS.get(), HASHES.get());
    work();
    Looks { buckets: BUCKETS.get() - before.0, lows: LOWS.get() - before.1, hashes: HASHES.get() - before.2 }
}

/// Runs of one account's events with these hashes, one run behind another.
#[derive(Default)]
struct Given {
    storage: MemoryStorage,
    runs: Vec<Arc<Run>>,
    last: Position,
}

impl Given {
    fn write(&mut self, mut hashes: Vec<u64>) {
        hashes.sort_unstable();
        let (after, events) = (self.last, hashes.len() as u64);
        self.last += events;
        let end = FrameCursor { position: self.last + 1, ..FrameCursor::START };
        let plan = Plan { after, end, origin: after, events, accounts: 1 };
        let never = AtomicBool::new(false);
        let mut writing = Writing::begin(&self.storage, &never, &plan).expect("room");
        writing.account(7, 1..=events as u32).expect("room");
        for (hash, place) in hashes.into_iter().zip(1..) {
            writing.identity(hash, place).expect("room");
        }
        writing.finish().expect("room");
        self.open();
    }

    /// Opens what is there and not told by another.
    fn open(&mut self) {
        let mut names = self.storage.list().expect("lists");
        names.sort_unstable();
        let run = |name: &String| Arc::new(Run::open(&self.storage, name).expect("sound").expect("there"));
        self.runs = names.iter().map(run).collect();
    }

    fn merge(&mut self, smallest: u64) {
        while let Some(range) = due(&self.runs, smallest) {
            let merged = self.runs[range].to_vec();
            merge(&self.storage, &merged, &AtomicBool::new(false)).expect("room");
            for run in merged {
                self.storage.remove(&run.name).expect("there");
            }
            self.open();
        }
    }

    fn runs(&self) -> Runs {
        Runs::of(self.runs.clone(), self.last)
    }
}

/// Asks for hashes, as many together as may be. How many are found.
fn found(runs: &Runs, hashes: impl Iterator<Item = u64>) -> usize {
    let hashes: Vec<Option<u64>> = hashes.map(Some).collect();
    let found = hashes.chunks(ASKED_TOGETHER).map(|hashes| {
        let mut found = vec![false; hashes.len()];
        runs.look_up(hashes, &mut found);
        found.into_iter().filter(|found| *found).count()
    });
    found.sum()
}

#[test]
fn what_a_new_event_looks_at_grows_with_the_logarithm_of_the_number_of_events() {
    const SMALLEST: u64 = 400;
    let hash = |event: u64| run_hash(event % 1_009, event as u32);
    let mut given = Given::default();
    for round in 1..=341u64 {
        given.write(((round - 1) * SMALLEST..round * SMALLEST).map(hash).collect());
        given.merge(SMALLEST);
        // One, five, 21, 85, 341 runs as they are written: as many as can be of few events.
        if !(round * 3 + 1).is_power_of_two() && round != 255 {
            continue;
        }
        let (runs, asked) = (given.runs(), 3_200);
        let fresh = looks(|| assert_eq!(found(&runs, (0..asked).map(|event| hash(1_000_000 + event))), 0));
        let tiers = u64::from(round.ilog(4)) + 1;
        assert_eq!(fresh.buckets, runs.count() as u64 * asked, "{round}: one line a run");
        assert!(runs.count() as u64 <= 3 * tiers, "{round}: {} runs", runs.count());
        // One of a hundred buckets lets it through, and then has about forty.
        assert!(fresh.lows <= runs.count() as u64 * asked * 40 / 100, "{round}: {fresh:?}");
        assert!(fresh.hashes <= asked / 1_000 + 1, "{round}: {fresh:?}");
        let every = round * SMALLEST / asked.min(round * SMALLEST);
        let known = (0..round * SMALLEST).step_by(every as usize);
        assert_eq!(found(&runs, known.clone().map(hash)), known.count(), "{round}: each is found");
    }
}

#[test]
fn identities_chosen_for_one_bucket_cost_whoever_meets_them_the_logarithm_of_their_number() {
    const EVENTS: u64 = 20_000;
    let hash = |event: u64| 0x7777_0000_0000 + event * 3;
    let mut given = Given::default();
    given.write((0..EVENTS).map(hash).collect());
    assert_eq!(bucket_of(hash(0), bucket_count(EVENTS)), bucket_of(hash(EVENTS), bucket_count(EVENTS)));
    let runs = given.runs();
    for (asked, expected) in [(hash(1_234), 1), (hash(1_234) + 1, 0), (hash(EVENTS), 0)] {
        let looked = looks(|| assert_eq!(found(&runs, std::iter::once(asked)), expected));
        assert!(looked.lows + looked.hashes <= 2 * 16, "{looked:?}");
    }
}
