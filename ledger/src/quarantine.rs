//! What did not get in: kept whole in the frame of its batch, under an id that stays its own.

pub(crate) mod applying;
mod filter;
mod rows;

use schemas::{Reason, Rejection, Timestamp};

pub use self::filter::QuarantineFilter;
pub(crate) use self::rows::sameness_hash;
pub use self::rows::{Quarantine, QuarantineRow, QuarantineState};

use crate::fields::{Fields, put_bytes, put_varint};

/// The id of a quarantined event: 1, 2, 3, … It stays the same when a second try fails too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuarantineId(pub u64);

/// Where a quarantined event lies on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarantineLocation {
    /// The number of the segment.
    pub segment: u64,
    /// Where in the segment's file.
    pub offset: u64,
    /// How many bytes.
    pub length: u32,
}

/// What is worth keeping in memory of a quarantined event; the rest is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineHead {
    /// Its id. A head with the id of an earlier one takes its place.
    pub id: QuarantineId,
    /// Why it was quarantined.
    pub reason: Reason,
    /// The field it is about, if it is about one.
    pub field: Option<String>,
    /// Where it came from, in words.
    pub origin: String,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Where it lies on disk.
    pub location: QuarantineLocation,
}

/// A quarantined event, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantinedEvent {
    /// Its id.
    pub id: QuarantineId,
    /// Why it was quarantined.
    pub rejection: Rejection,
    /// Where it came from, in words.
    pub origin: String,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Its bytes as they came.
    pub raw: Vec<u8>,
}

/// A quarantined event as it lies in a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QuarantineEntry<'a> {
    pub(crate) id: QuarantineId,
    pub(crate) reason: Reason,
    pub(crate) field: Option<&'a str>,
    pub(crate) detail: &'a str,
    pub(crate) origin: &'a str,
    pub(crate) received_at: Timestamp,
    pub(crate) raw: &'a [u8],
}

/// The number on disk of a reason; a number, once written, means the same for ever.
fn reason_number(reason: Reason) -> u8 {
    match reason {
        Reason::TooLarge => 0,
        Reason::Malformed => 1,
        Reason::UnknownType => 2,
        Reason::InvalidField => 3,
        Reason::Conflict => 4,
    }
}

fn reason_of(number: u8) -> Option<Reason> {
    Reason::ALL.iter().copied().find(|reason| reason_number(*reason) == number)
}

impl<'a> QuarantineEntry<'a> {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, self.id.0);
        out.push(reason_number(self.reason));
        // No field has an empty name, so an empty text stands for none.
        put_bytes(out, self.field.unwrap_or_default().as_bytes());
        put_bytes(out, self.detail.as_bytes());
        put_bytes(out, self.origin.as_bytes());
        out.extend_from_slice(&self.received_at.0.to_le_bytes());
        put_bytes(out, self.raw);
    }

    pub(crate) fn take(fields: &mut Fields<'a>) -> Option<QuarantineEntry<'a>> {
        let id = QuarantineId(fields.varint()?);
        let reason = reason_of(fields.u8()?)?;
        Some(QuarantineEntry {
            id,
            reason,
            field: Some(fields.text()?).filter(|field| !field.is_empty()),
            detail: fields.text()?,
            origin: fields.text()?,
            received_at: Timestamp(fields.i64()?),
            raw: fields.bytes()?,
        })
    }

    pub(crate) fn head(&self, location: QuarantineLocation) -> QuarantineHead {
        QuarantineHead {
            id: self.id,
            reason: self.reason,
            field: self.field.map(str::to_owned),
            origin: self.origin.to_owned(),
            received_at: self.received_at,
            location,
        }
    }

    pub(crate) fn rejection(&self) -> Rejection {
        Rejection { reason: self.reason, field: self.field.map(str::to_owned), detail: self.detail.to_owned() }
    }

    pub(crate) fn whole(&self) -> QuarantinedEvent {
        QuarantinedEvent {
            id: self.id,
            rejection: self.rejection(),
            origin: self.origin.to_owned(),
            received_at: self.received_at,
            raw: self.raw.to_vec(),
        }
    }
}
