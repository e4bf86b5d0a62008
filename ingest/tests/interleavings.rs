//! What threads see of each other: who reads while the writer commits, fails or stops; who gives the same command at once; who
//! waits for room. A scheduler decides at each lock and atomic which thread goes on, so each run tries another order, and one
//! that fails repeats itself by the seed that it prints.
//!
//! `just interleavings`, or `cargo test -p tributary-ingest --features shuttle --test interleavings`; with the number of orders
//! of each test in `TRIBUTARY_ORDERS`.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ingest::traces::Way;
use ingest::{
    CommandError, Done, DoneDecision, Engine, Handle, Inbox, ReadOnlyOptions, RunWriting, StartOptions, Started,
    SubmitError, Work, start, start_read_only,
};
use ledger::{Faults, FaultyStorage, LedgerReader, MemoryStorage, Outcome, Storage};
use projections::commands::{Command, Refusal};
use projections::query::RangeRequest;
use projections::{Context, State, View};
use schemas::{Day, Rate, Uid};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::thread::{self, JoinHandle};
use shuttle::{Config, MaxSteps, Runner};
use support::*;

/// So many orders of each test, unless it is told otherwise: half drawn evenly, half with few changes of priority, which finds
/// what needs one thread to stand still for long.
const ORDERS: usize = 200;

/// Runs a test in many orders. A part of them where each order takes long.
fn in_many_orders(a_part: usize, test: impl Fn() + Send + Sync + 'static) {
    let orders = std::env::var("TRIBUTARY_ORDERS").map_or(ORDERS, |orders| orders.parse().expect("a number"));
    let orders = (orders / a_part).max(2);
    let test = Arc::new(test);
    let run = |scheduler: Box<dyn Scheduler + Send>| {
        let mut config = Config::new();
        config.stack_size = 4 << 20;
        config.max_steps = MaxSteps::FailAfter(2_000_000);
        config.silence_warnings = true;
        let test = Arc::clone(&test);
        Runner::new(scheduler, config).run(move || test());
    };
    run(Box::new(RandomScheduler::new(orders.div_ceil(2))));
    run(Box::new(PctScheduler::new(3, orders / 2)));
}

fn begun(storage: &(impl Storage + Clone + 'static)) -> Started {
    start(StartOptions { runs: RunWriting::InStep, ..options(storage) }, &mut |_| {}).expect("started")
}

/// Frames that a source brings, one after the other.
fn frames() -> Vec<Vec<String>> {
    vec![
        vec![code("AAA", 7), registration(70, "AAA"), trade(70, "t1", "10")],
        vec![trade(70, "t2", "10"), "no event".to_owned(), trade(70, "t1", "10")],
        vec![registration(71, "AAA"), trade(71, "t3", "5"), registration(72, "AAA"), trade(72, "t4", "5")],
        vec![trade(70, "t5", "1")],
    ]
}

/// Commits them.
fn write(engine: &mut Engine, handle: &Handle, frames: &[Vec<String>]) {
    for lines in frames {
        let batch = batch(handle, lines);
        engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
    }
}

/// What a reader sees is of one position: the state of just the entries up to there, each of which can be read. The position.
fn check(view: &View<'_>) -> u64 {
    let position = view.as_of().position;
    let mut fresh = State::new();
    for at in 1..=position {
        let (event, recorded_at) = (view.reader.event(at).expect("it is seen"), view.reader.recorded_at(at));
        let context = Context::alone(view.reader);
        fresh.apply_event(at, recorded_at.expect("it is seen"), &event, context).expect("it was applied before");
    }
    let digest = |state: &State| state.digest(view.reader).expect("it can be read");
    assert_eq!(digest(&fresh), digest(view.state), "the state is not of the entries up to {position}");
    position
}

/// What a reader saw is still there after the power fails now.
fn check_durable(disk: &MemoryStorage, position: u64) {
    if position > 0 {
        let found = LedgerReader::open_read_only(Arc::new(disk.after_crash(0))).expect("a ledger");
        assert!(found.durable_position() >= position, "{position} was seen, {} is durable", found.durable_position());
    }
}

/// Asks again and again; positions never go back, and are not told before they can be asked about.
fn ask(handle: Handle, disk: MemoryStorage, times: usize) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut before = 0;
        for _ in 0..times {
            let told = handle.position();
            let position = handle.read(|view| {
                let position = check(view);
                check_durable(&disk, position);
                position
            });
            assert!(position >= told.max(before), "{position} after {before}, and {told} was told");
            before = position;
            thread::yield_now();
        }
    })
}

#[test]
fn whatever_a_reader_sees_is_of_one_position_and_durable() {
    in_many_orders(1, || {
        let disk = MemoryStorage::new();
        let Started { mut engine, handle, .. } = begun(&disk);
        let readers = [ask(handle.clone(), disk.clone(), 3), ask(handle.clone(), disk, 3)];
        write(&mut engine, &handle, &frames());
        readers.into_iter().for_each(|reader| reader.join().expect("no panic"));
        assert_eq!(handle.read(check), 9);
    });
}

#[test]
fn who_follows_a_ledger_that_another_writes_sees_one_position_and_only_what_is_durable() {
    in_many_orders(1, || {
        let disk = MemoryStorage::new();
        let Started { mut engine, handle, .. } = begun(&disk);
        write(&mut engine, &handle, &frames()[..1]);
        let options = ReadOnlyOptions { refresh_micros: 0, ..read_only(&disk) };
        let follower = start_read_only(options, &mut |_| {}).expect("a ledger to read").0;
        let readers = [ask(follower.clone(), disk.clone(), 3), ask(follower.clone(), disk, 3)];
        write(&mut engine, &handle, &frames()[1..]);
        readers.into_iter().for_each(|reader| reader.join().expect("no panic"));
        assert_eq!(follower.refresh(), handle.position());
        assert_eq!(follower.read(check), 9);
    });
}

#[test]
fn a_snapshot_stays_as_it_is_while_the_writer_goes_on_and_none_is_left_behind() {
    in_many_orders(1, || {
        let Started { mut engine, handle, .. } = begun(&MemoryStorage::new());
        let holders: Vec<_> = (0..2)
            .map(|_| {
                let handle = handle.clone();
                thread::spawn(move || {
                    let mut held = Vec::new();
                    for _ in 0..3 {
                        let snapshot = handle.snapshot().expect("there is room");
                        let position = check(&snapshot.view());
                        held.push((snapshot, position));
                        thread::yield_now();
                    }
                    for (snapshot, position) in &held {
                        assert_eq!(check(&snapshot.view()), *position);
                    }
                })
            })
            .collect();
        write(&mut engine, &handle, &frames());
        holders.into_iter().for_each(|holder| holder.join().expect("no panic"));
        assert!(handle.metrics_text().lines().any(|line| line == "tributary_snapshots 0"), "one is left");
        assert_eq!(check(&handle.snapshot().expect("there is room").view()), 9);
    });
}

/// Drives the engine with what comes to the inbox, as the pipeline's writer does, until so many callers are done.
fn serve(engine: &mut Engine, inbox: &Inbox, done: &AtomicUsize, callers: usize) {
    while done.load(Ordering::SeqCst) < callers {
        let works = inbox.waiting();
        if !works.is_empty() {
            engine.step(works).expect("committed");
        }
        thread::yield_now();
    }
}

fn create(name: &str) -> Command {
    let rate = |text: &str| Rate::parse(text).expect("a rate");
    Command::CreateCode {
        code: Some(name.to_owned()),
        spot_rebate_rate: rate("0.05"),
        futures_rebate_rate: rate("0.01"),
        note: String::new(),
        is_default: false,
    }
}

#[test]
fn a_command_that_is_given_several_times_at_once_under_one_key_is_done_once() {
    in_many_orders(1, || {
        let disk = MemoryStorage::new();
        let Started { mut engine, inbox, handle, .. } = begun(&disk);
        write(&mut engine, &handle, &frames()[..1]);
        let done = Arc::new(AtomicUsize::new(0));
        let give = |name: &'static str| {
            let (handle, done, disk) = (handle.clone(), Arc::clone(&done), disk.clone());
            thread::spawn(move || {
                let answer = handle.command(Uid(7), create(name), Some("key".to_owned()), None);
                check_durable(&disk, 4);
                done.fetch_add(1, Ordering::SeqCst);
                answer
            })
        };
        let callers = [give("SAME"), give("SAME"), give("SAME"), give("OTHER")];
        let count = callers.len();
        serve(&mut engine, &inbox, &done, count);
        let answers = callers.map(|caller| caller.join().expect("no panic"));
        let appended = |answer: &Result<Done, CommandError>| {
            matches!(answer, Ok(Done { decision: DoneDecision::Appended { position: 4 }, .. }))
        };
        let before = |answer: &Result<Done, CommandError>| {
            matches!(answer, Ok(Done { decision: DoneDecision::DoneBefore { position: Some(4) }, .. }))
        };
        let refused =
            |answer: &Result<Done, CommandError>| matches!(answer, Err(CommandError::Refused(Refusal::KeyReused)));
        let counts = [appended, before, refused].map(|is: fn(&_) -> bool| answers.iter().filter(|a| is(a)).count());
        // Which of the two commands came first is open.
        let same_first = answers[..3].iter().any(appended);
        assert_eq!(counts, if same_first { [1, 2, 1] } else { [1, 0, 3] }, "{answers:?}");
        assert_eq!(handle.position(), 4, "nothing was done twice");
    });
}

#[test]
fn nobody_waits_for_ever_for_a_writer_that_stops_and_what_was_answered_is_durable() {
    in_many_orders(1, || {
        let disk = MemoryStorage::new();
        let options = StartOptions { runs: RunWriting::InStep, inbox_bytes: 1_500, ..options(&disk) };
        let Started { mut engine, inbox, handle, .. } = start(options, &mut |_| {}).expect("started");
        write(&mut engine, &handle, &frames()[..1]);
        let callers: Vec<_> = (0..4)
            .map(|caller| {
                let (handle, disk) = (handle.clone(), disk.clone());
                thread::spawn(move || {
                    // Two of them have no room beside each other.
                    let lines: Vec<String> = (0..3).map(|n| trade(70, &format!("{caller}-{n}"), "1")).collect();
                    match handle.submit(batch(&handle, &lines)) {
                        Ok(outcomes) => {
                            let last = outcomes.iter().map(|outcome| match outcome {
                                Outcome::Accepted { position } => *position,
                                other => panic!("{other:?}"),
                            });
                            check_durable(&disk, last.max().expect("three"));
                            3
                        }
                        Err(SubmitError::Stopped(_)) => 0,
                        Err(error) => panic!("{error}"),
                    }
                })
            })
            .collect();
        for _ in 0..2 {
            engine.step(inbox.waiting()).expect("committed");
            thread::yield_now();
        }
        drop(inbox);
        let answered: u64 = callers.into_iter().map(|caller| caller.join().expect("no panic")).sum();
        assert_eq!(handle.position(), 3 + answered, "who was not answered was not taken");
        handle.read(check);
    });
}

#[test]
fn when_the_disk_fails_readers_see_what_is_durable_and_every_caller_is_told() {
    in_many_orders(1, || {
        let storage = FaultyStorage::new(MemoryStorage::new(), Faults::default());
        let disk = storage.disk().clone();
        let Started { mut engine, inbox, handle, .. } = begun(&storage);
        write(&mut engine, &handle, &frames()[..1]);
        let after = 1 + shuttle::rand::Rng::gen_range(&mut shuttle::rand::thread_rng(), 0..4);
        let power_fails_at = Some(storage.operations() + after);
        storage.set_faults(Faults { power_fails_at, ..Faults::default() });
        let reader = ask(handle.clone(), disk.clone(), 3);
        let callers: Vec<_> = (0..3)
            .map(|caller| {
                let (handle, disk) = (handle.clone(), disk.clone());
                thread::spawn(move || {
                    let answer = handle.submit(batch(&handle, &[trade(70, &format!("c{caller}"), "1")]));
                    if let Ok(outcomes) = &answer {
                        let [Outcome::Accepted { position }] = outcomes[..] else { panic!("{outcomes:?}") };
                        check_durable(&disk, position);
                    }
                    answer.is_ok()
                })
            })
            .collect();
        let mut taken = 0;
        let failed = loop {
            let works = inbox.waiting();
            taken += works.len();
            if engine.step(works).is_err() {
                break true;
            }
            if taken == callers.len() {
                break false;
            }
            thread::yield_now();
        };
        drop(inbox);
        let answered = callers.into_iter().map(|caller| caller.join().expect("no panic"));
        let answered = answered.filter(|is_answered| *is_answered).count();
        reader.join().expect("no panic");
        assert_eq!(handle.readiness().failure.is_some(), failed);
        assert_eq!(handle.position(), 3 + answered as u64, "what is seen was answered");
        assert!(failed || answered == 3, "without a fault all are answered");
        handle.read(|view| check_durable(&disk, check(view)));
    });
}

/// What was earned by the position that is told.
fn earned(view: &View<'_>) -> (u64, String) {
    let range = RangeRequest { from: Day::parse("2026-02-01"), to: Day::parse("2026-03-31") };
    let overview = view.overview(Uid(7), range, None).expect("an overview");
    (overview.as_of.position, overview.metrics.total_rewards.to_string())
}

#[test]
fn an_entry_that_is_applied_apart_is_seen_whole_or_not_at_all() {
    in_many_orders(10, || {
        let Started { mut engine, handle, .. } = begun(&MemoryStorage::new());
        let mut lines = vec![code("AAA", 7)];
        for uid in 1_000..1_700 {
            lines.extend([registration(uid, "AAA"), trade(uid, "t1", "10"), trade(uid, "t2", "10")]);
        }
        write(&mut engine, &handle, &[lines]);
        let data = r#"{"default_spot_rate":"0.01","default_futures_rate":"0.01","default_futures_window_days":null,"spot_vip_max":2,"futures_vip_max":1}"#;
        let program = event("program", "p1", data).replace("2026-03-01T00:00:00Z", "2024-01-01T00:00:00Z");
        let end = handle.position();
        let before = handle.read(earned).1;
        let readers: Vec<_> = (0..2)
            .map(|number| {
                let handle = handle.clone();
                thread::spawn(move || {
                    let ask = || match number {
                        0 => handle.read(earned),
                        _ => earned(&handle.snapshot().expect("there is room").view()),
                    };
                    (0..4).map(|_| ask()).collect::<Vec<_>>()
                })
            })
            .collect();
        write(&mut engine, &handle, &[vec![trade(1_000, "a", "10"), program, trade(1_000, "b", "10")]]);
        let after = handle.read(earned).1;
        assert_ne!(before, after);
        for reader in readers {
            let seen = reader.join().expect("no panic");
            assert!(seen.is_sorted_by_key(|(position, _)| *position), "{seen:?}");
            for (position, total) in seen {
                // The entry halves what was earned: what is seen of it is all of it.
                let is_before = total.parse::<f64>().expect("a number") > after.parse::<f64>().expect("a number") * 2.0;
                assert_eq!(
                    is_before,
                    position < end + 2,
                    "{total} at {position}; {before} before {end}, {after} after"
                );
            }
        }
    });
}
