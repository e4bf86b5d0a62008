//! The payload of a frame as it lies on disk: the table of offsets, the records, then the sections.

use super::header::{FRAME_VERSION_DEEDS, FRAME_VERSION_EXTENDED, FrameHeader};
use crate::act::Act;
use crate::deed::Deed;
use crate::fields::Fields;
use crate::quarantine::QuarantineEntry;
use crate::topic::{TopicAcceptance, TopicId};

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
        Fields(self.from(place)?).bytes()
    }

    /// The records from a place on, likewise. At the place 0 all of them, also where there is none.
    pub(crate) fn from(self, place: usize) -> Option<&'a [u8]> {
        if place == 0 {
            return Some(self.records);
        }
        let entry = self.table.get(place / RECORDS_PER_OFFSET * 4..)?;
        let offset = u32::from_le_bytes(*entry.first_chunk()?);
        let mut fields = Fields(self.records.get(offset as usize..)?);
        for _ in 0..place % RECORDS_PER_OFFSET {
            fields.bytes()?;
        }
        Some(fields.0)
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
    /// Only in a frame of version 3; else 0, where no section begins.
    deeds: usize,
    offsets: usize,
    duplicates: usize,
    quarantined: usize,
    redriven: usize,
    dictionary: usize,
    /// From here on only in a frame of version 2 or later; else 0, where no section begins.
    topics: usize,
    checks: usize,
    acceptances: usize,
    acts: usize,
    repeats: usize,
    /// How many of the quarantined events are new, and no second try.
    pub(crate) newly_quarantined: u64,
}

impl Sections {
    /// Walks the sections of a payload; `None` if they are not whole.
    pub(crate) fn walk(payload: &[u8], header: &FrameHeader) -> Option<Sections> {
        let (first_quarantine, (_, mut fields)) = (header.first_quarantine, split(payload, header.event_count)?);
        let at = |fields: &Fields<'_>| payload.len() - fields.0.len();
        let mut sections = Sections {
            deeds: 0,
            offsets: 0,
            duplicates: 0,
            quarantined: 0,
            redriven: 0,
            dictionary: 0,
            topics: 0,
            checks: 0,
            acceptances: 0,
            acts: 0,
            repeats: 0,
            newly_quarantined: 0,
        };
        let mut claimed = Claimed::default();
        if header.version >= FRAME_VERSION_DEEDS {
            sections.deeds = at(&fields);
            for _ in 0..fields.varint()? {
                claimed.take(&Deed::take(&mut fields, &header.of_frame())?);
            }
        }
        sections.offsets = at(&fields);
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
        if header.version >= FRAME_VERSION_EXTENDED {
            let acts = sections.walk_extension(payload, &mut fields)?;
            let last = first_quarantine + sections.newly_quarantined;
            (claimed.acts <= acts && claimed.quarantined <= last).then_some(())?;
        }
        // What is left fills the payload up to a multiple of eight bytes.
        (fields.0.len() < 8 && fields.0.iter().all(|byte| *byte == 0)).then_some(sections)
    }

    /// Walks the sections that a frame of version 2 has besides. Tells how many acts there are.
    fn walk_extension(&mut self, payload: &[u8], fields: &mut Fields<'_>) -> Option<u64> {
        let at = |fields: &Fields<'_>| payload.len() - fields.0.len();
        self.topics = at(fields);
        for _ in 0..fields.varint()? {
            take_topic(fields)?;
        }
        self.checks = at(fields);
        for _ in 0..fields.varint()? {
            take_check(fields)?;
        }
        self.acceptances = at(fields);
        for _ in 0..fields.varint()? {
            TopicAcceptance::take(fields)?;
        }
        self.acts = at(fields);
        let acts = fields.varint()?;
        for _ in 0..acts {
            Act::take(fields)?;
        }
        self.repeats = at(fields);
        for _ in 0..fields.varint()? {
            take_repeat(fields)?;
        }
        Some(acts)
    }

    /// What each actor did, in order.
    pub(crate) fn deeds<'a>(&self, payload: &'a [u8], header: &FrameHeader) -> impl Iterator<Item = Deed> + use<'a> {
        let frame = header.of_frame();
        extension(payload, self.deeds, move |fields, _| Deed::take(fields, &frame))
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

    pub(crate) fn topics<'a>(&self, payload: &'a [u8]) -> impl Iterator<Item = (&'a str, TopicId)> + use<'a> {
        extension(payload, self.topics, |fields, _| take_topic(fields))
    }

    pub(crate) fn checks<'a>(&self, payload: &'a [u8]) -> impl Iterator<Item = (&'a str, i32, u64)> + use<'a> {
        extension(payload, self.checks, |fields, _| take_check(fields))
    }

    pub(crate) fn acceptances<'a>(&self, payload: &'a [u8]) -> impl Iterator<Item = TopicAcceptance> + use<'a> {
        extension(payload, self.acceptances, |fields, _| TopicAcceptance::take(fields))
    }

    /// The acts, each with where it begins in the payload and its length.
    pub(crate) fn acts<'a>(&self, payload: &'a [u8]) -> impl Iterator<Item = (Act, usize, usize)> + use<'a> {
        extension(payload, self.acts, |fields, at| {
            let before = fields.0.len();
            let act = Act::take(fields)?;
            Some((act, at, before - fields.0.len()))
        })
    }

    pub(crate) fn repeats<'a>(&self, payload: &'a [u8]) -> impl Iterator<Item = (u64, u64)> + use<'a> {
        extension(payload, self.repeats, |fields, _| take_repeat(fields))
    }

    /// The texts added to the dictionary, with their numbers.
    pub(crate) fn dictionary<'a>(&self, payload: &'a [u8]) -> impl Iterator<Item = (u64, &'a str)> + use<'a> {
        let mut fields = Fields(payload.get(self.dictionary..).unwrap_or_default());
        let first = fields.varint().unwrap_or_default();
        let texts = list(payload, payload.len() - fields.0.len(), |fields, _| fields.text());
        (first..).zip(texts)
    }
}

/// How far the deeds of a frame say that its acts and its newly quarantined events go.
#[derive(Default)]
struct Claimed {
    acts: u64,
    quarantined: u64,
}

impl Claimed {
    fn take(&mut self, deed: &Deed) {
        self.acts = self.acts.max(u64::from(deed.acts.end));
        self.quarantined = self.quarantined.max(deed.quarantined.end);
    }
}

/// The deeds of a payload with so many events, without a look at what follows them; none of a frame that has no such
/// section.
pub(crate) fn deeds_of<'a>(payload: &'a [u8], header: &FrameHeader) -> Option<impl Iterator<Item = Deed> + use<'a>> {
    let (_, fields) = split(payload, header.event_count)?;
    let begin = if header.version >= FRAME_VERSION_DEEDS { payload.len() - fields.0.len() } else { 0 };
    let frame = header.of_frame();
    Some(extension(payload, begin, move |fields, _| Deed::take(fields, &frame)))
}

fn take_offset<'a>(fields: &mut Fields<'a>) -> Option<(&'a str, i32, i64)> {
    Some((fields.text()?, i32::try_from(fields.signed()?).ok()?, fields.signed()?))
}

fn take_duplicate<'a>(fields: &mut Fields<'a>) -> Option<(&'a str, u64)> {
    Some((fields.text()?, fields.varint()?))
}

fn take_topic<'a>(fields: &mut Fields<'a>) -> Option<(&'a str, TopicId)> {
    Some((fields.text()?, fields.array()?))
}

fn take_check<'a>(fields: &mut Fields<'a>) -> Option<(&'a str, i32, u64)> {
    Some((fields.text()?, i32::try_from(fields.signed()?).ok()?, fields.u64()?))
}

fn take_repeat(fields: &mut Fields<'_>) -> Option<(u64, u64)> {
    Some((fields.varint()?, fields.varint()?))
}

/// The items of a section that a frame of an earlier version has not.
fn extension<'a, T>(
    payload: &'a [u8],
    begin: usize,
    take: impl Fn(&mut Fields<'a>, usize) -> Option<T>,
) -> impl Iterator<Item = T> {
    let begin = if begin == 0 { payload.len() } else { begin };
    list(payload, begin, take)
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
