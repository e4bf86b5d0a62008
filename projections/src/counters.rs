//! What became of every event read (SPEC 1): counts, source offsets and the heads of what is in quarantine.

use std::collections::BTreeMap;

use ledger::{Frame, QuarantineHead, QuarantineId, QuarantineLocation};
use schemas::{Reason, Timestamp};

use crate::checkpoint::bytes::{DecodeError, Input, Output};
use crate::places::Places;

/// Counts and positions that frames bring beside their events.
#[derive(Default)]
pub(crate) struct Counters {
    /// Duplicates by CloudEvents source.
    pub(crate) duplicates: BTreeMap<Box<str>, u64>,
    /// What is in quarantine.
    pub(crate) quarantine: BTreeMap<QuarantineId, QuarantineHead>,
    /// How far each topic and partition was read.
    pub(crate) places: Places,
    /// Trades stamped before their account's registration.
    pub(crate) trades_before_registration: u64,
}

impl Counters {
    /// Takes what a frame brings beside its events.
    pub(crate) fn apply(&mut self, frame: &Frame) {
        for (source, count) in frame.duplicates() {
            *self.duplicates.entry(source.into()).or_default() += count;
        }
        self.places.apply(frame);
        for head in frame.quarantined() {
            self.quarantine.insert(head.id, head);
        }
        for id in frame.redriven() {
            self.quarantine.remove(&id);
        }
    }

    /// How many events are in quarantine, by reason.
    pub(crate) fn quarantined_by_reason(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for head in self.quarantine.values() {
            *counts.entry(head.reason.as_str().to_owned()).or_default() += 1;
        }
        counts
    }

    pub(crate) fn encode(&self, out: &mut Output) {
        out.len(self.duplicates.len());
        for (source, count) in &self.duplicates {
            out.bytes(source.as_bytes());
            out.u64(*count);
        }
        self.places.encode(out);
        out.u64(self.trades_before_registration);
        out.len(self.quarantine.len());
        for head in self.quarantine.values() {
            out.u64(head.id.0);
            out.bytes(head.reason.as_str().as_bytes());
            out.bool(head.field.is_some());
            out.bytes(head.field.as_deref().unwrap_or_default().as_bytes());
            out.bytes(head.origin.as_bytes());
            out.i64(head.received_at.0);
            out.u64(head.location.segment);
            out.u64(head.location.offset);
            out.u32(head.location.length);
        }
    }

    pub(crate) fn decode(&mut self, input: &mut Input<'_>) -> Result<(), DecodeError> {
        for _ in 0..input.len()? {
            let source: Box<str> = input.text()?.into();
            self.duplicates.insert(source, input.u64()?);
        }
        self.places.decode(input)?;
        self.trades_before_registration = input.u64()?;
        for _ in 0..input.len()? {
            let head = decode_head(input)?;
            self.quarantine.insert(head.id, head);
        }
        Ok(())
    }
}

fn decode_head(input: &mut Input<'_>) -> Result<QuarantineHead, DecodeError> {
    let id = QuarantineId(input.u64()?);
    let name = input.text()?;
    let reason = Reason::ALL.iter().copied().find(|reason| reason.as_str() == name).ok_or(DecodeError::Malformed)?;
    let has_field = input.bool()?;
    let field = input.text()?;
    Ok(QuarantineHead {
        id,
        reason,
        field: has_field.then(|| field.to_owned()),
        origin: input.text()?.to_owned(),
        received_at: Timestamp(input.i64()?),
        location: QuarantineLocation { segment: input.u64()?, offset: input.u64()?, length: input.u32()? },
    })
}
