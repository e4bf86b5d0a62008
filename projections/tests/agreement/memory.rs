//! The projections over a ledger that lies in memory.

use ledger::{EventReader, Position, ReadError};
use projections::query::Links;
use projections::{Context, State, View};
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
        let mut projected = Projected::default();
        for entry in entries {
            projected.apply(entry.recorded_at, entry.event.clone());
        }
        projected
    }

    /// Applies the next accepted event.
    pub fn apply(&mut self, recorded_at: Timestamp, event: Event<'static>) {
        self.ledger.entries.push((recorded_at, event.clone()));
        let position = self.ledger.entries.len() as Position;
        self.state
            .apply_event(position, recorded_at, &event, Context::alone(&self.ledger))
            .expect("memory can be read");
    }

    pub fn at(&self, now: Timestamp) -> View<'_> {
        View { state: &self.state, reader: &self.ledger, now, links: &self.links, is_past: false }
    }
}
