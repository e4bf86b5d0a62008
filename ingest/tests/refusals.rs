//! Refused and failed are two things: what the ledger refuses is told to who sent it, and the engine goes on; what it
//! fails at ends the engine, with a word on what stands.

mod support;

use std::error::Error;
use std::sync::mpsc::{Receiver, channel};

use ingest::traces::Way;
use ingest::{AcceptedBefore, CommandError, Done, EngineError, StartOptions, Started, Submitted, Work, start};
use ledger::{CommitRefusal, Faults, FaultyStorage, LedgerOptions, MemoryStorage, Outcome, QuarantineId, Storage};
use projections::commands::Command;
use schemas::{Reason, Rejection, Uid};
use support::*;

/// A ledger whose frames have so many bytes at most.
fn narrow(frame_bytes_max: u64) -> Started {
    let memory = MemoryStorage::new();
    let ledger = LedgerOptions { frame_bytes_max, ..options(&memory).ledger };
    start(StartOptions { ledger, ..options(&memory) }, &mut |_| {}).expect("started")
}

fn posted(batch: ledger::Batch) -> (Work, Receiver<Submitted>) {
    let (sender, receiver) = channel();
    let reply = Box::new(move |answer| sender.send(answer).expect("the test waits"));
    (Work::Posted { batch, way: Way::default(), reply }, receiver)
}

fn command(uid: u64, message: &str) -> (Work, Receiver<Result<Done, CommandError>>) {
    let (sender, receiver) = channel();
    let reply = Box::new(move |answer| sender.send(answer).expect("the test waits"));
    let command = Command::Apply { message: message.to_owned() };
    (Work::Command { uid: Uid(uid), command, key: None, actor: None, way: Way::default(), reply }, receiver)
}

/// A second try of what was never in quarantine.
fn never_quarantined(started: &Started) -> ledger::Batch {
    let mut batch = started.handle.batch();
    batch.redrive(QuarantineId(9));
    batch.push_rejected(Rejection::new(Reason::Malformed, "no"), b"no".to_vec(), "a test".to_owned());
    batch
}

fn trades(first: u64, count: u64) -> Vec<String> {
    (first..first + count).map(|number| trade(70, &format!("t{number}"), "1")).collect()
}

/// An error with all that it came from, as the binary tells it.
fn whole(error: &(dyn Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut at = error;
    while let Some(cause) = at.source() {
        told += &format!(": {cause}");
        at = cause;
    }
    told
}

fn positions(answer: &Receiver<Submitted>) -> Vec<u64> {
    let outcomes = answer.recv().expect("answered").expect("taken");
    let position = |outcome| match outcome {
        Outcome::Accepted { position } => position,
        Outcome::Duplicate { .. } | Outcome::Quarantined { .. } => panic!("{outcome:?}"),
    };
    outcomes.into_iter().map(position).collect()
}

#[test]
fn what_is_refused_is_told_to_who_sent_it_and_what_stood_beside_it_is_taken() {
    let mut started = started(&MemoryStorage::new());
    let (before, before_answer) = posted(batch(&started.handle, &trades(1, 2)));
    let (refused, refused_answer) = posted(never_quarantined(&started));
    let (behind, behind_answer) = posted(batch(&started.handle, &trades(3, 1)));
    started.engine.step(vec![before, refused, behind]).expect("the engine goes on");
    assert_eq!(positions(&before_answer), [1, 2]);
    let refusal = CommitRefusal::NotInQuarantine { id: QuarantineId(9) };
    assert_eq!(refused_answer.recv(), Ok(Err(refusal)));
    assert_eq!(positions(&behind_answer), [3]);
    assert!(started.handle.readiness().failure.is_none());
    let (later, later_answer) = command(7, "please");
    started.engine.step(vec![later]).expect("and on");
    assert!(later_answer.recv().expect("answered").is_ok());
}

#[test]
fn what_no_frame_holds_goes_into_several_in_order_and_a_source_position_with_the_last() {
    let mut started = narrow(2_000);
    let lines = trades(1, 200);
    let mut read = batch(&started.handle, &lines);
    read.set_offset("events", 0, 200);
    let (sender, answer) = channel();
    let reply: ingest::Reply<Vec<Outcome>> = Box::new(move |outcomes| sender.send(outcomes).expect("the test waits"));
    started
        .engine
        .step(vec![Work::Batch { batch: read, reply: Some(reply), way: Way::default() }])
        .expect("taken in pieces");
    let expected: Vec<_> = (1..=200).map(|position| Outcome::Accepted { position }).collect();
    assert_eq!(answer.recv().expect("answered"), expected);
    let frames: Vec<_> = started.handle.reader().frames(&ledger::FrameCursor::START).collect();
    assert!(frames.len() > 1);
    let offsets: Vec<usize> = frames.iter().map(|frame| frame.as_ref().expect("reads").offsets().count()).collect();
    assert_eq!(offsets.iter().sum::<usize>(), 1);
    assert_eq!(offsets.last(), Some(&1));
}

#[test]
fn a_command_whose_event_no_frame_holds_is_refused_and_the_engine_goes_on() {
    let mut started = narrow(600);
    let (large, large_answer) = command(7, &"m".repeat(2_000));
    let (small, small_answer) = command(8, "please");
    started.engine.step(vec![large, small]).expect("the engine goes on");
    let refused = large_answer.recv().expect("answered").expect_err("refused");
    assert!(matches!(refused, CommandError::NotTaken(CommitRefusal::TooLarge { .. })), "{refused}");
    assert!(small_answer.recv().expect("answered").is_ok());
    assert_eq!(started.engine.position(), 1);
}

#[test]
fn what_a_source_read_is_not_lost_when_it_is_refused_the_engine_stops_before_the_source_goes_on() {
    let mut started = narrow(600);
    let mut read = started.handle.batch();
    read.push_rejected(Rejection::new(Reason::Malformed, "no"), vec![b'x'; 5_000], "a topic".to_owned());
    read.set_offset("events", 0, 1);
    let (good, good_answer) = posted(batch(&started.handle, &trades(1, 1)));
    let error = started
        .engine
        .step(vec![good, Work::Batch { batch: read, reply: None, way: Way::default() }])
        .expect_err("it stops");
    let expected = AcceptedBefore { events: 1, position: 1 };
    assert!(matches!(&error, EngineError::Refused { before, .. } if *before == expected), "{error}");
    assert_eq!(positions(&good_answer), [1], "what stood before it is durable");
    let told = "1 events were accepted before and made durable, up to position 1";
    assert!(error.to_string().contains(told), "{error}");
}

#[test]
fn a_full_disk_says_once_what_failed_and_what_stands() {
    let storage = FaultyStorage::new(MemoryStorage::new(), Faults::default());
    let mut started = started(&storage);
    let (good, _answer) = posted(batch(&started.handle, &trades(1, 3)));
    started.engine.step(vec![good]).expect("committed");
    storage.set_faults(Faults { capacity_bytes: Some(0), ..Faults::default() });
    let error = loop {
        let from = started.engine.position() + 1;
        let (work, _answer) = posted(batch(&started.handle, &trades(from, 2_000)));
        if let Err(error) = started.engine.step(vec![work]) {
            break error;
        }
    };
    let (told, position) = (whole(&error), started.engine.position());
    assert_eq!(told.matches("no storage space").count(), 1, "a cause is said once: {told}");
    assert!(told.contains("the disk is full") && !told.contains("nothing was accepted"), "{told}");
    assert!(told.contains(&format!("{position} events were accepted before and made durable")), "{told}");
}

#[test]
fn given_its_files_are_removed_when_nothing_comes_then_the_engine_fails_all_the_same() {
    let (memory, clock) = (MemoryStorage::new(), Told::new());
    let options = StartOptions { clock: std::sync::Arc::clone(&clock) as _, ..options(&memory) };
    let mut started = start(options, &mut |_| {}).expect("started");
    started.engine.step(Vec::new()).expect("all is there");
    memory.remove("DURABLE").expect("removed");
    clock.set(NOW + 2_000_000);
    let error = started.engine.step(Vec::new()).expect_err("it is looked for");
    assert!(error.to_string().contains("removed or replaced"), "{error}");
    assert!(started.handle.readiness().failure.is_some());
}
