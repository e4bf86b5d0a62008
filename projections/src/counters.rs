//! What became of every event read (SPEC 1): counts, source offsets and the heads of what is in quarantine.

use std::collections::BTreeMap;

use ledger::fields::Fields;
use ledger::{Frame, QuarantineHead, QuarantineId, QuarantineLocation};
use schemas::{Reason, Timestamp};

use crate::content::Output;
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

    pub(crate) fn encode(&self, out: &mut Output<'_>) {
        out.count(self.duplicates.len());
        for (source, count) in &self.duplicates {
            out.bytes(source.as_bytes());
            out.u64(*count);
        }
        self.places.encode(out);
        out.u64(self.trades_before_registration);
        out.count(self.quarantine.len());
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

    pub(crate) fn read(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        for _ in 0..fields.count()? {
            let source: Box<str> = fields.text()?.into();
            self.duplicates.insert(source, fields.u64()?);
        }
        self.places.read(fields)?;
        self.trades_before_registration = fields.u64()?;
        for _ in 0..fields.count()? {
            let head = read_head(fields)?;
            self.quarantine.insert(head.id, head);
        }
        Some(())
    }
}

fn read_head(fields: &mut Fields<'_>) -> Option<QuarantineHead> {
    let id = QuarantineId(fields.u64()?);
    let name = fields.text()?;
    let reason = Reason::ALL.iter().copied().find(|reason| reason.as_str() == name)?;
    let has_field = fields.bool()?;
    let field = fields.text()?;
    Some(QuarantineHead {
        id,
        reason,
        field: has_field.then(|| field.to_owned()),
        origin: fields.text()?.to_owned(),
        received_at: Timestamp(fields.i64()?),
        location: QuarantineLocation { segment: fields.u64()?, offset: fields.u64()?, length: fields.u32()? },
    })
}
