//! The partition of a key as Kafka's own producers choose it: by MurmurHash2 with Kafka's seed (`Utils.murmur2` and the
//! default partitioner of its Java client). librdkafka calls the same `murmur2`; its default is another one.

use schemas::Uid;

/// Kafka's seed.
const SEED: u32 = 0x9747_b28c;
/// The hash's own two numbers.
const MULTIPLIER: u32 = 0x5bd1_e995;
const SHIFT: u32 = 24;

/// MurmurHash2 of some bytes, 32 bits, little-endian, with Kafka's seed.
#[must_use]
pub fn murmur2(bytes: &[u8]) -> u32 {
    // A key is at most what a message may be long, far below what 32 bits count.
    let mut hash = SEED ^ bytes.len() as u32;
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let mut word = word.iter().rev().fold(0u32, |word, byte| word << 8 | u32::from(*byte));
        word = word.wrapping_mul(MULTIPLIER);
        word ^= word >> SHIFT;
        word = word.wrapping_mul(MULTIPLIER);
        hash = hash.wrapping_mul(MULTIPLIER) ^ word;
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        hash ^= rest.iter().rev().fold(0u32, |word, byte| word << 8 | u32::from(*byte));
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^ hash >> 15
}

/// The partition of a key, of so many that there are.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn partition_of_key(key: &[u8], partitions: u32) -> u32 {
    (murmur2(key) & 0x7fff_ffff) % partitions
}

/// The partition of an account: its key is its uid in decimal.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn partition_of_uid(uid: Uid, partitions: u32) -> u32 {
    partition_of_key(uid.to_string().as_bytes(), partitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_kafkas_own_client() {
        // From the tests of Kafka's Java client (`UtilsTest.testMurmur2`).
        for (key, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(key.as_bytes()) as i32, hash, "{key}");
        }
    }

    #[test]
    fn a_partition_is_one_of_those_that_there_are() {
        assert!((1..2_000).all(|uid| partition_of_uid(Uid(uid), 7) < 7));
        let used: std::collections::BTreeSet<u32> = (1..2_000).map(|uid| partition_of_uid(Uid(uid), 64)).collect();
        assert_eq!(used.len(), 64);
        assert_eq!(partition_of_uid(Uid(21), 10), (973_932_308u32.wrapping_neg() & 0x7fff_ffff) % 10);
    }
}
