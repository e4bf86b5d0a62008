//! The projections over a ledger that lies in memory.

use ledger::{EventReader, Position, ReadError};
use projections::query::Links;
use projections::{Context, OneWorker, State, View, Workers};
use schemas::{Event, Timestamp};

use crate::oracle::Entry;

/// Accepted events, readable by position.
#[derive(Default)]
pub struct MemoryLedger {
    entries: Vec<(Timestamp, Event<'static>)>,
}

impl EventReader for MemoryLedger {
    fn event(&self, position: Position) -> Result<Event<'_>, ReadError> {
        let last = self.entries.len() as Position;
        let entry = self.entries.get((position as usize).wrapping_sub(1));
        entry.map(|(_, event)| event.clone()).ok_or(ReadError::NoSuchPosition { position, last })
    }

    fn recorded_at(&self, position: Position) -> Result<Timestamp, ReadError> {
        let last = self.entries.len() as Position;
        let entry = self.entries.get((position as usize).wrapping_sub(1));
        entry.map(|(recorded_at, _)| *recorded_at).ok_or(ReadError::NoSuchPosition { position, last })
    }
}

/// The projections of accepted events.
#[derive(Default)]
pub struct Projected {
    pub ledger: MemoryLedger,
    pub state: State,
    links: Links,
}

impl Projected {
    /// Applies accepted events in order.
    pub fn of(entries: &[Entry]) -> Projected {
        Projected::by(entries, &OneWorker)
    }

    /// The same, with workers to share what late ones reach.
    pub fn by(entries: &[Entry], workers: &dyn Workers) -> Projected {
        let mut projected = Projected::default();
        for entry in entries {
            projected.apply_by(entry.recorded_at, entry.event.clone(), workers);
        }
        projected
    }

    /// Applies the next accepted event.
    pub fn apply(&mut self, recorded_at: Timestamp, event: Event<'static>) {
        self.apply_by(recorded_at, event, &OneWorker);
    }

    fn apply_by(&mut self, recorded_at: Timestamp, event: Event<'static>, workers: &dyn Workers) {
        self.ledger.entries.push((recorded_at, event.clone()));
        let position = self.ledger.entries.len() as Position;
        let context = Context::new(&self.ledger, workers);
        self.state.apply_event(position, recorded_at, &event, context).expect("memory can be read");
    }

    pub fn at(&self, now: Timestamp) -> View<'_> {
        View { state: &self.state, reader: &self.ledger, now, links: &self.links, is_past: false }
    }
}
