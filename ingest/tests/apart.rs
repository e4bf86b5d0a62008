//! An entry that reaches far is applied apart: until it is, everybody is answered at the position before it.

mod support;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use ingest::traces::Way;
use ingest::{Handle, RunWriting, StartOptions, Started, Work, start, start_read_only};
use ledger::{LedgerOptions, MemoryStorage, Storage};
use projections::query::RangeRequest;
use projections::{View, Workers};
use schemas::{Day, EventType, Uid};
use support::*;

/// So many invitees with three trades each: more than one piece may look at.
const INVITEES: u64 = 700;
const TOPIC: &str = "referral";
/// What does not come by then never comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Works alone, and is held at the first word of how far it is until it is let go.
struct Held {
    reached: Mutex<Option<Sender<()>>>,
    let_go: Mutex<Receiver<()>>,
}

impl Workers for Held {
    fn count(&self) -> usize {
        1
    }

    fn each(&self, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..parts).for_each(work);
    }

    fn progress(&self, _done: u64, _of: u64) {
        let reached = self.reached.lock().expect("no panic").take();
        if let Some(reached) = reached {
            reached.send(()).expect("the test waits");
            let let_go = self.let_go.lock().expect("no panic");
            let_go.recv_timeout(PATIENCE).expect("the test lets go");
        }
    }
}

fn program(id: &str, rate: &str) -> String {
    let data = format!(
        r#"{{"default_spot_rate":"{rate}","default_futures_rate":"{rate}","default_futures_window_days":null,"spot_vip_max":2,"futures_vip_max":1}}"#
    );
    event("program", id, &data).replace("2026-03-01T00:00:00Z", "2024-01-01T00:00:00Z")
}

/// Invitees of one code, each with trades.
fn invitees() -> Vec<String> {
    let mut lines = vec![code("AAA", 7)];
    for uid in 1_000..1_000 + INVITEES {
        lines.push(registration(uid, "AAA"));
        lines.extend((0..3).map(|number| trade(uid, &format!("t{number}"), "10")));
    }
    lines
}

/// What was earned by the position that is told.
fn earned(view: &View<'_>) -> (u64, String) {
    let range = RangeRequest { from: Day::parse("2026-02-01"), to: Day::parse("2026-03-31") };
    let overview = view.overview(Uid(7), range, None).expect("an overview");
    (overview.as_of.position, overview.metrics.total_rewards.to_string())
}

fn offset(handle: &Handle) -> Option<i64> {
    handle.read(|view| view.state.next_offset(TOPIC, 0))
}

#[test]
fn while_an_entry_that_reaches_everything_is_applied_who_asks_is_answered_at_the_position_before() {
    let storage = MemoryStorage::new();
    let ((reached, is_reached), (go, let_go)) = (channel(), channel());
    let workers = Arc::new(Held { reached: Mutex::new(Some(reached)), let_go: Mutex::new(let_go) });
    let mut started = start(StartOptions { workers, ..options(&storage) }, &mut |_| {}).expect("started");
    let handle = started.handle.clone();
    let mut before = batch(&handle, &invitees());
    before.set_offset(TOPIC, 0, 1);
    started.engine.step(vec![Work::Batch { batch: before, reply: None, way: Way::default() }]).expect("committed");
    let position = handle.position();

    // One frame: an entry before the one that reaches everything, that one, and one after it.
    let mut frame = batch(&handle, &[trade(1_000, "a", "10"), program("p1", "0.01"), trade(1_000, "b", "10")]);
    frame.set_offset(TOPIC, 0, 2);
    let engine = thread::spawn(move || {
        started.engine.step(vec![Work::Batch { batch: frame, reply: None, way: Way::default() }]).expect("committed");
        started
    });
    let (is_over, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let asking = {
        let (handle, is_over, asked) = (handle.clone(), Arc::clone(&is_over), Arc::clone(&asked));
        thread::spawn(move || {
            let mut answers = BTreeSet::new();
            let begun = Instant::now();
            while !is_over.load(Ordering::Acquire) && begun.elapsed() < 2 * PATIENCE {
                answers.insert(handle.read(earned));
                asked.fetch_add(1, Ordering::AcqRel);
            }
            answers
        })
    };

    is_reached.recv_timeout(PATIENCE).expect("the entry is begun");
    let asked_before = asked.load(Ordering::Acquire);
    wait_until("a hundred answers beside it", || asked.load(Ordering::Acquire) >= asked_before + 100);
    assert_eq!(handle.read(|view| view.as_of().position), position + 1, "what lies before it in its frame is seen");
    assert_eq!(handle.position(), position + 1, "and was told");
    assert_eq!(handle.snapshot().expect("there is room").view().as_of().position, position + 1);
    assert_eq!(offset(&handle), Some(1), "what the frame says of offsets is taken in with its last event");
    let apart = handle.applied_apart().expect("it is told");
    assert_eq!((apart.position, apart.event_type), (position + 2, EventType::Program));
    assert!(apart.reach >= 4 * INVITEES, "{apart:?}");
    let line = format!("tributary_apart_position {}", position + 2);
    assert!(handle.metrics_text().lines().any(|found| found == line), "{line}");
    go.send(()).expect("the engine waits");

    let started = engine.join().expect("the engine goes on");
    assert_eq!((handle.position(), offset(&handle)), (position + 3, Some(2)));
    assert_eq!(handle.applied_apart(), None);
    assert!(handle.metrics_text().lines().any(|line| line == "tributary_apart_duration_seconds_count 1"));
    is_over.store(true, Ordering::Release);
    let mut answers = asking.join().expect("nobody was refused");
    answers.insert(handle.read(earned));
    assert!(answers.len() > 1);
    for (position, total) in &answers {
        let then = handle.read_as_of(*position, earned).expect("a position of the ledger");
        assert_eq!((*position, total.clone()), then, "no answer is of anything between two positions");
    }
    let earned_at = |position| handle.read_as_of(position, |view| earned(view).1).expect("a position of the ledger");
    assert_ne!(earned_at(position + 1), earned_at(position + 2), "the entry changes what was earned");

    // Who only reads applies it apart as well, and comes to the same.
    let (follower, _) = start_read_only(read_only(&storage), &mut |_| {}).expect("beside the engine");
    let mut started = started;
    let frame = batch(&handle, &[program("p2", "0.02"), trade(1_000, "c", "10")]);
    started.engine.step(vec![Work::Batch { batch: frame, reply: None, way: Way::default() }]).expect("committed");
    follower.refresh();
    assert_eq!(numbers(&follower), numbers(&handle));
    assert!(follower.metrics_text().lines().any(|line| line == "tributary_apart_duration_seconds_count 1"));
}

#[test]
fn a_run_that_was_written_while_an_entry_was_applied_apart_is_stood_on_after_it_and_by_what_is_applied_apart_then() {
    let storage = MemoryStorage::new();
    let ((reached, is_reached), (go, let_go)) = (channel(), channel());
    let workers = Arc::new(Held { reached: Mutex::new(Some(reached)), let_go: Mutex::new(let_go) });
    let ledger = LedgerOptions { run_events: 100, ..options(&storage).ledger };
    let with_runs = StartOptions { workers, ledger, runs: RunWriting::Apart, ..options(&storage) };
    let mut started = start(with_runs, &mut |_| {}).expect("started");
    let handle = started.handle.clone();
    let runs_upto = || handle.read(|view| view.state.index().runs_upto());
    let step = |started: &mut Started, lines: &[String]| {
        let batch = batch(&started.handle, lines);
        started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
    };
    // The run is begun at the end of this frame.
    step(&mut started, &invitees());
    let position = handle.position();
    let frame = batch(&handle, &[program("p1", "0.01"), trade(1_000, "b", "10")]);
    let engine = thread::spawn(move || {
        started.engine.step(vec![Work::Batch { batch: frame, reply: None, way: Way::default() }]).expect("committed");
        started
    });
    is_reached.recv_timeout(PATIENCE).expect("the entry is begun");
    let has_run = || storage.list().expect("lists").iter().any(|name| name.ends_with(".run"));
    wait_until("a run on the disk", has_run);
    assert_eq!(runs_upto(), 0, "nothing is changed under the entry");
    go.send(()).expect("the engine waits");
    let mut started = engine.join().expect("the engine goes on");
    // Duplicates change nothing, and each step looks whether a run is written.
    wait_until("the run is stood on", || {
        step(&mut started, &[code("AAA", 7)]);
        runs_upto() >= position
    });

    step(&mut started, &[program("p2", "0.02"), trade(1_000, "c", "10")]);
    assert!(handle.metrics_text().lines().any(|line| line == "tributary_apart_duration_seconds_count 2"));
    assert_eq!(handle.position(), position + 4);
    assert!(runs_upto() >= position, "what was applied apart stands on it too");
    let alone = MemoryStorage::new();
    let mut in_memory = support::started(&alone);
    step(&mut in_memory, &invitees());
    step(&mut in_memory, &[program("p1", "0.01"), trade(1_000, "b", "10")]);
    step(&mut in_memory, &[program("p2", "0.02"), trade(1_000, "c", "10")]);
    assert_eq!(numbers(&handle).0, numbers(&in_memory.handle).0);
}
