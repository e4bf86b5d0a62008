//! What an operator did to a quarantined event, kept in the ledger: what, who, when and why.

use schemas::Timestamp;

use crate::fields::{Fields, put_bytes, put_varint};
use crate::position::Position;
use crate::quarantine::QuarantineId;

/// What was done to a quarantined event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActKind {
    /// It is not wanted: it stays as it is, and out of what is open.
    Discarded,
    /// Another event took its place, and was accepted or found to be a duplicate.
    Replaced,
    /// It was tried again: it got in, was found to be a duplicate, or stays where it was.
    Redriven,
}

/// An operator's act on one quarantined event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The event.
    pub id: QuarantineId,
    /// What was done to it.
    pub kind: ActKind,
    /// Who did it, in words.
    pub by: String,
    /// Why; may be empty but for a discard.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// Where the event stands that came of it, or the one that it repeats; 0 if none did.
    pub position: Position,
}

impl ActKind {
    /// All of them, by their number on disk; a number, once written, means the same for ever.
    const ALL: [ActKind; 3] = [ActKind::Discarded, ActKind::Replaced, ActKind::Redriven];

    fn number(self) -> u8 {
        match self {
            ActKind::Discarded => 0,
            ActKind::Replaced => 1,
            ActKind::Redriven => 2,
        }
    }
}

impl Act {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, self.id.0);
        out.push(self.kind.number());
        put_bytes(out, self.by.as_bytes());
        put_bytes(out, self.why.as_bytes());
        out.extend_from_slice(&self.at.0.to_le_bytes());
        put_varint(out, self.position);
    }

    pub(crate) fn take(fields: &mut Fields<'_>) -> Option<Act> {
        let id = QuarantineId(fields.varint()?);
        let number = fields.u8()?;
        Some(Act {
            id,
            kind: *ActKind::ALL.iter().find(|kind| kind.number() == number)?,
            by: fields.text()?.to_owned(),
            why: fields.text()?.to_owned(),
            at: Timestamp(fields.i64()?),
            position: fields.varint()?,
        })
    }
}
