//! Starting again: from a checkpoint and the tail, from nothing, beside a daemon.

mod support;

use checkpoints::{Checkpoint, CheckpointError, CheckpointStore};
use ingest::traces::Way;
use ingest::{
    CheckpointUse, CommandError, ReadOnlyOptions, ReplayProgress, StartError, StartOptions, Started, Work, start,
    start_read_only,
};
use ledger::{LedgerError, MemoryStorage, Storage};
use projections::commands::Command;
use schemas::Uid;
use support::*;

fn step(started: &mut Started, lines: &[impl AsRef<[u8]>]) {
    let batch = batch(&started.handle, lines);
    started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
}

fn with_checkpoints(storage: &(impl Storage + Clone + 'static), kept: &Kept) -> StartOptions {
    StartOptions { checkpoints: opened(kept.clone()), ..options(storage) }
}

/// A ledger with a checkpoint in its middle.
fn history(storage: &MemoryStorage, kept: &Kept) -> (u64, u64, (String, u64, u64)) {
    let lines = hostile(3, 2_000);
    let (before, after) = lines.split_at(lines.len() / 2);
    let mut started = start(with_checkpoints(storage, kept), &mut |_| {}).expect("started");
    assert_eq!(started.replayed.checkpoint, CheckpointUse::Absent);
    before.chunks(100).for_each(|lines| step(&mut started, lines));
    started.engine.step(vec![Work::Checkpoint]).expect("kept");
    let middle = started.engine.position();
    after.chunks(100).for_each(|lines| step(&mut started, lines));
    (middle, started.engine.position(), numbers(&started.handle))
}

#[test]
fn a_start_takes_the_checkpoint_and_replays_the_tail() {
    let (storage, kept) = (MemoryStorage::new(), Kept::default());
    let (middle, end, expected) = history(&storage, &kept);
    let mut told: Vec<ReplayProgress> = Vec::new();
    let started = start(with_checkpoints(&storage, &kept), &mut |progress| told.push(progress)).expect("started");
    let replayed = &started.replayed;
    assert_eq!((replayed.from, replayed.to, &replayed.checkpoint), (middle, end, &CheckpointUse::Used));
    assert_eq!(numbers(&started.handle), expected);
    assert!(told.is_sorted_by_key(|progress| progress.position) && told.iter().all(|progress| progress.to == end));
    assert_eq!(told.last().map(|progress| progress.position), Some(end));
}

#[test]
fn a_checkpoint_of_another_ledger_or_of_a_longer_one_is_discarded_and_all_is_replayed() {
    let (storage, kept) = (MemoryStorage::new(), Kept::default());
    let (_, end, expected) = history(&storage, &kept);

    // Another ledger of the same length, and one that is shorter.
    let other = MemoryStorage::new();
    let lines = hostile(4, 2_000);
    let mut started_other = start(options(&other), &mut |_| {}).expect("started");
    lines.chunks(100).for_each(|lines| step(&mut started_other, lines));
    let other_numbers = numbers(&started_other.handle);
    drop(started_other);
    let short = MemoryStorage::new();
    let mut started_short = start(options(&short), &mut |_| {}).expect("started");
    step(&mut started_short, &lines[..50]);
    let short_numbers = numbers(&started_short.handle);
    drop(started_short);

    for (name, storage, numbers_expected) in [("other", &other, other_numbers), ("short", &short, short_numbers)] {
        let of_another = Kept::default();
        *of_another.0.lock() = kept.0.lock().clone();
        let started = start(with_checkpoints(storage, &of_another), &mut |_| {}).expect("started");
        let replayed = &started.replayed;
        assert!(matches!(&replayed.checkpoint, CheckpointUse::Discarded { why } if !why.is_empty()), "{name}");
        assert_eq!((replayed.from, numbers(&started.handle)), (0, numbers_expected), "{name}");
    }
    let started = start(with_checkpoints(&storage, &kept), &mut |_| {}).expect("started");
    assert_eq!((started.replayed.to, numbers(&started.handle)), (end, expected));
}

/// A store that keeps nothing and gives nothing.
struct Broken;

impl CheckpointStore for Broken {
    fn save(&mut self, _: &Checkpoint) -> Result<(), CheckpointError> {
        Err(CheckpointError::Store { detail: "no room".into() })
    }

    fn load(&mut self) -> Result<Option<Checkpoint>, CheckpointError> {
        Err(CheckpointError::Checksum)
    }

    fn clear(&mut self) -> Result<(), CheckpointError> {
        Ok(())
    }
}

#[test]
fn a_store_that_fails_costs_a_replay_and_nothing_else() {
    let (storage, kept) = (MemoryStorage::new(), Kept::default());
    let (_, end, expected) = history(&storage, &kept);
    let broken = StartOptions { checkpoints: opened(Broken), ..options(&storage) };
    let mut started = start(broken, &mut |_| {}).expect("started");
    assert!(matches!(started.replayed.checkpoint, CheckpointUse::Discarded { .. }));
    assert_eq!((started.replayed.from, started.replayed.to), (0, end));
    assert_eq!(numbers(&started.handle), expected);
    started.engine.step(vec![Work::Checkpoint]).expect("it goes on");
    step(&mut started, &[trade(70, "after", "1")]);
    assert_eq!(started.engine.position(), end + 1);
    let text = started.handle.metrics_text();
    for line in ["tributary_checkpoint_failures_total 1\n", "tributary_checkpoint_last_successful 0\n"] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(!text.contains("tributary_checkpoint_timestamp_seconds "), "none was kept");
}

#[test]
fn one_process_at_a_time_writes() {
    let storage = MemoryStorage::new();
    let first = started(&storage);
    let second = start(options(&storage), &mut |_| {});
    assert!(matches!(second, Err(StartError::Ledger(LedgerError::Locked { .. }))));
    drop(first);
    assert!(start(options(&storage), &mut |_| {}).is_ok());
}

#[test]
fn who_only_reads_follows_the_daemon_and_takes_nothing() {
    let storage = MemoryStorage::new();
    assert!(matches!(
        start_read_only(ReadOnlyOptions { refresh_micros: 0, ..read_only(&storage) }, &mut |_| {}),
        Err(StartError::Ledger(LedgerError::NoLedger))
    ));
    let mut daemon = started(&storage);
    step(&mut daemon, &[code("AAA", 7), registration(70, "AAA")]);
    let (beside, replayed) = start_read_only(ReadOnlyOptions { refresh_micros: 0, ..read_only(&storage) }, &mut |_| {})
        .expect("beside the daemon");
    assert!(beside.is_read_only());
    assert_eq!((replayed.to, beside.position()), (2, 2));
    step(&mut daemon, &[trade(70, "t1", "10"), trade(70, "t2", "10")]);
    assert_eq!(beside.read(|view| view.state.position()), 4, "a question looks how far the ledger is");
    assert_eq!(numbers(&beside), numbers(&daemon.handle));
    step(&mut daemon, &[trade(70, "t3", "10")]);
    assert_eq!(beside.refresh(), 5);

    let refused = beside.command(Uid(7), Command::Apply { message: "please".into() }, None, None);
    assert_eq!(refused, Err(CommandError::ReadOnly));
    assert!(beside.submit(batch(&beside, &[trade(70, "t4", "10")])).is_err());
    // After the daemon is gone, the ledger is as it left it.
    drop(daemon);
    assert_eq!(beside.read(|view| view.state.position()), 5);
}

#[test]
fn who_only_reads_looks_no_more_often_than_it_is_told() {
    let storage = MemoryStorage::new();
    let mut daemon = started(&storage);
    step(&mut daemon, &[code("AAA", 7)]);
    let (beside, _) =
        start_read_only(ReadOnlyOptions { refresh_micros: 3_600_000_000, ..read_only(&storage) }, &mut |_| {})
            .expect("beside the daemon");
    step(&mut daemon, &[code("BBB", 7)]);
    assert_eq!(beside.read(|view| view.state.position()), 1);
    assert_eq!(beside.refresh(), 2);
}
