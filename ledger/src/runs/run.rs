//! A run that is open: checked whole, and never written again.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::bucket::{BUCKET_BYTES, Bucket, Probe, bucket_of};
use super::error::RunError;
use super::form::{HEADER_BYTES, Header, PARTS, Part};
use crate::cursor::FrameCursor;
use crate::identity::spread;
use crate::position::Position;
use crate::storage::{Access, Storage, StorageFile};

/// The bits of a hash that are kept.
const HASH_BITS: u32 = 48;

/// The index of a range of positions, in a file.
pub(crate) struct Run {
    pub(super) name: String,
    pub(super) header: Header,
    bounds: [u64; PARTS + 1],
    bytes: RunBytes,
}

enum RunBytes {
    Mapped(Arc<dyn StorageFile>),
    Held(Vec<u8>),
}

/// The hash by which an event of an account is found.
pub(crate) fn run_hash(uid: u64, fingerprint: u32) -> u64 {
    spread(spread(uid).wrapping_add(u64::from(fingerprint))) >> (64 - HASH_BITS)
}

impl Run {
    /// Opens a file and checks all of it; `None` if there is none of that name.
    pub(super) fn open(storage: &dyn Storage, name: &str) -> Result<Option<Run>, RunError> {
        let Some(file) = storage.open(name, Access::Read)? else { return Ok(None) };
        let unfit = |detail| RunError::Unfit { name: name.to_owned(), detail };
        let length = usize::try_from(file.len()).map_err(|_| unfit("it is too long"))?;
        let bytes = match file.read(0, length)? {
            Cow::Owned(bytes) => RunBytes::Held(bytes),
            Cow::Borrowed(_) => RunBytes::Mapped(Arc::clone(&file)),
        };
        let head = bytes.all(length).first_chunk::<HEADER_BYTES>();
        let header = head.and_then(Header::decode).ok_or_else(|| unfit("its header is damaged"))?;
        let bounds = header.bounds().filter(|bounds| bounds[PARTS] == length as u64);
        let run = Run {
            name: name.to_owned(),
            header,
            bounds: bounds.ok_or_else(|| unfit("it does not have the length that it says"))?,
            bytes,
        };
        let parts = [Part::Buckets, Part::Uids, Part::Starts, Part::Walks, Part::Lows, Part::Highs, Part::Places];
        if parts.into_iter().zip(header.checksums).all(|(part, checksum)| crc32c::crc32c(run.part(part)) == checksum)
            || mutants::mutant!("run-not-checked")
        {
            Ok(Some(run))
        } else {
            Err(unfit("a part does not have its checksum"))
        }
    }

    /// It tells of what stands behind this position.
    pub(super) fn after(&self) -> Position {
        self.header.after
    }

    /// The last position that it tells of.
    pub(super) fn last(&self) -> Position {
        self.header.last()
    }

    /// The place in the ledger at which it ends.
    pub(super) fn end(&self) -> &FrameCursor {
        &self.header.end
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let held = match &self.bytes {
            RunBytes::Mapped(_) => 0,
            RunBytes::Held(bytes) => bytes.len(),
        };
        size_of::<Run>() + held
    }

    /// The positions of an account's events up to one, ascending.
    pub(super) fn positions(
        &self,
        uid: u64,
        upto: Position,
    ) -> impl DoubleEndedIterator<Item = Position> + ExactSizeIterator + '_ {
        let origin = self.header.origin;
        let walk = self.find(uid).map_or(&[][..], |account| self.walk(account));
        let position = move |place: &[u8; 4]| origin + Position::from(u32::from_le_bytes(*place));
        let end = if upto < self.last() { walk.partition_point(|place| position(place) <= upto) } else { walk.len() };
        walk[..end].iter().map(position)
    }

    /// The positions of events that have a hash.
    pub(super) fn candidates(&self, hash: u64) -> impl Iterator<Item = Position> + '_ {
        let buckets = self.buckets();
        let bucket = buckets.get(bucket_of(hash, buckets.len() as u64)).map(Bucket);
        let passed = bucket.filter(|bucket| bucket.lets(Probe::of(hash)));
        passed.into_iter().flat_map(move |bucket| self.held(bucket, hash))
    }

    /// The positions of the events of a bucket that have a hash.
    pub(super) fn held(&self, bucket: Bucket<'_>, hash: u64) -> impl Iterator<Item = Position> + '_ {
        let hashes = self.hashes();
        let range = hashes.narrowed(bucket.range(), hash);
        let low = (hash as u16).to_le_bytes();
        let lows = hashes.lows.get(range.clone()).unwrap_or_default();
        // NOTE: the lowest bits are looked at before anything else of an event: they lie closest together.
        let alike = lows.iter().enumerate().filter(move |(_, mark)| **mark == low).map(move |(at, _)| range.start + at);
        alike.filter(move |at| hashes.hash(*at) == hash).map(move |at| self.header.origin + hashes.place(at))
    }

    /// The buckets of its hashes.
    pub(super) fn buckets(&self) -> &[[u8; BUCKET_BYTES]] {
        self.part(Part::Buckets).as_chunks().0
    }

    /// The uid of an account by its number here.
    pub(super) fn uid(&self, account: usize) -> Option<u64> {
        self.uids().get(account).map(|uid| u64::from_le_bytes(*uid))
    }

    /// The places of the events of an account by its number here.
    pub(super) fn walk(&self, account: usize) -> &[[u8; 4]] {
        let starts = self.integers(Part::Starts);
        let (from, to) = (starts.get(account).map_or(0, place_in), starts.get(account + 1).map_or(0, place_in));
        self.integers(Part::Walks).get(from..to).unwrap_or_default()
    }

    /// The events in the order of their hashes.
    pub(super) fn hashes(&self) -> Hashes<'_> {
        Hashes {
            lows: self.part(Part::Lows).as_chunks().0,
            highs: self.integers(Part::Highs),
            places: self.integers(Part::Places),
        }
    }

    fn find(&self, uid: u64) -> Option<usize> {
        self.uids().binary_search_by_key(&uid, |uid| u64::from_le_bytes(*uid)).ok()
    }

    fn uids(&self) -> &[[u8; 8]] {
        self.part(Part::Uids).as_chunks().0
    }

    fn integers(&self, part: Part) -> &[[u8; 4]] {
        self.part(part).as_chunks().0
    }

    fn part(&self, part: Part) -> &[u8] {
        let (from, to) = (self.bounds[part as usize] as usize, self.bounds[part as usize + 1] as usize);
        &self.bytes.all(self.bounds[PARTS] as usize)[from..to]
    }
}

/// A bucket has more events than this only where somebody chose their identities for it; then it is halved and not read.
const READ_MAX: usize = 256;

/// The events of a run in the order of their hashes. What is asked of it is asked of numbers below the count of events.
#[derive(Clone, Copy)]
pub(super) struct Hashes<'r> {
    lows: &'r [[u8; 2]],
    highs: &'r [[u8; 4]],
    places: &'r [[u8; 4]],
}

impl Hashes<'_> {
    fn hash(&self, at: usize) -> u64 {
        #[cfg(test)]
        super::cost::count_hash();
        u64::from(u32::from_le_bytes(self.highs[at])) << 16 | u64::from(u16::from_le_bytes(self.lows[at]))
    }

    /// The hash of an event, if there are so many.
    pub(super) fn get(&self, at: usize) -> Option<u64> {
        (at < self.lows.len()).then(|| self.hash(at))
    }

    /// Where the event stands, counted from the origin.
    pub(super) fn place(&self, at: usize) -> Position {
        Position::from(u32::from_le_bytes(self.places[at]))
    }

    /// The part of a range, all of which is there, in which a hash can be.
    fn narrowed(&self, range: Range<usize>, hash: u64) -> Range<usize> {
        if range.len() <= READ_MAX || range.end > self.lows.len() {
            #[cfg(test)]
            super::cost::count_lows(range.len());
            return range;
        }
        let below = |is_below: &dyn Fn(u64) -> bool| {
            let (mut from, mut to) = (range.start, range.end);
            while from < to {
                let middle = from.midpoint(to);
                if is_below(self.hash(middle)) { from = middle + 1 } else { to = middle }
            }
            from
        };
        below(&|other| other < hash)..below(&|other| other <= hash)
    }
}

fn place_in(bytes: &[u8; 4]) -> usize {
    u32::from_le_bytes(*bytes) as usize
}

impl RunBytes {
    fn all(&self, length: usize) -> &[u8] {
        match self {
            RunBytes::Held(bytes) => bytes,
            RunBytes::Mapped(file) => file.mapped(0, length).expect("a mapping stays as long as its file"),
        }
    }
}
