//! A snapshot is one position for as long as it is held, is shared by who asks at the same moment, and there is a bound.

mod support;

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use ingest::traces::Way;
use ingest::{AsOfError, Handle, STEPS_IN_PLACE_MAX, Snapshot, SnapshotError, Started, Work};
use ledger::MemoryStorage;
use projections::View;
use projections::query::RangeRequest;
use schemas::{Day, Uid};
use support::*;

fn take(started: &mut Started, lines: &[String]) {
    let batch = batch(&started.handle, lines);
    started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
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
        started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
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

/// A ledger in which 7 has more invitees than may be asked about in place, and 8 has one.
fn with_a_large_referrer() -> Started {
    let mut started = started(&MemoryStorage::new());
    let mut lines = vec![code("AAA", 7), code("BBB", 8), registration(80, "BBB"), trade(80, "t0", "10")];
    for uid in 1_000..1_000 + STEPS_IN_PLACE_MAX / 2 {
        lines.extend([registration(uid, "AAA"), trade(uid, "t1", "10")]);
    }
    take(&mut started, &lines);
    started
}

fn earned(view: &View<'_>, referrer: u64) -> (u64, String) {
    let range = RangeRequest { from: Day::parse("2026-02-01"), to: Day::parse("2026-03-31") };
    let overview = view.overview(Uid(referrer), range, None).expect("an overview");
    (overview.as_of.position, overview.metrics.total_rewards.to_string())
}

#[test]
fn what_is_long_as_of_a_position_is_asked_and_planned_of_a_snapshot_and_what_is_short_in_place() {
    let mut started = with_a_large_referrer();
    let handle = started.handle.clone();
    let (end, before) = (handle.position(), handle.position() - 2);
    let mut held = vec![snapshot(&handle)];
    loop {
        take(&mut started, &[registration(80, "BBB")]);
        match handle.snapshot() {
            Ok(one_more) => held.push(one_more),
            Err(SnapshotError::TooMany { .. }) => break,
        }
    }
    let large = |position| handle.read_as_of_about(Uid(7), position, |view| earned(view, 7));
    let small = |position| handle.read_as_of_about(Uid(8), position, |view| earned(view, 8));
    let anybody = |position| handle.read_as_of(position, |view| earned(view, 8));
    let is_refused = |asked| matches!(asked, Err(AsOfError::Snapshot(SnapshotError::TooMany { .. })));
    // No snapshot is left: whatever is asked in place all the same is answered.
    assert!(is_refused(large(end)) && is_refused(large(before)) && is_refused(anybody(end)));
    for position in [end, before] {
        let (of, total) = small(position).expect("it is short");
        assert_eq!((of, &*total), (position, small(end).expect("it is short").1.as_str()));
    }
    drop(held);
    let then = |position| handle.read_as_of(position, |view| earned(view, 7)).expect("a position of the ledger");
    for position in [end, before] {
        assert_eq!(large(position).expect("there is room"), then(position));
    }
    assert_ne!(then(end).1, then(before).1);
}

#[test]
fn while_a_long_question_as_of_the_position_that_the_state_stands_at_is_answered_the_ledger_goes_on() {
    let mut started = with_a_large_referrer();
    let handle = started.handle.clone();
    let position = handle.position();
    let asked = handle.read_as_of(position, |view| {
        let (gone_on, has_gone_on) = channel();
        thread::spawn(move || {
            take(&mut started, &[trade(1_000, "t2", "10")]);
            gone_on.send(started.handle.position()).expect("the test waits");
        });
        let now_at = has_gone_on.recv_timeout(Duration::from_secs(30)).expect("the writer waits for nobody");
        assert_eq!(now_at, position + 1);
        (earned(view, 7), view.is_past, Some(view.now) == view.state.recorded_at())
    });
    let after = handle.read_as_of(position, |view| earned(view, 7)).expect("a position of the ledger");
    assert_eq!(asked.expect("there is room"), (after, true, true));
}

#[test]
fn what_a_frame_says_beside_its_events_is_taken_in_piece_by_piece() {
    let storage = MemoryStorage::new();
    let mut started = started(&storage);
    let pieces = |handle: &Handle| -> u64 {
        let text = handle.metrics_text();
        let count = text.lines().find_map(|line| line.strip_prefix("tributary_apply_piece_duration_seconds_count "));
        count.expect("it is told").parse().expect("a number")
    };
    take(&mut started, &[code("AAA", 7), registration(70, "AAA"), "not an event 0".to_owned()]);
    assert_eq!(pieces(&started.handle), 1, "what a common frame says stands in one piece");
    let refused: Vec<String> = (0..1_000).map(|number| format!("not an event {number}")).collect();
    take(&mut started, &refused);
    assert!(pieces(&started.handle) > 1_000 / 128, "{} pieces", pieces(&started.handle));
    assert_eq!(kept(&started.handle).len(), 1_000, "one of them came before");
    // Who replays the frames takes each at once, and comes to the same.
    let taken = (numbers(&started.handle), kept(&started.handle));
    drop(started);
    let replayed = support::started(&storage);
    assert_eq!((numbers(&replayed.handle), kept(&replayed.handle)), taken);
}
