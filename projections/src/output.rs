//! Writes the fields that a state's content is made of, which [`ledger::fields::Fields`] reads again.

use ledger::fields::{put_bytes, put_varint};

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
        put_varint(self.0, count as u64);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        put_bytes(self.0, bytes);
    }
}
