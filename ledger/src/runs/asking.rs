//! Many identities asked of runs together, so that their waits for memory overlap.

use super::bucket::{Bucket, Probe, bucket_of};
use super::chain::Runs;
use super::run::Run;

/// So many are asked together at the most.
pub(crate) const ASKED_TOGETHER: usize = 32;

impl Runs {
    /// Notes which of these hashes, [`ASKED_TOGETHER`] at the most, an event has that they tell of.
    ///
    /// In three passes. Of each run first one word of each line that is asked for: nothing depends on it, so many lines
    /// are on their way at a time, where one after the other would be waited for. Then the filters whole, of lines that
    /// are there by then. Then, of all runs, the hashes of the few buckets that let one through.
    pub(crate) fn look_up(&self, hashes: &[Option<u64>], found: &mut [bool]) {
        let mut passed: Vec<(&Run, Bucket<'_>, usize)> = Vec::new();
        for run in &*self.runs {
            let buckets = run.buckets();
            let bucket = |hash: u64| Bucket(&buckets[bucket_of(hash, buckets.len() as u64)]);
            let mut lets = [false; ASKED_TOGETHER];
            for (lets, hash) in lets.iter_mut().zip(hashes) {
                if let Some(hash) = *hash {
                    #[cfg(test)]
                    super::cost::count_bucket();
                    *lets = bucket(hash).first_lets(Probe::of(hash));
                }
            }
            for (at, hash) in hashes.iter().enumerate() {
                if let Some(hash) = *hash {
                    let bucket = bucket(hash);
                    if lets[at] & bucket.lets(Probe::of(hash)) {
                        passed.push((run, bucket, at));
                    }
                }
            }
        }
        for (run, bucket, at) in passed {
            if let Some(hash) = hashes[at] {
                found[at] = found[at] || run.held(bucket, hash).any(|position| position <= self.upto);
            }
        }
    }
}
