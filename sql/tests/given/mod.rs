//! A ledger in memory with its projections, to be asked.

#![allow(dead_code, reason = "each test target asks its own part")]

use std::sync::{Arc, Mutex};

use ledger::{Batch, Ledger, LedgerOptions, LedgerReader, MemoryStorage};
use projections::query::Links;
use projections::{Context, State, View};
use schemas::{Event, Timestamp};
use serde_json::Value;
use sql::{Answered, Form, Limits, Question, SqlError, Subject, ask};
use workload::Workload;

/// The moment that histories lead up to.
pub fn end() -> Timestamp {
    Timestamp::parse("2026-03-31T00:00:00Z").expect("a moment")
}

/// What a question may take where nothing else is said.
pub const LIMITS: Limits = Limits { memory_bytes: 256 << 20, spill_bytes: 1 << 30, time: None };

/// A ledger and its projections.
pub struct Given {
    reader: LedgerReader,
    state: State,
    links: Links,
    _ledger: Mutex<Ledger>,
}

impl Subject for Given {
    fn show(&self, look: &mut dyn FnMut(&View<'_>, &LedgerReader)) {
        look(&self.view(), &self.reader);
    }
}

impl Given {
    /// A history with everything that makes one hard.
    pub fn hostile(seed: u64, events: u64) -> Arc<Given> {
        Given::events(Workload::hostile(seed, events, end()).events())
    }

    pub fn events(events: impl IntoIterator<Item = Event<'static>>) -> Arc<Given> {
        const FRAME_EVENTS: usize = 500;
        let (mut ledger, _) =
            Ledger::open(Arc::new(MemoryStorage::new()), LedgerOptions::default()).expect("a new ledger opens");
        let (reader, dictionary) = (ledger.reader(), ledger.dictionary());
        let mut state = State::new();
        let events: Vec<Event<'static>> = events.into_iter().collect();
        for events in events.chunks(FRAME_EVENTS) {
            let mut batch = Batch::new(dictionary.clone(), end());
            events.iter().for_each(|event| batch.push_event(event, b"", || "test".to_owned()));
            let commit = ledger.commit(state.index(), &[batch], end()).expect("memory takes it");
            if let Some(frame) = &commit.frame {
                state.apply_frame(frame, &dictionary, Context::alone(&reader)).expect("memory can be read");
            }
        }
        let links = Links { base: "https://exchange.example".into() };
        Arc::new(Given { reader, state, links, _ledger: Mutex::new(ledger) })
    }

    pub fn view(&self) -> View<'_> {
        View { state: &self.state, reader: &self.reader, now: end(), links: &self.links, is_past: false }
    }

    /// What is written in a form.
    pub fn ask_as(
        self: &Arc<Given>,
        statement: &str,
        form: Form,
        limits: Limits,
    ) -> Result<(Vec<u8>, Answered), SqlError> {
        let mut out = Vec::new();
        let question = Question { statement, form, rows_max: None, limits };
        let answered = ask(self.clone(), &question, &mut out, &|| false)?;
        Ok((out, answered))
    }

    /// The rows, as JSON.
    #[track_caller]
    pub fn rows(self: &Arc<Given>, statement: &str) -> Vec<Value> {
        let (out, answered) =
            self.ask_as(statement, Form::Json, LIMITS).unwrap_or_else(|error| panic!("{statement}: {error}"));
        let text = String::from_utf8(out).expect("UTF-8");
        let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
        assert_eq!(rows.len() as u64, answered.rows, "{statement}");
        rows
    }

    /// The only value of the only row.
    #[track_caller]
    pub fn value(self: &Arc<Given>, statement: &str) -> Value {
        let rows = self.rows(statement);
        let [Value::Object(row)] = &rows[..] else { panic!("{statement}: {rows:?}") };
        assert_eq!(row.len(), 1, "{statement}: {row:?}");
        row.values().next().expect("a value").clone()
    }

    /// Why there is no answer.
    #[track_caller]
    pub fn refusal(self: &Arc<Given>, statement: &str) -> SqlError {
        match self.ask_as(statement, Form::Json, LIMITS) {
            Ok((out, _)) => panic!("{statement}: {}", String::from_utf8_lossy(&out)),
            Err(error) => error,
        }
    }
}
