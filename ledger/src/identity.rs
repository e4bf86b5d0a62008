//! The identity of an event within its stream, as a hash: SPEC 1 makes (stream, source, id) the identity.
//!
//! A hash never decides that two events are one: a match is confirmed by reading the event it points to.

use schemas::Event;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// The hash of `source` and `id`. Its upper half is the fingerprint that the index keeps.
/// Kept on disk in checkpoints, so it is the same on every machine and in every version.
#[must_use]
pub(crate) fn identity_hash(source: &str, id: &str) -> u64 {
    xxh3_64_with_seed(id.as_bytes(), xxh3_64(source.as_bytes()))
}

/// What the index keeps of an identity.
pub(crate) fn fingerprint(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// What the index keeps of an event's identity, for events that are taken in many at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentityMark(pub(crate) u32);

impl IdentityMark {
    /// Of an event.
    #[must_use]
    pub fn of(event: &Event<'_>) -> IdentityMark {
        IdentityMark::naming(&event.source, &event.id)
    }

    /// Of the event that has this source and id, wherever it is. Another one may have the same mark.
    #[must_use]
    pub fn naming(source: &str, id: &str) -> IdentityMark {
        IdentityMark(fingerprint(identity_hash(source, id)))
    }

    /// From the number that [`IdentityMark::number`] gave.
    #[must_use]
    pub fn from_number(number: u32) -> IdentityMark {
        IdentityMark(number)
    }

    /// The mark as a number, the same on every machine and in every version.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// Spreads an integer over 64 bits: the two halves of its product with an odd constant, folded.
pub(crate) fn spread(value: u64) -> u64 {
    const FACTOR: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;
    let product = (u128::from(value) | 1 << 64).wrapping_mul(FACTOR);
    (product >> 64) as u64 ^ product as u64
}
