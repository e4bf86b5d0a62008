//! A snapshot is one position for as long as it is held, is shared by who asks at the same moment, and there is a bound.

mod support;

use ingest::{Handle, Snapshot, SnapshotError, Started, Work};
use ledger::MemoryStorage;
use support::*;

fn take(started: &mut Started, lines: &[String]) {
    let batch = batch(&started.handle, lines);
    started.engine.step(vec![Work::Batch { batch, reply: None }]).expect("committed");
}

/// All that a view says, in short.
fn said(snapshot: &Snapshot) -> (String, u64) {
    let view = snapshot.view();
    let digest = view.state.digest(view.reader).expect("a ledger that can be read");
    (digest, view.status().duplicate.values().sum())
}

fn snapshot(handle: &Handle) -> Snapshot {
    handle.snapshot().expect("there is room")
}

#[test]
fn a_snapshot_says_the_same_however_far_the_ledger_goes_on() {
    let mut started = started(&MemoryStorage::new());
    let lines = hostile(7, 900);
    let mut held = Vec::new();
    for piece in lines.chunks(150) {
        let batch = batch(&started.handle, piece);
        started.engine.step(vec![Work::Batch { batch, reply: None }]).expect("committed");
        let snapshot = snapshot(&started.handle);
        let (digest, duplicates, _) = numbers(&started.handle);
        assert_eq!(said(&snapshot), (digest, duplicates), "the state as it stands");
        held.push((said(&snapshot), snapshot));
    }
    for (before, snapshot) in &held {
        assert_eq!(said(snapshot), *before);
    }
}

#[test]
fn who_asks_at_the_same_moment_shares_one_and_too_many_that_differ_are_refused_until_one_is_let_go() {
    let mut started = started(&MemoryStorage::new());
    take(&mut started, &[code("AAA", 7), registration(70, "AAA")]);
    let mut held = vec![snapshot(&started.handle)];
    let refused = loop {
        // The same events again: nothing is accepted, and yet the state differs by what it counts.
        take(&mut started, &[registration(70, "AAA")]);
        match started.handle.snapshot() {
            Ok(snapshot) => held.push(snapshot),
            Err(error) => break error,
        }
        // Those who ask now are given the same one.
        for _ in 0..100 {
            assert_eq!(said(&snapshot(&started.handle)), said(held.last().expect("just taken")));
        }
        assert!(held.len() <= 1_000, "there is a bound");
    };
    assert_eq!(refused, SnapshotError::TooMany { limit: held.len() });
    let duplicates: Vec<u64> = held.iter().map(|held| said(held).1).collect();
    assert!(duplicates.iter().copied().eq(0..held.len() as u64), "each is as it was: {duplicates:?}");
    let told = |line: String| assert!(started.handle.metrics_text().lines().any(|found| found == line), "{line}");
    told(format!("tributary_snapshots {}", held.len()));
    drop(held.pop());
    told(format!("tributary_snapshots {}", held.len()));
    assert_eq!(said(&snapshot(&started.handle)).1, duplicates.len() as u64, "there is room again");
}
