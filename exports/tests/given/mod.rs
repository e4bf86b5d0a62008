//! A ledger in memory with its projections, and exports of it read back.

#![allow(dead_code, unused_imports, reason = "each test target reads its own part")]

mod reading;

use std::ops::ControlFlow;
use std::sync::Arc;

use exports::{Export, Filter, Format, Kind, Written};
use ledger::{Actor, Batch, Ledger, LedgerOptions, LedgerReader, MemoryStorage};
use projections::query::Links;
use projections::{Context, State, View};
use schemas::{Event, Timestamp};
use serde_json::{Map, Value};

pub use reading::{Cell, read};

/// The moment that histories lead up to.
pub fn end() -> Timestamp {
    Timestamp::parse("2026-03-31T00:00:00Z").expect("a moment")
}

/// Who sent the events of a frame: now somebody of whom all is known, now one of whom nothing but the role is.
fn actor(number: usize) -> Actor {
    let all = number.is_multiple_of(2);
    Actor {
        who: all.then(|| "olga".to_owned()),
        role: "service".to_owned(),
        address: all.then(|| [203, 0, 113, 7].into()),
        request_id: all.then(|| format!("request-{number}")),
    }
}

/// A ledger and its projections.
pub struct Given {
    pub reader: LedgerReader,
    pub state: State,
    links: Links,
    _ledger: Ledger,
}

impl Given {
    /// The ledger of events, some recorded an hour after others.
    pub fn events(events: impl IntoIterator<Item = Event<'static>>) -> Given {
        const FRAME_EVENTS: usize = 500;
        let storage = Arc::new(MemoryStorage::new());
        let (mut ledger, _) = Ledger::open(storage, LedgerOptions::default()).expect("a new ledger opens");
        let (reader, dictionary) = (ledger.reader(), ledger.dictionary());
        let mut state = State::new();
        let mut now = end();
        let events: Vec<Event<'static>> = events.into_iter().collect();
        for (number, events) in events.chunks(FRAME_EVENTS).enumerate() {
            let mut batch = Batch::new(dictionary.clone(), now);
            batch.set_actor(Some(actor(number)));
            events.iter().for_each(|event| batch.push_event(event, b"", || "test".to_owned()));
            let commit = ledger.commit(state.index(), &[batch], now).expect("memory takes it");
            if let Some(frame) = &commit.frame {
                state.apply_frame(frame, &dictionary, Context::alone(&reader)).expect("memory can be read");
            }
            now = Timestamp(now.0 + 3_600_000_000);
        }
        Given { reader, state, links: Links { base: "https://exchange.example".into() }, _ledger: ledger }
    }

    pub fn view(&self) -> View<'_> {
        View { state: &self.state, reader: &self.reader, now: end(), links: &self.links, is_past: false }
    }

    /// An export in memory.
    pub fn export(&self, kind: Kind, format: Format, filter: Filter) -> (Vec<u8>, Written) {
        let mut out = Vec::new();
        let export = Export { kind, format, filter, csv_bom: false };
        let written = export
            .write(&self.view(), &self.reader, &mut out, &mut |_| ControlFlow::Continue(()))
            .expect("memory takes it");
        assert_eq!(written.bytes, out.len() as u64, "{kind:?} as {format:?}");
        (out, written)
    }

    /// The rows of an export, as JSON objects.
    pub fn rows(&self, kind: Kind, filter: Filter) -> Vec<Map<String, Value>> {
        let (bytes, _) = self.export(kind, Format::Ndjson, filter);
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect()
    }
}
