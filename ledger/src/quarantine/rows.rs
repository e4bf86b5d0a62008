//! What is in quarantine, a row an event: what acceptance, counts and lists need of it in memory; the ledger holds
//! the rest.
//!
//! A row takes 64 bytes, and with its place in the table about 90, whatever the event's length. It stays until its event
//! gets in by a second try: what was discarded or replaced is still found to be the same when it comes again. Copies share
//! rows and table.

use std::collections::BTreeMap;

use schemas::{Reason, Timestamp};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{QuarantineFilter, QuarantineId, QuarantineLocation};
use crate::column::{Sparse, Table, WIDE};
use crate::fields::{Fields, put_varint};

/// What has become of a quarantined event that did not get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuarantineState {
    /// Nobody has decided on it, or a second try failed.
    Open,
    /// An operator does not want it.
    Discarded,
    /// Another event took its place.
    Replaced,
}

impl QuarantineState {
    /// All of them.
    pub const ALL: &'static [QuarantineState] =
        &[QuarantineState::Open, QuarantineState::Discarded, QuarantineState::Replaced];

    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            QuarantineState::Open => "open",
            QuarantineState::Discarded => "discarded",
            QuarantineState::Replaced => "replaced",
        }
    }
}

/// A quarantined event, as far as it is held in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    /// Its id.
    pub id: QuarantineId,
    /// What has become of it.
    pub state: QuarantineState,
    /// Why it was quarantined, by the last try.
    pub reason: Reason,
    /// When it first arrived.
    pub received_at: Timestamp,
    /// How many times the same bytes came again from the same origin.
    pub repeated: u64,
    /// Where it lies on disk.
    pub location: QuarantineLocation,
    /// Where the last that an operator did to it lies on disk, if one did anything.
    pub act: Option<QuarantineLocation>,
}

/// A place on disk; segments and frames are bounded so that each part fits in 32 bits. Segment 0 is no place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    segment: u32,
    offset: u32,
    length: u32,
}

/// What is kept of an event.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// Of its origin and its bytes.
    hash: u64,
    received_at: Timestamp,
    repeated: u64,
    location: Place,
    act: Place,
    reason: Reason,
    state: QuarantineState,
}

/// What is in quarantine: a pure function of the frames.
#[derive(Clone, Debug, Default)]
pub struct Quarantine {
    /// By id.
    rows: Sparse<Kept>,
    /// Their ids, to find the same event again.
    by_hash: Table<u64, WIDE>,
    /// Of each kind, few of which there are.
    counts: BTreeMap<(QuarantineState, Reason), Count>,
}

/// How many rows, and how many times the events of those rows were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    rows: u64,
    reads: u64,
}

/// A hash of what makes two quarantined events the same: where they came from, and their bytes.
pub(crate) fn sameness_hash(origin: &str, raw: &[u8]) -> u64 {
    xxh3_64_with_seed(raw, xxh3_64_with_seed(origin.as_bytes(), 0))
}

impl From<QuarantineLocation> for Place {
    fn from(at: QuarantineLocation) -> Place {
        Place { segment: at.segment as u32, offset: at.offset as u32, length: at.length }
    }
}

impl Place {
    fn location(self) -> QuarantineLocation {
        QuarantineLocation { segment: u64::from(self.segment), offset: u64::from(self.offset), length: self.length }
    }
}

impl Kept {
    fn row(&self, id: QuarantineId) -> QuarantineRow {
        QuarantineRow {
            id,
            state: self.state,
            reason: self.reason,
            received_at: self.received_at,
            repeated: self.repeated,
            location: self.location.location(),
            act: (self.act.segment > 0).then(|| self.act.location()),
        }
    }
}

impl Quarantine {
    /// One row.
    #[must_use]
    pub fn get(&self, id: QuarantineId) -> Option<QuarantineRow> {
        self.rows.get(id.0).map(|kept| kept.row(id))
    }

    /// The rows after an id, by id.
    pub fn after(&self, after: Option<QuarantineId>) -> impl Iterator<Item = QuarantineRow> + '_ {
        let first = after.map_or(0, |after| after.0.saturating_add(1));
        self.rows.iter_from(first).map(|(id, kept)| kept.row(QuarantineId(id)))
    }

    /// How many rows are in a state.
    #[must_use]
    pub fn len(&self, state: QuarantineState) -> u64 {
        self.counts.iter().filter(|((of, _), _)| *of == state).map(|(_, count)| count.rows).sum()
    }

    /// Whether there is no row, in any state.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many rows are chosen; `None` where that is known only by looking at each.
    #[must_use]
    pub fn count_chosen(&self, filter: &QuarantineFilter) -> Option<u64> {
        let QuarantineFilter { state, reason, origin, from, before } = filter;
        let is_counted = origin.is_none() && from.is_none() && before.is_none();
        let is_chosen = |of: &(QuarantineState, Reason)| {
            state.is_none_or(|state| state == of.0) && reason.is_none_or(|reason| reason == of.1)
        };
        let counts = self.counts.iter().filter(|(of, _)| is_chosen(of));
        is_counted.then(|| counts.map(|(_, count)| count.rows).sum())
    }

    /// How many rows are in a state, by reason.
    #[must_use]
    pub fn rows_by_reason(&self, state: QuarantineState) -> BTreeMap<Reason, u64> {
        let counts = self.counts.iter().filter(|((of, _), count)| *of == state && count.rows > 0);
        counts.map(|((_, reason), count)| (*reason, count.rows)).collect()
    }

    /// How many events were read that are in quarantine, whatever has become of them there, by reason: each time
    /// that one came again counts.
    #[must_use]
    pub fn reads_by_reason(&self) -> BTreeMap<Reason, u64> {
        let mut reads = BTreeMap::new();
        for ((_, reason), count) in &self.counts {
            *reads.entry(*reason).or_default() += count.reads;
        }
        reads.retain(|_, count| *count > 0);
        reads
    }

    /// Bytes of memory that it holds, as far as they can be told.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.rows.memory_bytes() + self.by_hash.memory_bytes()
    }

    /// How many pointers a copy copies.
    pub(crate) fn pointers(&self) -> usize {
        self.rows.pointers() + self.by_hash.pointers()
    }

    /// How many chunks and leaves are not the same in memory as those of a copy.
    #[cfg(test)]
    pub(crate) fn chunks_apart(&self, other: &Quarantine) -> usize {
        self.rows.leaves_apart(&other.rows) + self.by_hash.chunks_apart(&other.by_hash)
    }

    /// The rows whose events may be the same as one of this hash.
    pub(crate) fn candidates(&self, hash: u64) -> impl Iterator<Item = QuarantineRow> + '_ {
        let same = self.by_hash.candidates(hash).filter_map(|id| Some((id, self.rows.get(id)?)));
        same.filter(move |(_, kept)| kept.hash == hash).map(|(id, kept)| kept.row(QuarantineId(id)))
    }

    /// Keeps an event that is new, or one that failed again: that keeps what it was when it first arrived.
    pub(crate) fn keep(
        &mut self,
        id: QuarantineId,
        hash: u64,
        received_at: Timestamp,
        reason: Reason,
        location: QuarantineLocation,
    ) {
        let before = self.remove(id);
        let kept = Kept {
            hash,
            received_at: before.map_or(received_at, |before| before.received_at),
            repeated: before.map_or(0, |before| before.repeated),
            location: location.into(),
            act: before.map_or_else(Place::default, |before| before.act),
            reason,
            state: QuarantineState::Open,
        };
        self.insert(id, kept);
    }

    /// An event got in.
    pub(crate) fn got_in(&mut self, id: QuarantineId) {
        self.remove(id);
    }

    /// An operator did something to an event: where that lies on disk, and what has become of the event if it is
    /// another than before.
    pub(crate) fn acted(&mut self, id: QuarantineId, act: QuarantineLocation, becomes: Option<QuarantineState>) {
        self.change(id, |kept| {
            kept.act = act.into();
            kept.state = becomes.unwrap_or(kept.state);
        });
    }

    /// An event came again so many times.
    pub(crate) fn repeated(&mut self, id: QuarantineId, times: u64) {
        self.change(id, |kept| kept.repeated += times);
    }

    fn insert(&mut self, id: QuarantineId, kept: Kept) {
        self.count(&kept, |count, reads| *count = Count { rows: count.rows + 1, reads: count.reads + reads });
        self.rows.insert(id.0, kept);
        let rows = &self.rows;
        self.by_hash.insert(kept.hash, id.0, |id| rows.get(id).map_or(0, |kept| kept.hash));
    }

    fn remove(&mut self, id: QuarantineId) -> Option<Kept> {
        let kept = self.rows.remove(id.0)?;
        self.count(&kept, |count, reads| *count = Count { rows: count.rows - 1, reads: count.reads - reads });
        self.by_hash.remove(kept.hash, id.0);
        Some(kept)
    }

    fn change(&mut self, id: QuarantineId, change: impl FnOnce(&mut Kept)) {
        let Some(mut kept) = self.rows.get(id.0).copied() else { return };
        self.count(&kept, |count, reads| *count = Count { rows: count.rows - 1, reads: count.reads - reads });
        change(&mut kept);
        self.count(&kept, |count, reads| *count = Count { rows: count.rows + 1, reads: count.reads + reads });
        self.rows.insert(id.0, kept);
    }

    /// Changes the count of a row's kind by what the row was read.
    fn count(&mut self, kept: &Kept, change: impl FnOnce(&mut Count, u64)) {
        change(self.counts.entry((kept.state, kept.reason)).or_default(), 1 + kept.repeated);
    }

    /// The first ids of stretches of so many, those in which there is any row.
    pub(crate) fn stretches(&self, size: u64) -> Vec<u64> {
        let mut firsts: Vec<u64> = Vec::new();
        let mut next = 0;
        // From one to the next, without a look at the rows between them.
        while let Some((id, _)) = self.rows.iter_from(next).next() {
            firsts.push(id / size * size);
            let Some(after) = (id / size + 1).checked_mul(size) else { break };
            next = after;
        }
        firsts
    }

    /// Appends the rows of a stretch as bytes, for checkpoints: a count; each id, hash, time of arrival, how often it came
    /// again, the places of the event and of the last act, reason, state.
    pub(crate) fn encode(&self, first: u64, size: u64, out: &mut Vec<u8>) {
        let rows = || self.rows.iter_from(first).take_while(|(id, _)| id - first < size);
        put_varint(out, rows().count() as u64);
        for (id, kept) in rows() {
            put_varint(out, id);
            out.extend_from_slice(&kept.hash.to_le_bytes());
            out.extend_from_slice(&kept.received_at.0.to_le_bytes());
            put_varint(out, kept.repeated);
            for place in [kept.location, kept.act] {
                [place.segment, place.offset, place.length].into_iter().for_each(|part| put_varint(out, part.into()));
            }
            out.push(super::reason_number(kept.reason));
            out.push(kept.state as u8);
        }
    }

    /// Reads the stretch that [`Quarantine::encode`] wrote behind those that were read; `None` if it is something else.
    pub(crate) fn read(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        for _ in 0..fields.count()? {
            let id = QuarantineId(fields.varint()?);
            let is_next = self.rows.last().is_none_or(|last| last < id.0);
            let kept = Kept {
                hash: fields.u64()?,
                received_at: Timestamp(fields.i64()?),
                // More than that nobody sends: beyond it sums of them would not hold.
                repeated: Some(fields.varint()?).filter(|times| *times < 1 << 47)?,
                location: take_place(fields)?,
                act: take_place(fields)?,
                reason: super::reason_of(fields.u8()?)?,
                state: take_state(fields)?,
            };
            is_next.then(|| self.insert(id, kept))?;
        }
        Some(())
    }
}

fn take_place(fields: &mut Fields<'_>) -> Option<Place> {
    let mut part = || u32::try_from(fields.varint()?).ok();
    Some(Place { segment: part()?, offset: part()?, length: part()? })
}

fn take_state(fields: &mut Fields<'_>) -> Option<QuarantineState> {
    let number = fields.u8()?;
    QuarantineState::ALL.iter().copied().find(|state| *state as u8 == number)
}
