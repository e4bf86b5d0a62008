//! From decided batches to the bytes of a frame.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemas::Timestamp;

use super::extension::Extension;
use super::header::{FRAME_VERSION_DEEDS, FRAME_VERSION_EXTENDED, FRAME_VERSION_PLAIN};
use super::payload::table_bytes;
use super::{FrameHeader, HEADER_BYTES, RECORDS_PER_OFFSET};
use crate::batch::{Batch, Item, TryKind};
use crate::cursor::FrameCursor;
use crate::deed::OfFrame;
use crate::epoch::Epoch;
use crate::fields::{put_bytes, put_signed, put_varint};
use crate::outcome::Outcome;
use crate::quarantine::{Quarantine, QuarantineEntry, QuarantineId};

/// What a frame is made of.
pub(crate) struct FrameDraft<'a> {
    /// What the frame continues.
    pub(crate) after: &'a FrameCursor,
    pub(crate) epoch: Epoch,
    pub(crate) recorded_at: Timestamp,
    pub(crate) batches: &'a [Batch],
    /// One for each item of the batches.
    pub(crate) outcomes: &'a [Outcome],
    /// What is in quarantine before it.
    pub(crate) quarantine: &'a Quarantine,
    /// The number of the first text added to the dictionary, and the texts.
    pub(crate) texts: (u32, &'a [&'a str]),
}

/// Writes a frame into an empty buffer, and gives its header.
pub(crate) fn write_frame(draft: &FrameDraft<'_>, out: &mut Vec<u8>) -> FrameHeader {
    let mut event_count =
        draft.outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Accepted { .. })).count() as u32;
    if mutants::mutant!("last-record-of-a-frame-dropped") && event_count > 1 {
        event_count -= 1;
    }
    let record_bytes: usize = draft.batches.iter().map(|batch| batch.records().len()).sum();
    out.reserve(HEADER_BYTES + record_bytes + table_bytes(event_count) + 1_024);
    out.resize(HEADER_BYTES + 4, 0);
    put_records(draft, event_count, out);
    let extension = Extension::of(draft);
    // NOTE: a frame says what an earlier format could say in that format, so that an older program goes on reading it.
    let version = match (extension.deeds.is_empty(), extension.is_empty()) {
        (false, _) => FRAME_VERSION_DEEDS,
        (true, false) => FRAME_VERSION_EXTENDED,
        (true, true) => FRAME_VERSION_PLAIN,
    };
    if version == FRAME_VERSION_DEEDS {
        let (first_position, first_quarantine) = (draft.after.position, draft.after.quarantine);
        extension.put_deeds(&OfFrame { first_position, first_quarantine, event_count }, out);
    }
    put_offsets(draft.batches, out);
    let redriven = redriven(draft);
    put_duplicates(draft, &redriven, &extension, out);
    put_quarantined(draft, out);
    put_varint(out, redriven.len() as u64);
    redriven.keys().for_each(|id| put_varint(out, id.0));
    let (first_text, texts) = draft.texts;
    put_varint(out, u64::from(first_text));
    put_varint(out, texts.len() as u64);
    for text in texts {
        put_bytes(out, text.as_bytes());
    }
    if version != FRAME_VERSION_PLAIN {
        extension.put(out);
    }
    out.resize(out.len().next_multiple_of(8), 0);
    let payload = &out[HEADER_BYTES..];
    let header = FrameHeader {
        version,
        epoch: draft.epoch,
        // A commit too large for a frame is refused by the length of the buffer before this header is used.
        payload_bytes: payload.len() as u32,
        event_count,
        first_position: draft.after.position,
        first_quarantine: draft.after.quarantine,
        recorded_at: draft.recorded_at,
        previous: draft.after.hash,
        payload_checksum: crc32c::crc32c(payload),
    };
    out[..HEADER_BYTES].copy_from_slice(&header.encode());
    header
}

/// Each batch with its outcomes.
pub(super) fn decided<'a>(draft: &FrameDraft<'a>) -> impl Iterator<Item = (&'a Batch, &'a [Outcome])> {
    let mut outcomes = draft.outcomes;
    draft.batches.iter().map(move |batch| {
        let (its, rest) = outcomes.split_at(batch.len());
        outcomes = rest;
        (batch, its)
    })
}

/// Each item with its outcome, its batch and its place there.
fn items<'a>(draft: &FrameDraft<'a>) -> impl Iterator<Item = (&'a Batch, usize, &'a Item, &'a Outcome)> {
    decided(draft).flat_map(|(batch, outcomes)| {
        (0..).zip(batch.items().iter().zip(outcomes)).map(move |(at, (item, outcome))| (batch, at, item, outcome))
    })
}

/// The table of offsets and the accepted records, their length before both.
fn put_records(draft: &FrameDraft<'_>, event_count: u32, out: &mut Vec<u8>) {
    let table_at = out.len();
    out.resize(table_at + table_bytes(event_count), 0);
    let records_at = out.len();
    let mut count = 0;
    for (batch, outcomes) in decided(draft) {
        // Records that follow one another in the batch are copied together.
        let mut run = 0..0;
        for (at, outcome) in outcomes.iter().enumerate() {
            let Outcome::Accepted { .. } = outcome else { continue };
            if mutants::mutant!("last-record-of-a-frame-dropped") && count == event_count as usize {
                continue;
            }
            let range = batch.record_range(at);
            if range.start != run.end {
                out.extend_from_slice(&batch.records()[run]);
                run = range.start..range.start;
            }
            if count % RECORDS_PER_OFFSET == 0 {
                let offset = out.len() - records_at + range.start - run.start;
                let entry = table_at + count / RECORDS_PER_OFFSET * 4;
                out[entry..entry + 4].copy_from_slice(&(offset as u32).to_le_bytes());
            }
            run.end = range.end;
            count += 1;
        }
        out.extend_from_slice(&batch.records()[run]);
    }
    let record_bytes = (out.len() - records_at) as u32;
    out[HEADER_BYTES..HEADER_BYTES + 4].copy_from_slice(&record_bytes.to_le_bytes());
}

fn put_offsets(batches: &[Batch], out: &mut Vec<u8>) {
    // A later batch's offset of a partition holds.
    let mut offsets = BTreeMap::new();
    for (topic, partition, offset) in batches.iter().flat_map(Batch::offsets) {
        if mutants::mutant!("offset-of-an-earlier-batch-kept") && offsets.contains_key(&(topic, partition)) {
            continue;
        }
        offsets.insert((topic, partition), *offset + i64::from(mutants::mutant!("offset-off-by-one")));
    }
    put_varint(out, offsets.len() as u64);
    for ((topic, partition), offset) in offsets {
        put_bytes(out, topic.as_bytes());
        put_signed(out, i64::from(*partition));
        put_signed(out, offset);
    }
}

/// What came again while an event was in quarantine has been read as often: once it gets in, each of those is a
/// duplicate of it.
fn put_duplicates(
    draft: &FrameDraft<'_>,
    redriven: &BTreeMap<QuarantineId, Cow<'_, str>>,
    extension: &Extension<'_>,
    out: &mut Vec<u8>,
) {
    let mut by_source: BTreeMap<Cow<'_, str>, u64> = BTreeMap::new();
    for (batch, at, _, outcome) in items(draft) {
        if let Outcome::Duplicate { .. } = outcome {
            *by_source.entry(batch.source(at)).or_default() += 1;
        }
    }
    for (id, source) in redriven {
        if mutants::mutant!("repeats-of-a-redriven-event-not-counted") {
            break;
        }
        let repeated = draft.quarantine.get(*id).map_or(0, |row| row.repeated) + extension.repeats_of(*id);
        if repeated > 0 {
            *by_source.entry(source.clone()).or_default() += repeated;
        }
    }
    put_varint(out, by_source.len() as u64);
    for (source, count) in by_source {
        put_bytes(out, source.as_bytes());
        put_varint(out, count);
    }
}

fn put_quarantined(draft: &FrameDraft<'_>, out: &mut Vec<u8>) {
    let quarantined = || {
        items(draft).filter_map(|(batch, _, item, outcome)| match outcome {
            Outcome::Quarantined { .. } if mutants::mutant!("quarantined-event-dropped") => None,
            Outcome::Quarantined { id, rejection, is_repeat: false } => Some((batch, item, *id, rejection)),
            Outcome::Quarantined { is_repeat: true, .. } | Outcome::Accepted { .. } | Outcome::Duplicate { .. } => None,
        })
    };
    put_varint(out, quarantined().count() as u64);
    for (batch, item, id, rejection) in quarantined() {
        let (origin, raw) = batch.kept(item);
        // A second try that fails again changes nothing of when the event arrived.
        let arrived = draft.quarantine.get(id).map(|row| row.received_at);
        let entry = QuarantineEntry {
            id,
            reason: rejection.reason,
            field: rejection.field.as_deref(),
            detail: &rejection.detail,
            origin,
            received_at: arrived.unwrap_or_else(|| batch.received_at()),
            raw,
        };
        entry.put(out);
    }
}

/// The events that leave quarantine, by id, each with its `source`.
fn redriven<'a>(draft: &FrameDraft<'a>) -> BTreeMap<QuarantineId, Cow<'a, str>> {
    let mut redriven = BTreeMap::new();
    for (batch, outcomes) in decided(draft) {
        for tried in batch.tries().iter().filter(|tried| tried.kind == TryKind::Again) {
            match &outcomes[tried.item as usize] {
                Outcome::Accepted { .. } | Outcome::Duplicate { .. } => {
                    redriven.insert(tried.id, batch.source(tried.item as usize));
                }
                Outcome::Quarantined { .. } => {}
            }
        }
    }
    redriven
}
