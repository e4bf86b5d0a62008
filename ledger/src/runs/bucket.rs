//! A bucket of a run's hashes: one line of the cache that says of nearly every hash that no event has it, and where to look
//! for the others.

use std::ops::Range;

/// What the processor fetches at once.
pub(super) const BUCKET_BYTES: usize = 64;

/// About so many events share a bucket: 11 bits of its filter for each, which let through one hash of 150 that no event
/// has.
const BUCKET_EVENTS: u64 = 40;

/// The words of 64 bits that are the filter. An event sets a bit in each. The word behind them says where its events stand.
const FILTER_WORDS: usize = 7;

/// Odd, so that no two hashes are made one.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// How many buckets so many events have.
pub(super) fn bucket_count(events: u64) -> u64 {
    events.div_ceil(BUCKET_EVENTS).max(1)
}

/// The number of the bucket of a hash of 48 bits, among fewer than 2^32. Ascends with the hash.
pub(super) fn bucket_of(hash: u64, count: u64) -> usize {
    (((hash >> 16) * count) >> 32) as usize
}

/// The bits of the filter that a hash sets and asks for: one in each word.
#[derive(Clone, Copy)]
pub(super) struct Probe(u64);

impl Probe {
    pub(super) fn of(hash: u64) -> Probe {
        Probe(hash.wrapping_mul(FACTOR))
    }

    fn bit(self, word: usize) -> u64 {
        (self.0 >> (64 - 6 * (word as u32 + 1))) & 63
    }
}

/// A bucket as it stands in a file.
#[derive(Clone, Copy)]
pub(super) struct Bucket<'a>(pub(super) &'a [u8; BUCKET_BYTES]);

impl Bucket<'_> {
    /// Whether the first word lets a hash through: half of them. What it costs is the wait for the line, so that of
    /// many buckets the waits overlap.
    #[inline]
    pub(super) fn first_lets(self, probe: Probe) -> bool {
        self.word(0) >> probe.bit(0) & 1 == 1
    }

    /// Whether the filter lets a hash through: if not, no event of the bucket has it.
    // NOTE: without a branch, as which word says no cannot be foretold.
    #[inline]
    pub(super) fn lets(self, probe: Probe) -> bool {
        (0..FILTER_WORDS).fold(1, |lets, word| lets & (self.word(word) >> probe.bit(word))) == 1
    }

    /// Where its events stand in the order of hashes.
    pub(super) fn range(self) -> Range<usize> {
        let both = self.word(FILTER_WORDS);
        both as u32 as usize..(both >> 32) as usize
    }

    #[inline]
    fn word(self, at: usize) -> u64 {
        u64::from_le_bytes(self.0.as_chunks().0[at])
    }
}

/// A bucket that is being filled, and those before it told.
#[derive(Default)]
pub(super) struct Filling {
    filter: [u64; FILTER_WORDS],
    begin: u32,
    end: u32,
}

impl Filling {
    pub(super) fn add(&mut self, hash: u64) {
        let probe = Probe::of(hash);
        for (at, word) in self.filter.iter_mut().enumerate() {
            *word |= 1 << probe.bit(at);
        }
        self.end += 1;
    }

    /// Its bytes; what comes next is of the bucket behind it.
    pub(super) fn finish(&mut self) -> [u8; BUCKET_BYTES] {
        let mut bytes = [0; BUCKET_BYTES];
        let place = u64::from(self.end) << 32 | u64::from(self.begin);
        for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(self.filter.iter().chain([&place])) {
            *bytes = word.to_le_bytes();
        }
        *self = Filling { filter: [0; FILTER_WORDS], begin: self.end, end: self.end };
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::run_hash;

    #[test]
    fn a_filter_lets_through_what_it_holds_and_few_others() {
        const EVENTS: u64 = 100_000;
        let count = bucket_count(EVENTS);
        let mut hashes: Vec<u64> = (0..EVENTS).map(|event| run_hash(event % 977, event as u32)).collect();
        hashes.sort_unstable();
        let (mut buckets, mut filling) = (Vec::new(), Filling::default());
        for hash in &hashes {
            while buckets.len() < bucket_of(*hash, count) {
                buckets.push(filling.finish());
            }
            filling.add(*hash);
        }
        buckets.resize_with(count as usize, || filling.finish());
        for (at, hash) in hashes.iter().enumerate() {
            let bucket = Bucket(&buckets[bucket_of(*hash, count)]);
            assert!(bucket.first_lets(Probe::of(*hash)) && bucket.lets(Probe::of(*hash)), "{at}");
            assert!(bucket.range().contains(&at), "{at} in {:?}", bucket.range());
        }
        let others = (0..EVENTS).map(|event| run_hash(1_000_000 + event % 977, event as u32));
        let passed = others.filter(|hash| Bucket(&buckets[bucket_of(*hash, count)]).lets(Probe::of(*hash))).count();
        assert!(passed < 1_000, "{passed} of {EVENTS} that it does not hold");
    }
}
