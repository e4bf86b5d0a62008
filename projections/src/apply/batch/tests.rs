//! A state that batches brought forward is the one that grew event by event, down to every row and list.

use std::sync::Arc;

use ledger::{Batch, FrameCursor, Ledger, LedgerError, LedgerOptions, LedgerReader, MemoryStorage};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};
use schemas::Event;

use super::*;

#[path = "../../../tests/generate/mod.rs"]
mod generate;

/// So many threads, whichever is free taking the next part.
struct Threads(usize);

impl Workers for Threads {
    fn count(&self) -> usize {
        self.0
    }

    fn each(&self, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        let next = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..self.0 {
                scope.spawn(|| {
                    loop {
                        let part = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        if part >= parts {
                            break;
                        }
                        work(part);
                    }
                });
            }
        });
    }
}

/// A ledger of arrivals, so many a frame, and the state that grew with it.
fn ledger_of(arrivals: &[Event<'static>], frame_events: usize) -> (LedgerReader, State) {
    let options = LedgerOptions { segment_bytes: 1 << 18, ..LedgerOptions::default() };
    let (mut ledger, _) = Ledger::open(Arc::new(MemoryStorage::default()), options).expect("memory opens");
    let mut state = State::new();
    let recorded = generate::recorded(arrivals);
    let reader = ledger.reader();
    for (events, times) in arrivals.chunks(frame_events).zip(recorded.chunks(frame_events)) {
        let now = *times.last().expect("a chunk is not empty");
        let mut batch = Batch::new(ledger.dictionary(), now);
        events.iter().for_each(|event| batch.push_event(event, b"raw", || "test".to_owned()));
        let commit = ledger.commit(state.index(), &[batch], now).expect("memory takes it");
        if let Some(frame) = &commit.frame {
            state.apply_frame(frame, &ledger.dictionary(), Context::alone(&reader)).expect("memory can be read");
        }
    }
    (reader, state)
}

/// The state of the same ledger, brought forward so many frames at a time in turn.
fn batched(reader: &LedgerReader, frames_together: &[usize], workers: &dyn Workers) -> State {
    let mut state = State::new();
    let dictionary = reader.dictionary();
    let mut frames = reader.frames(&FrameCursor::START).map(|frame| frame.expect("memory can be read"));
    for together in frames_together.iter().cycle() {
        let frames: Vec<_> = frames.by_ref().take(*together).collect();
        if frames.is_empty() {
            break;
        }
        let events: Result<Vec<_>, LedgerError> =
            frames.iter().map(|frame| FrameEvents::of(frame.recorded_at(), frame.entries(&dictionary))).collect();
        let events = events.expect("memory can be read");
        let events: Vec<&FrameEvents<'_>> = events.iter().collect();
        let context = Context::new(reader, workers);
        state.apply_batch(&events, context).expect("memory can be read");
        frames.iter().for_each(|frame| state.count_frame(frame));
    }
    state
}

/// All that is held, line by line: what differs can be read in the failure.
fn held(state: &State) -> Vec<String> {
    let mut lines = vec![
        format!("{} {:?} {:?}", state.position, state.recorded_at, state.event_time),
        // How many bytes cells take hangs on when they were packed.
        format!("{:?}", (state.codes.held().rows, state.codes.held().cell_count)),
        format!("{}", state.counters.trades_before_registration),
        format!("{:?}", std::collections::BTreeMap::from_iter(state.late.by_position.iter())),
    ];
    let mut index = Vec::new();
    state.index.encode(&mut index);
    lines.push(format!("{index:?}"));
    for (number, row) in state.accounts.iter().enumerate() {
        let account = AccountId(number as u32);
        lines.push(format!(
            "{row:?} {:?} {:?} {:?} {:?}",
            state.wide_totals.get(&account),
            state.children.get(&account),
            state.sub_account_firsts.get(&account),
            state.late.by_head.get(&account),
        ));
    }
    lines.extend(state.codes.iter().map(|(_, row)| format!("{row:?}")));
    lines
}

fn canonical(state: &State, reader: &LedgerReader) -> Vec<String> {
    let mut lines = Vec::new();
    state.canonical_lines(reader, &mut |line| lines.push(line.to_owned())).expect("memory can be read");
    lines
}

fn check(
    arrivals: &[Event<'static>],
    frame_events: usize,
    together: &[usize],
    threads: usize,
) -> Result<(), TestCaseError> {
    let (reader, grown) = ledger_of(arrivals, frame_events);
    let state = batched(&reader, together, &Threads(threads));
    prop_assert_eq!(held(&state), held(&grown));
    prop_assert_eq!(canonical(&state, &reader), canonical(&grown, &reader));
    Ok(())
}

fn cases(default: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    Config { cases, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn batches_of_any_size_on_any_number_of_workers_come_to_the_state_of_one_by_one(
        arrivals in prop_oneof![generate::histories(200), generate::histories_of_amounts(200)],
        frame_events in 1usize..12,
        together in proptest::collection::vec(1usize..12, 1..4),
        threads in 1usize..=4,
    ) {
        check(&arrivals, frame_events, &together, threads)?;
    }
}
