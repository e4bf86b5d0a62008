//! What is kept of an event: the fingerprint of its identity, and where it stands.

use crate::position::Position;

/// An event packed into an integer.
pub(crate) trait Entry: Copy + Default + 'static {
    /// Of the event at a place, which must fit.
    fn new(fingerprint: u32, place: Position) -> Self;

    /// Where it stands.
    fn place(self) -> Position;

    /// The fingerprint of its identity.
    fn fingerprint(self) -> u32;
}

/// In 8 bytes: places below 2^32, as they are within a layer. 0 is no entry, as no event stands at place 0.
impl Entry for u64 {
    fn new(fingerprint: u32, place: Position) -> u64 {
        u64::from(fingerprint) << 32 | place
    }

    fn place(self) -> Position {
        self & 0xFFFF_FFFF
    }

    fn fingerprint(self) -> u32 {
        (self >> 32) as u32
    }
}

/// In 16 bytes: any position.
impl Entry for u128 {
    fn new(fingerprint: u32, place: Position) -> u128 {
        u128::from(fingerprint) << 64 | u128::from(place)
    }

    fn place(self) -> Position {
        self as Position
    }

    fn fingerprint(self) -> u32 {
        (self >> 64) as u32
    }
}
