//! What the engine of a standby does in place of deciding: it takes frames that the leader wrote; and once, it begins to lead.

use ledger::{CommitError, Epoch, Frame, FrameCursor, ShipError, ShippedPiece};

use super::{Engine, EngineError};
use crate::work::{LeadError, ShippedError};

impl Engine {
    /// Makes frames of the leader durable, and applies and publishes them, one after the other. Gives the place after them.
    pub(super) fn take_shipped(
        &mut self,
        piece: &ShippedPiece,
        term: u64,
    ) -> Result<Result<FrameCursor, ShippedError>, EngineError> {
        if self.published.replication.leads() {
            return Ok(Err(ShippedError::Leads));
        }
        if !self.published.replication.takes(term) {
            return Ok(Err(ShippedError::Turned));
        }
        let frames = match self.ledger.append_shipped(piece) {
            Ok(frames) => frames,
            Err(ShipError::Failed(error)) => return Err(self.failed(error)),
            Err(refused) => return Ok(Err(ShippedError::Refused(refused.to_string()))),
        };
        for frame in &frames {
            self.take_frame(frame)?;
        }
        Ok(Ok(self.cursor))
    }

    /// Begins an epoch, durably: from then on events and commands are taken here. By an election it is told to nobody before it
    /// is held as everything else that a leader appends: what it found in its own ledger lies before it.
    pub(super) fn lead(&mut self, epoch: Option<Epoch>) -> Result<Result<FrameCursor, LeadError>, EngineError> {
        if self.published.replication.leads() {
            return Ok(Err(LeadError::Leads));
        }
        if epoch.is_some() {
            self.published.replication.begin_to_lead();
        }
        let frame = match self.ledger.raise_epoch_to(epoch.unwrap_or(0), self.published.moments.now()) {
            Ok(frame) => frame,
            Err(CommitError::Refused(refusal)) => return Ok(Err(LeadError::Refused(refusal))),
            Err(CommitError::Failed(error)) => return Err(self.failed(error)),
        };
        self.take_frame(&frame)?;
        self.published.replication.lead();
        Ok(Ok(self.cursor))
    }

    fn take_frame(&mut self, frame: &Frame) -> Result<(), EngineError> {
        let published = std::sync::Arc::clone(&self.published);
        let begun = published.moments.now();
        published.apply_frame(frame, &self.ledger.dictionary(), &mut |_| {})?;
        published.metrics.applied(frame, published.moments.now().0 - begun.0);
        self.cursor = frame.cursor_after();
        published.moments.raise(frame.recorded_at());
        self.checkpoints.count(u64::from(frame.event_count()));
        self.runs.keep_if_due(&published, &self.cursor);
        published.publish(self.cursor.position());
        Ok(())
    }
}
