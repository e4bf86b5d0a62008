//! The plain little-endian integers that a checkpoint's content is written in.

/// Why a checkpoint's content cannot be read: it is thrown away, and the ledger replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It ends too early.
    #[error("the checkpoint ends too early")]
    TooShort,
    /// It says something that cannot be.
    #[error("the checkpoint says something that cannot be")]
    Malformed,
}

/// Writes integers one after the other.
#[derive(Default)]
pub(crate) struct Output(pub(crate) Vec<u8>);

/// Declares a writing and a reading method for each kind of integer.
macro_rules! integers {
    ($($kind:ident)*) => {
        impl Output {
            $(pub(crate) fn $kind(&mut self, value: $kind) {
                self.0.extend_from_slice(&value.to_le_bytes());
            })*
        }

        impl Input<'_> {
            $(pub(crate) fn $kind(&mut self) -> Result<$kind, DecodeError> {
                let bytes = self.take(size_of::<$kind>())?;
                Ok($kind::from_le_bytes(bytes.try_into().map_err(|_| DecodeError::TooShort)?))
            })*
        }
    };
}

integers! { u8 u16 u32 i32 u64 i64 i128 }

impl Output {
    pub(crate) fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    pub(crate) fn len(&mut self, len: usize) {
        self.u64(len as u64);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.len(bytes.len());
        self.0.extend_from_slice(bytes);
    }
}

/// Reads integers one after the other.
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(DecodeError::TooShort)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn bool(&mut self) -> Result<bool, DecodeError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::Malformed),
        }
    }

    /// A count of things that follow, each of at least one byte.
    pub(crate) fn len(&mut self) -> Result<usize, DecodeError> {
        let len = usize::try_from(self.u64()?).map_err(|_| DecodeError::Malformed)?;
        if len > self.0.len() { Err(DecodeError::TooShort) } else { Ok(len) }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let len = self.len()?;
        self.take(len)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| DecodeError::Malformed)
    }
}
