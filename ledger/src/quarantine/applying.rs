//! What a frame changes in quarantine, one row at a time.

use schemas::{Reason, Timestamp};

use super::rows::sameness_hash;
use super::{Quarantine, QuarantineId, QuarantineLocation, QuarantineState};
use crate::act::ActKind;
use crate::frame::Frame;

/// One change of one row.
#[derive(Clone, Copy, Debug)]
pub struct QuarantineChange {
    pub(super) id: QuarantineId,
    pub(super) what: What,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// An event that is new, or one that failed again.
    Kept { hash: u64, received_at: Timestamp, reason: Reason, location: QuarantineLocation },
    /// It got in.
    GotIn,
    /// An operator did something to it, which lies there; and what it becomes, if that is another than before.
    Acted { act: QuarantineLocation, becomes: Option<QuarantineState> },
    /// It came again so many times.
    Repeated { times: u64 },
}

impl Frame {
    /// What it changes in quarantine, in the order in which it has to be applied. Each is read from the frame, and what is
    /// kept of it made, when it is asked for.
    pub fn quarantine_changes(&self) -> impl Iterator<Item = QuarantineChange> {
        let kept = self.quarantine_entries().map(|(entry, location)| {
            let hash = sameness_hash(entry.origin, entry.raw);
            let (received_at, reason) = (entry.received_at, entry.reason);
            QuarantineChange { id: entry.id, what: What::Kept { hash, received_at, reason, location } }
        });
        let got_in = self.redriven().map(|id| QuarantineChange { id, what: What::GotIn });
        let acted = self.acts().map(|(act, location)| {
            let becomes = match act.kind {
                ActKind::Discarded => Some(QuarantineState::Discarded),
                ActKind::Replaced => Some(QuarantineState::Replaced),
                ActKind::Redriven => None,
            };
            QuarantineChange { id: act.id, what: What::Acted { act: location, becomes } }
        });
        let repeated = self.repeats().map(|(id, times)| QuarantineChange { id, what: What::Repeated { times } });
        kept.chain(got_in).chain(acted).chain(repeated)
    }
}

impl Quarantine {
    /// Takes what a frame says of quarantine.
    pub fn apply(&mut self, frame: &Frame) {
        frame.quarantine_changes().for_each(|change| self.take(change));
    }

    /// Takes one change that a frame says.
    pub fn take(&mut self, QuarantineChange { id, what }: QuarantineChange) {
        match what {
            What::Kept { hash, received_at, reason, location } => self.keep(id, hash, received_at, reason, location),
            What::GotIn => self.got_in(id),
            What::Acted { act, becomes } => self.acted(id, act, becomes),
            What::Repeated { times } => self.repeated(id, times),
        }
    }
}
