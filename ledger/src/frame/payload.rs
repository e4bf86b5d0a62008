//! The payload of a frame as it lies on disk: the table of offsets, the records, then the sections.

use crate::fields::Fields;
use crate::quarantine::QuarantineEntry;

/// Every so many records the table of offsets has an entry.
pub(crate) const RECORDS_PER_OFFSET: usize = 4;

/// The bytes of the table of offsets of so many records.
pub(crate) fn table_bytes(event_count: u32) -> usize {
    (event_count as usize).div_ceil(RECORDS_PER_OFFSET) * 4
}

/// The records of a payload, and its table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records<'a> {
    pub(crate) table: &'a [u8],
    pub(crate) records: &'a [u8],
}

impl<'a> Records<'a> {
    /// Of a payload with so many events.
    pub(crate) fn of(payload: &'a [u8], event_count: u32) -> Option<Records<'a>> {
        Some(split(payload, event_count)?.0)
    }

    /// Where the records begin in a payload.
    pub(crate) fn begin(event_count: u32) -> usize {
        4 + table_bytes(event_count)
    }

    /// The record at a place, 0, 1, …, without walking more than the three before it.
    pub(crate) fn nth(self, place: usize) -> Option<&'a [u8]> {
        let entry = self.table.get(place / RECORDS_PER_OFFSET * 4..)?;
        let offset = u32::from_le_bytes(*entry.first_chunk()?);
        let mut fields = Fields(self.records.get(offset as usize..)?);
        for _ in 0..place % RECORDS_PER_OFFSET {
            fields.bytes()?;
        }
        fields.bytes()
    }
}

fn split(payload: &[u8], event_count: u32) -> Option<(Records<'_>, Fields<'_>)> {
    let mut fields = Fields(payload);
    let record_bytes = fields.u32()?;
    let table = fields.take(table_bytes(event_count))?;
    let records = fields.take(record_bytes as usize)?;
    Some((Records { table, records }, fields))
}

/// Where each section begins in a payload. They were walked once, so they are whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sections {
    offsets: usize,
    duplicates: usize,
    quarantined: usize,
    redriven: usize,
    dictionary: usize,
    /// How many of the quarantined events are new, and no second try.
    pub(crate) newly_quarantined: u64,
}

impl Sections {
    /// Walks the sections of a payload; `None` if they are not whole.
    pub(crate) fn walk(payload: &[u8], event_count: u32, first_quarantine: u64) -> Option<Sections> {
        let (_, mut fields) = split(payload, event_count)?;
        let at = |fields: &Fields<'_>| payload.len() - fields.0.len();
        let mut sections = Sections {
            offsets: at(&fields),
            duplicates: 0,
            quarantined: 0,
            redriven: 0,
            dictionary: 0,
            newly_quarantined: 0,
        };
        for _ in 0..fields.varint()? {
            take_offset(&mut fields)?;
        }
        sections.duplicates = at(&fields);
        for _ in 0..fields.varint()? {
            take_duplicate(&mut fields)?;
        }
        sections.quarantined = at(&fields);
        for _ in 0..fields.varint()? {
            let id = QuarantineEntry::take(&mut fields)?.id.0;
            if id >= first_quarantine {
                if id != first_quarantine + sections.newly_quarantined {
                    return None;
                }
                sections.newly_quarantined += 1;
            }
        }
        sections.redriven = at(&fields);
        for _ in 0..fields.varint()? {
            fields.varint()?;
        }
        sections.dictionary = at(&fields);
        fields.varint()?;
        for _ in 0..fields.varint()? {
            fields.text()?;
        }
        // What is left fills the payload up to a multiple of eight bytes.
        (fields.0.len() < 8 && fields.0.iter().all(|byte| *byte == 0)).then_some(sections)
    }

    pub(crate) fn offsets<'a>(&self, payload: &'a [u8]) -> impl Iterator<Item = (&'a str, i32, i64)> + use<'a> {
        list(payload, self.offsets, |fields, _| take_offset(fields))
    }

    pub(crate) fn duplicates<'a>(&self, payload: &'a [u8]) -> impl Iterator<Item = (&'a str, u64)> + use<'a> {
        list(payload, self.duplicates, |fields, _| take_duplicate(fields))
    }

    /// The quarantined events, each with where it begins in the payload and its length.
    pub(crate) fn quarantined<'a>(
        &self,
        payload: &'a [u8],
    ) -> impl Iterator<Item = (QuarantineEntry<'a>, usize, usize)> + use<'a> {
        list(payload, self.quarantined, |fields, at| {
            let before = fields.0.len();
            let entry = QuarantineEntry::take(fields)?;
            Some((entry, at, before - fields.0.len()))
        })
    }

    pub(crate) fn redriven<'a>(&self, payload: &'a [u8]) -> impl Iterator<Item = u64> + use<'a> {
        list(payload, self.redriven, |fields, _| fields.varint())
    }

    /// The texts added to the dictionary, with their numbers.
    pub(crate) fn dictionary<'a>(&self, payload: &'a [u8]) -> impl Iterator<Item = (u64, &'a str)> + use<'a> {
        let mut fields = Fields(payload.get(self.dictionary..).unwrap_or_default());
        let first = fields.varint().unwrap_or_default();
        let texts = list(payload, payload.len() - fields.0.len(), |fields, _| fields.text());
        (first..).zip(texts)
    }
}

fn take_offset<'a>(fields: &mut Fields<'a>) -> Option<(&'a str, i32, i64)> {
    Some((fields.text()?, i32::try_from(fields.signed()?).ok()?, fields.signed()?))
}

fn take_duplicate<'a>(fields: &mut Fields<'a>) -> Option<(&'a str, u64)> {
    Some((fields.text()?, fields.varint()?))
}

/// A count, and so many items. They were walked before, so it ends only where they end.
fn list<'a, T>(
    payload: &'a [u8],
    begin: usize,
    take: impl Fn(&mut Fields<'a>, usize) -> Option<T>,
) -> impl Iterator<Item = T> {
    let mut fields = Fields(payload.get(begin..).unwrap_or_default());
    let count = fields.varint().unwrap_or_default();
    (0..count).map_while(move |_| {
        let at = payload.len() - fields.0.len();
        take(&mut fields, at)
    })
}
