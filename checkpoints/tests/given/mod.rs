//! What the tests begin with: a ledger in memory with a hostile history, in small frames.
#![allow(dead_code, reason = "each test uses some of it")]

use std::sync::Arc;

use checkpoints::KeptCheckpoints;
use ledger::{Batch, FrameCursor, Ledger, LedgerOptions, LedgerReader, MemoryStorage, Outcome, Storage};
use projections::{Context, State};
use schemas::json::read_event;
use schemas::{Event, Timestamp};
use workload::Workload;

/// 2026-04-01T00:00:00Z.
pub const NOW: Timestamp = Timestamp(1_775_001_600_000_000);

/// A ledger with its state in step, each frame recorded a second after the one before.
pub struct Book {
    pub ledger: Ledger,
    pub state: State,
    pub now: Timestamp,
}

impl Book {
    pub fn new() -> Book {
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
        let options = LedgerOptions { segment_bytes: 1 << 16, ..LedgerOptions::default() };
        let (ledger, _) = Ledger::open(storage, options).expect("a new ledger opens");
        Book { ledger, state: State::new(), now: NOW }
    }

    /// With these events, so many a frame.
    pub fn of(events: &[Event<'_>], a_frame: usize) -> Book {
        let mut book = Book::new();
        events.chunks(a_frame).for_each(|events| book.append(events));
        book
    }

    pub fn append(&mut self, events: &[Event<'_>]) {
        self.now = Timestamp(self.now.0 + 1_000_000);
        let mut batch = Batch::new(self.ledger.dictionary(), self.now);
        for event in events {
            batch.push_event(event, b"", || "a test".to_owned());
        }
        self.send(batch);
    }

    /// Commits a batch in a frame of its own and applies it; says what became of its events.
    pub fn send(&mut self, batch: Batch) -> Vec<Outcome> {
        let commit = self.ledger.commit(self.state.index(), &[batch], self.now).expect("commits");
        let reader = self.ledger.reader();
        if let Some(frame) = commit.frame {
            self.state.apply_frame(&frame, &self.ledger.dictionary(), Context::alone(&reader)).expect("applies");
        }
        commit.outcomes
    }

    pub fn reader(&self) -> LedgerReader {
        self.ledger.reader()
    }

    /// The states after each of its frames, and their places.
    pub fn states(&self) -> Vec<(State, FrameCursor)> {
        let reader = self.reader();
        let mut state = State::new();
        reader
            .frames(&FrameCursor::START)
            .map(|frame| {
                let frame = frame.expect("a frame");
                state.apply_frame(&frame, &reader.dictionary(), Context::alone(&reader)).expect("applies");
                (state.clone(), frame.cursor_after())
            })
            .collect()
    }

    /// Keeps those states along the way that are due.
    pub fn keep_due(&self, kept: &KeptCheckpoints) {
        for (state, place) in self.states() {
            if kept.is_due(place.position()) {
                keep(kept, &state, &place);
            }
        }
    }

    pub fn digest(&self) -> String {
        digest(&self.state, &self.reader())
    }
}

/// Keeps a state along the way.
pub fn keep(kept: &KeptCheckpoints, state: &State, place: &FrameCursor) {
    let checkpoint = kept.write(state, place).expect("written");
    kept.keep(&checkpoint).expect("kept");
    kept.sweep().expect("swept");
}

pub fn digest(state: &State, reader: &LedgerReader) -> String {
    state.digest(reader).expect("memory can be read")
}

/// The valid events of a hostile history: late, double, contradicting.
pub fn hostile(seed: u64, events: u64) -> Vec<Event<'static>> {
    let workload = Workload::hostile(seed, events, NOW.plus_days(-1));
    let read = |line: Vec<u8>| read_event(&line, NOW).ok().map(Event::into_owned);
    workload.lines().filter_map(read).collect()
}

/// Those of them that a ledger accepts in this order.
pub fn accepted(events: &[Event<'_>]) -> Vec<Event<'static>> {
    use ledger::EventReader;
    let book = Book::of(events, 1_000);
    let reader = book.reader();
    (1..=reader.durable_position()).map(|at| reader.event(at).expect("an entry").into_owned()).collect()
}
