//! What a frame changes in quarantine.

use super::{Quarantine, QuarantineState};
use crate::act::ActKind;
use crate::frame::Frame;

impl Quarantine {
    /// Takes what a frame says of quarantine.
    pub fn apply(&mut self, frame: &Frame) {
        for (entry, location) in frame.quarantine_entries() {
            self.keep(&entry, location);
        }
        for id in frame.redriven() {
            self.got_in(id);
        }
        for (act, location) in frame.acts() {
            let becomes = match act.kind {
                ActKind::Discarded => Some(QuarantineState::Discarded),
                ActKind::Replaced => Some(QuarantineState::Replaced),
                ActKind::Redriven => None,
            };
            self.acted(act.id, location, becomes);
        }
        for (id, times) in frame.repeats() {
            self.repeated(id, times);
        }
    }
}
