//! Writes the fields that a state's content is made of, which [`ledger::fields::Fields`] reads again.

use ledger::fields::{put_bytes, put_signed, put_varint};

/// Writes fields one after the other.
pub(crate) struct Output<'a>(pub(crate) &'a mut Vec<u8>);

/// Declares a writing method for each kind of fixed integer.
macro_rules! fixed {
    ($($kind:ident)*) => {
        impl Output<'_> {
            $(pub(crate) fn $kind(&mut self, value: $kind) {
                self.0.extend_from_slice(&value.to_le_bytes());
            })*
        }
    };
}

fixed! { u8 u16 u32 i32 u64 i64 i128 }

impl Output<'_> {
    pub(crate) fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    /// How many things follow.
    pub(crate) fn count(&mut self, count: usize) {
        self.varint(count as u64);
    }

    /// An unsigned integer in as few bytes as it needs.
    pub(crate) fn varint(&mut self, value: u64) {
        put_varint(self.0, value);
    }

    /// A signed integer, of which small magnitudes of either sign take few bytes.
    pub(crate) fn signed(&mut self, value: i64) {
        put_signed(self.0, value);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        put_bytes(self.0, bytes);
    }
}
