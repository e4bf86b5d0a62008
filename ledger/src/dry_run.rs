//! What would become of events if they were sent: decided by the rule of acceptance, and nothing appended, counted or kept.

use schemas::{Event, Rejection, Timestamp};

use crate::acceptance::{self, AcceptanceOverlay, ItemRef, Known};
use crate::batch::Batch;
use crate::error::LedgerError;
use crate::event_reader::EventReader;
use crate::index::Index;
use crate::outcome::Outcome;
use crate::position::{Position, ReadError};
use crate::quarantine::QuarantineId;
use crate::reader::LedgerReader;

/// Batches as they would stand behind a ledger. It reads the ledger's entries, and behind them those that it would accept.
pub struct DryRun<'b> {
    reader: LedgerReader,
    batches: &'b [Batch],
    outcomes: Vec<Outcome>,
    /// The last position of the ledger.
    after: Position,
    /// Those that would be accepted, at the positions behind it.
    accepted: Vec<ItemRef>,
}

impl<'b> DryRun<'b> {
    /// Decides what would become of the batches behind a position, in their order, each also beside those before it. The
    /// index is that of the ledger up to this position.
    ///
    /// # Errors
    /// If an entry, or a quarantined event, that one of them may repeat cannot be read.
    pub fn decide(
        index: &Index,
        reader: &LedgerReader,
        after: Position,
        batches: &'b [Batch],
    ) -> Result<DryRun<'b>, LedgerError> {
        // Nothing is kept in quarantine, so ids are told apart and mean nothing.
        let known = Known { index, reader, position: after + 1, quarantine: QuarantineId(0) };
        let outcomes = acceptance::decide(known, batches, &mut AcceptanceOverlay::default())?;
        let places = batches.iter().zip(0u32..).flat_map(|(batch, number)| {
            let items = 0..batch.len() as u32;
            items.map(move |item| ItemRef { batch: number, item })
        });
        let accepted = places.zip(&outcomes).filter(|(_, outcome)| matches!(outcome, Outcome::Accepted { .. }));
        let accepted = accepted.map(|(place, _)| place).collect();
        Ok(DryRun { reader: reader.clone(), batches, outcomes, after, accepted })
    }

    /// What would become of each event, in the order of the batches. The ids of quarantined ones mean nothing.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Where each event that would be quarantined came from, and why it would be, in order.
    pub fn quarantined(&self) -> impl Iterator<Item = (&str, &Rejection)> {
        let items = self.batches.iter().flat_map(|batch| batch.items().iter().map(move |item| (batch, item)));
        items.zip(&self.outcomes).filter_map(|((batch, item), outcome)| match outcome {
            Outcome::Quarantined { rejection, .. } => Some((batch.kept(item).0, &**rejection)),
            Outcome::Accepted { .. } | Outcome::Duplicate { .. } => None,
        })
    }

    /// The events that would be accepted, each at the position that it would have.
    pub fn accepted(&self) -> impl Iterator<Item = (Position, Event<'_>)> {
        (self.after + 1..).zip(self.accepted.iter().map(|place| self.event_at(*place)))
    }

    fn event_at(&self, place: ItemRef) -> Event<'_> {
        self.batches[place.batch as usize].event(place.item as usize)
    }

    /// Which of the accepted ones stands at a position; none for those of the ledger.
    fn place(&self, position: Position) -> Option<Result<ItemRef, ReadError>> {
        let behind = position.checked_sub(self.after + 1)?;
        let found = usize::try_from(behind).ok().and_then(|at| self.accepted.get(at)).copied();
        let last = self.after + self.accepted.len() as Position;
        Some(found.ok_or(ReadError::NoSuchPosition { position, last }))
    }
}

impl EventReader for DryRun<'_> {
    fn event(&self, position: Position) -> Result<Event<'_>, ReadError> {
        match self.place(position) {
            None => self.reader.event(position),
            Some(place) => Ok(self.event_at(place?)),
        }
    }

    fn recorded_at(&self, position: Position) -> Result<Timestamp, ReadError> {
        match self.place(position) {
            None => self.reader.recorded_at(position),
            Some(place) => Ok(self.batches[place?.batch as usize].received_at()),
        }
    }
}
