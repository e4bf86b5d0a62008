//! The names of the events that set rates: few events set the rates of many trades, so each is read once.

use hashbrown::HashMap;
use ledger::{EventReader, Position, ReadError};
use projections::query::RateSet;
use schemas::Timestamp;

/// So many names are held. Beyond that all are forgotten, and read again.
const HELD_MAX: usize = 100_000;

/// An event, named.
pub(super) struct EventName {
    pub(super) source: Box<str>,
    pub(super) id: Box<str>,
    pub(super) event_type: &'static str,
    pub(super) time: Timestamp,
}

/// Names by position.
#[derive(Default)]
pub(super) struct Names {
    held: HashMap<Position, EventName>,
}

impl Names {
    /// Reads the name of the event that set a rate, unless it is held.
    pub(super) fn learn(&mut self, rate: Option<RateSet>, reader: &dyn EventReader) -> Result<(), ReadError> {
        let Some(position) = rate.and_then(|set| set.set_by) else { return Ok(()) };
        if self.held.contains_key(&position) {
            return Ok(());
        }
        // A trade needs two at a time.
        if self.held.len() > HELD_MAX {
            self.held.retain(|_, _| false);
        }
        let event = reader.event(position)?;
        let name = EventName {
            source: (&*event.source).into(),
            id: (&*event.id).into(),
            event_type: event.event_type().name(),
            time: event.time,
        };
        self.held.insert(position, name);
        Ok(())
    }

    /// The name of the event that set a rate, and where it stands; none for a built-in default.
    pub(super) fn of(&self, rate: Option<RateSet>) -> Option<(Position, &EventName)> {
        let position = rate.and_then(|set| set.set_by)?;
        self.held.get(&position).map(|name| (position, name))
    }
}
