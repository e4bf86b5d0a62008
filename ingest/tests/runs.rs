//! The index's events go to runs on disk while the engine goes on, and starts and readers stand on them.

mod support;

use ingest::traces::Way;
use ingest::{CheckpointUse, Handle, ReadOnlyOptions, RunWriting, StartOptions, Started, Work, start, start_read_only};
use ledger::{LedgerOptions, MemoryStorage, Storage};
use support::*;

/// From how many events on they go to a run.
const RUN_EVENTS: u64 = 50;

fn with_runs(storage: &MemoryStorage, kept: &Kept, runs: RunWriting) -> StartOptions {
    let options = options(storage);
    let ledger = LedgerOptions { run_events: RUN_EVENTS, ..options.ledger };
    StartOptions { checkpoints: opened(kept.clone()), ledger, runs, ..options }
}

fn step(started: &mut Started, lines: &[Vec<u8>]) {
    let batch = batch(&started.handle, lines);
    started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
}

fn runs_upto(handle: &Handle) -> u64 {
    handle.read(|view| view.state.index().runs_upto())
}

fn events_in_memory(handle: &Handle) -> u64 {
    handle.read(|view| view.state.index().events_in_memory())
}

fn run_names(storage: &MemoryStorage) -> Vec<String> {
    let mut names = storage.list().expect("lists");
    names.retain(|name| name.ends_with(".run"));
    names
}

#[test]
fn a_start_stands_on_the_runs_of_its_checkpoint_and_without_them_replays_all_and_says_why() {
    let (storage, kept) = (MemoryStorage::new(), Kept::default());
    let lines = hostile(3, 1_500);
    let mut daemon = start(with_runs(&storage, &kept, RunWriting::InStep), &mut |_| {}).expect("started");
    lines.chunks(30).for_each(|lines| step(&mut daemon, lines));
    daemon.engine.step(vec![Work::Checkpoint]).expect("kept");
    let (expected, upto) = (numbers(&daemon.handle), runs_upto(&daemon.handle));
    assert!(upto > 0 && events_in_memory(&daemon.handle) < 2 * RUN_EVENTS);
    drop(daemon);
    let again = start(with_runs(&storage, &kept, RunWriting::InStep), &mut |_| {}).expect("started");
    assert_eq!((&again.replayed.checkpoint, runs_upto(&again.handle)), (&CheckpointUse::Used, upto));
    assert_eq!(numbers(&again.handle), expected);
    drop(again);
    let lost = run_names(&storage).pop().expect("a run");
    storage.remove(&lost).expect("removed");
    let mut anew = start(with_runs(&storage, &kept, RunWriting::InStep), &mut |_| {}).expect("started");
    let CheckpointUse::Discarded { why } = &anew.replayed.checkpoint else { panic!("{:?}", anew.replayed) };
    assert!(why.contains("no run of the index goes on"), "{why}");
    assert_eq!(numbers(&anew.handle), expected);
    assert!(runs_upto(&anew.handle) > 0 && events_in_memory(&anew.handle) < 2 * RUN_EVENTS);
    // All that was read before is known: it changes nothing.
    let position = anew.engine.position();
    lines.chunks(100).for_each(|lines| step(&mut anew, lines));
    assert_eq!(anew.engine.position(), position);
}

#[test]
fn a_reader_beside_the_daemon_stands_on_the_runs_that_the_daemon_makes() {
    let (storage, kept) = (MemoryStorage::new(), Kept::default());
    let lines = hostile(5, 1_500);
    let (first, later) = lines.split_at(lines.len() / 3);
    let mut daemon = start(with_runs(&storage, &kept, RunWriting::InStep), &mut |_| {}).expect("started");
    first.chunks(30).for_each(|lines| step(&mut daemon, lines));
    let (follower, _) = start_read_only(ReadOnlyOptions { run_events: RUN_EVENTS, ..read_only(&storage) }, &mut |_| {})
        .expect("beside the daemon");
    let at_start = runs_upto(&follower);
    assert!(at_start > 0);
    let mut most = 0;
    for lines in later.chunks(30) {
        step(&mut daemon, lines);
        follower.refresh();
        // What was replayed at once for the start stays whole until the runs tell of all of it.
        if runs_upto(&follower) > at_start {
            most = most.max(events_in_memory(&follower));
        }
        assert_eq!(numbers(&follower), numbers(&daemon.handle));
    }
    assert!(most > 0 && most < 3 * RUN_EVENTS, "{most} events in memory");
}

#[test]
fn while_a_thread_writes_a_run_the_engine_goes_on_and_then_stands_on_it() {
    let (storage, kept) = (MemoryStorage::new(), Kept::default());
    let lines = hostile(7, 1_500);
    let mut daemon = start(with_runs(&storage, &kept, RunWriting::Apart), &mut |_| {}).expect("started");
    lines.chunks(30).for_each(|lines| step(&mut daemon, lines));
    // Duplicates change nothing, and each step looks whether a run is written.
    while runs_upto(&daemon.handle) == 0 {
        step(&mut daemon, &lines[..30]);
    }
    let alone = MemoryStorage::new();
    let mut in_memory = started(&alone);
    lines.chunks(30).for_each(|lines| step(&mut in_memory, lines));
    assert_eq!(runs_upto(&in_memory.handle), 0);
    assert_eq!(numbers(&daemon.handle).0, numbers(&in_memory.handle).0);
}

#[test]
fn a_thread_merges_runs_beside_the_one_that_writes_them_and_the_engine_stands_on_what_they_became() {
    let (storage, kept) = (MemoryStorage::new(), Kept::default());
    let lines = hostile(11, 1_500);
    let mut daemon = start(with_runs(&storage, &kept, RunWriting::Apart), &mut |_| {}).expect("started");
    let mut written = 0;
    for new in lines.chunks(60) {
        step(&mut daemon, new);
        let upto = runs_upto(&daemon.handle);
        // Duplicates change nothing, and each step looks whether a run is written.
        while events_in_memory(&daemon.handle) >= RUN_EVENTS {
            step(&mut daemon, &lines[..30]);
        }
        written += usize::from(runs_upto(&daemon.handle) > upto);
    }
    assert!(written >= 8, "{written} runs");
    // The last merge is told behind the last run, and takes its files away before.
    let run_count = |daemon: &Started| daemon.handle.read(|view| view.state.index().run_count());
    while run_count(&daemon) > written - 6 || run_count(&daemon) != run_names(&storage).len() {
        step(&mut daemon, &lines[..30]);
    }
    let alone = MemoryStorage::new();
    let mut in_memory = started(&alone);
    lines.chunks(60).for_each(|lines| step(&mut in_memory, lines));
    assert_eq!(numbers(&daemon.handle).0, numbers(&in_memory.handle).0);
}
