//! kill -9 at any moment, then start: nothing lost, nothing twice, same numbers. The disk is one that forgets what
//! was not synced, and its power fails before a step drawn from a seed.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};

use ingest::traces::Way;
use ingest::{CheckpointPolicy, StartOptions, Started, Work, start};
use ledger::{Faults, FaultyStorage, LedgerOptions, MemoryStorage};
use support::*;

/// The topic that the source of these tests stands for: a line an offset.
const TOPIC: &str = "events";

/// A source that goes on where the ledger is, like Kafka's; a step reads some lines. True while there are more.
fn step(started: &mut Started, lines: &[Vec<u8>], taken: usize) -> Result<bool, ingest::EngineError> {
    let from = started.handle.read(|view| view.state.next_offset(TOPIC, 0)).unwrap_or(0) as usize;
    let to = lines.len().min(from + taken);
    let mut batch = batch(&started.handle, &lines[from..to]);
    batch.set_offset(TOPIC, 0, to as i64);
    started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }])?;
    Ok(to < lines.len())
}

fn open(storage: &FaultyStorage, kept: &Kept) -> Option<Started> {
    let options = StartOptions {
        checkpoints: opened(kept.clone()),
        checkpoint_policy: CheckpointPolicy { events: 300, interval_micros: i64::MAX },
        ledger: LedgerOptions { segment_bytes: 16 << 10, ..LedgerOptions::default() },
        ..options(storage)
    };
    start(options, &mut |_| {}).ok()
}

/// Numbers from a seed (splitmix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % limit
    }
}

#[test]
fn killed_at_any_step_the_ledger_ends_with_the_same_numbers() {
    let lines: Vec<_> = hostile(9, 1_500).into_iter().filter(|line| line.len() < 4_096).collect();
    let whole = FaultyStorage::new(MemoryStorage::new(), Faults::default());
    let mut started = open(&whole, &Kept::default()).expect("started");
    while step(&mut started, &lines, 40).expect("no fault") {}
    let expected = (numbers(&started.handle), started.engine.position());
    let operations = whole.operations();
    drop(started);

    let kills = AtomicUsize::new(0);
    for seed in 0..60 {
        let mut draw = Draw(seed);
        let (mut disk, kept) = (MemoryStorage::new(), Kept::default());
        let found = loop {
            let faults = Faults { power_fails_at: Some(1 + draw.below(operations)), ..Faults::default() };
            let storage = FaultyStorage::new(disk.clone(), faults);
            let finished = open(&storage, &kept).and_then(|mut started| {
                loop {
                    match step(&mut started, &lines, 1 + draw.below(80) as usize) {
                        Ok(true) => {}
                        Ok(false) => return Some((numbers(&started.handle), started.engine.position())),
                        Err(_) => return None,
                    }
                }
            });
            match finished {
                Some(found) => break found,
                None => {
                    kills.fetch_add(1, Ordering::Relaxed);
                    disk = disk.after_crash(draw.below(u64::MAX));
                }
            }
        };
        assert_eq!(found, expected, "seed {seed}");
    }
    assert!(kills.into_inner() > 60, "there were kills");
}

#[test]
fn a_full_disk_stops_the_engine_and_with_room_it_goes_on() {
    let lines: Vec<_> = hostile(10, 1_500).into_iter().filter(|line| line.len() < 4_096).collect();
    let disk = MemoryStorage::new();
    let full = FaultyStorage::new(disk.clone(), Faults { capacity_bytes: Some(40 << 10), ..Faults::default() });
    let mut started = open(&full, &Kept::default()).expect("room for the first segments");
    let error = loop {
        match step(&mut started, &lines, 50) {
            Ok(true) => {}
            Ok(false) => panic!("the disk was to be full"),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert!(started.handle.readiness().failure.is_some_and(|cause| cause.contains("make room")));
    let position = started.engine.position();
    drop(started);

    let roomy = FaultyStorage::new(disk, Faults::default());
    let mut started = open(&roomy, &Kept::default()).expect("started");
    assert!(started.engine.position() >= position);
    while step(&mut started, &lines, 50).expect("room") {}
    let whole = FaultyStorage::new(MemoryStorage::new(), Faults::default());
    let mut other = open(&whole, &Kept::default()).expect("started");
    while step(&mut other, &lines, 50).expect("no fault") {}
    assert_eq!(numbers(&started.handle), numbers(&other.handle));
}
