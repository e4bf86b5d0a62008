//! Seeded chance in whole numbers: the same draws on every machine, with no floating point in between.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A share in parts of a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u32);

impl Share {
    /// Never.
    pub const NONE: Share = Share(0);

    /// So many parts of a million.
    #[must_use]
    pub const fn per_million(parts: u32) -> Share {
        Share(parts)
    }

    /// So many parts of a hundred.
    #[must_use]
    pub const fn percent(parts: u32) -> Share {
        Share(parts * 10_000)
    }

    /// This share of a number, cut.
    #[must_use]
    pub const fn of(self, whole: u64) -> u64 {
        whole * self.0 as u64 / 1_000_000
    }
}

/// A stream of draws that depends on nothing but its seed and its number.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// Stream `stream` of `seed`; different streams are independent.
    pub(crate) fn new(seed: u64, stream: u64) -> Dice {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(stream);
        Dice(generator)
    }

    /// A number below `limit`; 0 if `limit` is 0.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(limit)) >> 32) as u32
    }

    /// A number below `limit`, for limits beyond 32 bits.
    pub(crate) fn below_u64(&mut self, limit: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(limit)) >> 64) as u64
    }

    /// A span of time below `limit`, in microseconds.
    pub(crate) fn micros(&mut self, limit: i64) -> i64 {
        self.below_u64(limit.max(0) as u64) as i64
    }

    /// Whether it happens.
    pub(crate) fn hit(&mut self, share: Share) -> bool {
        share.0 > 0 && self.below(1_000_000) < share.0
    }

    /// A number below `limit` that tends to be low: the smaller of two draws.
    pub(crate) fn low(&mut self, limit: u32) -> u32 {
        self.below(limit).min(self.below(limit))
    }

    /// One of the choices. The slice must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u32) as usize]
    }

    /// One of the choices by weight. The slice must not be empty.
    pub(crate) fn weighted<T: Copy>(&mut self, choices: &[(u32, T)]) -> T {
        let total: u32 = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(total);
        for (weight, choice) in choices {
            if left < *weight {
                return *choice;
            }
            left -= weight;
        }
        choices[choices.len() - 1].1
    }
}

/// Ranks by Zipf's law: rank `r` (from 0) comes up in proportion to `1 / (r + 1)`.
pub(crate) struct Zipf {
    cumulated: Vec<u64>,
}

impl Zipf {
    /// A law over `ranks` ranks; at least one.
    pub(crate) fn new(ranks: usize) -> Zipf {
        let mut sum = 0;
        let cumulated = (1..=ranks.max(1) as u64)
            .map(|rank| {
                sum += 1_000_000_000 / rank;
                sum
            })
            .collect();
        Zipf { cumulated }
    }

    /// A rank, from 0.
    pub(crate) fn rank(&self, dice: &mut Dice) -> usize {
        let drawn = dice.below_u64(self.cumulated[self.cumulated.len() - 1]);
        self.cumulated.partition_point(|sum| *sum <= drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_stream_draw_the_same_and_others_do_not() {
        let draw = |seed, stream| -> Vec<u32> {
            let mut dice = Dice::new(seed, stream);
            (0..20).map(|_| dice.below(1_000_000)).collect()
        };
        assert_eq!(draw(7, 1), draw(7, 1));
        assert_ne!(draw(7, 1), draw(7, 2));
        assert_ne!(draw(7, 1), draw(8, 1));
    }

    #[test]
    fn a_share_happens_about_as_often_as_it_says() {
        let mut dice = Dice::new(1, 0);
        let hits = (0..100_000).filter(|_| dice.hit(Share::percent(3))).count();
        assert!((2_800..3_200).contains(&hits), "seed 1: {hits}");
        assert!((0..1_000).all(|_| !dice.hit(Share::NONE)));
    }

    #[test]
    fn the_first_rank_of_zipf_comes_up_about_twice_as_often_as_the_second() {
        let (law, mut dice) = (Zipf::new(100), Dice::new(1, 0));
        let mut counts = [0u32; 100];
        for _ in 0..100_000 {
            counts[law.rank(&mut dice)] += 1;
        }
        assert!(counts[0] > counts[1] * 9 / 5 && counts[0] < counts[1] * 11 / 5, "seed 1: {counts:?}");
        assert!(counts[99] > 0);
    }
}
