//! The edited set as a ledger of its own: the adds at the first positions, the entries that are kept behind them.

use ledger::{EventReader, LedgerError, LedgerReader, Position, ReadError};
use schemas::{Event, Timestamp};

use super::rules::Rules;

/// What is done to entries while they are decoded: some left out, the others moved up, and those behind the last one
/// wanted not looked at.
#[derive(Clone, Copy)]
pub(crate) struct Edits<'r> {
    rules: Option<&'r Rules>,
    moved_by: u64,
    last: Position,
}

/// An entry, or why it cannot be decoded.
type Entry<'e> = Result<(Position, Event<'e>), LedgerError>;

impl<'r> Edits<'r> {
    /// None, up to a position.
    pub(crate) fn none(last: Position) -> Edits<'static> {
        Edits { rules: None, moved_by: 0, last }
    }

    /// Of rules with so many adds, up to a position of the ledger.
    pub(super) fn of(rules: &'r Rules, adds: u64, last: Position) -> Edits<'r> {
        Edits { rules: Some(rules).filter(|rules| !rules.drops.is_empty()), moved_by: adds, last }
    }

    /// The last position of the ledger that is wanted.
    pub(crate) fn last(&self) -> Position {
        self.last
    }

    /// An entry where it stands in the edited set, or that it is left out; none behind the last one.
    pub(crate) fn edited<'e>(&self, entry: Entry<'e>) -> Option<Option<Entry<'e>>> {
        match entry {
            Ok((position, _)) if position > self.last => None,
            Ok((_, event))
                if self
                    .rules
                    .is_some_and(|rules| rules.drops(&event) && !mutants::mutant!("what-if-leaves-nothing-out")) =>
            {
                Some(None)
            }
            Ok((position, event)) => Some(Some(Ok((position + self.moved_by, event)))),
            Err(error) => Some(Some(Err(error))),
        }
    }
}

/// Reads the edited set: 1 to the number of adds are those, and behind them the ledger's positions, moved up. What
/// is left out can still be read, as nothing refers to it.
pub struct EditedReader {
    adds: Vec<Event<'static>>,
    arrived: Timestamp,
    reader: LedgerReader,
}

impl EditedReader {
    pub(super) fn new(adds: Vec<Event<'static>>, arrived: Timestamp, reader: LedgerReader) -> EditedReader {
        EditedReader { adds, arrived, reader }
    }

    /// The added events, at positions from 1.
    pub(super) fn adds(&self) -> &[Event<'static>] {
        &self.adds
    }

    /// The position in the ledger; none for an add.
    fn in_ledger(&self, position: Position) -> Option<Position> {
        position.checked_sub(self.adds.len() as Position).filter(|position| *position > 0)
    }
}

impl EventReader for EditedReader {
    fn event(&self, position: Position) -> Result<Event<'_>, ReadError> {
        if let Some(in_ledger) = self.in_ledger(position) {
            return self.reader.event(in_ledger);
        }
        let add = usize::try_from(position).ok().and_then(|number| self.adds.get(number.checked_sub(1)?));
        let last = self.adds.len() as Position + self.reader.durable_position();
        add.cloned().ok_or(ReadError::NoSuchPosition { position, last })
    }

    fn recorded_at(&self, position: Position) -> Result<Timestamp, ReadError> {
        match self.in_ledger(position) {
            Some(in_ledger) => self.reader.recorded_at(in_ledger),
            None => Ok(self.arrived),
        }
    }
}
