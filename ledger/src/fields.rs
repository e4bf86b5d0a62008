//! The fields of the ledger's own structures: fixed integers little-endian, counts and lengths as varints
//! (seven bits a byte, the lowest first), texts with their length before them (`docs/FORMAT.md`). Checkpoints are
//! written in the same.

/// Appends an unsigned integer in as few bytes as it needs.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed integer: small magnitudes of either sign take few bytes.
pub fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_varint(out, (value << 1 ^ value >> 63) as u64);
}

/// Appends bytes with their length before them.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads fields one after another. Each method gives `None` where the bytes are not such a field.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a>(
    /// What is still to be read.
    pub &'a [u8],
);

/// Declares the method that reads one kind of fixed integer.
macro_rules! fixed {
    ($($kind:ident)*) => {
        impl Fields<'_> {
            $(
                #[doc = concat!("A fixed `", stringify!($kind), "`.")]
                pub fn $kind(&mut self) -> Option<$kind> {
                    self.array().map($kind::from_le_bytes)
                }
            )*
        }
    };
}

fixed! { u8 u16 u32 i32 u64 i64 i128 }

impl<'a> Fields<'a> {
    /// So many bytes.
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// So many bytes, whose number is known.
    pub fn array<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    /// One that is yes or no, a byte.
    pub fn bool(&mut self) -> Option<bool> {
        match self.u8()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// An unsigned integer in as few bytes as it needs.
    #[inline]
    pub fn varint(&mut self) -> Option<u64> {
        let (first, rest) = self.0.split_first()?;
        if *first < 0x80 {
            self.0 = rest;
            return Some(u64::from(*first));
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7F);
            if bits << shift >> shift != bits {
                return None;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// A signed integer in as few bytes as it needs.
    pub fn signed(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// How many things follow, each of at least one byte: what claims more than there can be takes no memory.
    pub fn count(&mut self) -> Option<usize> {
        usize::try_from(self.varint()?).ok().filter(|count| *count <= self.0.len())
    }

    /// Bytes with their length before them.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.varint()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// A text with its length before it.
    pub fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_every_size_come_back() {
        for bits in 0..64 {
            for value in [1u64 << bits, (1 << bits) - 1] {
                let mut bytes = Vec::new();
                put_varint(&mut bytes, value);
                put_signed(&mut bytes, value as i64);
                put_signed(&mut bytes, (value as i64).wrapping_neg());
                let mut fields = Fields(&bytes);
                assert_eq!(fields.varint(), Some(value));
                assert_eq!(fields.signed(), Some(value as i64));
                assert_eq!(fields.signed(), Some((value as i64).wrapping_neg()));
                assert!(fields.0.is_empty());
            }
        }
    }

    #[test]
    fn what_is_no_field_is_none() {
        assert_eq!(Fields(&[0x80]).varint(), None);
        assert_eq!(Fields(&[0xFF; 11]).varint(), None);
        assert_eq!(Fields(&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02]).varint(), None);
        assert_eq!(Fields(&[3, 1, 2]).bytes(), None);
        assert_eq!(Fields(&[1, 0xFF]).text(), None);
        assert_eq!(Fields(&[1, 2, 3]).u32(), None);
    }
}
